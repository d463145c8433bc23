"""The ledger `meta.deliveries` and `meta.fetches`: what was received, and the state of each delivery."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ingestion import gate
from ingestion.archive import Content
from ingestion.contracts import Contract
from ingestion.db import Connection, rows
from ingestion.errors import ExpectedError

Status = Literal["received", "loaded", "accepted", "refused", "failed"]
Outcome = Literal["new", "revision", "already_received", "not_modified", "unstable", "error"]


PublishedOnOrigin = Literal["contract", "file_name", "http", "fetched"]


class UnknownDeliveryError(ExpectedError, LookupError):
    """A delivery number that the ledger does not have."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What is known of a file before it is a delivery."""

    file_name: str
    address: str  # URL, or inbox:<file name>
    edition: str
    published_on: datetime.date
    published_on_origin: PublishedOnOrigin


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger."""

    delivery_id: int
    dataset_code: str
    edition: str
    revision_of: int | None
    sha256: str
    file_name: str
    address: str
    archive_path: str
    published_on: datetime.date
    published_on_origin: PublishedOnOrigin
    fetched_at: datetime.datetime
    status: Status
    status_reason: str | None
    contract_version: int
    records_read: int | None
    rows_staged: int | None
    rows_unchanged: int | None
    rows_rejected: int | None
    loaded_at: datetime.datetime | None
    judged_at: datetime.datetime | None


_COLUMNS = ", ".join(Delivery.__dataclass_fields__)


def find(delivery_id: int, db: Connection) -> Delivery:
    """Return one delivery; UnknownDeliveryError when there is none."""
    found = _select("delivery_id = %s", [delivery_id], db)
    if not found:
        raise UnknownDeliveryError(f"no delivery {delivery_id}")
    return found[0]


def with_bytes(dataset_code: str, sha256: str, db: Connection) -> Delivery | None:
    """The delivery of a dataset received last with these bytes, if there is one."""
    found = _select("dataset_code = %s and sha256 = %s", [dataset_code, sha256], db)
    return max(found, key=lambda delivery: delivery.delivery_id, default=None)


def came_between(
    known: Delivery, address: str, published_on: datetime.date, db: Connection, *, is_pulled: bool
) -> Delivery | None:
    """The delivery that stands between one and the same bytes received again, if there is one.

    An address that is asked every day is compared with itself: it says something again when what it gave last
    was another, later version. A file that is sent stands after all that was published until its day: also
    after what failed or was refused, which a newer reader or a decision may yet put in service.
    """
    last = last_from(known.dataset_code, address, db) if is_pulled else None
    if last is not None:
        is_other = last.sha256 != known.sha256 and last.delivery_id > known.delivery_id
        return last if is_other else None
    between = _select(
        """dataset_code = %s and sha256 <> %s and published_on <= %s
           and (published_on, delivery_id) > (%s, %s)""",
        [known.dataset_code, known.sha256, published_on, known.published_on, known.delivery_id],
        db,
    )
    return between[-1] if between else None


def last_from(dataset_code: str, address: str, db: Connection) -> Delivery | None:
    """The delivery that an address gave last, if it gave one."""
    found = _select(
        """delivery_id = (select delivery_id from meta.fetches
                           where dataset_code = %s and address = %s and delivery_id is not null
                           order by fetch_id desc limit 1)""",
        [dataset_code, address],
        db,
    )
    return found[0] if found else None


def newest_of_edition(dataset_code: str, edition: str, db: Connection) -> int | None:
    """The number of the delivery of an edition received last."""
    row = db.execute(
        "select max(delivery_id) from meta.deliveries where dataset_code = %s and edition = %s",
        [dataset_code, edition],
    ).fetchone()
    return row[0] if row else None


def unfinished(contract: Contract, db: Connection) -> list[Delivery]:
    """Deliveries that still need loading or judging, oldest published first.

    Those that failed come back once the contract has a new version: a newer reader may read them.
    """
    return _select(
        """dataset_code = %s
           and (status in ('received', 'loaded') or status = 'failed' and contract_version <> %s)""",
        [contract.dataset, contract.version],
        db,
    )


def accepted_before(delivery: Delivery, db: Connection) -> list[Delivery]:
    """Accepted deliveries of the same dataset published before this one, oldest first."""
    return _select(
        "dataset_code = %s and status = 'accepted' and (published_on, delivery_id) < (%s, %s)",
        [delivery.dataset_code, delivery.published_on, delivery.delivery_id],
        db,
    )


def accepted_after(delivery: Delivery, db: Connection) -> list[Delivery]:
    """Accepted deliveries of the same dataset published after this one, oldest first."""
    return _select(
        "dataset_code = %s and status = 'accepted' and (published_on, delivery_id) > (%s, %s)",
        [delivery.dataset_code, delivery.published_on, delivery.delivery_id],
        db,
    )


def not_in_service_after(delivery: Delivery, db: Connection) -> list[Delivery]:
    """Loaded or refused deliveries of the same dataset published after this one, oldest first."""
    return _select(
        """dataset_code = %s and status in ('loaded', 'refused')
           and (published_on, delivery_id) > (%s, %s)""",
        [delivery.dataset_code, delivery.published_on, delivery.delivery_id],
        db,
    )


def listed(dataset_code: str | None, db: Connection) -> list[Delivery]:
    """All deliveries, or those of one dataset, in order of publication."""
    return _select("dataset_code = coalesce(%s, dataset_code)", [dataset_code], db)


def compared_too_early(delivery: Delivery, db: Connection) -> bool:
    """Whether a delivery published before this one was accepted after this one was loaded."""
    return (
        db.execute(
            """select 1 from meta.deliveries
                where dataset_code = %s and status = 'accepted' and judged_at > %s
                  and (published_on, delivery_id) < (%s, %s)""",
            [delivery.dataset_code, delivery.loaded_at, delivery.published_on, delivery.delivery_id],
        ).fetchone()
        is not None
    )


def record(
    contract: Contract, content: Content, archive_path: str, provenance: Provenance, db: Connection
) -> int:
    """Write a new delivery and return its number; the same edition received before makes it a revision."""
    row = db.execute(
        """insert into meta.deliveries
               (dataset_code, edition, revision_of, sha256, byte_size, file_name, address, archive_path,
                published_on, published_on_origin, contract_version)
           values (%(dataset)s, %(edition)s, %(revision_of)s, %(sha256)s, %(size)s, %(file_name)s,
                   %(address)s, %(path)s, %(published_on)s, %(origin)s, %(version)s)
           returning delivery_id""",
        {
            "dataset": contract.dataset,
            "edition": provenance.edition,
            "revision_of": newest_of_edition(contract.dataset, provenance.edition, db),
            "sha256": content.sha256,
            "size": content.byte_size,
            "file_name": provenance.file_name,
            "address": provenance.address,
            "path": archive_path,
            "published_on": provenance.published_on,
            "origin": provenance.published_on_origin,
            "version": contract.version,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - `returning` of one inserted row
    return int(row[0])


def move(
    delivery_id: int,
    status: Status,
    db: Connection,
    *,
    reason: str | None = None,
    failed_checks: Sequence[Mapping[str, Any]] | None = None,
    contract_version: int | None = None,
) -> None:
    """Move a delivery to a state, with the reason in French; accepted and refused are verdicts, and dated.

    A verdict is dated after every load and verdict before it, also when the clock was set back meanwhile:
    what was compared, and what the marts have seen, is told by that order. It stands in the `gate` until the
    caller's transaction ends.

    A delivery back at the start or failed has no counts. `contract_version` is that of the contract it was
    read with, when that may be another one. Any state but `loaded` is a line of `meta.verdicts`, which
    outlives the next one; `failed_checks` are what the judge found wrong, when it was asked.
    """
    if status in ("accepted", "refused"):
        gate.enter(db)
    db.execute(
        """update meta.deliveries
              set status = %(status)s, status_reason = %(reason)s,
                  contract_version = coalesce(%(version)s, contract_version),
                  judged_at = case when %(status)s in ('accepted', 'refused') then greatest(
                      clock_timestamp(),
                      (select max(greatest(judged_at, loaded_at)) from meta.deliveries)
                          + interval '1 microsecond') end
            where delivery_id = %(delivery_id)s""",
        {"status": status, "reason": reason, "version": contract_version, "delivery_id": delivery_id},
    )
    if status in ("received", "failed"):
        db.execute(
            """update meta.deliveries
                  set (records_read, rows_staged, rows_unchanged, rows_rejected, loaded_at)
                    = (null, null, null, null, null)
                where delivery_id = %s""",
            [delivery_id],
        )
    if status != "loaded":
        db.execute(
            """insert into meta.verdicts (delivery_id, load_id, status, reason, failed_checks,
                                          contract_version, judged_at)
               select delivery_id,
                      case when status in ('accepted', 'refused') then (
                          select max(load_id) from meta.loads where delivery_id = judged.delivery_id) end,
                      status, status_reason, %s, contract_version, coalesce(judged_at, clock_timestamp())
                 from meta.deliveries as judged
                where delivery_id = %s""",
            [None if failed_checks is None else Jsonb(failed_checks), delivery_id],
        )


def verdicts(delivery_id: int | None, db: Connection) -> list[dict[str, Any]]:
    """Every verdict on all deliveries, or on one, in the order in which they were given.

    Columns: `verdict_id`, `delivery_id`, `dataset_code`, `load_id`, `status`, `judged_at` (to the second),
    `failed` (the names of the checks that failed, warnings too) and `reason`.
    """
    return rows(
        db,
        """select verdict_id, delivery_id, dataset_code, load_id, verdicts.status,
                  date_trunc('second', verdicts.judged_at) as judged_at,
                  (select string_agg(failed ->> 'check_name', ', ')
                     from jsonb_array_elements(failed_checks) as failed) as failed,
                  reason
             from meta.verdicts
             join meta.deliveries using (delivery_id)
            where delivery_id = coalesce(%s, delivery_id)
            order by verdict_id""",
        [delivery_id],
    )


def first_version(delivery: Delivery, db: Connection) -> int:
    """The version of the contract that was in force when a delivery was read first, or is to be."""
    row = db.execute(
        """select min(contract_version)
             from (select delivery_id, contract_version from meta.deliveries
                   union all
                   select delivery_id, contract_version from meta.loads
                   union all
                   select delivery_id, contract_version from meta.verdicts) as known
            where delivery_id = %s""",
        [delivery.delivery_id],
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate
    return int(row[0])


def record_load(delivery_id: int, records_decided: int, db: Connection) -> int:
    """Keep the counts of the load that just ended; return its number."""
    row = db.execute(
        """insert into meta.loads (delivery_id, contract_version, records_read, rows_staged, rows_unchanged,
                                   rows_rejected, records_decided)
           select delivery_id, contract_version, records_read, rows_staged, rows_unchanged, rows_rejected, %s
             from meta.deliveries where delivery_id = %s
           returning load_id""",
        [records_decided, delivery_id],
    ).fetchone()
    assert row is not None  # noqa: S101 - `returning` of one inserted row
    return int(row[0])


def record_fetch(
    dataset_code: str,
    address: str,
    outcome: Outcome,
    db: Connection,
    *,
    http_status: int | None = None,
    etag: str | None = None,
    delivery_id: int | None = None,
    error: str | None = None,
) -> None:
    """Write what came of one attempt to receive something."""
    db.execute(
        """insert into meta.fetches (dataset_code, address, outcome, http_status, etag, delivery_id, error)
           values (%s, %s, %s, %s, %s, %s, %s)""",
        [dataset_code, address, outcome, http_status, etag, delivery_id, error],
    )


def last_etag(dataset_code: str, address: str, db: Connection) -> str | None:
    """The ETag of the last answer with content from an address."""
    row = db.execute(
        """select etag from meta.fetches
            where dataset_code = %s and address = %s and outcome in ('new', 'revision', 'already_received')
            order by fetch_id desc limit 1""",
        [dataset_code, address],
    ).fetchone()
    return row[0] if row else None


def _select(condition: str, parameters: list[object], db: Connection) -> list[Delivery]:
    with db.cursor(row_factory=class_row(Delivery)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from meta.deliveries where {condition}"  # noqa: S608 - constants of this module
            " order by published_on, delivery_id",
            parameters,
        ).fetchall()
