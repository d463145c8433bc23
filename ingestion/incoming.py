"""The temporary table that a delivery's records pass through, and what set-based SQL decides of them there.

One line per record read: its typed columns, or those that could be typed and the reason of its rejection.
PostgreSQL computes `record_key` and `record_hash` as the lines arrive.

The key joins the key columns; it is null for a record that cannot be identified. A note is identified by its
place and its text. The hash covers the columns outside the key; empty columns leave no trace in it, so that a
column added by a newer contract does not make every known row look changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from psycopg import sql

from ingestion import staging
from ingestion.contracts import Column, Contract
from ingestion.db import Connection
from ingestion.ledger import Delivery
from ingestion.rows import Row
from ingestion.text import storable
from ingestion.vintages import known_before

_as_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: building it takes longer than a record

# No stored text contains these two characters (see `ingestion.text`).
_UNIT_SEPARATOR = sql.SQL(r"E'\x1f'")
_RECORD_SEPARATOR = sql.SQL(r"E'\x1e'")
_LONGEST_KEY_BYTES = 1_000  # beyond it a digest stands for the key: an index entry is limited to 2,704 bytes

# Beside those of the contract, whose names never begin with an underscore.
_COPIED = (
    "_ordinal",
    "record_kind",
    "record_locator",
    "record_literal",
    "_record",
    "_column",
    "_found",
    "_expected",
    "_who_fixes",
)


def fill(rows: Iterable[Row], contract: Contract, db: Connection) -> int:
    """Create the table, COPY the rows into it as they come, and return how many there were."""
    db.execute(
        sql.SQL(
            """create temporary table incoming (
                   _ordinal bigint, record_kind text, record_locator text, record_literal text, _record json,
                   _column text, _found text, _expected text, _who_fixes text, {columns},
                   record_key text generated always as ({key}) stored,
                   record_hash text generated always as ({hash}) stored
               ) on commit drop"""
        ).format(
            columns=sql.SQL(", ").join(staging.definition(column) for column in contract.columns),
            key=_key(contract),
            hash=_hash(contract),
        )
    )
    names = [column.name for column in contract.columns]
    copy = sql.SQL("copy incoming ({}) from stdin").format(
        sql.SQL(", ").join(map(sql.Identifier, (*_COPIED, *names)))
    )
    read = 0
    with db.cursor() as cursor, cursor.copy(copy) as stream:
        for read, row in enumerate(rows, 1):
            stream.write_row((read, *_described(row), *(row.values.get(name) for name in names)))
    db.execute("analyze incoming (record_key)")
    return read


def reject_repeated_keys(db: Connection) -> None:
    """Reject every record whose key another record of the delivery has too, naming the other's place.

    Of records that say exactly the same the first is kept; of records that contradict each other, none.
    """
    db.execute(
        """with repeated as (
               select record_key, min(_ordinal) as first, max(_ordinal) as last,
                      min(record_hash) = max(record_hash) as agree
                 from incoming
                where _expected is null
                group by record_key
               having count(*) > 1)
           update incoming
              set _found = 'même clé que ' || other.record_locator,
                  _expected = case when agree then 'une ligne donnée une seule fois'
                                  else 'une seule valeur par clé' end,
                  _who_fixes = 'institution'
             from repeated, incoming as other
            where incoming.record_key = repeated.record_key
              and incoming._expected is null
              and (incoming._ordinal > first or not agree)
              and other._ordinal = case when incoming._ordinal = first then last else first end"""
    )


def keep_rejections(delivery: Delivery, db: Connection) -> int:
    """Write the rejected records to `meta.rejections`; return how many."""
    return db.execute(
        """insert into meta.rejections (delivery_id, record_kind, record_locator, record, record_key,
                                        column_name, found, expected, who_fixes)
           select %s, record_kind, record_locator, _record, record_key, _column, _found, _expected, _who_fixes
             from incoming
            where _expected is not null
            order by _ordinal""",
        [delivery.delivery_id],
    ).rowcount


def find_unchanged(delivery: Delivery, contract: Contract, db: Connection) -> int:
    """Find the records equal to a row known before the delivery; return how many."""
    return db.execute(
        sql.SQL(
            """create temporary table unchanged on commit drop as
               select _ordinal
                 from incoming
                 join ({known}) as known using (record_key, record_hash)
                where _expected is null"""
        ).format(known=known_before(delivery, contract))
    ).rowcount


def keep_rows(delivery: Delivery, contract: Contract, db: Connection) -> int:
    """Stage the records that are neither rejected nor unchanged; return how many."""
    return db.execute(
        sql.SQL(
            """insert into {table} (delivery_id, record_kind, record_locator, record_literal, record_key,
                                    record_hash, {columns})
               select %s, record_kind, record_locator, record_literal, record_key, record_hash, {columns}
                 from incoming
                where _expected is null
                  and not exists (select from unchanged where unchanged._ordinal = incoming._ordinal)
                order by _ordinal"""
        ).format(table=staging.table(contract), columns=staging.columns(contract)),
        [delivery.delivery_id],
    ).rowcount


def note_absences(delivery: Delivery, contract: Contract, db: Connection) -> None:
    """Note the known rows that the delivery lacks, for a dataset whose deliveries are complete.

    A rejected record is not an absent one; while a rejected record cannot be identified, nothing is absent.
    """
    db.execute(
        sql.SQL(
            """insert into meta.absences (delivery_id, row_id)
               select %s, known.row_id
                 from ({known}) as known
                where not exists (select from incoming where incoming.record_key = known.record_key)
                  and not exists (select from incoming where _expected is not null and record_key is null)"""
        ).format(known=known_before(delivery, contract)),
        [delivery.delivery_id],
    )


def drop(db: Connection) -> None:
    """Drop the temporary tables before the transaction ends: another delivery may follow in it."""
    db.execute("drop table incoming, unchanged")


def _described(row: Row) -> tuple[str | None, ...]:
    record, reason = row.record, row.reason
    literal = None if record.literal is None else storable(record.literal)
    whole = _as_json(
        {
            "locator": storable(record.locator),
            "kind": storable(record.kind),
            "values": {
                name: value if value is None else storable(value) for name, value in record.values.items()
            },
            "literal": literal,
        }
    )
    described = (storable(record.kind), storable(record.locator), literal, whole)
    if reason is None:
        return (*described, None, None, None, None)
    found = None if reason.found is None else storable(reason.found)
    return (*described, reason.column, found, storable(reason.expected), reason.who_fixes)


def _key(contract: Contract) -> sql.Composed:
    parts = [_as_text(contract.by_name[name]) for name in contract.key]
    joined = sql.SQL(r" || E'\x1f' || ").join(parts)
    return sql.SQL(
        """case when record_kind = 'note'
                then 'note' || {separator} || record_locator || {separator} || md5(record_literal)
                when octet_length({joined}) > {longest} then 'md5' || {separator} || md5({joined})
                else {joined} end"""
    ).format(separator=_UNIT_SEPARATOR, joined=joined, longest=sql.Literal(_LONGEST_KEY_BYTES))


def _hash(contract: Contract) -> sql.Composed:
    outside_key = [column for column in contract.columns if column.name not in contract.key]
    parts = [
        sql.SQL("coalesce({separator} || {name} || {between} || {value}, '')").format(
            separator=_RECORD_SEPARATOR,
            name=sql.Literal(column.name),
            between=_UNIT_SEPARATOR,
            value=_as_text(column),
        )
        for column in outside_key
    ]
    return sql.SQL("md5({})").format(sql.SQL(" || ").join([sql.SQL("record_kind"), *parts]))


def _as_text(column: Column) -> sql.Composed:
    """A column as text that does not depend on any setting of the session, and says 2.50 and 2.5 alike."""
    form = {"number": "trim_scale({})::text", "date": "({} - date '2000-01-01')::text"}.get(
        column.type, "{}::text"
    )
    return sql.SQL(form).format(sql.Identifier(column.name))
