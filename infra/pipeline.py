"""The main job: the real scheduler ingests every source, then transforms; this asks for it and watches."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from infra.airflow.client import Airflow, Run
from infra.console import Progress
from infra.errors import InfraError
from infra.settings import ROOT

TRANSFORM = "transform"
PARSE_SECONDS = 120
RUN_SECONDS = 3600
POLL_SECONDS = 1.0


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
        wait_for: Callable[[Callable[[], bool], str, float], None],
        is_up_to_date: Callable[[], bool],
    ) -> None:
        """`wait_for` waits for a condition, giving up when a service dies; `is_up_to_date` speaks of the marts."""
        self._airflow = airflow
        self._logs = logs
        self._progress = progress
        self._wait_for = wait_for
        self._is_up_to_date = is_up_to_date
        self._outcome = Outcome()

    def work(self) -> Outcome:
        """Ingest every source, then transform what changed."""
        sources = ingestion_dags()
        with self._progress.step("DAGs read"):
            self._wait_for_dags({*sources, TRANSFORM})
        began = datetime.now(UTC).isoformat()
        self._end_interrupted_runs()
        for dag_id in (*sources, TRANSFORM):
            self._airflow.unpause(dag_id)
        self._watch([self._airflow.trigger(dag_id) for dag_id in sources])
        self._transform(began)
        return self._outcome

    def _wait_for_dags(self, wanted: set[str]) -> None:
        def are_there() -> bool:
            if errors := self._airflow.import_errors():
                raise InfraError("Airflow cannot read a DAG file:\n" + "\n".join(errors))
            return wanted <= self._airflow.dag_ids()

        self._wait_for(are_there, f"The DAGs {', '.join(sorted(wanted))}", PARSE_SECONDS)

    def _end_interrupted_runs(self) -> None:
        """Fail what a stopped run left under way: nothing executes it any more, and it would hold the next back."""
        for run in self._airflow.unfinished_runs():
            if run.state == "running":
                self._airflow.fail(run)

    def _watch(self, runs: list[Run]) -> None:
        """Wait for the runs, saying for each how it ended."""
        started = time.monotonic()
        pending = {(run.dag_id, run.run_id) for run in runs}

        def are_over() -> bool:
            for dag_id, run_id in sorted(pending):
                run = self._airflow.run(dag_id, run_id)
                if run.is_over:
                    pending.discard((dag_id, run_id))
                    self._report(run, time.monotonic() - started)
            return not pending

        with self._progress.step(f"{', '.join(run.dag_id for run in runs)}"):
            self._wait_for(are_over, "The end of the runs", RUN_SECONDS)

    def _report(self, run: Run, seconds: float) -> None:
        succeeded = run.state == "success"
        self._progress.line(run.dag_id, seconds, succeeded=succeeded)
        if not succeeded:
            failed = [attempt for attempt in self._airflow.attempts(run) if attempt.state == "failed"]
            self._outcome.failed_tasks += [
                f"{run.dag_id}.{attempt.task_id}: {self._logs / attempt.log_path(run)}" for attempt in failed
            ] or [f"{run.dag_id} ({run.run_id}) ended {run.state} without a failed task"]

    def _transform(self, began: str) -> None:
        """Let the runs that assets trigger end; ask for one when the marts still lag, as after a changed model."""
        seen: set[str] = set()
        started = time.monotonic()

        def is_settled() -> bool:
            runs = self._airflow.runs_since(TRANSFORM, began)
            for run in runs:
                if run.is_over and run.run_id not in seen:
                    seen.add(run.run_id)
                    self._report(run, time.monotonic() - started)
            return all(run.is_over for run in runs) and not self._airflow.has_queued_events(TRANSFORM)

        with self._progress.step("transformation, triggered by what changed"):
            self._wait_for(is_settled, "The end of the transformation", RUN_SECONDS)
        if not self._outcome.failed_tasks and not self._is_up_to_date():
            self._watch([self._airflow.trigger(TRANSFORM)])


def ingestion_dags() -> tuple[str, ...]:
    """Return the ids of the DAGs that ingest: one per source folder."""
    folders = sorted(
        path.name for path in (ROOT / "ingestion" / "sources").iterdir() if any(path.glob("*.yml"))
    )
    return tuple(f"ingest_{name}" for name in folders)
