"""The way of deliveries up to their verdict: collect those of a source; load and judge those of a dataset."""

from __future__ import annotations

import expectations
from expectations.verdict import Verdict
from ingestion import contracts, fetch, ledger
from ingestion.db import Connection
from ingestion.fetch import CollectError
from ingestion.load import load
from ingestion.templates import returned


class IncompleteCollectionError(RuntimeError):
    """Addresses or files of a source that could not be received; the others were."""


class UnreadableDeliveriesError(RuntimeError):
    """Deliveries that no reader could read; the others of the dataset were loaded and judged."""


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

    One after the other: each is compared with those accepted before it. Raises UnreadableDeliveriesError at
    the end, when everything else is done; a refusal is an outcome and raises nothing. What is wrong with a
    sent delivery goes back to its institution as a workbook, were it one that an earlier run left owed.
    """
    verdicts, unreadable = [], []
    returned.send_back_owed(contracts.load(dataset), db)
    for delivery in ledger.unfinished(contracts.load(dataset), db):
        report = load(delivery.delivery_id, db)
        if report.status == "failed":
            unreadable.append(f"delivery {delivery.delivery_id} ({delivery.file_name}): {report.reason}")
        else:
            verdicts.append(expectations.judge(delivery.delivery_id, db))
        returned.send_back(delivery.delivery_id, db)
    if unreadable:
        raise UnreadableDeliveriesError(f"{dataset}: " + " · ".join(unreadable))
    return verdicts
