"""Bring Airflow's metadata database up to date and create its users, in one process.

    PONAM_AIRFLOW_USERS='{"admin": "password"}' python -m infra.airflow.prepare

Every `airflow` command costs seconds of imports; this does the work of three of them. The database itself
says for which release it was prepared, in its comment: nothing is imported when that still holds.
"""

from __future__ import annotations

import hashlib
import json
import os
from importlib.metadata import version

import psycopg
from psycopg.sql import SQL, Identifier, Literal

USERS_VARIABLE = "PONAM_AIRFLOW_USERS"


def main() -> None:
    """Prepare the database, unless it is."""
    address = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("postgresql+psycopg2", "postgresql")
    users: dict[str, str] = json.loads(os.environ[USERS_VARIABLE])
    wanted = stamp(users)
    with psycopg.connect(address, autocommit=True) as connection:
        if read_stamp(connection) == wanted:
            return
        migrate()
        create_users(users)
        connection.execute(
            SQL("comment on database {} is {}").format(Identifier(connection.info.dbname), Literal(wanted))
        )


def stamp(users: dict[str, str]) -> str:
    """Return what the database's comment says once it is prepared for these releases and users."""
    releases = [f"{name} {version(name)}" for name in ("apache-airflow", "apache-airflow-providers-fab")]
    digest = hashlib.sha256(json.dumps(users, sort_keys=True).encode()).hexdigest()[:16]
    return f"prepared for {', '.join(releases)}, users {digest}"


def read_stamp(connection: psycopg.Connection) -> str | None:
    """Return the database's comment."""
    row = connection.execute(
        "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"
    ).fetchone()
    return row[0] if row else None


def migrate() -> None:
    """Create or upgrade the tables of Airflow and of its FAB provider."""
    from airflow.utils import db

    db.initdb()


def create_users(users: dict[str, str]) -> None:
    """Create the roles and permissions of this release, and an administrator per user."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        builder.add_permissions(update_perms=True)  # type: ignore[no-untyped-call]
        builder.sm.sync_roles()
        administrator = builder.sm.find_role("Admin")
        for name, password in users.items():
            if known := builder.sm.find_user(username=name):
                builder.sm.reset_password(known.id, password)
            elif not builder.sm.add_user(name, name, "PONAM", f"{name}@localhost", administrator, password):
                raise SystemExit(f"Airflow refuses to create the user {name}.")


if __name__ == "__main__":
    main()
