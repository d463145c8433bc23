"""The loader or PostgreSQL killed at any moment, and run again: all is that of an undisturbed run."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ingestion import code_lists, contracts, read
from tests.warehouse.killing import SIZES, VICTIMS, killing

POINTS = 30


def test_killed_at_random_moments_and_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((contracts, "SOURCES"), (code_lists, "SEEDS"), (read, "READERS")):
        monkeypatch.setattr(module, name, getattr(module, name))  # put back at the end
    chance = random.Random(2016)  # noqa: S311 - the same moments in every run, as far as a clock allows
    with killing(tmp_path) as one:
        statuses = [row[1] for row in one.undisturbed[1]]  # type: ignore[index, union-attr]
        assert statuses == ["accepted", "accepted", "accepted", "failed"]
        for point in range(POINTS):
            victim, size = VICTIMS[point % 2], SIZES[point // 2 % 2]
            assert one.closes(chance, victim, size), f"point {point}: {victim} killed, {size}"
