"""dbt over a real warehouse: the bundled publications, received and loaded as in a run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from infra.dbt.project import PROJECT, options_of
from tests.warehouses import Warehouse, Warehouses


def dbt(*arguments: str) -> None:
    command = [os.environ["PONAM_DBT"], *arguments, *options_of(PROJECT)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout[-6000:] + finished.stderr[-2000:]


@pytest.fixture(scope="package")
def built(warehouses: Warehouses) -> Iterator[Warehouse]:
    """A filled warehouse, in the environment, for all tests of this folder: they leave it as it is."""
    with warehouses.filled() as warehouse, warehouse.in_environment():
        yield warehouse
