"""Archived files read again: their bytes verified, within the same limits and the same time as a load."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

from ingestion import archive, contracts, read
from ingestion.contracts import Contract
from ingestion.ledger import Delivery
from ingestion.read import Record, limits
from ingestion.read.deadline import within


def file_of(delivery: Delivery, contract: Contract) -> Path:
    """Give the archived file of a delivery; raises AlteredArchiveError, or UnreadableDelivery at a limit."""
    path = archive.verified(delivery.archive_path, delivery.sha256)
    limits.require(path, contract.form.reader)
    return path


def said_of(delivery: Delivery) -> str:
    """Name the file of a delivery in French, as a refusal does."""
    return f"le fichier « {delivery.file_name} »"


def reading(path: Path, contract: Contract) -> Callable[[], Iterator[Record]]:
    """Give what reads a file from its beginning each time that it is called, as its contract says."""
    return functools.partial(read.READERS[contract.form.reader], path, **contracts.reader_options(contract))


def records_of(delivery: Delivery, contract: Contract) -> Iterator[Record]:
    """Give the records of a delivery as its reader does. Raises AlteredArchiveError or UnreadableDelivery."""
    return within(reading(file_of(delivery, contract), contract), said_of(delivery))
