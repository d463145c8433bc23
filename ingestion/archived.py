"""Archived files read again: their bytes verified, within the same limits and the same time as a load."""

from __future__ import annotations

from collections.abc import Iterator
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


def records_of(delivery: Delivery, contract: Contract) -> Iterator[Record]:
    """Give the records of a delivery as its reader does. Raises AlteredArchiveError or UnreadableDelivery."""
    path = file_of(delivery, contract)
    reader, options = read.READERS[contract.form.reader], contracts.reader_options(contract)
    return within(lambda: reader(path, **options), said_of(delivery))
