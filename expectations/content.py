"""What a delivery says and what was known before it, as queries: none of it passes through this process."""

from __future__ import annotations

from psycopg import sql

from ingestion import staging
from ingestion.contracts import Contract
from ingestion.ledger import Delivery
from ingestion.vintages import known_before

_SYSTEM_COLUMNS = ("record_kind", "record_locator", "record_key")


def of(delivery: Delivery, contract: Contract) -> sql.Composed:
    """The rows that the delivery brought, and the known ones that it repeats.

    Columns: `record_kind`, `record_locator`, `record_key`, those of the contract, and `is_repeated`. Exact
    for a complete dataset. Loading counts what an additional delivery repeats without saying which rows these
    are: when it repeats any, every known row that it leaves in service is taken for repeated.
    """
    names = (*_SYSTEM_COLUMNS, *(column.name for column in contract.columns))
    return sql.SQL(
        """select {columns}, false as is_repeated from {table} as staged where delivery_id = {delivery_id}
           union all
           select {columns}, true
             from {table} as staged
             join ({known}) as known using (row_id)
            where {repeats}
              and not exists (
                      select from {table} as newer
                       where newer.delivery_id = {delivery_id} and newer.record_key = staged.record_key)
              and not exists (
                      select from meta.absences
                       where absences.delivery_id = {delivery_id} and absences.row_id = staged.row_id)"""
    ).format(
        columns=sql.SQL(", ").join(sql.Identifier("staged", name) for name in names),
        table=staging.table(contract),
        known=known_before(delivery, contract),
        delivery_id=sql.Literal(delivery.delivery_id),
        repeats=sql.Literal(bool(delivery.rows_unchanged)),
    )


def before(delivery: Delivery, contract: Contract) -> sql.Composed:
    """What was known just before the delivery: `record_key`, and `period_code`, `value` where there are."""
    names = ("record_key", *(name for name in ("period_code", "value") if name in contract.by_name))
    return sql.SQL("select {columns} from {table} as staged join ({known}) as known using (row_id)").format(
        columns=sql.SQL(", ").join(sql.Identifier("staged", name) for name in names),
        table=staging.table(contract),
        known=known_before(delivery, contract),
    )
