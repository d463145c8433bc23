"""Warehouses for tests: real databases, copied out of templates in a fraction of a second."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from expectations import intake
from infra import transform
from infra.credentials import Credentials
from infra.dsn import Server
from infra.environment import shared
from infra.publications.inbox import drop_into_inbox
from infra.publications.server import LOOPBACK, serve
from infra.settings import PULLED_SOURCES, Settings
from ingestion import contracts, staging
from ingestion.db import Connection, connect
from tests.testrun import once

BARE = "ponam"  # roles, schemas and grants only
MIGRATED = "ponam_migrated"  # and meta, and the staging tables of the project's contracts
FILLED = "ponam_filled"  # and every bundled publication received, loaded, judged, and dbt built over them


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

    @contextmanager
    def in_environment(self) -> Iterator[pytest.MonkeyPatch]:
        """Make this warehouse the one that code finds in its environment, for as long as the block lasts."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            yield patch


class Warehouses:
    """Makes warehouses; each is dropped at the end of its block, and nobody else sees it."""

    def __init__(
        self, server: Server, passwords: dict[str, str], folder: Callable[[], Path], name: str = "test"
    ) -> None:
        """`folder` makes a new state folder; `name` begins the names of the databases made here."""
        self._server, self._passwords, self._folder = server, passwords, folder
        self._names = (f"{name}_{number}" for number in itertools.count(1))

    @contextmanager
    def fresh(self, template: str = MIGRATED) -> Iterator[Warehouse]:
        """An empty warehouse."""
        name = next(self._names)
        self._admin(f"create database {name} template {template}")
        try:
            yield Warehouse(replace(self._server, database=name), self._passwords, self._folder())
        finally:
            self._admin(f"drop database {name} with (force)")

    @contextmanager
    def filled(self) -> Iterator[Warehouse]:
        """The warehouse after a whole run on the bundled publications, its archive and ledger included.

        The run itself is made once per test run (a minute), by the first that asks.
        """
        state = Path(once(FILLED, self._fill))
        with self.fresh(FILLED) as warehouse:
            shutil.copytree(state, warehouse.state, dirs_exist_ok=True)
            yield warehouse

    def migrate_template(self) -> None:
        """Make MIGRATED, as a database of its own: a template takes no connection while it is copied."""
        self._admin(f"create database {MIGRATED} template {BARE}")
        migrated = Warehouse(replace(self._server, database=MIGRATED), self._passwords, self._folder())
        with migrated.connect() as db:
            staging.migrate(db)

    def _fill(self) -> str:
        """Make FILLED; the state folder that goes with it."""
        with self.fresh() as warehouse:
            with published(warehouse), connect() as db:
                for source in contracts.sources():
                    intake.collect(source, db)
                    for contract in contracts.of_source(source):
                        intake.finish(contract.dataset, db)
                report = transform.run()
            assert report is not None and report.complete, report
            self._admin(f"create database {FILLED} template {warehouse.server.database}")
            return str(warehouse.state)

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self._server.admin_url("postgres"), autocommit=True) as admin:
            admin.execute(statement)


@contextmanager
def published(warehouse: Warehouse) -> Iterator[pytest.MonkeyPatch]:
    """The warehouse in the environment, its addresses leading to the bundled publications, its inbox full."""
    with serve(0) as server, warehouse.in_environment() as environment:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        for source in PULLED_SOURCES:
            address = f"http://{LOOPBACK}:{server.server_address[1]}/{source}"
            environment.setenv(f"PONAM_ADDRESS_{source.upper()}", address)
        drop_into_inbox(warehouse.inbox, warehouse.state)
        yield environment
        server.shutdown()
