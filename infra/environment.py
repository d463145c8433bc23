"""What child processes are told: the only channel between infra and the other rooms."""

from __future__ import annotations

import os

from infra.credentials import Credentials
from infra.dsn import Server
from infra.settings import ROOT, Settings

# The administrator's address stays with the administrator; modules are compiled once, not in every process.
_KEPT_BACK = ("PONAM_DATABASE_URL", "PYTHONDONTWRITEBYTECODE")

NO_TELEMETRY = {
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "SCARF_ANALYTICS": "false",
}


def plain(settings: Settings, server: Server) -> dict[str, str]:
    """Return what every child is told: where things are, and no secret."""
    return {
        **inherited(),
        **NO_TELEMETRY,
        **_transport(server),
        "PYTHONPATH": str(ROOT),
        "PONAM_STATE": str(settings.state),
        "PONAM_ENVS": str(settings.envs),
        "PONAM_INBOX": str(settings.inbox),
        "PONAM_ARCHIVE": str(settings.archive),
        "PONAM_PUBLICATIONS_PORT": str(settings.publications_port),
        **{f"PONAM_ADDRESS_{source.upper()}": address for source, address in settings.addresses.items()},
    }


def shared(settings: Settings, credentials: Credentials, server: Server) -> dict[str, str]:
    """Return the environment of the pipeline's children: ingestion, expectations, DAGs, dbt."""
    passwords = credentials.database
    return {
        **plain(settings, server),
        "PONAM_LOADER_DSN": server.url("ponam_loader", passwords["ponam_loader"]),
        "PONAM_READER_DSN": server.url("ponam_reader", passwords["ponam_reader"]),
        "PONAM_TRANSFORMER_PASSWORD": passwords["ponam_transformer"],
        "PONAM_PG_HOST": server.host,
        "PONAM_PG_PORT": str(server.port),
        "PONAM_PG_DATABASE": server.database,
        "PONAM_DBT": str(settings.program("transform", "dbt")),
        "PONAM_DBT_PYTHON": str(settings.program("transform", "python")),
        "PONAM_DBT_SOCKET": str(settings.state / "dbt" / "socket"),
        "DBT_TARGET_PATH": str(settings.state / "dbt" / "target"),
        "DBT_LOG_PATH": str(settings.state / "dbt" / "logs"),
        # A test that also needs a model which is not selected runs when that model is built.
        "DBT_INDIRECT_SELECTION": "buildable",
    }


def inherited() -> dict[str, str]:
    """Return this process's environment without what would steer a child past its settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _KEPT_BACK and not name.startswith(("PG", "AIRFLOW__", "DBT_", "MAKE", "MFLAGS"))
    }


def _transport(server: Server) -> dict[str, str]:
    """Return the libpq variables that say the same as the address's options (sslmode, sslrootcert)."""
    return {
        f"PG{name.upper()}": value
        for name, value in server.options.items()
        if name in ("sslmode", "sslrootcert", "sslcert", "sslkey")
    }
