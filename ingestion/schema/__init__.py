"""The schema `meta`: numbered SQL files, each applied once, in order, in one transaction."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from ingestion.db import Connection
from ingestion.errors import ExpectedError

_FOLDER = Path(__file__).parent
_TABLE_COMMENT = re.compile(r"comment on table meta\.(\w+) is\s+'((?:[^']|'')*)'")
_COLUMN_COMMENT = re.compile(r"comment on column meta\.(\w+)\.(\w+) is\s+'((?:[^']|'')*)'")


class SchemaError(ExpectedError):
    """A database that these files did not make."""


def migrate(db: Connection) -> list[str]:
    """Apply the files that this database has not seen, in the caller's transaction; return them.

    Raises SchemaError when a file was changed after it was applied, or the database is ahead of this tree.
    """
    db.execute(
        """create table if not exists meta.schema_versions (
               file_name text primary key,
               sha256 text not null,
               applied_at timestamptz not null default now());
           comment on table meta.schema_versions is 'The files of ingestion/schema applied here.'"""
    )
    applied = dict(db.execute("select file_name, sha256 from meta.schema_versions").fetchall())
    files = {file.name: file.read_bytes() for file in sorted(_FOLDER.glob("[0-9]*.sql"))}
    if unknown := applied.keys() - files.keys():
        raise SchemaError(f"the database is ahead of this tree: it has {', '.join(sorted(unknown))}")
    for name, content in files.items():
        digest = hashlib.sha256(content).hexdigest()
        if name not in applied:
            db.execute(content)
            db.execute("insert into meta.schema_versions (file_name, sha256) values (%s, %s)", [name, digest])
        elif applied[name] != digest:
            raise SchemaError(f"{name} was changed after it was applied; write the change as a new file")
    return [name for name in files if name not in applied]


def descriptions() -> dict[str, tuple[str, dict[str, str]]]:
    """Comment of each table of `meta` and of its columns, as the files state them."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(_FOLDER.glob("[0-9]*.sql")))
    columns: dict[str, dict[str, str]] = {}
    for table, column, comment in _COLUMN_COMMENT.findall(text):
        columns.setdefault(table, {})[column] = comment.replace("''", "'")
    return {
        table: (comment.replace("''", "'"), columns.get(table, {}))
        for table, comment in sorted(_TABLE_COMMENT.findall(text))
    }
