"""The main job: the real scheduler ingests every source, then transforms; this asks for it and watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from infra.airflow.client import Airflow, Run
from infra.console import Progress
from infra.errors import InfraError
from infra.processes import Supervisor

TRANSFORM = "transform"
CALENDAR = "release_calendar"  # red while an institution is late: its state is no outcome of this job
PARSE_SECONDS = 120
RUN_SECONDS = 3600
POLL_SECONDS = 2.0  # every question costs the API's process some milliseconds that the tasks could use


@dataclass(slots=True)
class Outcome:
    """What came of the main job: the tasks that failed, each with its log."""

    failed_tasks: list[str] = field(default_factory=list)


class Pipeline:
    """Drives the DAGs through Airflow's API."""

    def __init__(
        self,
        airflow: Airflow,
        *,
        logs: Path,
        progress: Progress,
        supervisor: Supervisor,
        is_up_to_date: Callable[[], bool],
    ) -> None:
        """`logs` is Airflow's log folder; `is_up_to_date` says whether the marts show what was accepted."""
        self._airflow = airflow
        self._logs = logs
        self._progress = progress
        self._supervisor = supervisor
        self._is_up_to_date = is_up_to_date
        self._outcome = Outcome()
        self._reported: set[tuple[str, str]] = set()

    def work(self) -> Outcome:
        """Ingest every source, then transform what changed."""
        sources = ingestion_dags()
        with self._progress.step("DAGs read"):
            self._wait_for_dags({*sources, TRANSFORM})
        began = datetime.now(UTC).isoformat()
        self._end_interrupted_runs()
        for dag_id in (*sources, TRANSFORM):
            self._airflow.unpause(dag_id)
        for dag_id in sources:
            self._airflow.trigger(dag_id)
        with self._progress.step("ingestion, and the transformation that it triggers"):
            self._wait_for_runs(began)
        # A changed model is no news to the assets; and a run that saw nothing new to do is no failure.
        if not self._outcome.failed_tasks and not self._is_up_to_date():
            self._airflow.trigger(TRANSFORM)
            with self._progress.step("transformation"):
                self._wait_for_runs(began)
        return self._outcome

    def _wait_for_dags(self, wanted: set[str]) -> None:
        def are_there() -> bool:
            if errors := self._airflow.import_errors():
                raise InfraError("Airflow cannot read a DAG file:\n" + "\n".join(errors))
            return wanted <= self._airflow.dag_ids()

        names = ", ".join(sorted(wanted))
        self._supervisor.wait_for(are_there, f"The DAGs {names}", seconds=PARSE_SECONDS)

    def _end_interrupted_runs(self) -> None:
        """Fail what a stopped run left under way: nothing executes it now, and the next would wait for it."""
        for run in self._airflow.running():
            self._airflow.fail(run)

    def _wait_for_runs(self, began: str) -> None:
        """Wait until every run since `began` is over and none is about to come, saying how each ended."""

        def are_over() -> bool:
            is_one_coming = self._airflow.has_queued_events(TRANSFORM)  # asked first: it may come in between
            runs = [run for run in self._airflow.runs_since(began) if run.dag_id != CALENDAR]
            for run in runs:
                if run.is_over and (run.dag_id, run.run_id) not in self._reported:
                    self._reported.add((run.dag_id, run.run_id))
                    self._report(run)
            return not is_one_coming and all(run.is_over for run in runs)

        self._supervisor.wait_for(are_over, "The end of the runs", seconds=RUN_SECONDS, pause=POLL_SECONDS)

    def _report(self, run: Run) -> None:
        self._progress.line(run.dag_id, run.seconds, succeeded=run.state == "success")
        if run.state != "success":
            failed = [attempt for attempt in self._airflow.attempts(run) if attempt.state == "failed"]
            self._outcome.failed_tasks += [
                f"{run.dag_id}.{attempt.task_id}: {self._logs / attempt.log_path(run)}" for attempt in failed
            ] or [f"{run.dag_id} ({run.run_id}) ended {run.state} without a failed task"]


def ingestion_dags() -> tuple[str, ...]:
    """Return the ids of the DAGs that ingest: one per source."""
    from ingestion import contracts  # here: a command that ingests nothing need not wait for pydantic

    return tuple(f"ingest_{source}" for source in contracts.sources())
