"""dbt as the other rooms ask for it: the one that a run keeps ready for all, or one of one's own.

Read from the environment: PONAM_DBT_PYTHON (the interpreter of dbt's environment), PONAM_DBT_SOCKET (where
the dbt of a run listens, if one runs), and what `infra.dbt.wire.STEERING` names.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from infra.dbt.project import PROJECT
from infra.dbt.wire import reachable, steering

_ROOT = PROJECT.parent
_DIED = -1
"""The status where dbt gave none."""


class Dbt:
    """A dbt that is ready, or nearly so: it goes on starting while its user does something else."""

    def __init__(self, connected: Callable[[], AbstractContextManager[socket.socket]]) -> None:
        """`connected` leads to a runner (see `infra.dbt.wire`) for the time of one command."""
        self._connected = connected

    def run(self, arguments: list[str], project: Path, say: Callable[[str], object]) -> int:
        """Run a dbt command, each line that it prints going to `say` as it comes; its exit status."""
        try:
            return self._run(arguments, project, say)
        except OSError as error:
            say(f"dbt has ended: {error}")
            return _DIED

    def _run(self, arguments: list[str], project: Path, say: Callable[[str], object]) -> int:
        command = {"arguments": arguments, "environment": steering(os.environ), "project": str(project)}
        read, write = os.pipe()
        with os.fdopen(read, encoding="utf-8", errors="replace") as output, self._connected() as connection:
            try:
                socket.send_fds(connection, [json.dumps(command).encode()], [write])
            finally:
                os.close(write)
            for line in output:
                say(line.rstrip())
            return int(connection.recv(16) or _DIED)


@contextlib.contextmanager
def ready() -> Iterator[Dbt]:
    """Keep a dbt ready for as long as the block lasts: that of the run under way, else one of its own."""
    path = Path(os.environ["PONAM_DBT_SOCKET"])
    if _listens(path):
        yield Dbt(lambda: _connected(path))
        return
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        own = subprocess.Popen(
            [os.environ["PONAM_DBT_PYTHON"], "-m", "infra.dbt.runner"], stdin=theirs.fileno(), cwd=_ROOT
        )
    try:
        yield Dbt(lambda: contextlib.nullcontext(ours))
    finally:
        ours.close()
        own.terminate()  # and with it what it does
        own.wait()


@contextlib.contextmanager
def _connected(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        with reachable(path) as short:
            connection.connect(short)
        yield connection


def _listens(path: Path) -> bool:
    try:
        with _connected(path):
            return True
    except OSError:  # no run is under way, or one was killed
        return False
