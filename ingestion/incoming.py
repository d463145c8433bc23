"""How a delivery's records come into the database, and what set-based SQL decides of them there.

What keeps its contract is copied to `incoming`, a temporary table shaped like the staging table; what does
not, to `rejected`, with the record as received and the reason. A large file for an empty staging table is
copied straight into it, its indexes made afterwards: then `incoming` is the staging table itself.

A record's number in the file decides its `row_id`, in both tables: numbers are set apart before the COPY.
Records are typed in one thread while the database takes those before them.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO

import numpy as np
import polars as pl
from psycopg import errors, sql

from ingestion import staging
from ingestion.bulk import BulkTyping, as_text
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.ledger import Delivery
from ingestion.read import Record
from ingestion.read.batch import LITERAL, LOCATOR, Batch
from ingestion.rows import GIVEN_ONCE, ONE_PER_KEY, REPEATED_KEY, Reason, Row, Typing, as_received
from ingestion.text import storable
from ingestion.vintages import known_before, repeated_rows

Source = Callable[[], Iterator[Record | Batch]]
"""Reads the delivery's file from its beginning."""

LARGE_BYTES = 8 * 1024 * 1024
"""From this size on a file goes straight into an empty staging table, which nobody can read meanwhile."""

_ROWS_PER_CHUNK = 2_000
_CHUNKS_AHEAD = 2
_WORK_MEM = "64MB"  # of the server, until the load ends: a million keys are compared without a file
_SPOOLED_IN_MEMORY = 4 * 1024 * 1024
_as_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: building it takes longer than a record

# What separates cells and what stands for an absent one: no text that can be stored has either character.
_SEPARATOR, _ABSENT = "\x1f", "\x1e"
_COPY = r"copy {} ({}) from stdin with (format text, delimiter E'\x1f', null E'\x1e'{})"
# What COPY would take for something else inside a cell, and what stands for it.
_ESCAPES = {"\\": r"\\", "\n": r"\n", "\r": r"\r"}

_SYSTEM = ("row_id", "delivery_id", "record_kind", "record_locator", "record_literal")
_REJECTION = ("_record", "_column", "_found", "_expected", "_who_fixes")


@dataclass(slots=True)
class Counts:
    """Records read by us; rows staged, rejected and unchanged as the database counts them."""

    read: int = 0
    staged: int = 0
    rejected: int = 0
    unchanged: int = 0


class Incoming:
    """The records of one delivery on their way into staging, in the caller's transaction."""

    def __init__(
        self, delivery: Delivery, contract: Contract, source: Source, byte_size: int, db: Connection
    ) -> None:
        self._delivery, self._contract, self._source, self._db = delivery, contract, source, db
        self._typing = Typing(contract)
        self._names = [column.name for column in contract.columns]
        self._is_large = byte_size >= LARGE_BYTES
        self._is_direct = self._is_large and staging.is_empty(contract, db)
        self._table = staging.table(contract) if self._is_direct else sql.Identifier("incoming")
        self._first = staging.next_row_id(contract, db)
        self.counts = Counts()

    def settle(self) -> Counts:
        """Copy, compare and stage; what is neither rejected nor unchanged is staged. Return the counts."""
        self._create()
        with tempfile.SpooledTemporaryFile(_SPOOLED_IN_MEMORY) as rejected:
            self._copy(rejected)
            self._keep_rejected(rejected)
        self._reject_repeated_keys()
        self.counts.rejected = self._keep_rejections()
        if not self._is_direct:
            self._compare()
            self._stage_what_changed()
            self._note_absences()
            self._db.execute("drop table compared, incoming")
        self._db.execute("drop table rejected")
        return self.counts

    def _create(self) -> None:
        self._db.execute("select set_config('work_mem', %s, true)", [_WORK_MEM])
        if self._is_direct:
            staging.clear_for_bulk(self._contract, self._db)
        else:
            self._run("create temporary table incoming (like {staging} including generated) on commit drop")
        self._run(
            """create temporary table rejected (
                   row_id bigint, delivery_id bigint, record_kind text, record_locator text,
                   record_literal text, _record json, _column text, _found text, _expected text,
                   _who_fixes text, {definitions},
                   record_key text generated always as ({key}) stored
               ) on commit drop""",
            definitions=sql.SQL(", ").join(map(staging.definition, self._contract.columns)),
            key=staging.key_expression(self._contract),
        )

    def _copy(self, rejected: IO[bytes]) -> None:
        chunks = self._chunks(rejected)
        # Frozen at once: nobody sees a table emptied in this transaction before it ends.
        copy = self._copy_into(self._table, (*_SYSTEM, *self._names), freeze=self._is_direct)
        with self._db.cursor() as cursor:
            with cursor.copy(copy) as stream, ThreadPoolExecutor(1) as ahead:
                coming = deque(ahead.submit(next, chunks, None) for _ in range(_CHUNKS_AHEAD))
                while (chunk := coming.popleft().result()) is not None:
                    coming.append(ahead.submit(next, chunks, None))
                    stream.write(chunk)
            self.counts.staged = cursor.rowcount
        staging.set_next_row_id(self._contract, self._first + self.counts.read, self._db)

    def _chunks(self, rejected: IO[bytes]) -> Iterator[bytes]:
        """Give the lines to be copied, write those rejected to a file beside, and count."""
        bulk = BulkTyping(self._typing)
        rows: list[tuple[int, Row]] = []
        for piece in self._source():
            first = self._first + self.counts.read
            if isinstance(piece, Batch):
                certain, doubtful = bulk.certain(piece)
                yield self._sure(certain, first)
                rows += [(first + at, self._typing.row(piece.record(at))) for at in doubtful]
                self.counts.read += len(piece)
            else:
                rows.append((first, self._typing.row(piece)))
                self.counts.read += 1
            if len(rows) >= _ROWS_PER_CHUNK:
                yield self._sorted_out(rows, rejected)
                rows = []
        yield self._sorted_out(rows, rejected)

    def _sure(self, certain: pl.DataFrame, first: int) -> bytes:
        return _lines(
            certain.select(
                pl.col("position") + first,
                pl.lit(self._delivery.delivery_id),
                pl.lit("data").alias("kind"),
                LOCATOR,
                LITERAL,
                *self._names,
            )
        )

    def _sorted_out(self, rows: Sequence[tuple[int, Row]], rejected: IO[bytes]) -> bytes:
        rejected.write(_lines_of([self._described(row_id, row) for row_id, row in rows if row.reasons]))
        return _lines_of([self._described(row_id, row) for row_id, row in rows if not row.reasons])

    def _described(self, row_id: int, row: Row) -> tuple[str | None, ...]:
        record = row.record
        return (
            str(row_id),
            str(self._delivery.delivery_id),
            storable(record.kind),
            storable(record.locator),
            _storable(record.literal),
            *(_rejection(record, row.reason) if row.reason else ()),
            *(as_text(row.values.get(name)) for name in self._names),
        )

    def _keep_rejected(self, rejected: IO[bytes]) -> None:
        rejected.seek(0)
        copy = self._copy_into(sql.Identifier("rejected"), (*_SYSTEM, *_REJECTION, *self._names))
        with self._db.cursor() as cursor, cursor.copy(copy) as stream:
            while chunk := rejected.read(1 << 18):
                stream.write(chunk)

    def _reject_repeated_keys(self) -> None:
        """Reject every record whose key another record of the delivery has too, naming the other's place.

        Of records that say exactly the same the first is kept; of records that contradict each other, none.
        """
        if self._is_direct:
            try:
                with self._db.transaction():
                    staging.index(self._contract, self._db)
                return
            except errors.UniqueViolation:
                pass
        elif not self._run("select from {incoming} group by record_key having count(*) > 1 limit 1"):
            return
        self._run(
            """create temporary table repeated on commit drop as
               with repeating as (
                   select record_key from {incoming} group by record_key having count(*) > 1),
               compared as (
                   select record_key, min(row_id) as first, max(row_id) as last,
                          count(distinct {content}) = 1 as agree
                     from {incoming} join repeating using (record_key)
                    group by record_key)
               select one.row_id, agree,
                      {repeated_key} || other.record_locator as found
                 from compared
                 join {incoming} as one
                   on one.record_key = compared.record_key and (one.row_id > first or not agree)
                 join {incoming} as other
                   on other.row_id = case when one.row_id = first then last else first end""",
            content=staging.content_expression(self._contract),
            repeated_key=sql.Literal(REPEATED_KEY),
        )
        if self._db.execute("select 1 from repeated limit 1").fetchone():
            self._take_out_repeated()
        self._db.execute("drop table repeated")
        if self._is_direct:
            staging.index(self._contract, self._db)

    def _take_out_repeated(self) -> None:
        """Move the repeated records to `rejected`; the file is read again for what they were as received."""
        self.counts.staged -= self._run(
            "delete from {incoming} as taken using repeated where taken.row_id = repeated.row_id"
        )
        with tempfile.SpooledTemporaryFile(_SPOOLED_IN_MEMORY) as spool:
            with self._db.cursor("repeated_in_order") as repeated:
                repeated.execute("select row_id, found, agree from repeated order by row_id")
                for row_id, record, found, agree in self._as_received(repeated):
                    row = self._typing.row(record)
                    row.reject(Reason(None, found, GIVEN_ONCE if agree else ONE_PER_KEY))
                    spool.write(_lines_of([self._described(row_id, row)]))
            self._keep_rejected(spool)

    def _as_received(
        self, wanted: Iterable[tuple[int, str, bool]]
    ) -> Iterator[tuple[int, Record, str, bool]]:
        """Give, in the order of the file, each record that is wanted by its number."""
        waiting = iter(wanted)
        next_one = next(waiting, None)
        first = self._first
        for piece in self._source():
            count = len(piece) if isinstance(piece, Batch) else 1
            while next_one and next_one[0] < first + count:
                record = piece.record(next_one[0] - first) if isinstance(piece, Batch) else piece
                yield next_one[0], record, *next_one[1:]
                next_one = next(waiting, None)
            if next_one is None:
                return
            first += count

    def _keep_rejections(self) -> int:
        return self._run(
            """insert into meta.rejections (delivery_id, record_kind, record_locator, record, record_key,
                                            column_name, found, expected, who_fixes)
               select delivery_id, record_kind, record_locator, _record, record_key, _column, _found,
                      _expected, _who_fixes
                 from rejected
                order by row_id"""
        )

    def _compare(self) -> None:
        """Hold each record against the row known before the delivery, in `compared`: one line for both.

        `row_id` is null for a known row that the delivery lacks, for a dataset whose deliveries are complete.
        """
        self._db.execute("analyze incoming (record_key)")
        columns = ("record_kind", *(name for name in self._names if name not in self._contract.key))
        self._run(
            """create temporary table compared on commit drop as
               select incoming.row_id, known.row_id as known_id,
                      coalesce(({ours}) is not distinct from ({theirs}), false)
                          and incoming.row_id is not null and known.row_id is not null as is_repeated,
                      incoming.record_literal is distinct from known.record_literal as is_reprinted
                 from incoming {join} join ({known}) as known using (record_key)""",
            join=sql.SQL("full" if self._contract.delivery.mode == "complete" else "left"),
            known=known_before(
                self._delivery, self._contract, ("row_id", "record_key", "record_literal", *columns)
            ),
            ours=_listed("incoming", columns),
            theirs=_listed("known", columns),
        )

    def _stage_what_changed(self) -> None:
        """Stage what is new or says something else than the row known before; note the rows repeated."""
        self.counts.staged = self._run(
            """insert into {staging} ({columns}) overriding system value
               select {columns} from incoming
                where row_id in (select row_id from compared where not is_repeated)
                order by row_id""",
            columns=sql.SQL(", ").join(map(sql.Identifier, (*_SYSTEM, *self._names))),
        )
        if self._is_large:  # what ends the rows replaced is planned by how many there are of which delivery
            self._run("analyze {staging} (delivery_id, record_key, ended_by_delivery_id)")
        self._run(
            """insert into meta.repeats (delivery_id, row_ids, row_count)
               select {delivery_id}, range_agg(island), sum(row_count)
                 from (select int8range(min(known_id), max(known_id), '[]') as island, count(*) as row_count
                         from (select known_id, known_id - row_number() over (order by known_id) as island
                                 from compared where is_repeated) as repeated
                        group by repeated.island) as islands
               having count(*) > 0""",
            delivery_id=sql.Literal(self._delivery.delivery_id),
        )
        self._run(
            """insert into meta.reprints (delivery_id, row_id, record_literal)
               select {delivery_id}, known_id, record_literal
                 from compared join incoming using (row_id)
                where is_repeated and is_reprinted""",
            delivery_id=sql.Literal(self._delivery.delivery_id),
        )
        self.counts.unchanged = repeated_rows(self._delivery, self._db)

    def _note_absences(self) -> None:
        """Note the known rows that the delivery lacks, for a dataset whose deliveries are complete.

        A rejected record is not an absent one; while a rejected one cannot be identified, nothing is absent.
        """
        self._run(
            """insert into meta.absences (delivery_id, row_id)
               select {delivery_id}, known.row_id
                 from compared
                 join {staging} as known on known.row_id = compared.known_id
                where compared.row_id is null
                  and not exists (select from rejected where rejected.record_key = known.record_key)
                  and not exists (select from rejected where record_key is null)""",
            delivery_id=sql.Literal(self._delivery.delivery_id),
        )

    def _run(self, query: str, **parts: sql.Composable) -> int:
        composed = sql.SQL(query).format(staging=staging.table(self._contract), incoming=self._table, **parts)
        return self._db.execute(composed).rowcount

    def _copy_into(
        self, table: sql.Identifier, names: Sequence[str], *, freeze: bool = False
    ) -> sql.Composed:
        listed = sql.SQL(", ").join(map(sql.Identifier, names))
        return sql.SQL(_COPY).format(table, listed, sql.SQL(", freeze" if freeze else ""))


def _listed(table: str, names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(table, name) for name in names)


def _rejection(record: Record, reason: Reason) -> tuple[str | None, ...]:
    """The columns `_REJECTION` of a rejected record."""
    return (
        _as_json(as_received(record)),
        reason.column,
        _storable(reason.found),
        storable(reason.expected),
        reason.who_fixes,
    )


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _lines_of(rows: Sequence[tuple[str | None, ...]]) -> bytes:
    if not rows:
        return b""
    schema = [(str(number), pl.String) for number in range(len(rows[0]))]
    return _lines(pl.DataFrame(rows, schema=schema, orient="row"))


def _lines(frame: pl.DataFrame) -> bytes:
    """Lines for COPY.

    Looking in each cell for what must be escaped costs more than writing it: they are written as they are,
    and written again if there is anything to escape.
    """
    lines = _written(frame)
    ends = np.count_nonzero(np.frombuffer(lines, np.uint8) == ord(b"\n"))
    if b"\\" in lines or b"\r" in lines or ends != frame.height:
        lines = _written(frame.with_columns(pl.col(pl.String).str.replace_many(_ESCAPES)))
    return lines


def _written(frame: pl.DataFrame) -> bytes:
    lines = io.BytesIO()
    frame.write_csv(
        lines, include_header=False, separator=_SEPARATOR, null_value=_ABSENT, quote_style="never"
    )
    return lines.getvalue()
