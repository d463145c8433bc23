"""Deliveries: files received once, and the verdict that puts their rows in service or keeps them out.

`received → loaded → accepted | refused`, or `received → failed`. Every function that writes needs an
autocommit connection outside any transaction, and is alone at work on the dataset while it runs.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import IO, Any, Literal

from ingestion import archive, contracts, ledger, load, vintages
from ingestion.archive import AlteredArchiveError
from ingestion.contracts import Contract
from ingestion.db import Connection, dataset_transaction
from ingestion.errors import ExpectedError
from ingestion.ledger import Delivery, Provenance
from ingestion.read import UnreadableDelivery

logger = logging.getLogger(__name__)


class WrongStateError(ExpectedError):
    """A step that the state of the delivery does not allow."""


class NotReadAgainError(ExpectedError):
    """A delivery in service that cannot be read any more, were it laid anew for another one's sake."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What came of receiving a file: new, a revision of its edition, or bytes that were there before."""

    outcome: Literal["new", "revision", "already_received"]
    delivery_id: int


def receive(
    contract: Contract,
    complete: IO[bytes],
    provenance: Provenance,
    db: Connection,
    *,
    http_status: int | None = None,
    etag: str | None = None,
) -> Reception:
    """Archive a complete file (of `archive.incoming`) and write it in the ledger.

    The bytes of an earlier delivery of the dataset make no second one, unless another version came between:
    then they are published again, and are a delivery of their own that shares the archived file. Had the
    archive lost or altered them, it has them again. Of a file on persons the name is not kept: it may be that
    of one of them.
    """
    content = archive.sealed(complete)
    if contract.personal is not None:
        name = f"{provenance.published_on}_{content.sha256[:8]}"
        provenance = replace(provenance, file_name=name, address=f"inbox:{name}")
    with dataset_transaction(db, contract.dataset):
        known = ledger.with_bytes(contract.dataset, content.sha256, db)
        replaced_by = known and ledger.came_between(
            known, provenance.address, provenance.published_on, db, is_pulled=http_status is not None
        )
        if known is None:
            is_private = contract.personal is not None
            path = archive.store(
                complete, content, contract.dataset, provenance.file_name, is_private=is_private
            )
        else:
            _restore(known, contract, complete, db)
            path = known.archive_path
        if known is not None and replaced_by is None:
            reception = Reception("already_received", known.delivery_id)
        else:
            dated = _after(replaced_by, provenance) if replaced_by else provenance
            delivery_id = ledger.record(contract, content, path, dated, db)
            revised = ledger.find(delivery_id, db).revision_of
            reception = Reception("new" if revised is None else "revision", delivery_id)
        ledger.record_fetch(
            contract.dataset,
            provenance.address,
            reception.outcome,
            db,
            http_status=http_status,
            etag=etag,
            delivery_id=reception.delivery_id,
        )
    logger.info("%s: %s is %s", contract.dataset, provenance.address, reception)
    return reception


def accept(
    delivery_id: int, db: Connection, failed_checks: Sequence[Mapping[str, Any]] | None = None
) -> None:
    """Put a loaded delivery in service; accepting it again changes nothing.

    Its rows end those of the same key known before it and, for a complete dataset, those it lacks. Deliveries
    published later and accepted earlier are taken off first and laid on again, read from the archive, so that
    the rows are those of a run in which everything arrived in order. Raises NotReadAgainError, naming the one
    of those that cannot be; nothing is changed then. `failed_checks`: what was suspicious, for the ledger.
    """
    contract = contracts.load(ledger.find(delivery_id, db).dataset_code)
    with dataset_transaction(db, contract.dataset):
        delivery = ledger.find(delivery_id, db)
        if delivery.status == "accepted":
            return
        _require(delivery, "loaded")
        if ledger.compared_too_early(delivery, db):
            load.stage(delivery, contract, db)
        later = ledger.accepted_after(delivery, db)
        _take_off(later, contract, db)
        vintages.lay(delivery, contract, db)
        ledger.move(delivery_id, "accepted", db, failed_checks=failed_checks)
        _lay_anew(later, contract, db)


def refuse(
    delivery_id: int, reason: str, db: Connection, failed_checks: Sequence[Mapping[str, Any]] | None = None
) -> None:
    """Keep a loaded delivery out of service, with the reason in French; refusing it again changes nothing."""
    dataset = ledger.find(delivery_id, db).dataset_code
    with dataset_transaction(db, dataset):
        delivery = ledger.find(delivery_id, db)
        if delivery.status != "refused":
            _require(delivery, "loaded")
            ledger.move(delivery_id, "refused", db, reason=reason, failed_checks=failed_checks)


def reset(delivery_id: int, db: Connection) -> None:
    """Bring a delivery that is not in service back to `received`: nothing of it is left in staging."""
    contract = contracts.load(ledger.find(delivery_id, db).dataset_code)
    with dataset_transaction(db, contract.dataset):
        _require(ledger.find(delivery_id, db), "received", "loaded", "failed", "refused")
        vintages.forget(ledger.find(delivery_id, db), contract, db)
        ledger.move(delivery_id, "received", db)


def reread(delivery_id: int, db: Connection) -> load.LoadReport:
    """Read a delivery again, with the present reader and contract and the decisions on its records.

    One in service stays so, and keeps the verdict it was given: its rows, and those of the deliveries after
    it, are laid anew in one transaction. Any other becomes `loaded`, and has to be judged. Raises
    NotReadAgainError when one of those in service cannot be read any more; nothing is changed then.
    """
    contract = contracts.load(ledger.find(delivery_id, db).dataset_code)
    if ledger.find(delivery_id, db).status != "accepted":
        reset(delivery_id, db)
        return load.load(delivery_id, db)
    with dataset_transaction(db, contract.dataset):
        delivery = ledger.find(delivery_id, db)
        in_service = [delivery, *ledger.accepted_after(delivery, db)]
        _take_off(in_service, contract, db)
        _lay_anew(in_service, contract, db)
        ledger.move(delivery_id, "accepted", db)  # dated anew: the marts have to take it into account
        report = load.report_of(ledger.find(delivery_id, db))
    logger.info("read again: %s", report)
    return report


def _take_off(accepted: Sequence[Delivery], contract: Contract, db: Connection) -> None:
    """Undo accepted deliveries, given oldest first, until `_lay_anew`; what they rejected is remembered."""
    if not accepted:  # as almost always: nothing was published later
        return
    db.execute(
        """create temporary table rejected_before on commit drop as
           select delivery_id, record_locator from meta.rejections where delivery_id = any(%s)""",
        [[delivery.delivery_id for delivery in accepted]],
    )
    for newer in reversed(accepted):
        vintages.forget(newer, contract, db)


def _lay_anew(accepted: Sequence[Delivery], contract: Contract, db: Connection) -> None:
    """Stage accepted deliveries again, oldest first, put them in service, and tell what changed by it.

    Others that are loaded or refused may repeat rows that this replaces: they are staged again too.
    """
    if not accepted:
        return
    for delivery in accepted:
        try:
            load.stage(delivery, contract, db)
        except (UnreadableDelivery, AlteredArchiveError) as error:
            raise NotReadAgainError(
                f"delivery {delivery.delivery_id} ({delivery.file_name}) is in service and cannot be read "
                f"again, so nothing is changed: {error}"
            ) from error
        vintages.lay(delivery, contract, db)
    waiting_after = ledger.not_in_service_after(accepted[0], db)
    for waiting in waiting_after:
        try:
            with db.transaction():
                load.stage(waiting, contract, db)
        except (UnreadableDelivery, AlteredArchiveError) as error:
            logger.warning(
                "delivery %d, not in service, could not be read again: it keeps the rows that it brought, "
                "those that it repeats may be gone: %s",
                waiting.delivery_id,
                error,
            )
    _tell_counts([*accepted, *waiting_after], db)
    _tell_rejected(accepted, db)


def _tell_counts(before: Sequence[Delivery], db: Connection) -> None:
    for delivery in before:
        was, now = _counts(delivery), _counts(ledger.find(delivery.delivery_id, db))
        if was != now:
            logger.info("delivery %d, laid anew: %s → %s", delivery.delivery_id, was, now)


def _tell_rejected(accepted: Sequence[Delivery], db: Connection) -> None:
    """Warn of what a newer reader, contract or code list rejects: it is in service no more."""
    found = db.execute(
        """select delivery_id, count(*), (array_agg(record_locator order by rejection_id))[:5]
             from meta.rejections
            where delivery_id = any(%s)
              and (delivery_id, record_locator) not in (select * from rejected_before)
            group by delivery_id
            order by delivery_id""",
        [[delivery.delivery_id for delivery in accepted]],
    )
    for delivery_id, count, places in found:
        logger.warning(
            "delivery %d: %d rejected where nothing was before, so out of service now (%s%s); "
            "see `rejections --delivery %d`",
            delivery_id,
            count,
            ", ".join(places),
            ", …" if count > len(places) else "",
            delivery_id,
        )


def _counts(delivery: Delivery) -> str:
    staged, unchanged, rejected = delivery.rows_staged, delivery.rows_unchanged, delivery.rows_rejected
    return f"{staged} staged, {unchanged} unchanged, {rejected} rejected"


def _require(delivery: Delivery, *allowed: str) -> None:
    if delivery.status not in allowed:
        raise WrongStateError(
            f"delivery {delivery.delivery_id} is {delivery.status}; expected {' or '.join(allowed)}"
        )


def _restore(known: Delivery, contract: Contract, complete: IO[bytes], db: Connection) -> None:
    try:
        archive.verified(known.archive_path, known.sha256)
        return
    except AlteredArchiveError as error:
        logger.warning("%s: received again, it is put back", error)
    archive.put(complete, known.archive_path, is_private=contract.personal is not None)
    if known.status == "failed":
        ledger.move(known.delivery_id, "received", db)


def _after(replaced: Delivery, provenance: Provenance) -> Provenance:
    """Date what is published again: a day before that of the version it replaces is the old file's."""
    if provenance.published_on >= replaced.published_on:
        return provenance
    today = datetime.datetime.now(datetime.UTC).date()
    return replace(provenance, published_on=max(today, replaced.published_on), published_on_origin="fetched")
