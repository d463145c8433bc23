"""A run: the services in the order they need each other, the main job, and the orderly end of it all."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn

from infra import console, credentials, database, instance, preflight, report, transform
from infra.airflow.client import Airflow
from infra.credentials import Credentials
from infra.dsn import Server
from infra.pipeline import Outcome, Pipeline
from infra.processes import Supervisor
from infra.services import Programs, answers, listens
from infra.settings import Settings
from infra.superset import LANDING_PAGE

START_SECONDS = 300
WATCH_SECONDS = 2.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked this run to end: Ctrl-C, `make stop`, or a closed terminal."""


def run(settings: Settings, *, with_dashboard: bool) -> int:
    """Start everything, do the main job, report; with the dashboard, serve until stopped.

    Return 0 when the marts are built and every delivery was judged, 130 when stopped before that was known.
    """
    command = "make run" if with_dashboard else "make pipeline"
    preflight.for_data(settings)
    with _signals_end_the_run(), instance.held(settings, command) as held:
        secrets = credentials.load(settings.credentials_file)
        _check_before_start(settings, secrets, with_dashboard=with_dashboard)
        progress = console.Progress()
        try:
            with ExitStack() as ending:
                with progress.step("PostgreSQL, databases, roles and schemas"):
                    server = ending.enter_context(database.in_use(settings, secrets, stop_always=True))
                lanes = ending.enter_context(ThreadPoolExecutor(max_workers=4))
                supervisor = Supervisor(held.run_id, settings.state)
                ending.callback(_end_services, supervisor)  # first of all: the lanes wait for the services
                this_run = _Run(settings, secrets, server, supervisor, progress)
                return this_run.go(lanes, with_dashboard=with_dashboard)
        except Stopped:
            return 130


def _end_services(supervisor: Supervisor) -> None:
    _turn_deaf_to_signals()
    console.note("ending all services …")
    supervisor.end_all()


class _Run:
    """One run, once PostgreSQL serves."""

    def __init__(
        self,
        settings: Settings,
        secrets: Credentials,
        server: Server,
        supervisor: Supervisor,
        progress: console.Progress,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._programs = Programs(settings, secrets, server)
        self._supervisor = supervisor
        self._progress = progress
        self._reader_dsn = self._programs.shared_environment["PONAM_READER_DSN"]
        os.environ.update(self._programs.shared_environment)  # for what this process asks of the other rooms

    def go(self, lanes: ThreadPoolExecutor, *, with_dashboard: bool) -> int:
        warehouse = lanes.submit(self._prepare_warehouse)
        airflow = lanes.submit(self._start_airflow)
        dashboard = [lanes.submit(self._start_superset)] if with_dashboard else []
        main_job = lanes.submit(self._work, warehouse, airflow)
        _all(warehouse, airflow, main_job, *dashboard)
        status = self._report(main_job.result())
        if with_dashboard:
            self._say_addresses()
            self._serve()
        return status

    def _prepare_warehouse(self) -> None:
        with self._progress.step("warehouse schema"):
            self._supervisor.run(self._programs.migrate_warehouse())
        if self._settings.serves_publications:
            with self._progress.step("publications served"):
                self._supervisor.start(self._programs.publications())
                self._supervisor.wait_for(
                    lambda: listens(self._settings.publications_address),
                    "The publications' server",
                    seconds=START_SECONDS,
                )
        # Reading the project takes dbt seconds, and nobody needs it before a first delivery is judged.
        self._supervisor.start(self._programs.dbt())

    def _start_airflow(self) -> Airflow:
        with self._progress.step("Airflow's metadata and users"):
            self._supervisor.run(self._programs.prepare_airflow())
        airflow = Airflow(self._settings.airflow_address, "admin", self._secrets.airflow["admin"])
        with self._progress.step("Airflow's API, scheduler and DAG processor"):
            for component in self._programs.airflow_core():
                self._supervisor.start(component)
            self._supervisor.wait_for(airflow.is_healthy, "Airflow", seconds=START_SECONDS)
        # No task is deferred while publications are first ingested: its start can wait for a quieter moment.
        self._supervisor.start(self._programs.airflow_triggerer())
        return airflow

    def _start_superset(self) -> None:
        with self._progress.step("Superset's metadata, dashboards and users"):
            self._supervisor.run(self._programs.deploy_superset())
        with self._progress.step("Superset serves"):
            self._supervisor.start(self._programs.superset())
            self._supervisor.wait_for(
                lambda: answers(f"{self._settings.superset_address}/health"),
                "Superset",
                seconds=START_SECONDS,
            )
        console.note(f"the dashboard is at {self._dashboard_address()}")

    def _work(self, warehouse: Future[None], airflow: Future[Airflow]) -> Outcome:
        warehouse.result()
        return Pipeline(
            airflow.result(),
            logs=self._settings.airflow_home / "logs",
            progress=self._progress,
            supervisor=self._supervisor,
            is_up_to_date=transform.is_up_to_date,
        ).work()

    def _report(self, outcome: Outcome) -> int:
        """Print what happened; 0 when the marts are built and every delivery was judged."""
        state = report.read(self._reader_dsn)
        console.out.print(state.table())
        for line in state.lines:
            console.out.print(line)
        problems = [f"failed task {task}" for task in outcome.failed_tasks] + state.unjudged
        if not state.has_marts:
            problems.append("the marts are not built")
        for problem in problems:
            console.problem(problem)
        return 1 if problems else 0

    def _say_addresses(self) -> None:
        for name, address in (
            ("dashboard", self._dashboard_address()),
            ("Superset", self._settings.superset_address),
            ("Airflow", self._settings.airflow_address),
            ("passwords", str(self._settings.credentials_file)),
        ):
            console.out.print(f"{name:10} {address}", soft_wrap=True)
        console.note(f"ready after {self._progress.seconds:.0f} s; Ctrl-C or `make stop` ends everything.")

    def _dashboard_address(self) -> str:
        return f"{self._settings.superset_address}{LANDING_PAGE}"

    def _serve(self) -> None:
        """Stay until stopped. Raises InfraError when a service ends by itself."""
        try:
            while True:
                time.sleep(WATCH_SECONDS)
                self._supervisor.check()
        except Stopped:
            return


def _check_before_start(settings: Settings, secrets: Credentials, *, with_dashboard: bool) -> None:
    ports = {"PONAM_AIRFLOW_PORT": settings.airflow_port}
    if settings.serves_publications:
        ports["PONAM_PUBLICATIONS_PORT"] = settings.publications_port
    if with_dashboard:
        ports["PONAM_SUPERSET_PORT"] = settings.superset_port
    if settings.is_database_embedded and database.embedded(settings, secrets).process() is None:
        ports["PONAM_POSTGRES_PORT"] = settings.postgres_port
    environments = ("pipeline", "transform", "bi") if with_dashboard else ("pipeline", "transform")
    preflight.for_services(settings, ports, environments)


def _all(*lanes: Future[Any]) -> None:
    """Wait for all lanes, or for the first that fails."""
    wait(lanes, return_when=FIRST_EXCEPTION)
    for lane in lanes:
        if lane.done():
            lane.result()


@contextmanager
def _signals_end_the_run() -> Iterator[None]:
    previous = {number: signal.signal(number, _stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _stop(*_: object) -> NoReturn:
    raise Stopped


def _turn_deaf_to_signals() -> None:
    """Let the end come to its end, however often somebody presses Ctrl-C."""
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)
