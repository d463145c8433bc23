"""The gate that verdicts pass through, so that nobody reads the ledger while one is half-way.

A verdict bears the time at which it was written, and is seen when its transaction ends. Read without this
gate, the newest visible verdict could be younger than one about to become visible, and a watermark taken from
it would miss that one for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ingestion.db import Connection

_NAME = "hashtextextended('ponam verdicts', 0)"


def enter(db: Connection) -> None:
    """Stand in the gate until the caller's transaction ends; `settled` waits for all that do."""
    db.execute(f"select pg_advisory_xact_lock_shared({_NAME})")


@contextmanager
def settled(db: Connection) -> Iterator[None]:
    """Wait until no verdict is half-way, and let none begin before the block ends."""
    db.execute(f"select pg_advisory_lock({_NAME})")
    try:
        yield
    finally:
        if not db.closed:  # the server lets go of what a broken connection held
            db.execute(f"select pg_advisory_unlock({_NAME})")
