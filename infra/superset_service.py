"""How Superset is told what it needs, deployed and served; what it shows is in superset_dashboards/."""

from __future__ import annotations

from collections.abc import Mapping

from infra.credentials import Credentials
from infra.dsn import Server
from infra.settings import LOOPBACK, ROOT, Settings

THREADS = 8
REQUEST_SECONDS = 120


def environment(settings: Settings, credentials: Credentials, server: Server) -> Mapping[str, str]:
    """Return what Superset is told besides what all children are told.

    It is the one program that people reach: of the warehouse it knows what its own database holds, encrypted.
    """
    return {
        "SUPERSET_CONFIG_PATH": str(ROOT / "infra" / "superset" / "superset_config.py"),
        "SUPERSET_HOME": str(settings.superset_home),
        "PONAM_SUPERSET_DATABASE_URI": server.sqlalchemy_url(
            "ponam_superset", credentials.database["ponam_superset"], server.superset_database
        ),
        "PONAM_SUPERSET_SECRET_KEY": credentials.keys["superset_session"],
    }


def accounts(credentials: Credentials, server: Server) -> Mapping[str, str]:
    """Return what its deployment is told besides: the warehouse to read, passwords of the accounts."""
    users = credentials.superset
    return {
        "PONAM_READER_DSN": server.url("ponam_reader", credentials.database["ponam_reader"]),
        "PONAM_SUPERSET_ADMIN_PASSWORD": users["admin"],
        "PONAM_SUPERSET_STATISTICIAN_PASSWORD": users["statisticien"],
        "PONAM_SUPERSET_DECISION_MAKER_PASSWORD": users["decideur"],
    }


def deploy_command(settings: Settings) -> list[str]:
    """Return the command that migrates Superset and deploys the dashboards."""
    return [str(settings.program("bi", "python")), "-m", "superset_dashboards.deploy"]


def pull_command(settings: Settings) -> list[str]:
    """Return the command that writes what was edited in Superset back to the reviewed files."""
    return [str(settings.program("bi", "python")), "-m", "superset_dashboards.pull"]


def serve_command(settings: Settings) -> list[str]:
    """Return the command that serves Superset: one worker, so that its memory is counted once."""
    return [
        str(settings.program("bi", "gunicorn")),
        "--bind", f"{LOOPBACK}:{settings.superset_port}",
        "--workers", "1",
        "--worker-class", "gthread",
        "--threads", str(THREADS),
        "--timeout", str(REQUEST_SECONDS),
        "--worker-tmp-dir", str(settings.run_folder),
        "superset.app:create_app()",
    ]  # fmt: skip
