"""The limit: a file's bytes into text columns by COPY, nothing else. `python -m tests.bench.raw_copy CSV`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ingestion.db import connect
from tests.bench.synthetic import HEADER


def main() -> None:
    columns = ", ".join(f"{name} text" for name in HEADER.split(";"))
    started = time.monotonic()
    with connect() as db, Path(sys.argv[1]).open("rb") as file:
        copy = "copy staging.raw_copy from stdin with (format csv, delimiter ';', header)"
        with db.transaction():
            db.execute(f"create table staging.raw_copy ({columns})")  # type: ignore[arg-type]
            with db.cursor().copy(copy) as stream:
                while block := file.read(1 << 18):
                    stream.write(block)
    print(f"seconds {time.monotonic() - started:.3f}")  # noqa: T201 - the benchmark reads it
    with connect() as db:
        db.execute("drop table staging.raw_copy")


if __name__ == "__main__":
    main()
