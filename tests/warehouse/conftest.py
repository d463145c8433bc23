"""The institution `demo` in a test's own warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion import code_lists, contracts, read, staging
from ingestion.db import Connection
from tests.warehouse.demo import Demo, contract_document, read_lines, write_contract


@pytest.fixture
def demo(tmp_path: Path, db: Connection, monkeypatch: pytest.MonkeyPatch) -> Demo:
    """The two datasets of `demo`, their staging tables made, and what a test does with them."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "publishers.csv").write_text("code,label_fr\ndemo,Démonstration\n", encoding="utf-8")
    labels = "EDU,Éducation\nHEA,Santé\nAGR,Agriculture\n_T,Total\n"
    (seeds / "sectors.csv").write_text(f"code,label_fr\n{labels}", encoding="utf-8")
    monkeypatch.setattr(code_lists, "SEEDS", seeds)
    monkeypatch.setattr(contracts, "SOURCES", tmp_path / "sources")
    monkeypatch.setattr(read, "READERS", {"lines": read_lines})
    for dataset in ("demo.projects", "demo.series"):
        write_contract(contract_document(dataset))
    staging.migrate(db)
    return Demo(db)
