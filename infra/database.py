"""The warehouse's server, whichever it is: embedded and started on demand, or named by PONAM_DATABASE_URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from infra import dsn
from infra.credentials import DATABASE_ADMIN, Credentials
from infra.dsn import Server
from infra.postgres import EmbeddedServer
from infra.provision import provision
from infra.settings import Settings


@contextmanager
def in_use(settings: Settings, credentials: Credentials, *, stop_always: bool = False) -> Iterator[Server]:
    """Yield the server, running and provisioned, for as long as the block lasts.

    The embedded server is stopped by the last command that leaves, or by one that says `stop_always`.
    """
    if not settings.is_database_embedded:
        server = dsn.parse(settings.database_url)
        provision(server, credentials.database, embedded=False)
        yield server
        return
    with embedded(settings, credentials).in_use(stop_always=stop_always) as server:
        provision(server, credentials.database, embedded=True)
        yield server


def embedded(settings: Settings, credentials: Credentials) -> EmbeddedServer:
    """Return the embedded server of these settings, running or not."""
    return EmbeddedServer(
        folder=settings.state / "postgres",
        port=settings.postgres_port,
        admin_password=credentials.database[DATABASE_ADMIN],
        log=settings.logs / "postgres.log",
    )
