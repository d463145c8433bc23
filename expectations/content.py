"""What a delivery says and what was known before it, as queries: none of it passes through this process."""

from __future__ import annotations

from psycopg import sql

from ingestion import staging
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.ledger import Delivery
from ingestion.vintages import content, known_before

_SYSTEM_COLUMNS = ("record_kind", "record_locator", "record_key")


def of(delivery: Delivery, contract: Contract, db: Connection) -> sql.Composed:
    """The rows that the delivery brought, and the known ones that it repeats.

    Columns: `record_kind`, `record_locator`, `record_key`, those of the contract, and `is_repeated`.
    """
    names = (*_SYSTEM_COLUMNS, *(column.name for column in contract.columns))
    return sql.SQL(
        "select {columns}, brought_by <> {delivery_id} as is_repeated from ({content}) as content"
    ).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, names)),
        delivery_id=sql.Literal(delivery.delivery_id),
        content=content(delivery, contract, db),
    )


def before(delivery: Delivery, contract: Contract) -> sql.Composed:
    """What was known just before the delivery: `record_key`, and `period_code`, `value` where there are."""
    names = ("record_key", *(name for name in ("period_code", "value") if name in contract.by_name))
    return sql.SQL("select {columns} from {table} as staged join ({known}) as known using (row_id)").format(
        columns=sql.SQL(", ").join(sql.Identifier("staged", name) for name in names),
        table=staging.table(contract),
        known=known_before(delivery, contract),
    )
