"""Kills the loader or PostgreSQL at random moments of a run, runs again, compares with an undisturbed run."""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Literal

import psutil

from infra.credentials import DATABASE_ROLES
from infra.postgres import EmbeddedServer
from infra.provision import provision
from ingestion import code_lists, contracts, read, staging
from tests.ports import free_port
from tests.warehouse.demo import Demo, establish, read_lines
from tests.warehouses import Warehouse

Victim = Literal["loader", "postgres"]
VICTIMS: tuple[Victim, ...] = ("loader", "postgres")
SIZES = ("small", "large")
FILES = {
    "2017-01-31_projets.txt": "data;EDU;2016;1\ndata;HEA;2016;2\ndata;Sport;2016;1\n",
    "2018-01-31_projets.txt": "data;EDU;2016;1\ndata;HEA;2016;3\ndata;AGR;2016;1\n",
    "2019-01-31_projets.txt": "data;EDU;2016;4\ndata;HEA;2016;3\nnote;Source : DNPD\n",
    "2020-01-31_projets.txt": "data;EDU;2016;4\nILLISIBLE\n",
}


class Killing:
    """A server of its own, a warehouse on it, and the process whose children are killed."""

    def __init__(self, embedded: EmbeddedServer, warehouse: Warehouse, worker: subprocess.Popen[str]) -> None:
        self._embedded, self._warehouse, self._worker = embedded, warehouse, worker
        self._servers = ExitStack()
        self._seconds = 0.0
        self.undisturbed: tuple[object, ...] = ()

    def begin(self) -> None:
        """Make the undisturbed run, and know how long one takes."""
        self._start_afresh()
        self.run("small")  # the first one also warms the caches
        self._start_afresh()
        self._seconds = self.run("small")
        self.undisturbed = self.state()

    def closes(self, chance: random.Random, victim: Victim, size: str) -> bool:
        """Kill at a random moment and run again; whether rows, ledger, archive and inbox are as expected."""
        self._start_afresh()
        self._kill(chance.uniform(0, self._seconds), victim, size)
        self.run(chance.choice(SIZES))
        return self.state() == self.undisturbed

    def run(self, size: str) -> float:
        """Run to the end; the seconds that it took."""
        started = time.monotonic()
        self._start(size)
        status = int(self._answer())
        if status != 0:
            raise RuntimeError(f"the run ended with status {status}")
        return time.monotonic() - started

    def state(self) -> tuple[object, ...]:
        """What must not depend on what happened in between."""
        with self._warehouse.connect() as db:
            demo = Demo(db)
            rejected = db.execute(
                "select edition, record_locator, found from meta.rejections"
                " join meta.deliveries using (delivery_id)"
            ).fetchall()
            archived = sorted(file.name for file in self._warehouse.archive.glob("demo.projects/*/*"))
            waiting = sorted((self._warehouse.inbox / "demo.projects").iterdir())
            return demo.history(), demo.ledger(), rejected, archived, waiting

    def _kill(self, after_seconds: float, victim: Victim, size: str) -> None:
        loader = self._start(size)
        time.sleep(after_seconds)
        if victim == "loader":
            with suppress(ProcessLookupError):  # it had just ended
                os.kill(loader, signal.SIGKILL)
            self._answer()
            return
        server = self._embedded.process()
        assert server is not None
        for process in (server, *server.children(recursive=True)):
            process.kill()
        psutil.wait_procs([server])
        self._answer()  # the loader ends by itself: its connection is gone
        self._servers.enter_context(self._embedded.in_use())

    def _start(self, size: str) -> int:
        assert self._worker.stdin is not None
        self._worker.stdin.write(f"{size}\n")
        self._worker.stdin.flush()
        return int(self._answer())

    def _answer(self) -> str:
        assert self._worker.stdout is not None
        return self._worker.stdout.readline()

    def _start_afresh(self) -> None:
        with self._warehouse.connect() as db:
            Demo(db).empty()
        folder = self._warehouse.inbox / "demo.projects"
        folder.mkdir(parents=True, exist_ok=True)
        for file in (*folder.iterdir(), *self._warehouse.archive.glob("demo.projects/*/*")):
            file.unlink()
        for name, content in FILES.items():
            (folder / name).write_text(content, encoding="utf-8")


@contextmanager
def killing(folder: Path) -> Iterator[Killing]:
    """Everything ready, in `folder`; the contracts and code lists of this process become those of `demo`."""
    contracts.SOURCES, code_lists.SEEDS = establish(folder)
    read.READERS = {"lines": read_lines}
    embedded = EmbeddedServer(folder / "pg", free_port(), secrets.token_urlsafe(24), folder / "log")
    passwords = {role: secrets.token_urlsafe(24) for role in DATABASE_ROLES}
    with embedded.in_use(stop_always=True) as server:
        provision(server, passwords, embedded=True)
        state = folder / "state"
        state.mkdir()
        warehouse = Warehouse(server, passwords, state)
        with warehouse.connect() as db:
            staging.migrate(db)
        command = [sys.executable, "-m", "tests.warehouse.worker"]
        with (
            (folder / "worker.log").open("w") as log,
            subprocess.Popen(
                [*command, str(contracts.SOURCES), str(code_lists.SEEDS)],
                cwd=Path(__file__).parents[2],
                env={**os.environ, **warehouse.environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            ) as worker,
        ):
            one = Killing(embedded, warehouse, worker)
            try:
                one.begin()
                yield one
            finally:
                worker.kill()
