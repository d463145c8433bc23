"""One run at a time per state folder: who runs, and how to end it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TextIO

import psutil

from infra import processes
from infra.errors import InfraError
from infra.settings import Settings

STOP_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Instance:
    """The run that holds a state folder."""

    run_id: str
    pid: int
    command: str
    started_at: str


@contextmanager
def held(settings: Settings, command: str) -> Iterator[Instance]:
    """Hold the state folder for this run, after ending what a killed one left behind.

    Raises InfraError when another run holds it.
    """
    with _lock_file(settings) as handle:
        if not _try_lock(handle):
            other = read(settings)
            who = f"`{other.command}` (process {other.pid}, since {other.started_at})" if other else "A run"
            raise InfraError(f"{who} is already running on {settings.state}. End it with `make stop`.")
        processes.end_marked(settings.state)
        instance = Instance(
            run_id=uuid.uuid4().hex,
            pid=os.getpid(),
            command=command,
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        path = settings.run_folder / "instance.json"
        path.write_text(json.dumps(asdict(instance)), encoding="utf-8")
        try:
            yield instance
        finally:
            path.unlink(missing_ok=True)


def running(settings: Settings) -> Instance | None:
    """Return the run that holds the state folder now, if any."""
    if not settings.run_folder.exists():
        return None
    with _lock_file(settings) as handle:
        return None if _try_lock(handle) else read(settings)


def read(settings: Settings) -> Instance | None:
    """Return what the last run wrote about itself."""
    try:
        return Instance(**json.loads((settings.run_folder / "instance.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def end(settings: Settings) -> str:
    """End the run that holds the state folder and whatever runs left behind; say what was done."""
    with _lock_file(settings) as handle:
        other = None if _try_lock(handle) else read(settings)
        if other:
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(other.pid).terminate()
                if not _lock_within(handle, STOP_SECONDS):
                    psutil.Process(other.pid).kill()
        if not _lock_within(handle, STOP_SECONDS):
            raise InfraError("The run does not end: something else holds its lock.")
        left = processes.end_marked(settings.state)
        (settings.run_folder / "instance.json").unlink(missing_ok=True)
    if other:
        return f"`{other.command}` (process {other.pid}) and its services have ended."
    return f"{left} processes of a killed run have been ended." if left else "Nothing was running."


@contextmanager
def _lock_file(settings: Settings) -> Iterator[TextIO]:
    settings.run_folder.mkdir(parents=True, exist_ok=True)
    with (settings.run_folder / "instance.lock").open("w") as handle:
        yield handle


def _try_lock(handle: TextIO) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_within(handle: TextIO, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not _try_lock(handle):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
