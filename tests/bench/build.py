# ruff: noqa: S608 - statements of the project's own models
"""What one new month costs dbt on millions of rows of persons, against a full build and against psql.

`make bench-build ROWS=10000000`: for a tenth, three tenths and all of the rows, written in 120 monthly
deliveries (SYNTHETIC, see `persons`), everything that depends on them is built in full, one month is added,
and dbt builds again what it must. Then psql runs the very statements that dbt ran, one after another. An
embedded server with the product's own settings, durable writes included, in a folder that is removed.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict
from rich.console import Console
from rich.table import Table

from infra.credentials import DATABASE_ROLES
from infra.postgres import EmbeddedServer, binaries
from infra.provision import provision
from tests.bench import persons
from tests.ports import free_port
from tests.warehouses import MIGRATED, Warehouse, Warehouses

ROOT = Path(__file__).parents[2]
MONTHS = 120
SHARES = (0.1, 0.3, 1)
TARGET_PCT = 5
DEPENDENT = "int_ofii__returned_migrant_counts+"
PREPARED = "ponam_prepared"
_BY_HAND = "intermediate.by_hand"


@dataclass(frozen=True)
class Build:
    """One `dbt build`: its wall clock, what dbt needs before its first node, and its statements in psql."""

    seconds: float
    start_seconds: float
    nodes: int
    rows_seconds: float
    """In the model that counts the rows: the only one whose cost depends on how many there are."""
    by_hand_seconds: float

    @property
    def work_seconds(self) -> float:
        """Without dbt's own start."""
        return self.seconds - self.start_seconds


@dataclass(frozen=True)
class Measured:
    """One size."""

    rows: int
    full: Build
    month: Build
    agree: bool
    """Whether the incremental build left the same counts as a full one."""


def main() -> int:
    """Measure every size; 1 when a new month costs too much, or says something else than a full build."""
    parser = argparse.ArgumentParser(prog="make bench-build", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    options = parser.parse_args()
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
    _dbt("build", "--exclude-resource-type", "test", "unit_test")  # everything stands, and is empty
    started = time.monotonic()
    with warehouse.connect() as db:
        persons.write(rows, MONTHS, db)
        console.print(f"{rows:,} synthetic rows in {time.monotonic() - started:.0f} s", highlight=False)
        full = _build(warehouse, "--full-refresh")
        persons.add_month(MONTHS, rows // MONTHS, db)
    month = _build(warehouse)
    counts = f"select md5(string_agg(c::text, '|' order by c::text)) from intermediate.{DEPENDENT[:-1]} as c"
    with warehouse.connect("ponam_transformer") as db:
        incremental = db.execute(counts).fetchone()
        _dbt("run", "--full-refresh", "--select", DEPENDENT[:-1])
        agree = incremental == db.execute(counts).fetchone()
    return Measured(rows, full, month, agree)


def _build(warehouse: Warehouse, *options: str) -> Build:
    started = time.monotonic()
    _dbt("build", "--select", DEPENDENT, *options)
    seconds = time.monotonic() - started
    run = json.loads((Path(os.environ["DBT_TARGET_PATH"]) / "run_results.json").read_text(encoding="utf-8"))
    spent = {result["unique_id"]: result["execution_time"] for result in run["results"]}
    return Build(
        seconds=seconds,
        start_seconds=seconds - run["elapsed_time"],
        nodes=len(spent),
        rows_seconds=spent[f"model.ponam.{DEPENDENT[:-1]}"],
        by_hand_seconds=_by_hand(warehouse, run["results"], is_full="--full-refresh" in options),
    )


def _by_hand(warehouse: Warehouse, results: list[dict[str, Any]], *, is_full: bool) -> float:
    """Run what dbt ran in one psql, as the same role, on tables of its own; its seconds."""
    manifest = json.loads((Path(os.environ["DBT_TARGET_PATH"]) / "manifest.json").read_text(encoding="utf-8"))
    script = ["\\set ON_ERROR_STOP 1"]
    for number, result in enumerate(results):
        node = manifest["nodes"].get(result["unique_id"], {})
        code = result.get("compiled_code")
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
    address = conninfo_to_dict(warehouse.dsn("ponam_transformer"))
    names = {"dbname": "PGDATABASE"}
    environment = os.environ | {
        names.get(name, f"PG{name.upper()}"): str(value) for name, value in address.items()
    }
    started = time.monotonic()
    subprocess.run(
        [str(binaries() / "psql"), "--no-psqlrc", "--quiet", "--output", os.devnull],
        input="\n".join(script), text=True, check=True, env=environment, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.monotonic() - started


def _dbt(*arguments: str) -> None:
    project = str(ROOT / "dbt_project")
    command = [
        os.environ["PONAM_DBT"],
        "--quiet",
        *arguments,
        "--project-dir",
        project,
        "--profiles-dir",
        project,
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise SystemExit(finished.stdout + finished.stderr)


def _print(found: list[Measured], console: Console) -> None:
    table = Table("rows", "build", "seconds", "start", "work", "counting", "psql", "work ÷ psql")
    for one in found:
        for name, build in (("full", one.full), ("month", one.month)):
            table.add_row(
                f"{one.rows:,}", name,
                *(f"{it:.2f}" for it in (
                    build.seconds, build.start_seconds, build.work_seconds, build.rows_seconds,
                    build.by_hand_seconds, build.work_seconds / build.by_hand_seconds,
                )),
            )  # fmt: skip
    console.print(table)
    console.print("work: what dbt does after its start; psql: its statements over the warehouse, by hand")
    for one in found:
        console.print(
            f"{one.rows:,} rows: one month costs {_pct(one):.1f} % of a full build without dbt's own start,"
            f" {one.month.rows_seconds / one.full.rows_seconds * 100:.1f} % in the counting,"
            f" {one.month.seconds / one.full.seconds * 100:.1f} % of the wall clock;"
            f" {'same counts as a full build' if one.agree else 'OTHER COUNTS THAN A FULL BUILD'}",
            highlight=False,
        )
    first, last = found[0], found[-1]
    for name, small, large in (("full", first.full, last.full), ("one month more", first.month, last.month)):
        slope = math.log(large.rows_seconds / small.rows_seconds) / math.log(last.rows / first.rows)
        console.print(f"slope of the counting, {name}: rows ^ {slope:.2f}", highlight=False)


def _pct(one: Measured) -> float:
    """What the month costs of a full build, dbt's own start left out of both."""
    return one.month.work_seconds / one.full.work_seconds * 100


if __name__ == "__main__":
    sys.exit(main())
