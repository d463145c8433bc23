"""What was deployed last, kept beside what it describes: in Superset's own metadata database.

A file under PONAM_STATE would still claim success after somebody dropped the database. Reading the stamp
costs milliseconds, importing Superset ten seconds: an up-to-date deployment never pays for it.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, field

import psycopg2  # type: ignore[import-untyped]

_CREATE = """
    create table if not exists ponam_deployment (
        only_row            boolean primary key default true check (only_row),
        superset_version    text not null,
        digest              text not null,
        uuids               jsonb not null,
        deployed_at         timestamptz not null default now()
    )
"""
_READ = "select superset_version, digest, uuids from ponam_deployment"
_REPLACE = """
    insert into ponam_deployment (superset_version, digest, uuids) values (%s, %s, %s)
    on conflict (only_row) do update set
        superset_version = excluded.superset_version,
        digest = excluded.digest,
        uuids = excluded.uuids,
        deployed_at = now()
"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """One deployment: of which Superset, of which files and settings, bringing which UUIDs (by kind)."""

    superset_version: str
    digest: str
    uuids: dict[str, list[str]] = field(default_factory=dict)


def read(database_uri: str) -> Stamp | None:
    """The last complete deployment to that database, or None."""
    with closing(psycopg2.connect(_libpq(database_uri))) as connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('ponam_deployment')")
        if cursor.fetchone() == (None,):
            return None
        cursor.execute(_READ)
        row = cursor.fetchone()
    return Stamp(row[0], row[1], row[2]) if row else None


def write(database_uri: str, stamp: Stamp) -> None:
    """Replace the stamp: called once everything it describes is in place."""
    with (
        closing(psycopg2.connect(_libpq(database_uri))) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(_CREATE)
        cursor.execute(_REPLACE, (stamp.superset_version, stamp.digest, json.dumps(stamp.uuids)))


def _libpq(uri: str) -> str:
    """SQLAlchemy's `postgresql+psycopg2://` said the way libpq says it."""
    scheme, rest = uri.split("://", 1)
    return f"{scheme.partition('+')[0]}://{rest}"
