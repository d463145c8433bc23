"""How fast deliveries are loaded, against raw COPY and against other loaders, in one run on one file.

`make bench-load ROWS=1000000`. Up to a million rows, raw COPY, ours and dlt's best are each the best of three
runs into an empty table, in turns: machines are shared, and one unlucky run says nothing. Everything runs on
an embedded server with the product's own settings, durable writes included; memory is the peak of the process
and its children, the server not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml
from openpyxl import Workbook
from rich.console import Console
from rich.table import Table

from infra.credentials import DATABASE_ROLES
from infra.postgres import EmbeddedServer
from infra.provision import provision
from ingestion import contracts, staging
from tests.bench import end_in_order, synthetic
from tests.ports import free_port
from tests.warehouses import Warehouse, Warehouses

ROOT = Path(__file__).parents[2]
BEST_PEER, *SLOW_PEERS = ("dlt Arrow", "dlt rows", "pandas to_sql")
MANY_RUNS_UP_TO = 1_000_000
RUNS = ("first", "second", "operations")
"""One dataset for each run of ours: a delivery is the first of its dataset only once."""
WORKBOOKS = 200

_WORKBOOK = {
    "dataset": "bench.workbooks",
    "title_fr": "Classeurs synthétiques",
    "form": {
        "reader": "excel",
        "options": {
            "tables": [
                {
                    "sheet": "Synthétique",
                    "keys": {"Pays": "pays_origine"},
                    "values": [{"header": "Montant"}],
                    "total_column": "pays_origine",
                    "constants": {"canal": "synthétique"},
                }
            ],
            "evidence": "montant_fcfa",
        },
    },
    "columns": [
        {"name": "pays_origine", "type": "code", "code_list": "areas", "required": True},
        {"name": "montant_fcfa", "type": "number", "required": True},
        {"name": "canal", "type": "text"},
    ],
    "key": ["pays_origine"],
}


@dataclass(frozen=True)
class Measured:
    """What a process printed, how long it says that it took, and the most memory that it held."""

    output: list[str]
    seconds: float
    peak_mib: float


class Bench:
    """A warehouse of its own, and the file that all read."""

    def __init__(self, warehouse: Warehouse, folder: Path, bench_python: Path) -> None:
        self._warehouse, self._folder, self._bench_python = warehouse, folder, bench_python
        self._sources = folder / "sources"
        (self._sources / "bench").mkdir(parents=True)
        operations = [{**synthetic.CONTRACT, "dataset": f"bench.{run}"} for run in RUNS]
        for document in (*operations, {**synthetic.CONTRACT, **_WORKBOOK}):
            name = document["dataset"].partition(".")[2]
            (self._sources / "bench" / f"{name}.yml").write_text(yaml.safe_dump(document), encoding="utf-8")
        contracts.SOURCES = self._sources
        with warehouse.connect() as db:
            staging.migrate(db)

    def raw_copy(self, file: Path) -> Measured:
        return self._timed([sys.executable, "-m", "tests.bench.raw_copy", str(file)])

    def floor(self, file: Path, dataset: str) -> Measured:
        """What COPY and the indexes need for the rows that a dataset has; it has the same ones afterwards."""
        command = [sys.executable, "-m", "tests.bench.raw_copy", str(file), str(self._sources), dataset]
        return self._timed(command)

    def ours(self, dataset: str, *files: Path) -> tuple[Measured, list[dict[str, Any]]]:
        command = [sys.executable, "-m", "tests.bench.ours", str(self._sources), dataset, *map(str, files)]
        measured = self._run(command)
        steps = [json.loads(line) for line in measured.output]
        seconds = sum(step[name] for step in steps for name in ("receive", "load", "accept"))
        return Measured(measured.output, seconds, measured.peak_mib), steps

    def peer(self, name: str, file: Path) -> Measured:
        command = [str(self._bench_python), "-m", "tests.bench.peers", name, str(file)]
        return self._timed([*command, self._warehouse.server.admin_url(self._warehouse.server.database)])

    def _timed(self, command: Sequence[str]) -> Measured:
        measured = self._run(command)
        said = re.search(r"seconds ([\d.]+)", "\n".join(measured.output))
        if said is None:
            raise RuntimeError(f"{command[2]} did not say how long it took: {measured.output[-5:]}")
        return Measured(measured.output, float(said[1]), measured.peak_mib)

    def _run(self, command: Sequence[str]) -> Measured:
        environment = {**os.environ, **self._warehouse.environment, "PYTHONPATH": str(ROOT)}
        environment |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "PROGRESS": "log"}
        with tempfile.TemporaryFile("w+") as output:
            process = psutil.Popen(command, cwd=self._folder, env=environment, stdout=output)
            peak = 0
            while process.poll() is None:
                peak = max(peak, _memory(process))
                time.sleep(0.2)  # seldom: finding the children takes processor time from what is measured
            output.seek(0)
            lines = output.read().splitlines()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command, "\n".join(lines))
        return Measured(lines, 0.0, peak / 2**20)


def _memory(process: psutil.Process) -> int:
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="make bench-load", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--bench-python", type=Path, help="python of the bench environment; none: no peers")
    options = parser.parse_args()
    end_in_order()
    with tempfile.TemporaryDirectory(prefix="ponam-bench-") as folder:
        pg, log = Path(folder) / "pg", Path(folder) / "log"
        server = EmbeddedServer(pg, free_port(), secrets.token_urlsafe(24), log)
        with server.in_use(stop_always=True) as running:
            passwords = {role: secrets.token_urlsafe(24) for role in DATABASE_ROLES}
            provision(running, passwords, embedded=True)
            state = Path(folder) / "state"
            state.mkdir()
            with Warehouses(running, passwords, lambda: state).fresh("ponam") as warehouse:
                bench = Bench(warehouse, Path(folder), options.bench_python)
                _measure(bench, Path(folder), options.rows, with_peers=bool(options.bench_python))


def _measure(bench: Bench, folder: Path, rows: int, *, with_peers: bool) -> None:
    console = Console(width=110)
    table = Table(title=f"{rows:,} synthetic rows of 7 columns", title_justify="left")
    for name in ("", "seconds", "rows/s", "peak MiB", "× raw COPY"):
        table.add_column(name, justify="right" if name else "left")
    first, changed = folder / "synthetic.csv", folder / "changed.csv"
    synthetic.write(first, rows)
    synthetic.write(changed, rows, changed_every=100)
    runs = RUNS if rows <= MANY_RUNS_UP_TO else RUNS[-1:]
    tried = [(bench.raw_copy(first), bench.ours(f"bench.{run}", first)[0]) for run in runs]
    limit, ours = map(_best, zip(*tried, strict=True))
    floor = _best(bench.floor(first, f"bench.{run}") for run in runs)

    def add(name: str, measured: Measured) -> None:
        figures = (f"{measured.seconds:.2f}", f"{rows / measured.seconds:,.0f}", f"{measured.peak_mib:.0f}")
        table.add_row(name, *figures, f"{measured.seconds / limit.seconds:.2f}")
        console.print(f"{name}: {figures[0]} s", style="dim")  # a long run says where it is

    add(f"raw COPY into text columns (best of {len(runs)})", limit)
    add(f"ours: received, loaded, accepted (best of {len(runs)})", ours)
    add(f"the same rows prepared: COPY, indexes (best of {len(runs)})", floor)
    step = json.loads(ours.output[0])
    add("ours: load alone", Measured([], step["load"], ours.peak_mib))
    again, _ = bench.ours("bench.operations", first)
    add("ours: the same bytes again", again)
    revised, (change,) = bench.ours("bench.operations", changed)
    add("ours: 1 % of the values changed", revised)
    if with_peers:
        add(f"{BEST_PEER} (best of {len(runs)})", _best(bench.peer(BEST_PEER, first) for _ in runs))
        for name in SLOW_PEERS if rows <= MANY_RUNS_UP_TO else ():
            add(name, bench.peer(name, first))
    console.print(table)
    console.print(f"first delivery: {step}")
    console.print(f"1 % changed: {change}")
    console.print(_workbooks(bench, folder))


def _best(measured: Iterable[Measured]) -> Measured:
    return min(measured, key=lambda one: one.seconds)


def _workbooks(bench: Bench, folder: Path) -> str:
    files = []
    for number in range(WORKBOOKS):
        workbook = Workbook()
        sheet = workbook.active
        assert sheet is not None
        sheet.title = "Synthétique"
        sheet.append(["Pays", "Montant"])
        for country in synthetic.COUNTRIES:
            sheet.append([country, number])
        files.append(folder / f"synthetic_{number:03d}.xlsx")
        workbook.save(files[-1])
    measured, steps = bench.ours("bench.workbooks", *files)
    assert all(step["read"] == len(synthetic.COUNTRIES) for step in steps)
    return f"{WORKBOOKS} small workbooks: {measured.seconds:.1f} s, {measured.peak_mib:.0f} MiB"


if __name__ == "__main__":
    main()
