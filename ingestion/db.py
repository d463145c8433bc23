"""The connection to the warehouse and the lock that keeps one dataset to one writer at a time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from ingestion import settings
from ingestion.errors import ExpectedError

logger = logging.getLogger(__name__)

Connection = psycopg.Connection[Any]
EXPECTED = (ExpectedError, OSError, psycopg.OperationalError, psycopg.errors.UndefinedTable)
"""What every command tells in one line, by `told`: a full disk, a database that is down or empty."""


def connect(dsn: str | None = None) -> Connection:
    """Open the warehouse as `ponam_loader`, or as the role that `dsn` (one of `settings`) is of.

    In autocommit: each write opens its own transaction.
    """
    return psycopg.connect(
        dsn or settings.loader_dsn(), autocommit=True, application_name="ponam ingestion", connect_timeout=10
    )


def told(error: Exception) -> str:
    """One of the EXPECTED errors in words; of a database without tables, also what makes them."""
    if isinstance(error, psycopg.errors.UndefinedTable):
        missing = error.diag.message_primary
        return f"{missing}: `make pipeline` or `make run` fills the warehouse first"
    return str(error)


@contextmanager
def dataset_transaction(db: Connection, dataset_code: str) -> Iterator[None]:
    """One transaction that alone writes to a dataset; a second one waits for it, and logs that it does.

    Raises ValueError inside another transaction: what is done here must be durable when the block ends.
    """
    if db.info.transaction_status != psycopg.pq.TransactionStatus.IDLE or not db.autocommit:
        raise ValueError("a dataset is written through an autocommit connection, outside any transaction")
    with db.transaction():
        key = f"ponam dataset {dataset_code}"
        free = db.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [key]).fetchone()
        if free is not None and not free[0]:
            logger.warning("%s is being written by another run; waiting for it to end", dataset_code)
            db.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        yield


def rows(db: Connection, query: Any, parameters: Any = None) -> list[DictRow]:
    """Run a query and return its rows as dictionaries."""
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters).fetchall()
