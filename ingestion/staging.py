"""Staging tables and dbt sources, derived from the contracts: nothing about a column is written twice."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import yaml
from psycopg import sql
from psycopg.types.json import Jsonb

from ingestion import contracts, schema
from ingestion.contracts import Column, Contract
from ingestion.db import Connection
from ingestion.errors import ExpectedError

logger = logging.getLogger(__name__)

DBT_SOURCES = Path(__file__).parent.parent / "dbt_project" / "models" / "staging" / "_sources.yml"

SQL_TYPES = {
    "text": "text",
    "code": "text",
    "integer": "bigint",
    "number": "numeric",
    "period": "text",
    "date": "date",
    "boolean": "boolean",
}

# No foreign keys to meta.deliveries: checking one per row doubles the time of a large load, and the loader,
# the only writer, takes both from the same variable in the same transaction. The checks are evaluated for
# each row of a load too: as few as there can be, and what almost every row is comes first.
_SYSTEM_COLUMNS = """
    row_id bigint generated always as identity,
    delivery_id bigint not null,
    ended_by_delivery_id bigint,
    end_reason text,
    record_kind text not null check (record_kind = 'data' or record_kind = 'total' or record_kind = 'note'),
    record_locator text not null,
    record_literal text,
    record_key text not null generated always as ({key}) stored,
    check (case when ended_by_delivery_id is null then end_reason is null
                else end_reason is not null and end_reason in ('replaced', 'withdrawn') end)
"""

# Rows of a delivery lie together: a summary of blocks is enough to find them, and costs nothing to keep.
_INDEXES = {
    "_pkey": "alter table {table} add constraint {name} primary key (row_id)",
    "__one_per_key": "create unique index {name} on {table} (record_key, delivery_id)",
    "__of_delivery": "create index {name} on {table} using brin (delivery_id) with (pages_per_range = 8)",
    "__ended": "create index {name} on {table} (ended_by_delivery_id) where ended_by_delivery_id is not null",
}

# No stored text contains these two characters (see `ingestion.text`).
_UNIT_SEPARATOR = sql.SQL(r"E'\x1f'")
_RECORD_SEPARATOR = sql.SQL(r"E'\x1e'")
_LONGEST_KEY_BYTES = 1_000  # beyond it a digest stands for the key: an index entry is limited to 2,704 bytes


class IncompatibleContractError(ExpectedError):
    """A contract that the rows already staged cannot follow."""


def table(contract: Contract) -> sql.Identifier:
    """The staging table of a dataset, qualified and quoted."""
    return sql.Identifier("staging", contract.table)


def columns(contract: Contract) -> sql.Composed:
    """The contract's column names, quoted, separated by commas."""
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in contract.columns)


def migrate(db: Connection) -> list[str]:
    """Bring `meta` and the staging tables in step with this tree; return what was done, one line each.

    Idempotent, in one transaction. Raises SchemaError or IncompatibleContractError and changes nothing then.
    """
    with db.transaction():
        db.execute("select pg_advisory_xact_lock(hashtextextended('ponam migrate', 0))")
        done = [f"applied {name}" for name in schema.migrate(db)]
        for contract in contracts.all().values():
            done += _follow(contract, db)
    return done


def _follow(contract: Contract, db: Connection) -> list[str]:
    known = db.execute(
        "select contract_version, contract from meta.datasets where dataset_code = %s", [contract.dataset]
    ).fetchone()
    done = _create(contract, db) if known is None else _widen(contract, known[0], known[1], db)
    _remember(contract, db)
    return done


def _create(contract: Contract, db: Connection) -> list[str]:
    system = sql.SQL(_SYSTEM_COLUMNS).format(key=key_expression(contract))
    definitions = [system, *(definition(column) for column in contract.columns)]
    db.execute(sql.SQL("create table {} ({})").format(table(contract), sql.SQL(", ").join(definitions)))
    index(contract, db)
    return [f"created staging.{contract.table}"]


def _widen(contract: Contract, version: int, recorded: dict[str, Any], db: Connection) -> list[str]:
    before = {column["name"]: column["type"] for column in recorded["columns"]}
    now = {column.name: column.type for column in contract.columns}
    if contract.version < version:
        raise IncompatibleContractError(
            f"{contract.dataset}: the database knows version {version}, this tree has {contract.version}"
        )
    if before == now and recorded["key"] == list(contract.key):
        return []
    if is_empty(contract, db):
        # dbt's views on it go too; the next transformation makes them again.
        db.execute(sql.SQL("drop table {} cascade").format(table(contract)))
        return _create(contract, db)
    if contract.version == version:
        raise IncompatibleContractError(f"{contract.dataset}: columns or key changed; raise its version")
    if recorded["key"] != list(contract.key):
        raise IncompatibleContractError(
            f"{contract.dataset}: key {recorded['key']} became {list(contract.key)}, but staged rows are "
            "identified by the former; give the dataset a new name"
        )
    _require_types(contract, before, db)
    added = [column for column in contract.columns if _type_of(contract, column.name, db) is None]
    for column in added:
        db.execute(sql.SQL("alter table {} add column {}").format(table(contract), definition(column)))
    return [f"added staging.{contract.table}.{column.name}" for column in added]


def _require_types(contract: Contract, before: dict[str, str], db: Connection) -> None:
    """Refuse another type for a staged column, also for one that a version in between did without."""
    for column in contract.columns:
        staged = _type_of(contract, column.name, db)
        if staged not in (None, SQL_TYPES[column.type]):
            was = before.get(column.name, f"{staged} (removed by an earlier version)")
            raise IncompatibleContractError(
                f"{contract.dataset}: column {column.name} is staged as {was}, not {column.type}; "
                "give the column a new name"
            )


def definition(column: Column) -> sql.Composed:
    """A contract's column as a table definition has it: name and PostgreSQL type."""
    return sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(SQL_TYPES[column.type]))


def is_empty(contract: Contract, db: Connection) -> bool:
    """Whether nothing is staged of a dataset."""
    return db.execute(sql.SQL("select 1 from {} limit 1").format(table(contract))).fetchone() is None


def index(contract: Contract, db: Connection) -> None:
    """Create the indexes of a staging table; psycopg's UniqueViolation when a delivery has a key twice."""
    for name, statement in _INDEXES.items():
        db.execute(sql.SQL(statement).format(name=_index(contract, name), table=table(contract)))


def clear_for_bulk(contract: Contract, db: Connection) -> None:
    """Take the indexes off an empty table: making them afterwards takes a fraction of the time."""
    db.execute(sql.SQL("truncate {}").format(table(contract)))
    for name, statement in _INDEXES.items():
        is_constraint = statement.startswith("alter")
        drop = "alter table {table} drop constraint {name}" if is_constraint else "drop index staging.{name}"
        db.execute(sql.SQL(drop).format(table=table(contract), name=_index(contract, name)))


def next_row_id(contract: Contract, db: Connection) -> int:
    """The first number of the rows to come."""
    query = "select nextval(pg_get_serial_sequence(%s, 'row_id'))"
    row = db.execute(query, [table(contract).as_string(db)]).fetchone()
    return int(row[0]) if row else 1


def set_next_row_id(contract: Contract, row_id: int, db: Connection) -> None:
    """Set apart the numbers up to this one."""
    query = "select setval(pg_get_serial_sequence(%s, 'row_id'), %s, false)"
    db.execute(query, [table(contract).as_string(db), row_id])


def key_expression(contract: Contract) -> sql.Composed:
    """What identifies a record: its key columns, joined; null while one of them is.

    A note is identified by its place and its text.
    """
    parts = [_as_text(contract.by_name[name]) for name in contract.key]
    joined = sql.SQL(r" || E'\x1f' || ").join(parts)
    return sql.SQL(
        """case when record_kind = 'note'
                then 'note' || {separator} || record_locator || {separator} || md5(record_literal)
                when octet_length({joined}) > {longest} then 'md5' || {separator} || md5({joined})
                else {joined} end"""
    ).format(separator=_UNIT_SEPARATOR, joined=joined, longest=sql.Literal(_LONGEST_KEY_BYTES))


def content_expression(contract: Contract) -> sql.Composed:
    """What a record says beside its key, as one text: the same for 2.5 and 2.50."""
    outside_key = [column for column in contract.columns if column.name not in contract.key]
    parts = [
        sql.SQL("coalesce({} || {}, '')").format(_RECORD_SEPARATOR, _as_text(column))
        for column in outside_key
    ]
    return sql.SQL(r" || E'\x1f' || ").join([sql.SQL("record_kind"), *parts])


def _as_text(column: Column) -> sql.Composed:
    """A column as text that does not depend on any setting of the session, and says 2.50 and 2.5 alike."""
    form = {"number": "trim_scale({})::text", "date": "({} - date '2000-01-01')::text"}.get(
        column.type, "{}::text"
    )
    return sql.SQL(form).format(sql.Identifier(column.name))


def _index(contract: Contract, name: str) -> sql.Identifier:
    return sql.Identifier(f"{contract.table}{name}")


def _type_of(contract: Contract, name: str, db: Connection) -> str | None:
    """PostgreSQL's name of a staged column's type; None when the table has no such column."""
    row = db.execute(
        """select format_type(atttypid, atttypmod) from pg_attribute
            where attrelid = %s::regclass and attname = %s and not attisdropped""",
        [table(contract).as_string(db), name],
    ).fetchone()
    return row[0] if row else None


def _remember(contract: Contract, db: Connection) -> None:
    db.execute(
        """insert into meta.datasets (dataset_code, source_code, title_fr, title_en, publisher_code, licence,
                                      delivery_mode, contract_version, contract)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
           on conflict (dataset_code) do update
              set (source_code, title_fr, title_en, publisher_code, licence, delivery_mode, contract_version,
                   contract)
                = (excluded.source_code, excluded.title_fr, excluded.title_en, excluded.publisher_code,
                   excluded.licence, excluded.delivery_mode, excluded.contract_version, excluded.contract)""",
        [
            contract.dataset,
            contract.source,
            contract.title_fr,
            contract.title_en,
            contract.publisher,
            contract.licence,
            contract.delivery.mode,
            contract.version,
            Jsonb(contract.model_dump(mode="json")),
        ],
    )


def dbt_sources() -> str:
    """The text of dbt's `_sources.yml`: the staging tables and the tables of `meta`."""
    document = {
        "version": 2,
        "sources": [
            {
                "name": "staging",
                "schema": "staging",
                "description": "Typed rows as published, each version once.",
                "tables": [_dbt_table(contract) for contract in contracts.all().values()],
            },
            {
                "name": "meta",
                "schema": "meta",
                "description": "The ledger of deliveries, rejections and checks.",
                "tables": [
                    {
                        "name": name,
                        "description": description,
                        **({"columns": _dbt_columns(described)} if described else {}),
                    }
                    for name, (description, described) in schema.descriptions().items()
                ],
            },
        ],
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return f"# Written by `python -m ingestion dbt-sources` from the contracts; do not edit.\n{text}"


def _dbt_table(contract: Contract) -> dict[str, Any]:
    described = {column.name: _describe(column) for column in contract.columns}
    return {
        "name": contract.table,
        "description": contract.description or contract.title_en,
        "columns": _dbt_columns({**contracts.SYSTEM_COLUMNS, **described}),
    }


def _dbt_columns(described: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "description": description} for name, description in described.items()]


def _describe(column: Column) -> str:
    kind = f"code of {column.code_list}" if column.code_list else column.type
    facts = ", ".join(filter(None, (kind, column.unit)))
    return f"{column.description or column.title_fr or column.name} ({facts})"
