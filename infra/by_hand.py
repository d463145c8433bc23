"""One delivery by hand, on the same path as the DAGs: receive its file, load, judge, transform."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

from rich.markup import escape

import expectations
from infra import console, transform
from infra.dbt import Dbt, ready
from infra.errors import InfraError
from ingestion import contracts, decisions, ledger, staging
from ingestion.contracts import Contract
from ingestion.db import EXPECTED, Connection, connect, told
from ingestion.fetch import receive_file
from ingestion.fetch.provenance import published
from ingestion.ledger import Delivery
from ingestion.load import LoadReport, load
from ingestion.templates import returned


def ingest(dataset: str, file: Path) -> int:
    """Take the file, say what became of it; 0 when it is in service or was there already, else 1."""
    try:
        return _ingest(dataset, file)
    except EXPECTED as error:
        raise InfraError(told(error)) from error


def finish(delivery_id: int) -> int:
    """Go on with a delivery of the ledger where it stands: load, judge, transform; 0 and 1 as `ingest`."""
    try:
        return _put_in_service(lambda db: ledger.find(delivery_id, db))
    except EXPECTED as error:
        raise InfraError(told(error)) from error


def _ingest(dataset: str, file: Path) -> int:
    contract = contracts.load(dataset)
    if not os.path.isfile(file) or not os.access(file, os.R_OK):  # noqa: PTH113 (false, not an error, for a name too long)
        raise InfraError(f"{file} is not a file that can be read.")
    return _put_in_service(lambda db: _receive(contract, file, db))


def _put_in_service(one: Callable[[Connection], Delivery]) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("expectations.judging").setLevel(logging.CRITICAL)  # its verdict is said below
    with ready() as dbt:  # it starts while the file is judged
        with connect() as db:
            staging.migrate(db)
            delivery = one(db)
            accepted = _take(delivery, db)
            if sent_back := returned.send_back(delivery.delivery_id, db):
                console.note(f"what is wrong with it, to send back: {sent_back}")
        return _transform(dbt) if accepted else 1


def _receive(contract: Contract, file: Path, db: Connection) -> Delivery:
    reception = receive_file(contract, file, db)
    delivery = ledger.find(reception.delivery_id, db)
    number = delivery.delivery_id
    if reception.outcome == "already_received":
        _say(f"{file.name}: already received, as delivery {number} of {contract.dataset}")
    else:
        new = "a revision of an edition known before" if reception.outcome == "revision" else "new"
        day = published(delivery.published_on, delivery.published_on_origin)
        _say(f"{file.name}: received as delivery {number} of {contract.dataset}, {new}, {day}")
    return delivery


def _take(delivery: Delivery, db: Connection) -> bool:
    """Load and judge; whether the delivery is accepted."""
    number = delivery.delivery_id
    report = load(number, db)
    if waiting := decisions.waiting(number, db):
        console.note(f'{waiting} decided since it was read: make ledger ARGS="reread {number}" applies that')
    if report.status == "failed":
        console.problem(f"delivery {number} could not be read: {report.reason}")
        return False
    _say(_counts(report))
    if report.status != "accepted":
        contract = contracts.load(delivery.dataset_code)
        verdict = expectations.judge(number, db)
        for warning in verdict.warnings:
            console.note(f"to be looked at: {warning.sentence(contract)}")
        if not verdict.accepted:
            console.problem(f"delivery {number} is refused: {verdict.reason}")
            return False
    _say(f"delivery {number} is accepted")
    return True


def _counts(report: LoadReport) -> str:
    return (
        f"records read {report.records_read}: rows staged {report.rows_staged}, "
        f"unchanged {report.rows_unchanged}, rejected {report.rows_rejected}"
    )


def _transform(dbt: Dbt) -> int:
    progress = console.Progress()
    report = transform.run(lambda step: progress.step(f"marts: {step.replace('_', ' ')}"), dbt)
    if report is None:
        _say("the marts already show every accepted delivery")
        return 0
    _say(report.sentence())
    for node in report.problems:
        console.note(f"{node.status}: {node.name} ({node.subject}): {node.message}")
    return 0 if report.complete else 1


def _say(message: str) -> None:
    console.out.print(escape(message), soft_wrap=True)
