"""The loader on one file, in a process of its own: `python -m tests.bench.ours SOURCES FILE…`.

Receives each file as published one day after the one before, loads and accepts it; prints the seconds of
each step and the counts, one line of JSON per file. The environment names the warehouse.
"""

from __future__ import annotations

import datetime
import json
import shutil
import sys
import time
from pathlib import Path

from ingestion import archive, contracts, deliveries, load
from ingestion.db import Connection, connect
from ingestion.ledger import Provenance


def main() -> None:
    contracts.SOURCES = Path(sys.argv[1])
    dataset, *files = sys.argv[2:]
    contract = contracts.load(dataset)
    with connect() as db:
        published = db.execute(
            "select coalesce(max(published_on), date '1999-12-31') from meta.deliveries"
        ).fetchone()
        day = published[0] if published else datetime.date(1999, 12, 31)
        for file in map(Path, files):
            day += datetime.timedelta(days=1)
            print(json.dumps(_deliver(contract, file, day, db)), flush=True)  # noqa: T201 - read by the benchmark


def _deliver(
    contract: contracts.Contract, file: Path, day: datetime.date, db: Connection
) -> dict[str, float | int | str]:
    started = time.monotonic()
    with file.open("rb") as source, archive.incoming() as copy:
        shutil.copyfileobj(source, copy)
        where_from = Provenance(file.name, f"hand:{file.name}", day.isoformat(), day, "contract")
        received = deliveries.receive(contract, copy, where_from, db)
    at_reception = time.monotonic()
    seconds = {"receive": at_reception - started, "load": 0.0, "accept": 0.0}
    report = load.report_of(deliveries.ledger.find(received.delivery_id, db))
    if received.outcome != "already_received":
        report = load.load(received.delivery_id, db)
        seconds["load"] = time.monotonic() - at_reception
        deliveries.accept(received.delivery_id, db)
        seconds["accept"] = time.monotonic() - at_reception - seconds["load"]
    return {
        **seconds,
        "outcome": received.outcome,
        "read": report.records_read,
        "staged": report.rows_staged,
        "unchanged": report.rows_unchanged,
        "rejected": report.rows_rejected,
    }


if __name__ == "__main__":
    main()
