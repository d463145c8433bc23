"""What a delivery says and what was known before it, read from the warehouse as frames."""

from __future__ import annotations

import pandas as pd
from psycopg import sql

from ingestion import staging
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.ledger import Delivery
from ingestion.vintages import known_before

_SYSTEM_COLUMNS = ("record_kind", "record_locator", "record_key")


def of(delivery: Delivery, contract: Contract, db: Connection) -> pd.DataFrame:
    """The rows that the delivery brought, and the known ones that it repeats.

    Columns: `record_kind`, `record_locator`, `record_key`, those of the contract, and `is_repeated`. Exact
    for a complete dataset. Loading counts what an additional delivery repeats without saying which rows these
    are: when it repeats any, every known row that it leaves in service is taken for repeated.
    """
    names = (*_SYSTEM_COLUMNS, *(column.name for column in contract.columns))
    query = sql.SQL(
        """select {columns}, false as is_repeated from {table} as staged where delivery_id = %(delivery_id)s
           union all
           select {columns}, true
             from {table} as staged
             join ({known}) as known using (row_id)
            where %(repeats)s
              and not exists (
                      select from {table} as newer
                       where newer.delivery_id = %(delivery_id)s and newer.record_key = staged.record_key)
              and not exists (
                      select from meta.absences
                       where absences.delivery_id = %(delivery_id)s and absences.row_id = staged.row_id)"""
    ).format(
        columns=sql.SQL(", ").join(sql.Identifier("staged", name) for name in names),
        table=staging.table(contract),
        known=known_before(delivery, contract),
    )
    return _frame(query, {"delivery_id": delivery.delivery_id, "repeats": bool(delivery.rows_unchanged)}, db)


def before(delivery: Delivery, contract: Contract, db: Connection) -> pd.DataFrame:
    """What was known just before the delivery: `record_key`, and `period_code`, `value` where there are."""
    names = ("record_key", *(name for name in ("period_code", "value") if name in contract.by_name))
    query = sql.SQL("select {columns} from {table} as staged join ({known}) as known using (row_id)").format(
        columns=sql.SQL(", ").join(sql.Identifier("staged", name) for name in names),
        table=staging.table(contract),
        known=known_before(delivery, contract),
    )
    return _frame(query, {}, db)


def _frame(query: sql.Composed, parameters: dict[str, object], db: Connection) -> pd.DataFrame:
    cursor = db.execute(query, parameters)
    names = [column.name for column in cursor.description or ()]
    return pd.DataFrame(cursor.fetchall(), columns=names)
