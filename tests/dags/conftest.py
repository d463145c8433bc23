"""Airflow with its own metadata, the project's DAGs, and the bundled publications served for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.warehouses import Warehouse, Warehouses, published

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


@pytest.fixture
def open_warehouse(warehouses: Warehouses) -> Iterator[Warehouse]:
    """This test's own warehouse, with everything published and nothing ingested."""
    with warehouses.fresh() as warehouse, published(warehouse):
        yield warehouse
