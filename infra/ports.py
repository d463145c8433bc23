"""TCP ports of this machine: whether one is free, and who holds it."""

from __future__ import annotations

import errno
import socket

import psutil

from infra.errors import InfraError
from infra.settings import LOOPBACK


def check_free(variable: str, port: int) -> None:
    """Refuse a port that something listens on: says what, if the system tells, and the variable to set."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError as error:
            raise InfraError(
                f"Port {port} is reserved for root: set {variable} to one above 1023."
            ) from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise InfraError(
                f"Port {port} is taken{_holder(port)}: end that, or set {variable} to another port."
            ) from error


def _holder(port: int) -> str:
    """Return " by name (process 12)" when this user may know."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return ""
