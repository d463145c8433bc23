"""Starting processes so that all of them, and whatever they start, can be ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.errors import InfraError
from infra.settings import ROOT

# Every process of a run carries this variable, and hands it on to what it starts in sessions of its own.
MARKER = "PONAM_RUN_ID"
GENTLE_SECONDS = 10
HARSH_SECONDS = 10
POLL_SECONDS = 0.5
LAST_WORDS = 15


@dataclass(frozen=True, slots=True)
class Program:
    """Something to start: its name in messages, command line, environment, and where its output goes."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path


class Supervisor:
    """The processes of one run. Safe to use from several threads."""

    def __init__(self, run_id: str, state: Path) -> None:
        self._run_id = run_id
        self._state = state
        self._lock = threading.Lock()
        self._ending = False
        self._children: list[subprocess.Popen[bytes]] = []
        self._services: list[tuple[Program, subprocess.Popen[bytes]]] = []

    def start(self, program: Program) -> subprocess.Popen[bytes]:
        """Start a service: a process that is expected to stay."""
        process = self._launch(program)
        self._services.append((program, process))
        return process

    def run(self, program: Program) -> None:
        """Run a process to its end. Raises InfraError with its last words when it fails."""
        status = self._launch(program).wait()
        if status != 0:
            raise InfraError(f"{program.name} failed (status {status}).\n{last_words(program.log)}")

    def check(self) -> None:
        """Raise InfraError when a service has ended by itself."""
        for program, process in self._services:
            if process.poll() is not None and not self._ending:
                raise InfraError(
                    f"{program.name} ended by itself ({_how(process.returncode)}), and the run with it. "
                    f"What is in the warehouse stays; start it again.\n{last_words(program.log)}"
                )

    def wait_for(
        self, condition: Callable[[], bool], what: str, *, seconds: float, pause: float = POLL_SECONDS
    ) -> None:
        """Wait until `condition` holds. Raises InfraError after `seconds`, or when a service has ended."""
        deadline = time.monotonic() + seconds
        while not condition():
            self.check()
            if self._ending:
                raise InfraError("The run is ending.")
            if time.monotonic() > deadline:
                raise InfraError(
                    f"{what} did not come within {seconds:.0f} s; the logs are in {self._state / 'logs'}."
                )
            time.sleep(pause)

    def end_all(self) -> None:
        """End every process of the run, and whatever they started."""
        with self._lock:
            self._ending = True
            roots = [psutil.Process(child.pid) for child in self._children if child.poll() is None]
        end(with_descendants(roots))
        end_marked(self._state, self._run_id)

    def _launch(self, program: Program) -> subprocess.Popen[bytes]:
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with self._lock, program.log.open("ab") as log:
            if self._ending:
                raise InfraError("The run is ending.")
            process = subprocess.Popen(
                program.command,
                cwd=ROOT,
                env={
                    **program.environment,
                    MARKER: self._run_id,
                    "MALLOC_ARENA_MAX": "2",  # threads share their memory pools: a third less of it
                    "SPT_NOENV": "1",  # or setproctitle overwrites the very environment we look for
                    "PYTHONUNBUFFERED": "1",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is this program's to handle, in order
            )
            self._children.append(process)
        return process


def marked(state: Path, run_id: str | None = None) -> list[psutil.Process]:
    """Return the processes started by runs on this state folder (by one run, when its id is given)."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            environment = process.environ()
            carried = environment.get(MARKER)
            if carried and environment.get("PONAM_STATE") == str(state) and run_id in (None, carried):
                found.append(process)
    return [process for process in found if process.pid != os.getpid()]


def end_marked(state: Path, run_id: str | None = None) -> int:
    """End what runs on this state folder left behind; return how many processes that was."""
    total = 0
    while left := marked(state, run_id):  # again: a process may have started another meanwhile
        total += len(left)
        end(left)
    return total


def with_descendants(roots: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Return the processes and everything below them."""
    found: dict[int, psutil.Process] = {}
    for root in roots:
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in (root, *root.children(recursive=True)):
                found[process.pid] = process
    return list(found.values())


def end(processes: Sequence[psutil.Process]) -> None:
    """Ask the processes to end, then insist."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, left = psutil.wait_procs(processes, timeout=GENTLE_SECONDS)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _, left = psutil.wait_procs(left, timeout=HARSH_SECONDS)
    if left:
        raise InfraError(f"These processes do not end: {', '.join(str(process.pid) for process in left)}.")


def _how(status: int) -> str:
    return f"status {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"


def last_words(log: Path) -> str:
    """Return the end of a log, and where the rest is."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return f"Its log is {log}."
    return "\n".join([*(f"    {line}" for line in lines[-LAST_WORDS:]), f"Its log is {log}."])
