"""Load a delivery: archived file → records → typed rows in `staging`, or rejections; every record counted.

One transaction per load. Records stream into the database by COPY; what happens to them (repeated key,
unchanged, new) is decided there by SQL, on whole sets. Memory does not grow with a text that is read line by
line; what a reader holds as a whole (a workbook, a PDF, an article, a JSON document) `read.limits` bounds.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from ingestion import archived, contracts, decisions, ledger, pseudonyms, staging, templates
from ingestion.archive import AlteredArchiveError
from ingestion.contracts import Contract
from ingestion.db import Connection, dataset_transaction
from ingestion.decisions import Decided
from ingestion.incoming import Incoming, Source
from ingestion.ledger import Delivery, Status
from ingestion.read import Record, UnreadableDelivery
from ingestion.read.batch import pieces
from ingestion.read.deadline import within
from ingestion.text import storable
from ingestion.vintages import forget

logger = logging.getLogger(__name__)


class CountDoesNotCloseError(AssertionError):
    """Records read are not rows staged + unchanged + rejected: never the fault of a delivery."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of the records of a delivery; `reason` says in French why it failed or was refused."""

    dataset_code: str
    delivery_id: int
    records_read: int
    rows_staged: int
    rows_unchanged: int
    rows_rejected: int
    status: Status
    reason: str | None = None


def load(delivery_id: int, db: Connection) -> LoadReport:
    """Load a delivery and report; one that is judged already is left as it is and reported.

    A file that cannot be read leaves the delivery `failed`, with the reason. Loading again replaces what an
    earlier, interrupted or failed load left. A second load of the same dataset waits for the first.
    """
    contract = contracts.load(ledger.find(delivery_id, db).dataset_code)
    with dataset_transaction(db, contract.dataset):
        delivery = ledger.find(delivery_id, db)
        if delivery.status not in ("accepted", "refused"):
            try:
                with db.transaction():
                    stage(delivery, contract, db)
                    ledger.move(delivery_id, "loaded", db)
            except (UnreadableDelivery, AlteredArchiveError) as error:
                forget(delivery, contract, db)
                ledger.move(
                    delivery_id,
                    "failed",
                    db,
                    reason=storable(str(error)),
                    contract_version=contract.version,
                )
        report = report_of(ledger.find(delivery_id, db))
    logger.info("%s", report)
    return report


def report_of(delivery: Delivery) -> LoadReport:
    """What the ledger says of a load, zeros when the delivery has not been loaded."""
    return LoadReport(
        delivery.dataset_code,
        delivery.delivery_id,
        delivery.records_read or 0,
        delivery.rows_staged or 0,
        delivery.rows_unchanged or 0,
        delivery.rows_rejected or 0,
        delivery.status,
        delivery.status_reason,
    )


def stage(delivery: Delivery, contract: Contract, db: Connection) -> None:
    """Replace the staged rows and rejections of a delivery by those of its file, in the caller's transaction.

    Its records are compared with the rows known just before it was published. Raises UnreadableDelivery or
    AlteredArchiveError; the delivery's status is the caller's business.
    """
    path = archived.file_of(delivery, contract)
    forget(delivery, contract, db)
    templates.require_in_force(path, contract, since=ledger.first_version(delivery, db))
    decided = Decided(decisions.of_delivery(delivery.delivery_id, db))
    source = _source(path, delivery, contract, decided, db)
    timed = functools.partial(within, source, archived.said_of(delivery))
    counts = Incoming(delivery, contract, timed, path.stat().st_size, db).settle()
    if counts.read != counts.staged + counts.unchanged + counts.rejected:
        raise CountDoesNotCloseError(
            f"{contract.dataset}, delivery {delivery.delivery_id}: {counts.read} records read, but "
            f"{counts.staged} staged + {counts.unchanged} unchanged + {counts.rejected} rejected"
        )
    db.execute(
        """update meta.deliveries
              set records_read = %s, rows_staged = %s, rows_unchanged = %s, rows_rejected = %s,
                  contract_version = %s, loaded_at = clock_timestamp()
            where delivery_id = %s""",
        [
            counts.read,
            counts.staged,
            counts.unchanged,
            counts.rejected,
            contract.version,
            delivery.delivery_id,
        ],
    )
    load_id = ledger.record_load(delivery.delivery_id, len(decided.locators), db)
    decided.note_outcomes(load_id, delivery, contract, db)


def _source(path: Path, delivery: Delivery, contract: Contract, decided: Decided, db: Connection) -> Source:
    """How to read the file from its beginning: in batches, unless records are verified or were decided."""
    nameless = pseudonyms.source(archived.reading(path, contract), delivery, contract, db)
    if contract.verification is None and not decided.decisions:
        return lambda: pieces(nameless())
    verified = _verification(contract, db)
    return lambda: decided.records(nameless(), verified)


def _verification(contract: Contract, db: Connection) -> Callable[[Record], Record]:
    """How each record is held against the accepted text it was taken from, where the contract says so."""
    rule = contract.verification
    if rule is None:
        return lambda record: record
    from ingestion.read.transcription import located

    texts = {
        tuple(map(str, key)): text
        for *key, text in db.execute(
            sql.SQL(
                """select {columns}
                     from {table}
                     join meta.deliveries using (delivery_id)
                    where status = 'accepted' and ended_by_delivery_id is null and record_kind = 'data'"""
            ).format(
                columns=sql.SQL(", ").join(map(sql.Identifier, (*rule.match, rule.text))),
                table=staging.table(contracts.load(rule.dataset)),
            )
        )
    }

    def verified(record: Record) -> Record:
        if record.kind == "note":
            return record
        return located(record, texts.get(tuple(record.values.get(name) or "" for name in rule.match)))

    return verified
