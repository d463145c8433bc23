"""dbt, imported once and its project read once: `python -m infra.dbt.runner`, in dbt's own environment.

dbt needs seconds to import itself and to read a project, whatever there is to do then. This process does both
once. Every command is done by a fork of it, which takes what the command left in dbt's global variables with
it when it ends: dbt does not promise two commands in one process. The project is read again when its files
or what its profile reads from the environment changed. Without a path the process serves the connection that
is its standard input; with one it listens there, one connection after the other.
"""

from __future__ import annotations

import contextlib
import gc
import json
import multiprocessing
import os
import signal
import socket
import sys
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from infra.dbt import ahead
from infra.dbt.project import PROJECT, forget_half_read, options_of, project_state
from infra.dbt.wire import LAST_BUILD, MESSAGE_BYTES, reachable, steering

_LISTENING = 16
_NOTHING = ["build", "--use-fast-test-edges", "--exclude", "*"]
"""A build of no node. Every build takes the graph of it: with fewer edges, which mean the same to dbt."""


class _Project:
    """What dbt knows of the project, as of when it was last read."""

    def __init__(self) -> None:
        self.manifest: Any = None
        self._read_for: object = None

    def read(self, folder: Path) -> None:
        """Read the project unless nothing changed; None is known of one that cannot be read."""
        wanted = (folder, project_state(folder), steering(os.environ))
        if wanted == self._read_for:
            return
        if target := os.environ.get("DBT_TARGET_PATH"):
            forget_half_read(Path(target), folder)
        parsed = _silently(["parse"], folder)  # whoever asks for a command hears of it then
        self.manifest = parsed.result if parsed.success else None
        self._read_for = wanted
        if self.manifest is not None:
            ahead.get_ready(self.manifest, lambda: _silently(_NOTHING, folder, self.manifest))
        gc.collect()
        gc.freeze()  # what forks share stays shared


def main() -> None:
    """Serve until nobody can ask any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends who asks, and so the command
    # What dbt holds is let go of by the process that watches over it, which need not say so.
    os.environ["PYTHONWARNINGS"] = "ignore::UserWarning:multiprocessing.resource_tracker"
    ahead.start()
    project = _Project()
    if len(sys.argv) < 2:
        with socket.socket(fileno=os.dup(0)) as connection:
            project.read(PROJECT)
            _serve(connection, project)
        return
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        with reachable(path) as short:
            listening.bind(short)
        path.chmod(0o600)
        listening.listen(_LISTENING)
        project.read(PROJECT)
        while True:
            connection, _ = listening.accept()
            with connection:
                _serve(connection, project)


def _serve(connection: socket.socket, project: _Project) -> None:
    """Do the commands that come on a connection, until its other end is closed."""
    forked = multiprocessing.get_context("fork")
    while True:
        message, [*descriptors], *_ = socket.recv_fds(connection, MESSAGE_BYTES, 1)
        if not message:
            return
        [output] = descriptors
        command = json.loads(message)
        folder = Path(command["project"])
        for name in steering(os.environ):
            del os.environ[name]
        os.environ.update(command["environment"])
        project.read(folder)
        child = forked.Process(target=_do, args=(command["arguments"], folder, project.manifest, output))
        child.start()
        os.close(output)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        try:
            wait([child.sentinel, connection])
        finally:
            try:
                # One that comes now waits: who closes the connection may end this process at the same time.
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
            finally:
                if not wait([child.sentinel], timeout=0):
                    child.terminate()  # whoever asked has gone, or this process is to end
                child.join()
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        with contextlib.suppress(ConnectionError):
            connection.send(str(child.exitcode).encode())


def _do(arguments: list[str], folder: Path, manifest: Any, output: int) -> None:
    """Do one command in this process, which is its own; ends it with dbt's exit status."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(output, 1)
    os.dup2(output, 2)
    from dbt.cli.main import dbtRunner

    done = dbtRunner(manifest=manifest).invoke([*arguments, *options_of(folder)])
    if done.exception is not None:
        sys.stderr.write(f"{done.exception}\n")
        raise SystemExit(2)
    if hasattr(done.result, "elapsed_time"):
        _keep(done.result, manifest.unit_tests)
    raise SystemExit(0 if done.success else 1)


def _keep(result: Any, unit_tests: dict[str, Any]) -> None:
    kept = {
        "elapsed_time": result.elapsed_time,
        "results": [
            {
                "unique_id": one.node.unique_id,
                "status": str(one.status),
                "message": one.message,
                "failures": one.failures,
                "execution_time": one.execution_time,
                # Of a unit test a query ran that dbt made up; the test is what the project says of it.
                "node": unit_tests.get(one.node.unique_id, one.node).to_dict(omit_none=True),
            }
            for one in result.results
        ],
    }
    (Path(os.environ["DBT_TARGET_PATH"]) / LAST_BUILD).write_text(json.dumps(kept), encoding="utf-8")


def _silently(arguments: list[str], folder: Path, manifest: Any = None) -> Any:
    from dbt.cli.main import dbtRunner

    options = ["--quiet", "--no-write-json", "--log-level-file", "none"]
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        return dbtRunner(manifest=manifest).invoke([*options, *arguments, *options_of(folder)])


if __name__ == "__main__":
    main()
