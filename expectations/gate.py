"""The gate that verdicts pass through, so that nobody reads the ledger while one is half-way.

A verdict bears the time at which its transaction began. Read without this gate, the newest visible verdict
could be younger than one about to become visible, and a watermark taken from it would miss that one for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ingestion.db import Connection

_NAME = "hashtextextended('ponam verdicts', 0)"


@contextmanager
def judging(db: Connection) -> Iterator[None]:
    """Hold the gate together with the other judges at work; `settled` waits for all of them."""
    yield from _held(db, f"pg_advisory_lock_shared({_NAME})", f"pg_advisory_unlock_shared({_NAME})")


@contextmanager
def settled(db: Connection) -> Iterator[None]:
    """Wait until no verdict is half-way, and let none begin before the block ends."""
    yield from _held(db, f"pg_advisory_lock({_NAME})", f"pg_advisory_unlock({_NAME})")


def _held(db: Connection, take: str, release: str) -> Iterator[None]:
    db.execute(f"select {take}")
    try:
        yield
    finally:
        if not db.closed:  # the server lets go of what a broken connection held
            db.execute(f"select {release}")
