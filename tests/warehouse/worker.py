"""A process that does what a run does of `demo.projects`, so that a test can kill it at any moment.

`python -m tests.warehouse.worker SOURCES SEEDS`: says `ready` once everything is imported, then collects the
inbox, loads and accepts. The environment names the warehouse.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ingestion import code_lists, contracts, deliveries, fetch, load, read
from ingestion.db import connect
from tests.warehouse.demo import read_lines


def main() -> None:
    contracts.SOURCES, code_lists.SEEDS = Path(sys.argv[1]), Path(sys.argv[2])
    read.READERS = {"lines": read_lines}
    with connect() as db:
        print("ready", flush=True)  # noqa: T201 - the test listens
        for delivery_id in fetch.collect(contracts.load("demo.projects"), db):
            if load.load(delivery_id, db).status == "loaded":
                deliveries.accept(delivery_id, db)


if __name__ == "__main__":
    main()
