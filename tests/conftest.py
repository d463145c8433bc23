"""What every kind of test shares: a real PostgreSQL, and a warehouse on it for whoever asks.

`warehouse` is one test's own: migrated, empty, its environment variables set. A room whose set-up is slow
(dbt, Superset) takes one of any scope: `warehouses.fresh()`, or `warehouses.filled()` after a whole run.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from xdist.scheduler import LoadScopeScheduling

from infra.credentials import DATABASE_ROLES
from infra.dsn import Server
from infra.postgres import EmbeddedServer
from infra.provision import provision
from ingestion.db import Connection
from tests.ports import free_port
from tests.testrun import FOLDER, end_what_is_left, once
from tests.warehouses import Warehouse, Warehouses

# What takes longest begins first, so that the workers end together.
_ROOMS = {room: place for place, room in enumerate(("e2e", "dashboards", "dags", "dbt", "warehouse"))}
# A worker takes such a room as a whole, because something slow is started for all its files; else by file.
_WHOLE_ROOMS = ("dashboards", "dags")


def _room(nodeid: str) -> str:
    return nodeid.split("/")[1]


class _ByRoom(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        room = _room(nodeid)
        return room if room in _WHOLE_ROOMS else nodeid.partition("::")[0]


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByRoom:
    return _ByRoom(config, log)


@pytest.hookimpl(trylast=True)  # after pytest's own, which makes the factory
def pytest_configure(config: pytest.Config) -> None:
    if not _is_worker(config):
        os.environ[FOLDER] = str(config._tmp_path_factory.getbasetemp())  # type: ignore[attr-defined]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _is_worker(config):
        items.sort(key=lambda item: _ROOMS.get(_room(item.nodeid), len(_ROOMS)))


def pytest_unconfigure(config: pytest.Config) -> None:
    if _is_worker(config):
        return
    if left := end_what_is_left(Path(os.environ[FOLDER])):
        config.get_terminal_writer().line(f"ended, left running by the tests: {', '.join(left)}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The embedded server, one for all workers; the last to leave stops it."""
    folder = Path(os.environ[FOLDER]) / "postgres"
    port, password = once("postgres", lambda: (free_port(), secrets.token_urlsafe(24)))
    with EmbeddedServer(folder, port, password, folder / "log").in_use() as server:
        yield server


@pytest.fixture(scope="session")
def warehouses(postgres: Server, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Warehouses:
    """Warehouses on the server, with the roles and grants of a real run."""
    passwords = once("passwords", lambda: {role: secrets.token_urlsafe(24) for role in DATABASE_ROLES})
    made = Warehouses(postgres, passwords, lambda: tmp_path_factory.mktemp("state"), f"test_{worker_id}")

    def prepare() -> None:
        with psycopg.connect(postgres.admin_url("postgres"), autocommit=True) as admin:
            # Nothing here outlives the tests.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                admin.execute(f"alter system set {setting} = off")
            admin.execute("select pg_reload_conf()")
        provision(postgres, passwords, embedded=True)
        made.migrate_template()

    once("prepared", prepare)
    return made


@pytest.fixture
def warehouse(warehouses: Warehouses) -> Iterator[Warehouse]:
    """This test's own warehouse: migrated and empty."""
    with warehouses.fresh() as fresh, fresh.in_environment():
        yield fresh


@pytest.fixture
def db(warehouse: Warehouse) -> Iterator[Connection]:
    """A connection to this test's warehouse as the loader."""
    with warehouse.connect() as connection:
        yield connection
