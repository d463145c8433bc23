"""dbt over a real warehouse: the bundled publications, received and loaded as in a run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouses import Warehouse, Warehouses

ROOT = Path(__file__).resolve().parents[2]


def dbt(*arguments: str) -> None:
    project = str(ROOT / "dbt_project")
    command = [os.environ["PONAM_DBT"], *arguments, "--project-dir", project, "--profiles-dir", project]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout[-6000:] + finished.stderr[-2000:]


@pytest.fixture(scope="package")
def built(warehouses: Warehouses) -> Iterator[Warehouse]:
    """A filled warehouse, in the environment, for all tests of this folder: they leave it as it is."""
    with warehouses.filled() as warehouse, warehouse.in_environment():
        yield warehouse
