"""The institution `demo` in a test's own warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion import code_lists, contracts, read, staging
from ingestion.db import Connection
from tests.warehouse.demo import Demo, establish, read_lines


@pytest.fixture
def demo(tmp_path: Path, db: Connection, monkeypatch: pytest.MonkeyPatch) -> Demo:
    """The two datasets of `demo`, their staging tables made, and what a test does with them."""
    sources, seeds = establish(tmp_path)
    monkeypatch.setattr(code_lists, "SEEDS", seeds)
    monkeypatch.setattr(contracts, "SOURCES", sources)
    monkeypatch.setattr(read, "READERS", {"lines": read_lines})
    staging.migrate(db)
    return Demo(db)
