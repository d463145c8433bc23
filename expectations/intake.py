"""The way of deliveries up to their verdict: collect those of a source; load and judge those of a dataset."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import expectations
from expectations.verdict import Verdict
from ingestion import contracts, fetch, ledger
from ingestion.db import Connection
from ingestion.fetch import CollectError
from ingestion.load import load
from ingestion.templates import returned

logger = logging.getLogger(__name__)


class IncompleteCollectionError(RuntimeError):
    """Addresses or files of a source that could not be received; the others were."""


class UnreadableDeliveriesError(RuntimeError):
    """Deliveries that no reader could read; the others of the dataset were loaded and judged."""


class UnfinishedDeliveriesError(RuntimeError):
    """Deliveries at which something broke that is no fault of theirs; the others were loaded and judged."""


def collect(source: str, db: Connection) -> list[int]:
    """Receive all that a source published or sent; return the deliveries that wait to be loaded or judged.

    Raises IncompleteCollectionError at the end, when everything that can be received is.
    """
    try:
        return fetch.collect_source(source, db)
    except CollectError as error:
        raise IncompleteCollectionError(" · ".join(error.errors)) from error


def finish(dataset: str, db: Connection) -> list[Verdict]:
    """Load and judge every delivery of a dataset that still waits for it, oldest published first.

    One after the other: each is compared with those accepted before it. Raises UnfinishedDeliveriesError or
    UnreadableDeliveriesError at the end, when everything else is done; a refusal is an outcome and raises
    nothing. What is wrong with a sent delivery goes back to its institution as a workbook, were it one that
    an earlier run left owed.
    """
    verdicts: list[Verdict] = []
    unreadable: list[str] = []
    broken: list[Exception] = []
    contract = contracts.load(dataset)
    for owed in returned.owed(contract, db):
        with _alone(f"the workbook of delivery {owed}", broken, db):
            returned.send_back(owed, db)
    for delivery in ledger.unfinished(contract, db):
        about = f"delivery {delivery.delivery_id} ({delivery.file_name})"
        with _alone(about, broken, db):
            report = load(delivery.delivery_id, db)
            if report.status == "failed":
                unreadable.append(f"{about}: {report.reason}")
            else:
                verdicts.append(expectations.judge(delivery.delivery_id, db))
            returned.send_back(delivery.delivery_id, db)
    if broken:
        said = (f"{error.__notes__[-1]}: {type(error).__name__}: {error}" for error in broken)
        raise UnfinishedDeliveriesError(f"{dataset}: " + " · ".join([*said, *unreadable])) from broken[0]
    if unreadable:
        raise UnreadableDeliveriesError(f"{dataset}: " + " · ".join(unreadable))
    return verdicts


@contextmanager
def _alone(about: str, broken: list[Exception], db: Connection) -> Iterator[None]:
    """Let what breaks at one delivery stop no other: kept in `broken`, unless the connection is gone too."""
    try:
        yield
    except Exception as error:
        if db.closed:
            raise
        logger.exception("%s is left unfinished", about)
        error.add_note(about)
        broken.append(error)
