"""Airflow with its own metadata, the project's DAGs, and the bundled publications served for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from infra.publications.inbox import drop_into_inbox
from infra.publications.server import LOOPBACK, serve
from infra.settings import PULLED_SOURCES
from tests.conftest import Warehouse, Warehouses

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Run:
    """How a DAG's run ended: its state, and that of each task."""

    state: str
    tasks: dict[str, str]


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Airflow's home, with a migrated metadata database; Airflow reads its settings when first imported."""
    home = tmp_path_factory.mktemp("airflow")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        }.items():
            environment.setenv(name, value)
        from airflow.utils import db

        db.initdb()
        yield home


@pytest.fixture(scope="session")
def dags(airflow: Path) -> dict[str, Any]:
    """The project's DAGs by their ids."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(ROOT / "dags"))
    assert bag.import_errors == {}
    return dict(bag.dags)


@pytest.fixture(scope="session")
def run(dags: dict[str, Any]) -> Callable[[str], Run]:
    """Run a DAG as its schedule would, without waiting to try again what failed."""

    def run_(dag_id: str) -> Run:
        for task in dags[dag_id].tasks:
            task.retries = 0
        finished = dags[dag_id].test()
        return Run(
            str(finished.state), {task.task_id: str(task.state) for task in finished.get_task_instances()}
        )

    return run_


@contextmanager
def published(warehouse: Warehouse) -> Iterator[pytest.MonkeyPatch]:
    """A warehouse whose addresses lead to the bundled publications, and its inbox filled by institutions."""
    with serve(0) as server, pytest.MonkeyPatch.context() as environment:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        for name, value in warehouse.environment.items():
            environment.setenv(name, value)
        for source in PULLED_SOURCES:
            address = f"http://{LOOPBACK}:{server.server_address[1]}/{source}"
            environment.setenv(f"PONAM_ADDRESS_{source.upper()}", address)
        drop_into_inbox(warehouse.inbox, warehouse.state)
        yield environment
        server.shutdown()


@pytest.fixture
def open_warehouse(warehouses: Warehouses) -> Iterator[Warehouse]:
    """This test's own warehouse, with everything published and nothing ingested."""
    with warehouses.fresh() as warehouse, published(warehouse):
        yield warehouse
