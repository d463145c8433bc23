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
from ingestion.errors import ExpectedError
from ingestion.ledger import Delivery

# `is true` keeps the planner from a join, which would read the table once per delivery: it expects one.
_KNOWN_BEFORE = """
    select {columns}
      from {table} as known
     where (known.delivery_id in (
                select delivery_id from meta.deliveries
                 where dataset_code = {dataset} and status = 'accepted'
                   and (published_on, delivery_id) < ({published_on}, {delivery_id}))) is true
       and (known.ended_by_delivery_id is null
            or (known.ended_by_delivery_id in (
                select delivery_id from meta.deliveries
                 where dataset_code = {dataset}
                   and (published_on, delivery_id) > ({published_on}, {delivery_id}))) is true)
"""


def known_before(
    delivery: Delivery, contract: Contract, columns: Sequence[str] = ("row_id", "record_key")
) -> sql.Composed:
    """Query of the rows, by default (row_id, record_key), valid just before a delivery was published."""
    return sql.SQL(_KNOWN_BEFORE).format(
        columns=sql.SQL(", ").join(sql.Identifier("known", name) for name in columns),
        table=staging.table(contract),
        dataset=sql.Literal(contract.dataset),
        published_on=sql.Literal(delivery.published_on),
        delivery_id=sql.Literal(delivery.delivery_id),
    )


_CONTENT = """
    select staged.row_id, staged.delivery_id as brought_by, staged.record_kind, staged.record_locator,
           staged.record_literal, staged.record_key, {columns}
      from {table} as staged
     where staged.delivery_id = {delivery_id}
    union all
    select staged.row_id, staged.delivery_id, staged.record_kind, staged.record_locator,
           case when reprinted.row_id is null then staged.record_literal else reprinted.record_literal end,
           staged.record_key, {columns}
      from meta.repeats
     cross join unnest(repeats.row_ids) as part
      join {table} as staged on staged.row_id >= lower(part) and staged.row_id < upper(part)
      left join meta.reprints as reprinted
        on reprinted.delivery_id = repeats.delivery_id and reprinted.row_id = staged.row_id
     where repeats.delivery_id = {delivery_id}
"""


class ContentNotKeptError(ExpectedError, LookupError):
    """A delivery whose rows are not all known: which it repeats was not kept, or some of those are gone."""


def content(delivery: Delivery, contract: Contract, db: Connection) -> sql.Composed:
    """Query of all that a delivery says: the rows that it brought, and the known ones that it repeats.

    Columns: `row_id`, `brought_by` (the delivery that brought the row), `record_kind`, `record_locator` (the
    place in the file of that delivery), `record_literal` (as this delivery prints it), `record_key`, then
    those of the contract. Raises ContentNotKeptError.
    """
    there, expected = _repeated_rows_there(delivery, contract, db), delivery.rows_unchanged or 0
    if there != expected:
        raise ContentNotKeptError(
            f"delivery {delivery.delivery_id} repeats {expected} known rows, and {there} of them are there: "
            "it was loaded when that was not kept, or what it repeats was laid anew without it; `reread` it"
        )
    return sql.SQL(_CONTENT).format(
        columns=sql.SQL(", ").join(sql.Identifier("staged", column.name) for column in contract.columns),
        table=staging.table(contract),
        delivery_id=sql.Literal(delivery.delivery_id),
    )


def _repeated_rows_there(delivery: Delivery, contract: Contract, db: Connection) -> int:
    row = db.execute(
        sql.SQL(
            """select count(*)
                 from meta.repeats
                cross join unnest(repeats.row_ids) as part
                 join {table} as staged on staged.row_id >= lower(part) and staged.row_id < upper(part)
                where repeats.delivery_id = %s"""
        ).format(table=staging.table(contract)),
        [delivery.delivery_id],
    ).fetchone()
    assert row is not None  # noqa: S101 - a count
    return int(row[0])


def repeated_rows(delivery: Delivery, db: Connection) -> int:
    """How many of the rows known before it a delivery repeats."""
    query = "select row_count from meta.repeats where delivery_id = %s"
    row = db.execute(query, [delivery.delivery_id]).fetchone()
    return int(row[0]) if row else 0


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
    for ledger_table in ("absences", "rejections", "repeats", "reprints"):
        db.execute(
            sql.SQL("delete from {} where delivery_id = %s").format(sql.Identifier("meta", ledger_table)),
            [delivery.delivery_id],
        )
