"""The table that a suite judges: the rows of a delivery, and the columns that compare them with each other.

Great Expectations looks at one row or one column at a time. What an expectation says of several rows (a total
and its parts, a figure and what was in service before it) is therefore put on the row first, as a derived
column:

    period_end        last day of the row's period, ISO text            contracts with a `period_code`
    change            |value - previous| / |previous|, null when new,   contracts with a `value`
                      infinite when it was zero and is no more
    parts_of_<over>   on a printed total, the sum of its parts          contracts with `expectations.sums`
    rank_of_<column>  rank of the row in its group, the rejected        contracts whose key ends with an
                      records counted                                   integer

The database makes the table and evaluates the suite on it: the memory of the judge does not grow with the
delivery.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from ingestion import french
from ingestion.contracts import Contract, SumIdentity
from ingestion.db import Connection

PERIOD_END = "period_end"
CHANGE = "change"
WAIVED_BY = "waived_by"
"""The decision by which a row is accepted as it is: its bounds and its verification are not judged again."""
REJECTED_BEFORE = "rejected_before"
NEWEST_PERIOD = "newest_period"
"""Name of the suite parameter that carries the newest period end in service before the delivery."""
NO_PERIOD_YET = "0001-01-01"
SCHEMA = "staging"

_TOTAL = "_T"
_PREFIX = "judged_"


@dataclass(frozen=True, slots=True)
class Judged:
    """The table, for as long as it stands, and the parameters of the suite."""

    table: str
    """Name in the schema `SCHEMA`."""
    parameters: dict[str, Any]


@contextmanager
def table(contract: Contract, rows: sql.Composed, previous: sql.Composed, db: Connection) -> Iterator[Judged]:
    """Make the table above; it is dropped at the end of the block.

    `rows` and `previous` are queries, with the columns of `expectations.content.of` and `.before`. Notes are
    left out: they carry no column of the contract. One table per server process: what a killed judge left
    is dropped when the next one comes.
    """
    name = f"{_PREFIX}{db.info.backend_pid}"
    drop = sql.SQL("drop table if exists {}").format(sql.Identifier(SCHEMA, name))
    parameters: dict[str, Any] = {}
    ends: dict[str, str] = {}
    if "period_code" in contract.by_name:
        before = _period_ends(previous, db)
        parameters[NEWEST_PERIOD] = max(before.values(), default=NO_PERIOD_YET)
        ends = before | _period_ends(rows, db)
    _drop_abandoned(db)
    db.execute(drop)
    try:
        db.execute(
            sql.SQL("create unlogged table {} as {}").format(
                sql.Identifier(SCHEMA, name), _compared(contract, rows, previous, ends)
            )
        )
        yield Judged(name, parameters)
    finally:
        if not db.closed:
            db.execute(drop)


def _drop_abandoned(db: Connection) -> None:
    """Drop the tables of server processes that are no more."""
    abandoned = db.execute(
        """select tablename from pg_tables
            where schemaname = %(schema)s and tablename ~ ('^' || %(prefix)s || '[0-9]+$')
              and substr(tablename, length(%(prefix)s) + 1) not in (
                      select pid::text from pg_stat_activity where pid is not null)""",
        {"schema": SCHEMA, "prefix": _PREFIX},
    ).fetchall()
    for (name,) in abandoned:
        db.execute(sql.SQL("drop table if exists {}").format(sql.Identifier(SCHEMA, name)))


def parts_of(identity: SumIdentity) -> str:
    """Name of the column that carries the sum of the parts of a total."""
    return f"parts_of_{identity.over}"


def rank_of(ordinal: str) -> str:
    """Name of the column that carries the rank that a printed number should be."""
    return f"rank_of_{ordinal}"


def numbered_by(contract: Contract) -> str | None:
    """The last key column when it counts the records within the others."""
    last = contract.key[-1]
    return last if contract.by_name[last].type == "integer" else None


def _period_ends(rows: sql.Composed, db: Connection) -> dict[str, str]:
    """Last day of each period that the rows speak of."""
    codes = sql.SQL("select distinct period_code from ({}) as content where period_code is not null")
    return {code: french.period_bounds(code)[1].isoformat() for (code,) in db.execute(codes.format(rows))}


def _compared(
    contract: Contract, rows: sql.Composed, previous: sql.Composed, ends: dict[str, str]
) -> sql.Composed:
    """The rows with their derived columns."""
    columns: list[sql.Composable] = [sql.SQL("content.*")]
    joins: list[sql.Composable] = []
    if "period_code" in contract.by_name:
        columns.append(sql.Identifier("period", PERIOD_END))
        joins.append(
            sql.SQL(
                " left join unnest({}::text[], {}::text[]) as period (code, {})"
                " on period.code = content.period_code"
            ).format(sql.Literal(list(ends)), sql.Literal(list(ends.values())), sql.Identifier(PERIOD_END))
        )
    if "value" in contract.by_name:
        columns.append(_change())
        joins.append(
            sql.SQL(" left join ({}) as before on before.record_key = content.record_key").format(previous)
        )
    columns += [_sum_of_parts(contract, identity) for identity in contract.expectations.sums]
    if ordinal := numbered_by(contract):
        columns.append(_rank(contract, ordinal))
    return sql.SQL("select {} from ({}) as content {} where content.record_kind <> 'note'").format(
        sql.SQL(", ").join(columns), rows, sql.SQL("").join(joins)
    )


def _change() -> sql.Composed:
    return sql.SQL(
        """case when before.value <> 0
                then round(abs((content.value - before.value) / before.value)::numeric, 4)
                when content.value <> 0 and before.value = 0 then 'infinity'
                when content.value = 0 and before.value = 0 then 0 end as {}"""
    ).format(sql.Identifier(CHANGE))


def _sum_of_parts(contract: Contract, identity: SumIdentity) -> sql.Composed:
    """On a total, the sum of its parts, or the total itself when the two agree within the tolerance."""
    return sql.SQL(
        """case when {over} = {total}
                then case when abs({parts} - {value}) <= {tolerance} then {value} else {parts} end
           end as {name}"""
    ).format(
        over=sql.Identifier("content", identity.over),
        total=sql.Literal(_TOTAL),
        value=sql.Identifier("content", identity.value),
        tolerance=sql.Literal(identity.tolerance),
        name=sql.Identifier(parts_of(identity)),
        parts=sql.SQL("sum({}) filter (where {} <> {}) over (partition by {})").format(
            sql.Identifier("content", identity.value),
            sql.Identifier("content", identity.over),
            sql.Literal(_TOTAL),
            _of_content(name for name in contract.key if name != identity.over),
        ),
    )


def _rank(contract: Contract, ordinal: str) -> sql.Composed:
    group = [name for name in contract.key if name != ordinal]
    return sql.SQL("content.{} + row_number() over (partition by {} order by {}) as {}").format(
        sql.Identifier(REJECTED_BEFORE),
        _of_content(group),
        sql.Identifier("content", ordinal),
        sql.Identifier(rank_of(ordinal)),
    )


def _of_content(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier("content", name) for name in names)
