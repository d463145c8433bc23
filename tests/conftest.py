"""What every kind of test shares: a real PostgreSQL, and a clean warehouse on it for whoever asks.

`warehouse` is one test's own: migrated, empty, its environment variables set. A room whose set-up is slow
(dbt, Airflow) makes its own, of any scope, with `warehouses.fresh()`.
"""

from __future__ import annotations

import itertools
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from infra.credentials import DATABASE_ROLES, Credentials
from infra.dsn import Server
from infra.environment import shared
from infra.postgres import EmbeddedServer
from infra.provision import provision
from infra.settings import PULLED_SOURCES, Settings
from ingestion import staging
from ingestion.db import Connection

BARE = "ponam"  # roles, schemas and grants only
MIGRATED = "ponam_migrated"  # and meta, and the staging tables of the project's contracts


@dataclass(frozen=True)
class Warehouse:
    """One database with the warehouse's roles, and the folders that go with it."""

    server: Server
    passwords: dict[str, str]
    state: Path

    def dsn(self, role: str) -> str:
        return self.server.url(role, self.passwords[role])

    @property
    def archive(self) -> Path:
        return self.state / "archive"

    @property
    def inbox(self) -> Path:
        return self.state / "inbox"

    @property
    def environment(self) -> dict[str, str]:
        """What `infra` sets for the children of a run; the addresses of publications lead nowhere."""
        nowhere = {f"PONAM_ADDRESS_{source.upper()}": "http://127.0.0.1:9" for source in PULLED_SOURCES}
        settings = Settings.from_environment(
            {"PONAM_STATE": str(self.state), "PONAM_ENVS": os.environ.get("PONAM_ENVS", ""), **nowhere}
        )
        credentials = Credentials(
            path=settings.credentials_file, database=self.passwords, airflow={}, superset={}, keys={}
        )
        return {**shared(settings, credentials, self.server), "PONAM_INBOX_QUIET_SECONDS": "0"}

    def connect(self, role: str = "ponam_loader") -> Connection:
        return psycopg.connect(self.dsn(role), autocommit=True)


class Warehouses:
    """Makes clean warehouses out of templates; copying one takes a fraction of a second."""

    def __init__(self, server: Server, passwords: dict[str, str], folder: Callable[[], Path]) -> None:
        self._server, self._passwords, self._folder = server, passwords, folder
        self._numbers = itertools.count(1)

    @contextmanager
    def fresh(self, template: str = MIGRATED) -> Iterator[Warehouse]:
        name = f"test_{next(self._numbers)}"
        self._admin(f"create database {name} template {template}")
        try:
            yield Warehouse(replace(self._server, database=name), self._passwords, self._folder())
        finally:
            self._admin(f"drop database {name} with (force)")

    def migrate_template(self) -> None:
        """Make MIGRATED, as a database of its own: a template takes no connection while it is copied."""
        self._admin(f"create database {MIGRATED} template {BARE}")
        migrated = Warehouse(replace(self._server, database=MIGRATED), self._passwords, self._folder())
        with migrated.connect() as db:
            staging.migrate(db)

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self._server.admin_url("postgres"), autocommit=True) as admin:
            admin.execute(statement)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The embedded server on a free port, with the databases, roles and grants of a real run."""
    folder = tmp_path_factory.mktemp("postgres")
    embedded = EmbeddedServer(folder, _free_port(), secrets.token_urlsafe(24), folder / "log")
    with embedded.in_use() as server:
        with psycopg.connect(server.admin_url("postgres"), autocommit=True) as admin:
            # Nothing here outlives the tests.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                admin.execute(f"alter system set {setting} = off")
            admin.execute("select pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def warehouses(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Warehouses:
    passwords = {role: secrets.token_urlsafe(24) for role in DATABASE_ROLES}
    provision(postgres, passwords, embedded=True)
    made = Warehouses(postgres, passwords, lambda: tmp_path_factory.mktemp("state"))
    made.migrate_template()
    return made


@pytest.fixture
def set_environment(monkeypatch: pytest.MonkeyPatch) -> Callable[[Warehouse], None]:
    """Make a warehouse the one that this test's code finds in its environment."""

    def set_(warehouse: Warehouse) -> None:
        for name, value in warehouse.environment.items():
            monkeypatch.setenv(name, value)

    return set_


@pytest.fixture
def warehouse(warehouses: Warehouses, set_environment: Callable[[Warehouse], None]) -> Iterator[Warehouse]:
    """This test's own warehouse: migrated and empty."""
    with warehouses.fresh() as fresh:
        set_environment(fresh)
        yield fresh


@pytest.fixture
def db(warehouse: Warehouse) -> Iterator[Connection]:
    """A connection to this test's warehouse as the loader."""
    with warehouse.connect() as connection:
        yield connection


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
