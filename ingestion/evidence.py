"""From a number to the place where it is printed: file, SHA-256 verified now, locator, literal."""

from __future__ import annotations

from typing import Any

from psycopg import sql

from ingestion import archive, contracts, ledger, staging
from ingestion.archive import AlteredArchiveError
from ingestion.db import Connection, rows
from ingestion.errors import ExpectedError

INTACT = "SHA-256 verified"
"""What `file now` says of an archived file whose bytes are those received."""


class NothingThereError(ExpectedError, LookupError):
    """No such indicator, no value of it for that period, or no row from that place."""


def of_value(indicator_code: str, period_code: str, db: Connection) -> list[dict[str, Any]]:
    """The figures behind the values of an indicator for a period, current ones first, one per operand.

    Reads `marts.rpt_evidence`, as `ponam_reader` may; totals (`_T`) and empty facts are left out. A figure
    that was transcribed has its place in a text: `text_…`, and `text now`. One that is there by a decision on
    a rejected record says who decided what, and why: what is printed may be another number.
    NothingThereError when there is no such value; it names the periods, or the indicators, that there are.
    """
    found = rows(
        db,
        """select origin, is_current, value, unit_code, qualifier, obs_status, concept_code,
                  nullif(area_code, 'MLI') as area_code, sector_code, funder_code, counterpart_area_code,
                  published_on, operand_number, operand_measure_code, operand_period_code,
                  operand_value, operand_unit_code, operand_locator, operand_literal, decision_id,
                  decision_fr as decision, operand_dataset_code,
                  operand_publisher_code, delivery_id, edition, address, file_name, archive_path, sha256,
                  text_delivery_id, text_address, text_file_name, text_archive_path, text_sha256
             from marts.rpt_evidence as evidence
            where indicator_code = %s and period_code = %s
            order by is_current desc, origin desc, published_on desc, evidence.area_code = 'MLI' desc,
                     sector_code, funder_code, counterpart_area_code, evidence.area_code, operand_number""",
        [indicator_code, period_code],
    )
    if not found:
        raise NothingThereError(_instead(indicator_code, period_code, db))
    files = {(row[f"{of}archive_path"], row[f"{of}sha256"]) for row in found for of in ("", "text_")}
    now = {path: _file_now(path, sha256) for path, sha256 in files if path is not None}
    return [
        {
            **{name: value for name, value in row.items() if value not in (None, "_T")},
            "file now": now[row["archive_path"]],
            **({"text now": now[path]} if (path := row["text_archive_path"]) else {}),
        }
        for row in found
    ]


def of_row(delivery_id: int, locator: str, db: Connection) -> list[dict[str, Any]]:
    """The staged rows that a delivery brought from a place, with the delivery, or NothingThereError.

    `decision`: who decided what and why, where a row is there by a decision on a rejected record.
    """
    delivery = ledger.find(delivery_id, db)
    contract = contracts.load(delivery.dataset_code)
    query = sql.SQL(
        """select record_locator, record_literal, {columns}, ended_by_delivery_id, end_reason, decision_id,
                  decision
             from {table} as staged
             left join lateral (
                  select decision_id, concat_ws(' ', action, nullif(corrections, '{{}}'), '·', author, ':',
                                                comment) as decision
                    from meta.decision_outcomes as outcome
                    join meta.decisions using (decision_id)
                   where decisions.delivery_id = staged.delivery_id and outcome.row_id = staged.row_id
                   limit 1) as decided on true
            where delivery_id = %s and record_locator = %s"""
    ).format(columns=staging.columns(contract), table=staging.table(contract))
    found = rows(db, query, [delivery_id, locator])
    if not found:
        raise NothingThereError(f"delivery {delivery_id} brought no row from {locator}")
    facts = {
        "dataset": delivery.dataset_code,
        "edition": delivery.edition,
        "published on": delivery.published_on,
        "fetched at": delivery.fetched_at,
        "address": delivery.address,
        "file": delivery.archive_path,
        "sha256": delivery.sha256,
        "file now": _file_now(delivery.archive_path, delivery.sha256),
        "status": delivery.status,
    }
    return [{**facts, **row} for row in found]


def _instead(indicator_code: str, period_code: str, db: Connection) -> str:
    known = [
        row["indicator_code"] for row in rows(db, "select indicator_code from marts.dim_indicator order by 1")
    ]
    if indicator_code not in known:
        return f"no indicator {indicator_code}; there are {', '.join(known)}"
    found = rows(
        db,
        "select distinct period_code from marts.rpt_evidence where indicator_code = %s order by 1",
        [indicator_code],
    )
    periods = [row["period_code"] for row in found]
    there_are = f"there are {', '.join(periods)}" if periods else "it has none yet"
    return f"no value of {indicator_code} for {period_code}; {there_are}"


def _file_now(archive_path: str, sha256: str) -> str:
    try:
        archive.verified(archive_path, sha256)
    except AlteredArchiveError as error:
        return str(error)
    return INTACT
