"""Versions of records through the deliveries of a dataset, kept in the order of publication.

A delivery's place is `(published_on, delivery_id)`. A row is valid from the place of the delivery that
brought it to the place of the accepted delivery that ended it. Only this module knows.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from ingestion import ledger, staging
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.ledger import Delivery

_KNOWN_BEFORE = """
    select {columns}
      from {table} as known
      join meta.deliveries as brought using (delivery_id)
      left join meta.deliveries as ended on ended.delivery_id = known.ended_by_delivery_id
     where brought.status = 'accepted'
       and (brought.published_on, brought.delivery_id) < ({published_on}, {delivery_id})
       and (ended.delivery_id is null
            or (ended.published_on, ended.delivery_id) > ({published_on}, {delivery_id}))
"""


def known_before(
    delivery: Delivery, contract: Contract, columns: Sequence[str] = ("row_id", "record_key")
) -> sql.Composed:
    """Query of the rows, by default (row_id, record_key), valid just before a delivery was published."""
    return sql.SQL(_KNOWN_BEFORE).format(
        columns=sql.SQL(", ").join(sql.Identifier("known", name) for name in columns),
        table=staging.table(contract),
        published_on=sql.Literal(delivery.published_on),
        delivery_id=sql.Literal(delivery.delivery_id),
    )


def lay(delivery: Delivery, contract: Contract, db: Connection) -> None:
    """Put the rows of the newest delivery in service: end those that they replace and those that it lacks."""
    if not ledger.accepted_before(delivery, db):
        return
    db.execute(
        sql.SQL(
            """update {table} as old
                  set ended_by_delivery_id = new.delivery_id, end_reason = 'replaced'
                 from {table} as new
                where new.delivery_id = %(delivery_id)s
                  and old.record_key = new.record_key
                  and old.delivery_id <> new.delivery_id
                  and old.ended_by_delivery_id is null
                  and old.delivery_id in (
                      select delivery_id from meta.deliveries
                       where dataset_code = %(dataset)s and status = 'accepted')"""
        ).format(table=staging.table(contract)),
        {"delivery_id": delivery.delivery_id, "dataset": contract.dataset},
    )
    db.execute(
        sql.SQL(
            """update {table} as old
                  set ended_by_delivery_id = absent.delivery_id, end_reason = 'withdrawn'
                 from meta.absences as absent
                where absent.delivery_id = %s and old.row_id = absent.row_id"""
        ).format(table=staging.table(contract)),
        [delivery.delivery_id],
    )


def forget(delivery: Delivery, contract: Contract, db: Connection) -> None:
    """Undo what a delivery did to the rows: those it brought, those it ended, its absences and rejections."""
    db.execute(
        sql.SQL("delete from {} where delivery_id = %s").format(staging.table(contract)),
        [delivery.delivery_id],
    )
    db.execute(
        sql.SQL(
            """update {} set ended_by_delivery_id = null, end_reason = null
                where ended_by_delivery_id = %s"""
        ).format(staging.table(contract)),
        [delivery.delivery_id],
    )
    for ledger_table in ("absences", "rejections"):
        db.execute(
            sql.SQL("delete from {} where delivery_id = %s").format(sql.Identifier("meta", ledger_table)),
            [delivery.delivery_id],
        )
