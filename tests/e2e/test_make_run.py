"""`make run` as its user has it: a fresh state, real services under the real scheduler, Ctrl-C, and again."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 420  # a slow machine is no failure; the aim of 180 s is measured, not tested
END_SECONDS = 90

# What must come out of the bundled publications: indicator, period, breakdowns, status, origin, value.
PROMISED = {
    ("PON-1-03", "2015", "_T", "_T", "A", "declared", "376"),
    ("PON-1-11", "2015", "_T", "_T", "A", "declared", "14.81"),
    ("PON-1-11", "2015", "_T", "_T", "A", "computed", "19.73"),
    ("PON-3-02", "2013/2016", "_T", "_T", "A", "declared", "901304460"),
    ("PON-3-02", "2013/2016", "OFII", "_T", "A", "declared", "300601889"),
    ("PON-3-02", "2013/2016", "CTC", "_T", "A", "declared", "410702571"),
    ("PON-3-02", "2013/2016", "BSI", "_T", "A", "declared", "190000000"),
    ("PON-3-03", "2013/2016", "OFII", "_T", "A", "computed", "2348452.26"),
    ("PON-4-01", "2016", "_T", "_T", "A", "declared", "483.3"),
    ("PON-4-01", "2017", "_T", "_T", "F", "declared", "497.7"),
    ("PON-4-01", "2021", "_T", "_T", "A", "declared", "586.1"),
    ("PON-4-01", "2023", "_T", "_T", "A", "declared", "583.5"),
    ("PON-4-12", "2013/2016", "_T", "_T", "A", "declared", "10248"),
    ("PON-4-12", "2013/2016", "_T", "EDU", "A", "declared", "9025"),
    ("PON-4-12", "2013/2016", "_T", "SME", "A", "declared", "302"),
    ("PON-4-12", "2013/2016", "_T", "HEA", "A", "declared", "144"),
    ("PON-4-12", "2013/2016", "_T", "AGR", "A", "declared", "305"),
    ("PON-4-12", "2013/2016", "_T", "OTH", "A", "declared", "472"),
}
CURRENT_VALUES = """
    select indicator_code, period_code, funder_code, sector_code, obs_status, origin,
           trim_scale(round(value, 2))
      from marts.fct_indicator_values where is_current
"""
CONTENT = """
    select count(*), md5(string_agg(v::text, e'\\n' order by v::text)) from marts.fct_indicator_values as v
"""


@dataclass(frozen=True)
class Place:
    """A state folder and ports of this test's own."""

    environment: dict[str, str]
    state: Path

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=300
        )

    def ask(self, query: str) -> list[tuple[str, ...]]:
        answer = self.make("-s", "psql", f"Q={query}")
        assert answer.returncode == 0, answer.stderr
        return [tuple(line.split("|")) for line in answer.stdout.splitlines()]

    def processes(self) -> list[psutil.Process]:
        """Every process that carries this state folder in its environment, and its PostgreSQL."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("PONAM_STATE") == str(self.state) or self._is_postgres(process):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def _is_postgres(self, process: psutil.Process) -> bool:
        return process.name() == "postgres" and process.cwd().startswith(str(self.state))


@dataclass
class Run:
    """`make run` under way: its process and what it has printed so far."""

    process: subprocess.Popen[str]
    log: Path

    def wait_for(self, text: str, seconds: float) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            printed = self.log.read_text(encoding="utf-8")
            if text in printed:
                return printed
            if self.process.poll() is not None:
                break
            time.sleep(0.5)
        raise AssertionError(f"{text!r} was not printed:\n{self.log.read_text(encoding='utf-8')}")

    def interrupt(self) -> int:
        """Press Ctrl-C: the signal goes to the whole foreground group, make included."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(END_SECONDS)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    state = tmp_path_factory.mktemp("state") / "local"
    services = ("POSTGRES", "AIRFLOW", "SUPERSET", "PUBLICATIONS")
    ports = {f"PONAM_{service}_PORT": str(free_port()) for service in services}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PONAM_")}
    envs = os.environ.get("PONAM_ENVS", str(ROOT / ".local" / "envs"))
    return Place({**kept, **ports, "PONAM_STATE": str(state), "PONAM_ENVS": envs}, state)


@pytest.fixture(scope="module")
def first_run(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    log = tmp_path_factory.mktemp("run") / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=ROOT, env=place.environment, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    run = Run(process, log)
    try:
        run.wait_for("ready after", READY_SECONDS)
        yield run
    finally:
        if process.poll() is None:
            run.interrupt()
        place.make("stop")


@pytest.mark.timeout(900)
def test_the_whole_way_from_make_run_to_an_unchanged_second_run(first_run: Run, place: Place) -> None:
    """One test, because each step is the next one's beginning: serve, look, stop, run again."""
    _the_report_says_what_happened(first_run)
    _nothing_listens_beyond_loopback(place)
    _secrets_are_the_owners_alone(place)
    with urllib.request.urlopen(
        f"http://127.0.0.1:{place.environment['PONAM_SUPERSET_PORT']}/health", timeout=10
    ) as answer:
        assert answer.status == 200
    assert set(place.ask(CURRENT_VALUES)) >= PROMISED
    before = place.ask(CONTENT)
    second = place.make("run")
    assert second.returncode != 0
    assert "already running" in second.stdout + second.stderr

    first_run.interrupt()  # what make says of it depends on make; what counts is what is left
    _all_processes_end(place)

    again = place.make("pipeline")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "ingest_bceao" in again.stderr  # progress; the report is on standard output
    assert place.ask(CONTENT) == before
    assert place.processes() == []


def _the_report_says_what_happened(run: Run) -> None:
    printed = run.log.read_text(encoding="utf-8")
    for source in ("bceao", "international", "ministry", "ofii", "tokten"):
        row = re.search(rf"^ *{source} +(\d+) +(\d+) +(\d+) +(\d+) ", printed, re.MULTILINE)
        assert row, printed
        deliveries, accepted, refused, unjudged = map(int, row.groups())
        assert deliveries == accepted > 0
        assert (refused, unjudged) == (0, 0)
    for word in ("models", "checks passed", "indicators with a value", "credentials.json"):
        assert word in printed


def _nothing_listens_beyond_loopback(place: Place) -> None:
    ours = {process.pid for process in place.processes()}
    listening = {
        (connection.laddr.ip, connection.laddr.port)
        for connection in psutil.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN and connection.pid in ours
    }
    assert len(listening) >= 4, listening
    assert {address for address, _ in listening} == {"127.0.0.1"}, listening


def _all_processes_end(place: Place) -> None:
    """Make may be gone a few seconds before the run that it started has ended its services."""
    deadline = time.monotonic() + END_SECONDS
    while (left := place.processes()) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert left == []


def _secrets_are_the_owners_alone(place: Place) -> None:
    assert stat.S_IMODE((place.state / "credentials.json").stat().st_mode) == 0o600
