"""What the workers of one test run have in common: a folder, things made once in it, and an orderly end.

`pytest -n 2` runs workers beside each other, each a process of its own. pytest gives them ten seconds to end
after Ctrl-C, then kills them; the process that started them ends what is left.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from infra import processes

# Carried by every process of a test run: its folder, in which all that it writes stands.
FOLDER = "PYTEST_RUN_FOLDER"


def once(name: str, make: Callable[[], Any]) -> Any:
    """What the first worker of this run to ask has made, of what JSON can hold; the others wait for it."""
    folder = Path(os.environ[FOLDER])
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = folder / f"{name}.json"
        if not kept.exists():
            kept.write_text(json.dumps(make()), encoding="utf-8")
        return json.loads(kept.read_text(encoding="utf-8"))


def end_what_is_left(folder: Path) -> list[str]:
    """End every process of this run but this one; their names."""
    left = [process for process in psutil.process_iter() if _belongs(process, folder)]
    names = [process.name() for process in left]
    processes.end(left)
    return names


def _belongs(process: psutil.Process, folder: Path) -> bool:
    if process.pid == os.getpid():
        return False
    with contextlib.suppress(psutil.Error, OSError):
        # PostgreSQL is started without anybody's environment; it works in its data folder.
        return process.environ().get(FOLDER) == str(folder) or Path(process.cwd()).is_relative_to(folder)
    return False
