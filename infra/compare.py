"""Compares what a branch says with what this work tree says, on the deliveries of the local warehouse.

The ledger and the staging tables are copied into two scratch databases on the same server; dbt builds the
project of the branch in one and that of the work tree in the other. The warehouse itself is not touched.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from io import BytesIO
from pathlib import Path

import psycopg
from psycopg import Connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow, class_row, dict_row
from psycopg.sql import SQL, Identifier

from infra.dbt.project import PROJECT, options_of, project_digest
from infra.dsn import Server, libpq_variables
from infra.errors import InfraError
from infra.postgres import binaries
from infra.provision import READERS, SCHEMAS
from infra.settings import ROOT
from infra.table_changes import COMPARED, Row, compare_tables
from infra.value_changes import Changes, Value, compare
from ingestion import staging

VALUES = "fct_indicator_values"
BUILT = (VALUES, *(compared.table for compared in COMPARED))
_TRANSFORMER = "ponam_transformer"


@dataclass(frozen=True, slots=True)
class Build:
    """One project, and the scratch database that it is built in."""

    project: Path
    server: Server


def changes_since(base: str, server: Server, environment: Mapping[str, str], scratch: Path) -> Changes | None:
    """Say which values, and what is made of them, change between a branch, tag or commit and this work tree.

    `environment`: what infra tells its children. Raises InfraError when the base is unknown or a project does
    not build.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        return changes_between(export(base, Path(folder)), PROJECT, server, environment, Path(folder))


def changes_between(
    base: Path, mine: Path, server: Server, environment: Mapping[str, str], folder: Path
) -> Changes | None:
    """Build two dbt projects on the same deliveries and compare what they say; None for equal files."""
    if project_digest(base) == project_digest(mine):
        return None
    with _scratch_database(server, "base") as first:
        _copy_deliveries(server, first)
        _migrate(first, environment)
        with _scratch_database(server, "mine", template=first.database) as second:
            return _compare_builds(Build(base, first), Build(mine, second), environment, folder)


def _compare_builds(base: Build, mine: Build, environment: Mapping[str, str], folder: Path) -> Changes:
    with ThreadPoolExecutor() as pool:  # dbt is one busy thread: two of them use two cores
        list(pool.map(lambda build: _build(build, environment, folder), (base, mine)))
    with _connected(base.server) as old, _connected(mine.server) as new:
        return compare(_values(old), _values(new), compare_tables(_Marts(old), _Marts(new)))


def export(base: str, folder: Path) -> Path:
    """Write the dbt project of a commit into a folder; its path."""
    archived = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "--format=zip", base, "--", "dbt_project"],
        capture_output=True,
        check=False,
    )
    if archived.returncode != 0:
        raise InfraError(f"git knows no dbt project at {base!r}: {archived.stderr.decode().strip()}")
    with zipfile.ZipFile(BytesIO(archived.stdout)) as project:
        project.extractall(folder)
    return folder / "dbt_project"


@contextmanager
def _scratch_database(server: Server, name: str, template: str = "template0") -> Iterator[Server]:
    scratch = replace(server, database=f"{server.database}_compare_{name}")
    drop = SQL("drop database if exists {} with (force)").format(Identifier(scratch.database))
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute(drop)  # left by one that was killed
        create = SQL("create database {} template {}")
        admin.execute(create.format(Identifier(scratch.database), Identifier(template)))
        try:
            yield scratch
        finally:
            admin.execute(drop)


def _copy_deliveries(server: Server, scratch: Server) -> None:
    """Copy what dbt reads, no names of persons, and make the empty schemas that it fills."""
    read = [f"--schema={schema}" for schema, readers in READERS.items() if _TRANSFORMER in readers]
    dump = subprocess.Popen(
        [str(binaries() / "pg_dump"), *read],
        env=os.environ | libpq_variables(server.admin_url()),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    restore = subprocess.run(
        [
            str(binaries() / "psql"),
            "--no-psqlrc",
            "--quiet",
            "--output",
            os.devnull,
            "--set",
            "ON_ERROR_STOP=1",
        ],
        env=os.environ | libpq_variables(scratch.admin_url()),
        stdin=dump.stdout,
        stderr=subprocess.PIPE,
        check=False,
    )
    _, said = dump.communicate()
    if dump.returncode or restore.returncode:
        raise InfraError(f"The deliveries cannot be copied: {(said + restore.stderr).decode().strip()}")
    with psycopg.connect(scratch.admin_url(), autocommit=True) as admin:
        for schema, owner in SCHEMAS.items():
            if owner == _TRANSFORMER:
                admin.execute(
                    SQL("create schema {} authorization {}").format(Identifier(schema), Identifier(owner))
                )


def _migrate(scratch: Server, environment: Mapping[str, str]) -> None:
    """Add the tables and columns that only the contracts of this work tree have."""
    address = make_conninfo(environment["PONAM_LOADER_DSN"], dbname=scratch.database)
    with psycopg.connect(address, autocommit=True) as loader:
        staging.migrate(loader)


def _build(build: Build, environment: Mapping[str, str], folder: Path) -> None:
    working = folder / build.server.database
    finished = subprocess.run(
        [
            environment["PONAM_DBT"], "--no-use-colors", "--quiet", "build",
            "--select", *(f"+{model}" for model in BUILT),
            "--resource-type", "model", "--resource-type", "seed",
            *options_of(build.project),
        ],
        env={
            **environment,
            "PONAM_PG_DATABASE": build.server.database,
            "DBT_TARGET_PATH": str(working / "target"),
            "DBT_LOG_PATH": str(working / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if finished.returncode != 0:
        raise InfraError(f"dbt does not build {build.project}:\n{finished.stdout.strip()}")


def _connected(scratch: Server) -> Connection[TupleRow]:
    return psycopg.connect(scratch.admin_url())


def _values(db: Connection[TupleRow]) -> list[Value]:
    columns = SQL(", ").join(Identifier(field.name) for field in fields(Value))
    query = SQL("select {} from marts.{}").format(columns, Identifier(VALUES))
    with db.cursor(row_factory=class_row(Value)) as cursor:
        return cursor.execute(query).fetchall()


@dataclass(frozen=True, slots=True)
class _Marts:
    """The tables of marts in one scratch database: `infra.table_changes.Tables`."""

    db: Connection[TupleRow]

    def columns(self, table: str) -> set[str]:
        query = """select column_name from information_schema.columns
                    where table_schema = 'marts' and table_name = %s"""
        return {name for (name,) in self.db.execute(query, [table])}

    def rows(self, table: str, columns: Sequence[str]) -> list[Row]:
        names = SQL(", ").join(map(Identifier, columns))
        query = SQL("select {} from marts.{}").format(names, Identifier(table))
        with self.db.cursor(row_factory=dict_row) as cursor:
            return [*cursor.execute(query)]
