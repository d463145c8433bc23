"""How files arrive: pulled by HTTP, sent to the inbox, given by hand. Each becomes a row of the ledger."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ingestion import archive, contracts, ledger
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.deliveries import Reception, receive
from ingestion.errors import ExpectedError
from ingestion.fetch import inbox, whole
from ingestion.fetch.provenance import provenance_of

__all__ = ["CollectError", "Reception", "collect", "collect_source", "receive_file"]


class CollectError(ExpectedError):
    """Some files could not be received; `delivery_ids` are the deliveries that can be loaded all the same."""

    def __init__(self, errors: list[str], delivery_ids: list[int]) -> None:
        """Keep `errors`, one line per address or file, and `delivery_ids`."""
        self.errors, self.delivery_ids = errors, delivery_ids
        super().__init__("; ".join(errors))


def collect(contract: Contract, db: Connection) -> list[int]:
    """Pull every address of the contract, empty its inbox folder; return the deliveries to load or judge.

    Those are the new ones and any that an earlier run left unfinished, oldest published first. An address or
    a file that fails does not stop the others: CollectError is raised once everything else is done.
    """
    errors = []
    if contract.delivery.by == "http":
        from ingestion.fetch import http

        errors += http.pull(contract, db)
    if contract.delivery.by == "eden":
        from ingestion.fetch import eden

        errors += eden.pull(contract, db)
    errors += inbox.empty(contract, db)
    to_load = [delivery.delivery_id for delivery in ledger.unfinished(contract, db)]
    if errors:
        raise CollectError([f"{contract.dataset}: {error}" for error in errors], to_load)
    return to_load


def collect_source(source: str, db: Connection) -> list[int]:
    """Collect every dataset of a source, in the order of its contracts; CollectError as for `collect`.

    What was put in the inbox for the source, but in no folder of its datasets, is an error too.
    """
    errors = [f"{source}: {stray}" for stray in inbox.strays(source)]
    to_load: list[int] = []
    for contract in contracts.of_source(source):
        try:
            to_load += collect(contract, db)
        except CollectError as error:
            errors += error.errors
            to_load += error.delivery_ids
    if errors:
        raise CollectError(errors, to_load)
    return to_load


def receive_file(contract: Contract, path: Path, db: Connection) -> Reception:
    """Receive one file given by hand, which stays where it is.

    Raises FileNotFoundError when it is not a file, UnstableFileError when it is still being written.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no file {path}")
    with path.open("rb") as source, archive.incoming() as copy:
        state = whole.state_of(os.fstat(source.fileno()))
        shutil.copyfileobj(source, copy)
        whole.require(source, state)
        return receive(
            contract, copy, provenance_of(contract, path.name, f"hand:{archive.safe_name(path.name)}"), db
        )
