"""A loader killed at any moment, and run again: rows and ledger are those of an undisturbed run."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from ingestion import code_lists, contracts, settings
from tests.conftest import Warehouse
from tests.warehouse.demo import Demo

POINTS = 6
FILES = {
    "2017-01-31_projets.txt": "data;EDU;2016;1\ndata;HEA;2016;2\ndata;Sport;2016;1\n",
    "2018-01-31_projets.txt": "data;EDU;2016;1\ndata;HEA;2016;3\ndata;AGR;2016;1\n",
    "2019-01-31_projets.txt": "data;EDU;2016;4\ndata;HEA;2016;3\nnote;Source : DNPD\n",
    "2020-01-31_projets.txt": "data;EDU;2016;4\nILLISIBLE\n",
}


def test_killed_at_random_moments_and_run_again(demo: Demo, warehouse: Warehouse) -> None:
    seconds = _run_whole(warehouse)
    undisturbed = _state(demo)
    assert [row[1] for row in undisturbed[1]] == ["accepted", "accepted", "accepted", "failed"]
    moments = random.Random(2016)  # noqa: S311 - the same moments in every run, as far as a clock allows
    for _ in range(POINTS):
        _start_afresh(demo)
        _run_killed_after(moments.uniform(0, seconds), warehouse)
        _run_whole(warehouse)
        assert _state(demo) == undisturbed
        assert list((warehouse.inbox / "demo.projects").iterdir()) == []
        assert len(list(settings.archive().glob("demo.projects/*/*"))) == len(FILES)


def _run_whole(warehouse: Warehouse) -> float:
    """Run to the end; the seconds from `ready` on."""
    _fill_inbox_unless_done(warehouse)
    process = _start()
    started = time.monotonic()
    assert process.wait(60) == 0
    return time.monotonic() - started


def _run_killed_after(seconds: float, warehouse: Warehouse) -> None:
    _fill_inbox_unless_done(warehouse)
    process = _start()
    time.sleep(seconds)
    process.kill()
    process.wait()


def _start() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.warehouse.worker", str(contracts.SOURCES), str(code_lists.SEEDS)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _fill_inbox_unless_done(warehouse: Warehouse) -> None:
    folder = warehouse.inbox / "demo.projects"
    if not folder.exists():
        folder.mkdir(parents=True)
        for name, content in FILES.items():
            (folder / name).write_text(content, encoding="utf-8")


def _start_afresh(demo: Demo) -> None:
    demo.empty()
    (settings.inbox() / "demo.projects").rmdir()
    for file in settings.archive().glob("demo.projects/*/*"):
        file.unlink()


def _state(demo: Demo) -> tuple[object, ...]:
    rejected = demo.db.execute(
        "select edition, record_locator, found from meta.rejections join meta.deliveries using (delivery_id)"
    ).fetchall()
    return demo.history(), demo.ledger(), rejected
