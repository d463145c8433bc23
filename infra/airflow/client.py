"""Airflow's REST API, as far as a run needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from infra.errors import InfraError

REQUEST_SECONDS = 60
COMPONENTS = ("metadatabase", "scheduler", "dag_processor")
UNFINISHED = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a DAG."""

    dag_id: str
    run_id: str
    state: str
    seconds: float

    @property
    def is_over(self) -> bool:
        """Whether the run has ended, well or not."""
        return self.state not in UNFINISHED


@dataclass(frozen=True, slots=True)
class TaskAttempt:
    """A task of a run, as of its last attempt."""

    task_id: str
    map_index: int
    number: int
    state: str | None

    def log_path(self, run: Run) -> str:
        """Return its log's path below Airflow's log folder (Airflow's default log_filename_template)."""
        mapped = f"map_index={self.map_index}/" if self.map_index >= 0 else ""
        folder = f"dag_id={run.dag_id}/run_id={run.run_id}/task_id={self.task_id}"
        return f"{folder}/{mapped}attempt={self.number}.log"


class Airflow:
    """A client logged in as one user; the token is asked for when first needed."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self._credentials = {"username": user, "password": password}
        self._http = httpx.Client(base_url=address, timeout=REQUEST_SECONDS, trust_env=False)
        self._is_logged_in = False

    def is_healthy(self) -> bool:
        """Say whether the API answers, and the scheduler and the DAG processor beat."""
        try:
            health = self._http.get("/api/v2/monitor/health").raise_for_status().json()
        except (httpx.HTTPError, ValueError):
            return False
        return all((health.get(part) or {}).get("status") == "healthy" for part in COMPONENTS)

    def dag_ids(self) -> set[str]:
        """Return the ids of the DAGs parsed so far."""
        return {dag["dag_id"] for dag in self._pages("/api/v2/dags", "dags")}

    def import_errors(self) -> list[str]:
        """Return what kept DAG files from being parsed."""
        errors = self._pages("/api/v2/importErrors", "import_errors")
        return [f"{error['filename']}: {error['stack_trace'].strip()}" for error in errors]

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run the DAG."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": False})

    def trigger(self, dag_id: str) -> Run:
        """Ask for a run now."""
        return _run(self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None}))

    def running(self) -> list[Run]:
        """Return the runs of all DAGs that are under way."""
        return [_run(run) for run in self._pages("/api/v2/dags/~/dagRuns", "dag_runs", state="running")]

    def runs_since(self, moment: str) -> list[Run]:
        """Return the runs of all DAGs that became due since a moment (ISO 8601)."""
        return [_run(run) for run in self._pages("/api/v2/dags/~/dagRuns", "dag_runs", run_after_gte=moment)]

    def fail(self, run: Run) -> None:
        """Mark a run, and its unfinished tasks, as failed."""
        self._call("PATCH", f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}", json={"state": "failed"})

    def has_queued_events(self, dag_id: str) -> bool:
        """Say whether assets have changed for which the scheduler has not created a run yet."""
        answer = self._request("GET", f"/api/v2/dags/{dag_id}/assets/queuedEvents")
        if answer.status_code == httpx.codes.NOT_FOUND:  # its way of saying none
            return False
        return bool(_checked(answer)["total_entries"])

    def attempts(self, run: Run) -> list[TaskAttempt]:
        """Return the tasks of a run."""
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances"
        return [
            TaskAttempt(task["task_id"], task["map_index"], task["try_number"], task["state"])
            for task in self._pages(path, "task_instances")
        ]

    def _pages(self, path: str, key: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = self._call("GET", path, params={**parameters, "limit": 100, "offset": offset})
            yield from page[key]
            offset += len(page[key])
            if not page[key] or offset >= page["total_entries"]:
                return

    def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        return _checked(self._request(method, path, **arguments))

    def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            if not self._is_logged_in:
                self._log_in()
            answer = self._http.request(method, path, **arguments)
            if answer.status_code == httpx.codes.UNAUTHORIZED:  # the token has expired
                self._log_in()
                answer = self._http.request(method, path, **arguments)
        except httpx.HTTPError as error:
            raise InfraError(f"Airflow does not answer ({type(error).__name__}: {error}).") from error
        return answer

    def _log_in(self) -> None:
        self._http.headers.pop("Authorization", None)
        answer = _checked(self._http.post("/auth/token", json=self._credentials))
        self._http.headers["Authorization"] = f"Bearer {answer['access_token']}"
        self._is_logged_in = True


def _checked(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise InfraError(f"Airflow answers {answer.status_code} to {asked}: {answer.text[:500]}")
    content: dict[str, Any] = answer.json()
    return content


def _run(answer: dict[str, Any]) -> Run:
    return Run(answer["dag_id"], answer["dag_run_id"], answer["state"], answer["duration"] or 0.0)
