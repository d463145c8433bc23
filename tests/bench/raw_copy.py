"""What PostgreSQL alone needs, nothing else: `python -m tests.bench.raw_copy CSV [SOURCES DATASET]`.

The limit: a file's bytes into text columns by COPY. Or, of a dataset that is loaded, the floor of any loader
that keeps what ours keeps: its rows, prepared as lines, by one COPY into their table again, and its indexes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from psycopg import sql

from ingestion import contracts, staging
from ingestion.db import Connection, connect
from tests.bench.synthetic import HEADER

_BLOCK = 1 << 18
_WRITTEN = sql.SQL("row_id, delivery_id, record_kind, record_locator, record_literal, {columns}")


def main() -> None:
    file, *loaded = sys.argv[1:]
    with connect() as db:
        seconds = _floor(Path(loaded[0]), loaded[1], db) if loaded else _limit(Path(file), db)
    print(f"seconds {seconds:.3f}")  # noqa: T201 - the benchmark reads it


def _limit(file: Path, db: Connection) -> float:
    columns = sql.SQL(", ").join(
        sql.SQL("{} text").format(sql.Identifier(name)) for name in HEADER.split(";")
    )
    started = time.monotonic()
    with file.open("rb") as lines, db.transaction():
        db.execute(sql.SQL("create table staging.raw_copy ({})").format(columns))
        _copy(lines, sql.SQL("staging.raw_copy"), "(format csv, delimiter ';', header)", db)
    seconds = time.monotonic() - started
    db.execute("drop table staging.raw_copy")
    return seconds


def _floor(sources: Path, dataset: str, db: Connection) -> float:
    contracts.SOURCES = sources
    contract = contracts.load(dataset)
    written = _WRITTEN.format(columns=staging.columns(contract))
    with tempfile.TemporaryFile() as lines:
        out = sql.SQL("copy (select {} from {} order by row_id) to stdout")
        with db.cursor() as cursor, cursor.copy(out.format(written, staging.table(contract))) as stream:
            for block in stream:
                lines.write(block)
        lines.seek(0)
        started = time.monotonic()
        with db.transaction():
            staging.clear_for_bulk(contract, db)
            _copy(lines, sql.SQL("{} ({})").format(staging.table(contract), written), "(freeze)", db)
            staging.index(contract, db)
        return time.monotonic() - started


def _copy(lines: IO[bytes], into: sql.Composable, options: str, db: Connection) -> None:
    statement = sql.SQL("copy {} from stdin with {}").format(into, sql.SQL(options))  # type: ignore[arg-type]
    with db.cursor() as cursor, cursor.copy(statement) as stream:
        while block := lines.read(_BLOCK):
            stream.write(block)


if __name__ == "__main__":
    main()
