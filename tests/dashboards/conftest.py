"""A Superset of its own on a filled warehouse: started once per session, on a free port."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra.credentials import load as load_credentials
from infra.dsn import Server
from infra.processes import Supervisor
from infra.services import Programs, answers
from infra.settings import Settings
from tests.ports import free_port
from tests.warehouses import Warehouses

from .queries import query_context
from .running import TITLES, RunningSuperset
from .visitor import Visitor


@pytest.fixture(scope="session")
def superset(tmp_path_factory: pytest.TempPathFactory, warehouses: Warehouses) -> Iterator[RunningSuperset]:
    """Superset, deployed by our own command and serving."""
    settings = _settings(tmp_path_factory.mktemp("dashboards"))
    with warehouses.filled() as warehouse, _metadata_database(warehouse.server):
        credentials = replace(load_credentials(settings.credentials_file), database=warehouse.passwords)
        programs = Programs(settings, credentials, warehouse.server)
        supervisor = Supervisor(f"test-{secrets.token_hex(4)}", settings.state)
        try:
            supervisor.run(programs.deploy_superset())
            supervisor.start(programs.superset())
            supervisor.wait_for(
                lambda: answers(f"{settings.superset_address}/health"), "Superset", seconds=120
            )
            yield RunningSuperset(
                settings, dict(credentials.superset), programs.deploy_superset(), supervisor.run
            )
        finally:
            supervisor.end_all()


@pytest.fixture(scope="session")
def decision_maker(superset: RunningSuperset) -> Visitor:
    return superset.visitor("decideur")


@pytest.fixture(scope="session")
def statistician(superset: RunningSuperset) -> Visitor:
    return superset.visitor("statisticien")


@pytest.fixture(scope="session")
def charts(decision_maker: Visitor) -> dict[str, dict[str, Any]]:
    """Settings of each chart, by title, as the decision-maker's browser receives them with its dashboard."""
    return {
        chart["slice_name"]: chart["form_data"]
        | {"dashboardId": decision_maker.result(f"/api/v1/dashboard/{slug}")["id"]}
        for slug in TITLES
        for chart in decision_maker.result(f"/api/v1/dashboard/{slug}/charts")
    }


@pytest.fixture(scope="session")
def run_chart(decision_maker: Visitor) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Run a chart of a dashboard as the decision-maker; returns the first query's result."""

    def run(form_data: dict[str, Any]) -> dict[str, Any]:
        answer = decision_maker.post("/api/v1/chart/data", json=query_context(form_data))
        assert answer.status_code == 200, answer.text[:500]
        result: dict[str, Any] = answer.json()["result"][0]
        return result

    return run


def _settings(state: Path) -> Settings:
    ports = {
        f"PONAM_{service}_PORT": str(free_port())
        for service in ("POSTGRES", "AIRFLOW", "SUPERSET", "PUBLICATIONS")
    }
    given = {"PONAM_STATE": str(state), **ports}
    if envs := os.environ.get("PONAM_ENVS"):
        given["PONAM_ENVS"] = envs
    settings = Settings.from_environment(given)
    for folder in (settings.logs, settings.run_folder, settings.inbox, settings.archive):
        folder.mkdir(parents=True, exist_ok=True)
    return settings


@contextlib.contextmanager
def _metadata_database(server: Server) -> Iterator[None]:
    """Superset's metadata database, beside the warehouse that it goes with."""
    with psycopg.connect(server.admin_url("postgres"), autocommit=True) as admin:
        admin.execute(f"create database {server.superset_database} owner ponam_superset")
        yield
        admin.execute(f"drop database {server.superset_database} with (force)")
