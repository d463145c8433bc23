# ruff: noqa: S608 - statements of the project's own models
"""What one new month costs dbt on millions of rows of persons, against a full build and against psql.

`make bench-build ROWS=10000000`: for a tenth, three tenths and all of the rows, written in 120 monthly
deliveries (SYNTHETIC, see `persons`), everything that depends on them is built in full with its tests, one
month is added, and the same command, but for `--full-refresh`, builds again what it must; and so for two
months more, the fastest of the three being what a month costs. Seconds are those
of the whole command as the steps of the transformation give it, to the dbt that `make run` keeps ready; what
it costs to start one's own, as `make ingest` does, is measured apart and added. Then psql runs the very
statements that dbt ran, one after another. An embedded server with the product's own settings, durable writes
included, in a folder that is removed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from infra import dbt
from infra.credentials import DATABASE_ROLES
from infra.dbt.project import PROJECT
from infra.dbt.wire import LAST_BUILD
from infra.dsn import libpq_variables
from infra.postgres import EmbeddedServer, binaries
from infra.provision import provision
from infra.transform import DBT_OPTIONS
from tests.bench import end_in_order, persons
from tests.ports import free_port
from tests.warehouses import MIGRATED, Warehouse, Warehouses

ROOT = Path(__file__).parents[2]
MONTHS = 120
MONTHS_MORE = 3
"""One after the other, each with a build of its own; the fastest counts: half a second on a shared machine is
soon twice as long."""
SHARES = (0.1, 0.3, 1)
TARGET_PCT = 5
DEPENDENT = "int_ofii__returned_migrant_counts+"
PREPARED = "ponam_prepared"
_BY_HAND = "intermediate.by_hand"


@dataclass(frozen=True)
class Build:
    """One `dbt build`, and its statements in psql."""

    seconds: float
    """Of the whole command, from asking to the exit status."""
    cpu_seconds: float
    """Of dbt's processor, PostgreSQL's left out."""
    rows_seconds: float
    """In the model that counts the rows: the only one whose cost depends on how many there are."""
    by_hand_seconds: float


@dataclass(frozen=True)
class Measured:
    """One size."""

    rows: int
    start_seconds: float
    """Until a dbt of one's own answers: imported, the project read as far as it changed."""
    full: Build
    month: Build
    agree: bool
    """Whether the incremental build left the same counts as a full one."""


def main() -> int:
    """Measure every size; 1 when a new month costs too much, or says something else than a full build."""
    parser = argparse.ArgumentParser(prog="make bench-build", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    options = parser.parse_args()
    end_in_order()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="ponam-build-") as folder:
        found = []
        embedded = EmbeddedServer(
            Path(folder) / "pg", free_port(), secrets.token_urlsafe(24), Path(folder) / "log"
        )
        with embedded.in_use() as server:
            passwords = {role: secrets.token_urlsafe(24) for role in DATABASE_ROLES}
            provision(server, passwords, embedded=True)
            states = (Path(folder) / f"state{number}" for number in range(99))
            warehouses = Warehouses(server, passwords, lambda: next(states), "bench")
            warehouses.migrate_template()
            for share in SHARES:
                with warehouses.fresh(MIGRATED) as warehouse, warehouse.in_environment():
                    found.append(_measure(warehouse, int(options.rows * share), console))
    _print(found, console)
    largest = found[-1]
    return int(_pct(largest) >= TARGET_PCT or not all(one.agree for one in found))


def _measure(warehouse: Warehouse, rows: int, console: Console) -> Measured:
    with dbt.ready() as own:
        _ask(own, "build", "--exclude-resource-type", "test", "unit_test")  # everything stands, and is empty
    started = time.monotonic()
    with dbt.ready() as own:
        _ask(own, "parse")
        start_seconds = time.monotonic() - started
    with _kept_ready() as kept, warehouse.connect() as db:
        started = time.monotonic()
        persons.write(rows, MONTHS, db)
        console.print(f"{rows:,} synthetic rows in {time.monotonic() - started:.0f} s", highlight=False)
        full = _build(warehouse, kept, "--full-refresh")
        months = []
        for number in range(MONTHS, MONTHS + MONTHS_MORE):
            persons.add_month(number, rows // MONTHS, db)
            months.append(_build(warehouse, kept))
        month = min(months, key=lambda build: build.seconds)
        counts = (
            f"select md5(string_agg(c::text, '|' order by c::text)) from intermediate.{DEPENDENT[:-1]} as c"
        )
        with warehouse.connect("ponam_transformer") as reading:
            incremental = reading.execute(counts).fetchone()
            _ask(kept, "run", "--full-refresh", "--select", DEPENDENT[:-1])
            agree = incremental == reading.execute(counts).fetchone()
    return Measured(rows, start_seconds, full, month, agree)


@contextmanager
def _kept_ready() -> Iterator[dbt.Dbt]:
    """The dbt that a run keeps ready, started as `infra.services` does, and having answered once."""
    socket = os.environ["PONAM_DBT_SOCKET"]
    with subprocess.Popen(
        [os.environ["PONAM_DBT_PYTHON"], "-m", "infra.dbt.runner", socket], cwd=ROOT
    ) as run:
        try:
            while not Path(socket).is_socket():
                time.sleep(0.1)
            with dbt.ready() as kept:
                _ask(kept, "parse")
                yield kept
        finally:
            run.terminate()


def _build(warehouse: Warehouse, kept: dbt.Dbt, *options: str) -> Build:
    cpu, started = _cpu_seconds(), time.monotonic()
    _ask(kept, "build", "--select", DEPENDENT, *options)
    seconds = time.monotonic() - started
    cpu = _cpu_seconds() - cpu
    last = Path(os.environ["DBT_TARGET_PATH"]) / LAST_BUILD
    results = json.loads(last.read_text(encoding="utf-8"))["results"]
    [counting] = [one for one in results if one["unique_id"] == f"model.ponam.{DEPENDENT[:-1]}"]
    return Build(
        seconds=seconds,
        cpu_seconds=cpu,
        rows_seconds=counting["execution_time"],
        by_hand_seconds=_by_hand(warehouse, results, is_full="--full-refresh" in options),
    )


def _cpu_seconds() -> float:
    """What the dbts that this process started have used, with what they started themselves and saw end."""
    return sum(
        sum(child.cpu_times()[:4])
        for child in psutil.Process().children()
        if any("infra.dbt.runner" in word for word in child.cmdline())
    )


def _by_hand(warehouse: Warehouse, results: list[dict[str, Any]], *, is_full: bool) -> float:
    """Run what dbt ran in one psql, as the same role, on tables of its own; its seconds."""
    script = ["\\set ON_ERROR_STOP 1"]
    for number, result in enumerate(results):
        node = result["node"]
        code = node.get("compiled_code")
        if not code:
            continue  # a unit test: dbt's own fixtures, no statement over the warehouse
        kind = node["config"]["materialized"]
        if kind == "incremental" and not is_full and node["config"].get("unique_key"):
            script.append(
                f"begin; create temp table new_rows on commit drop as {code};"
                f" delete from {_BY_HAND} using new_rows where {_BY_HAND}.delivery_id = new_rows.delivery_id;"
                f" insert into {_BY_HAND} select * from new_rows; commit;"
            )
        elif kind == "incremental" and node["config"].get("unique_key"):
            script.append(f"drop table if exists {_BY_HAND}; create table {_BY_HAND} as {code};")
            script.append(f"create index on {_BY_HAND} (delivery_id);")
        elif node["resource_type"] == "test":
            script.append(f"select count(*) from ({code}) as failing;")
        else:
            made = "view" if kind == "view" else "table"
            name = f"{_BY_HAND}_{number}"
            script.append(f"drop {made} if exists {name}; create {made} {name} as {code};")
    environment = os.environ | libpq_variables(warehouse.dsn("ponam_transformer"))
    started = time.monotonic()
    subprocess.run(
        [str(binaries() / "psql"), "--no-psqlrc", "--quiet", "--output", os.devnull],
        input="\n".join(script), text=True, check=True, env=environment, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.monotonic() - started


def _ask(ready: dbt.Dbt, *arguments: str) -> None:
    """Have a command done as the steps of the transformation do."""
    lines: list[str] = []
    if ready.run([*DBT_OPTIONS, *arguments], PROJECT, lines.append) != 0:
        raise SystemExit("\n".join(lines))


def _print(found: list[Measured], console: Console) -> None:
    table = Table("rows", "build", "seconds", "dbt's CPU", "counting", "psql", "÷ psql", "with a start")
    for one in found:
        for name, build in (("full", one.full), ("month", one.month)):
            table.add_row(
                f"{one.rows:,}", name,
                *(f"{it:.2f}" for it in (
                    build.seconds, build.cpu_seconds, build.rows_seconds, build.by_hand_seconds,
                    build.seconds / build.by_hand_seconds, one.start_seconds + build.seconds,
                )),
            )  # fmt: skip
    console.print(table)
    console.print(
        "seconds: the whole command, of a dbt kept ready; psql: its statements over the warehouse, by hand"
    )
    for one in found:
        with_start = (one.start_seconds + one.month.seconds) / (one.start_seconds + one.full.seconds) * 100
        console.print(
            f"{one.rows:,} rows: one month costs {_pct(one):.1f} % of a full build,"
            f" {one.month.rows_seconds / one.full.rows_seconds * 100:.1f} % in the counting,"
            f" {with_start:.1f} % when each has to start a dbt ({one.start_seconds:.1f} s);"
            f" {'same counts as a full build' if one.agree else 'OTHER COUNTS THAN A FULL BUILD'}",
            highlight=False,
        )
    first, last = found[0], found[-1]
    for name, small, large in (("full", first.full, last.full), ("one month more", first.month, last.month)):
        slope = math.log(large.rows_seconds / small.rows_seconds) / math.log(last.rows / first.rows)
        console.print(f"slope of the counting, {name}: rows ^ {slope:.2f}", highlight=False)


def _pct(one: Measured) -> float:
    """What the month costs of a full build, command for command."""
    return one.month.seconds / one.full.seconds * 100


if __name__ == "__main__":
    sys.exit(main())
