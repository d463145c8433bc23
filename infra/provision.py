"""The warehouse's databases, roles, schemas and grants: least privilege, on any server, idempotent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier, Literal

from infra.credentials import DATABASE_ROLES
from infra.dsn import Server
from infra.errors import InfraError

OLDEST_VERSION = 16  # pg_input_is_valid, which types the staged rows
READER_STATEMENT_TIMEOUT = "60s"
CONNECT_SECONDS = 10
_ADVISORY_LOCK = 7_766_177  # any number, the same for every command

# schema -> owner
SCHEMAS = {
    "staging": "ponam_loader",
    "meta": "ponam_loader",
    "confidential": "ponam_custodian",
    "intermediate": "ponam_transformer",
    "marts": "ponam_transformer",
}
# schema -> who reads what its owner creates there
READERS = {
    "staging": ("ponam_transformer",),
    "meta": ("ponam_transformer", "ponam_reader"),
    "marts": ("ponam_reader",),
}


# The names behind pseudonyms. No program reads them back: whoever must (an error to trace, a person who asks
# what is held) connects as the custodian.
_IDENTITIES = """
    create table if not exists confidential.identities (
        dataset_code    text not null,
        column_name     text not null,
        pseudonym       text not null,
        name            text not null,
        delivery_id     bigint not null,
        kept_since      timestamptz not null default now(),
        primary key (dataset_code, column_name, pseudonym)
    );
    comment on table confidential.identities is
        'Who stands behind each pseudonym, and the delivery that said it first.';
    alter table confidential.identities owner to ponam_custodian;
"""


def provision(server: Server, passwords: Mapping[str, str], *, embedded: bool) -> None:
    """Create what is missing and set every role's password to the generated one.

    Raises InfraError when the server cannot be reached, is too old, or its administrator may not do this.
    """
    with _connect(server, "postgres") as connection:
        connection.execute("select pg_advisory_lock(%s)", [_ADVISORY_LOCK])
        _check(connection)
        for role in DATABASE_ROLES:
            _create_role(connection, role, passwords[role])
        _create_database(connection, server.database, owner=None)
        _create_database(connection, server.airflow_database, owner="ponam_airflow")
        _create_database(connection, server.superset_database, owner="ponam_superset")
        if embedded:  # on somebody's server, the other databases are not ours to close
            _run(connection, "revoke all on database postgres, template1 from public")
        with _connect(server, server.database) as warehouse, warehouse.transaction():
            _grant(warehouse, server.database)
            _keep_apart(warehouse, server.database)
            if _is_superuser(warehouse):
                _hide_counts(warehouse)
            if embedded:  # who may only read may not fill the disk with large objects either
                functions = "lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea)"
                _run(warehouse, f"revoke execute on function {functions} from public")


@contextmanager
def _connect(server: Server, database: str) -> Iterator[Connection]:
    where = f"{server.host}:{server.port}"
    try:
        connection = psycopg.connect(
            server.admin_url(database), autocommit=True, connect_timeout=CONNECT_SECONDS
        )
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        _, refuses, why = said.rpartition("FATAL: ")
        if refuses:
            what = f"PostgreSQL at {where} refuses {server.admin} on database {database}: {why.strip()}"
        else:  # libpq says where once more, and asks whether a server runs there: only its reason is kept
            why = said.partition(" Is the server running")[0].rpartition("failed: ")[2]
            what = f"No PostgreSQL answers at {where}: {why}"
        raise InfraError(f"{what.rstrip('.')}. Check PONAM_DATABASE_URL.") from error
    with connection:
        try:
            yield connection
        except psycopg.Error as error:
            raise InfraError(f"PostgreSQL at {where}: {str(error).strip()}") from error


def _check(connection: Connection) -> None:
    version = connection.info.server_version // 10_000
    if version < OLDEST_VERSION:
        raise InfraError(
            f"This server is PostgreSQL {version}; the warehouse needs {OLDEST_VERSION} or newer."
        )
    rights = connection.execute(
        "select rolsuper or (rolcreaterole and rolcreatedb) from pg_roles where rolname = current_user"
    ).fetchone()
    if rights != (True,):
        raise InfraError(
            f"The role {connection.info.user} of PONAM_DATABASE_URL must be superuser, "
            "or have CREATEROLE and CREATEDB."
        )


def _create_role(connection: Connection, role: str, password: str) -> None:
    known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    # Only the SCRAM verifier is sent: the password stays out of the server's log.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb = "alter" if known else "create"
    _run(connection, f"{verb} role {{}} login password {{}}", Identifier(role), Literal(verifier))
    # A day that something was received on is the same on every server, whatever the clocks around it say.
    _run(connection, "alter role {} set timezone = 'UTC'", Identifier(role))
    if not _is_superuser(connection):
        _run(connection, "grant {} to current_user", Identifier(role))


def _is_superuser(connection: Connection) -> bool:
    return connection.info.parameter_status("is_superuser") == "on"


def _create_database(connection: Connection, name: str, owner: str | None) -> None:
    if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
        _run(connection, "create database {} encoding 'UTF8' template template0", Identifier(name))
        if owner:
            _run(connection, "alter database {} owner to {}", Identifier(name), Identifier(owner))
    _run(connection, "revoke all on database {} from public", Identifier(name))


def _grant(warehouse: Connection, database: str) -> None:
    for role in ("ponam_loader", "ponam_transformer"):
        _run(
            warehouse, "grant connect, temporary on database {} to {}", Identifier(database), Identifier(role)
        )
    _run(warehouse, "grant connect on database {} to ponam_reader", Identifier(database))
    _run(warehouse, "revoke all on schema public from public")
    for schema, owner in SCHEMAS.items():
        _run(
            warehouse,
            "create schema if not exists {} authorization {}",
            Identifier(schema),
            Identifier(owner),
        )
    for schema, readers in READERS.items():
        for reader in readers:
            _run(warehouse, "grant usage on schema {} to {}", Identifier(schema), Identifier(reader))
            _run(
                warehouse,
                "alter default privileges for role {} in schema {} grant select on tables to {}",
                Identifier(SCHEMAS[schema]),
                Identifier(schema),
                Identifier(reader),
            )
    for setting, value in (
        ("default_transaction_read_only", "on"),
        ("statement_timeout", READER_STATEMENT_TIMEOUT),
    ):
        _run(
            warehouse,
            "alter role ponam_reader in database {} set {} = {}",
            Identifier(database),
            Identifier(setting),
            Literal(value),
        )


def _keep_apart(warehouse: Connection, database: str) -> None:
    """Names of persons: the loader adds and counts them unread, the custodian reads and removes them."""
    warehouse.execute(_IDENTITIES)
    _run(warehouse, "grant connect on database {} to ponam_custodian", Identifier(database))
    _run(warehouse, "grant usage on schema confidential to ponam_loader")
    _run(warehouse, "grant insert on confidential.identities to ponam_loader")
    kept = "dataset_code, delivery_id, kept_since"  # whether a retention is over, and nobody's name
    _run(warehouse, f"grant select ({kept}) on confidential.identities to ponam_loader")


def _hide_counts(warehouse: Connection) -> None:
    """Tell nobody the statistics and sizes of tables, as PostgreSQL does; who may read one counts its rows.

    The number of rows on persons may be the very count that is suppressed.
    """
    functions = warehouse.execute(
        r"""select oid::regprocedure::text from pg_proc
             where pronamespace = 'pg_catalog'::regnamespace
               and (proname ~ '^pg_stat_get_' and proargtypes = '26'
                    or proname in ('pg_relation_size', 'pg_table_size', 'pg_indexes_size',
                                   'pg_total_relation_size'))"""
    ).fetchall()
    named = SQL(", ").join(SQL(name) for (name,) in functions)  # as PostgreSQL itself writes them
    _run(warehouse, "revoke execute on function {} from public", named)
    columns = warehouse.execute(
        """select attname from pg_attribute
            where attrelid = 'pg_class'::regclass and not attisdropped
              and attname !~ '^rel(tuples|pages|all(visible|frozen))$'"""
    ).fetchall()
    told = SQL(", ").join(Identifier(name) for (name,) in columns)
    _run(warehouse, "revoke select on pg_catalog.pg_class from public")
    _run(warehouse, "grant select ({}) on pg_catalog.pg_class to public", told)


def _run(connection: Connection, statement: str, *parts: Composed | Identifier | Literal) -> None:
    connection.execute(SQL(statement).format(*parts))
