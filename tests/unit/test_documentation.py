"""The examples in docstrings, wherever they stand."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTED = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ("ingestion", "expectations", "infra")
    for path in sorted((ROOT / package).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("module", DOCUMENTED)
def test_its_examples_hold(module: str) -> None:
    done = doctest.testmod(import_module(module))
    assert done.attempted and not done.failed
