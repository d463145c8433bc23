"""dbt over a real warehouse: the bundled publications, received and loaded as in a run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from infra.publications.inbox import drop_into_inbox
from infra.publications.server import LOOPBACK, serve
from infra.settings import PULLED_SOURCES
from ingestion import contracts, deliveries
from ingestion.fetch import collect
from ingestion.load import load
from tests.conftest import Warehouse, Warehouses

ROOT = Path(__file__).resolve().parents[2]


def dbt(*arguments: str) -> None:
    project = str(ROOT / "dbt_project")
    command = [os.environ["PONAM_DBT"], *arguments, "--project-dir", project, "--profiles-dir", project]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout[-6000:] + finished.stderr[-2000:]


def receive_everything(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    drop_into_inbox(warehouse.inbox, warehouse.state)
    server = serve(0)
    Thread(target=server.serve_forever, daemon=True).start()
    for source in PULLED_SOURCES:
        address = f"http://{LOOPBACK}:{server.server_address[1]}/{source}"
        monkeypatch.setenv(f"PONAM_ADDRESS_{source.upper()}", address)
    with warehouse.connect() as db:
        for source in sorted({contract.source for contract in contracts.all().values()}):
            for contract in contracts.of_source(source):
                for delivery in collect(contract, db):
                    load(delivery, db)
                    deliveries.accept(delivery, db)
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="package")
def built(warehouses: Warehouses) -> Iterator[Warehouse]:
    """The bundled publications in a warehouse of their own, dbt built over them once for this folder."""
    with warehouses.fresh() as warehouse, pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in warehouse.environment.items():
            monkeypatch.setenv(name, value)
        receive_everything(warehouse, monkeypatch)
        dbt("build")
        yield warehouse
