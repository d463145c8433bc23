"""Free TCP ports of 127.0.0.1 for the services that tests start."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket

# Below the ports that the system lends to outgoing connections, which could take what was just found free.
_LOWEST, _BEYOND = 10_240, 32_768


def free_port() -> int:
    """A port on which nothing listens now; never one that the other worker of the same run is given."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    mine = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = secrets.choice(range(_LOWEST + mine, _BEYOND, workers))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
