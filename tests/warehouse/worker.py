"""Does what a run does of `demo.projects`, as often as it is asked, in processes that can be killed.

`python -m tests.warehouse.worker SOURCES SEEDS`: imports everything once. At each line `small` or `large` on
its standard input it forks a process that collects the inbox, loads and accepts, straight into staging for
`large`; it says that process's number, and later how it ended. The environment names the warehouse.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

from ingestion import code_lists, contracts, deliveries, fetch, incoming, load, read
from ingestion.db import connect
from tests.warehouse.demo import read_lines


def main() -> None:
    contracts.SOURCES, code_lists.SEEDS = Path(sys.argv[1]), Path(sys.argv[2])
    read.READERS = {"lines": read_lines}
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run_and_exit(line.strip())
        print(child, flush=True)  # noqa: T201 - the test listens
        print(os.waitpid(child, 0)[1], flush=True)  # noqa: T201


def _run_and_exit(size: str) -> None:
    try:
        if size == "large":
            incoming.LARGE_BYTES = 0
        with connect() as db:
            for delivery_id in fetch.collect(contracts.load("demo.projects"), db):
                if load.load(delivery_id, db).status == "loaded":
                    deliveries.accept(delivery_id, db)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
