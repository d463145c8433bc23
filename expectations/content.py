"""What a delivery says and what was known before it, as queries: none of it passes through this process."""

from __future__ import annotations

from psycopg import sql

from expectations.judged import REJECTED_BEFORE, WAIVED_BY, numbered_by
from ingestion import decisions, staging
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.ledger import Delivery
from ingestion.vintages import content, known_before

_SYSTEM_COLUMNS = ("record_kind", "record_locator", "record_key")


def of(delivery: Delivery, contract: Contract, db: Connection) -> sql.Composed:
    """The rows that the delivery brought, and the known ones that it repeats.

    Columns: `record_kind`, `record_locator`, `record_key`, those of the contract, `is_repeated`, `waived_by`
    (the decision that accepted the row as it is, or null) and `rejected_before` (how many numbers below the
    row's, in its group, only rejected records have; 0 where the contract numbers nothing).
    """
    names = (*_SYSTEM_COLUMNS, *(column.name for column in contract.columns))
    return sql.SQL(
        """with content as ({content})
           select {columns}, brought_by <> {delivery_id} as is_repeated, waived.decision_id as {waived_by},
                  {numbers} as {rejected_before}
             from content left join ({waived}) as waived using (row_id)"""
    ).format(
        content=content(delivery, contract, db),
        columns=sql.SQL(", ").join(sql.Identifier("content", name) for name in names),
        delivery_id=sql.Literal(delivery.delivery_id),
        waived=decisions.waived_rows(contract),
        waived_by=sql.Identifier(WAIVED_BY),
        numbers=_rejected_before(delivery, contract),
        rejected_before=sql.Identifier(REJECTED_BEFORE),
    )


def before(delivery: Delivery, contract: Contract) -> sql.Composed:
    """What was known just before the delivery: `record_key`, and `period_code`, `value` where there are."""
    names = ("record_key", *(name for name in ("period_code", "value") if name in contract.by_name))
    return sql.SQL("select {columns} from {table} as staged join ({known}) as known using (row_id)").format(
        columns=sql.SQL(", ").join(sql.Identifier("staged", name) for name in names),
        table=staging.table(contract),
        known=known_before(delivery, contract),
    )


def _rejected_before(delivery: Delivery, contract: Contract) -> sql.Composable:
    """A record that was read and rejected is no line lost: its number counts among those before a row."""
    ordinal = numbered_by(contract)
    if ordinal is None:
        return sql.Literal(0)
    others = [name for name in contract.key if name != ordinal]
    in_group = [
        sql.SQL("printed.cells ->> {} = content.{}::text").format(sql.Literal(name), sql.Identifier(name))
        for name in others
    ]
    is_kept = [sql.SQL("kept.{0} = content.{0}").format(sql.Identifier(name)) for name in others]
    below = sql.SQL("printed.number < {}").format(sql.Identifier("content", ordinal))
    is_same = sql.SQL("kept.{} = printed.number").format(sql.Identifier(ordinal))
    return sql.SQL(
        """(select count(distinct printed.number)
              from meta.rejections
             cross join lateral (
                   select record -> 'values' as cells,
                          substring(record #>> {path} from '^[0-9]{{1,18}}$')::bigint as number) as printed
             where rejections.delivery_id = {delivery_id} and {in_group}
               and not exists (select from content as kept where {is_kept}))"""
    ).format(
        path=sql.Literal(["values", ordinal]),
        delivery_id=sql.Literal(delivery.delivery_id),
        in_group=sql.SQL(" and ").join([*in_group, below]),
        is_kept=sql.SQL(" and ").join([*is_kept, is_same]),
    )
