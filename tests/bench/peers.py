"""One peer on one file, in the bench environment: `python -m tests.bench.peers PEER CSV DSN`.

Prints the seconds that the peer took, without its imports. Each does the whole of what it offers for the same
end: the seven columns typed in a table; none of them keeps rejections, evidence or a ledger.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

NUMBERS = ("montant_fcfa", "frais_pct")


def _typed(frame: Any) -> Any:
    """Type a frame of text the way a pandas user would; what is no number becomes empty."""
    import pandas as pd

    for name in NUMBERS:
        plain = frame[name].str.replace("\u202f", "").str.replace(",", ".")
        frame[name] = pd.to_numeric(plain, errors="coerce").astype("float64")
    frame["date_operation"] = pd.to_datetime(frame["date_operation"], format="%d/%m/%Y")
    return frame


def _chunks(path: Path) -> Iterator[Any]:
    import pandas as pd

    yield from pd.read_csv(path, sep=";", dtype=str, chunksize=100_000)


def to_sql(path: Path, dsn: str) -> None:
    """pandas: `to_sql`, many rows per INSERT."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(dsn.replace("postgresql://", "postgresql+psycopg2://"))
    with engine.begin() as connection:
        for number, chunk in enumerate(_chunks(path)):
            _typed(chunk).to_sql(
                "to_sql",
                connection,
                index=False,
                if_exists="append" if number else "replace",
                method="multi",
                chunksize=5_000,
            )


def dlt_arrow(path: Path, dsn: str) -> None:
    """dlt: Arrow tables, loaded as CSV by COPY."""
    import pyarrow as pa

    _dlt(lambda: (pa.Table.from_pandas(_typed(chunk)) for chunk in _chunks(path)), dsn, "arrow", "csv")


def dlt_rows(path: Path, dsn: str) -> None:
    """dlt: dictionaries, its usual path."""
    import csv
    import datetime

    def rows() -> Iterator[dict[str, Any]]:
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter=";"):
                typed: dict[str, Any] = dict(row)
                for name in NUMBERS:
                    try:
                        typed[name] = Decimal(row[name].replace("\u202f", "").replace(",", "."))
                    except InvalidOperation:
                        typed[name] = None
                day, month, year = map(int, row["date_operation"].split("/"))
                yield {**typed, "date_operation": datetime.date(year, month, day)}

    _dlt(rows, dsn, "rows", "insert_values")


def _dlt(rows: Any, dsn: str, name: str, file_format: str) -> None:
    import dlt

    resource = dlt.resource(rows, name="operations", write_disposition="replace")
    pipeline = dlt.pipeline(
        pipeline_name=f"bench_{name}",
        destination=dlt.destinations.postgres(dsn),
        dataset_name=f"dlt_{name}",
        pipelines_dir=str(Path.cwd() / "dlt"),
    )
    pipeline.run(resource, loader_file_format=file_format)


PEERS = {"dlt Arrow": dlt_arrow, "dlt rows": dlt_rows, "pandas to_sql": to_sql}


def main() -> None:
    peer, path, dsn = sys.argv[1:]
    import dlt  # noqa: F401 - imported before the clock starts
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401

    started = time.monotonic()
    PEERS[peer](Path(path), dsn)
    print(f"seconds {time.monotonic() - started:.3f}")  # noqa: T201 - the benchmark reads it


if __name__ == "__main__":
    main()
