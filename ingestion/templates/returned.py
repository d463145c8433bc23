"""The error workbook: a delivery as it came, its faulty cells coloured and explained, for whoever sent it."""

from __future__ import annotations

import functools
import logging
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from ingestion import archive, archived, contracts, ledger, settings
from ingestion.archive import AlteredArchiveError
from ingestion.contracts import Contract
from ingestion.db import Connection, rows
from ingestion.ledger import Delivery
from ingestion.output import replacing
from ingestion.read import UnreadableDelivery
from ingestion.read.deadline import within
from ingestion.templates import anomalies, explained, summary
from ingestion.templates.anomalies import Anomaly
from ingestion.workbooks import SUMMARY, settled

logger = logging.getLogger(__name__)


def send_back(delivery_id: int, db: Connection) -> Path | None:
    """Put the error workbook of a sent delivery in the outbox; None when there is nothing to send back.

    There is for a delivery of a sent dataset that was refused, could not be read, or has rejections.
    """
    delivery = ledger.find(delivery_id, db)
    contract = contracts.load(delivery.dataset_code)
    is_faulty = delivery.status in ("refused", "failed") or delivery.rows_rejected
    if contract.delivery.by != "inbox" or not is_faulty:
        return None
    stem = archive.safe_name(Path(delivery.file_name).stem)
    file = settings.outbox() / delivery.dataset_code / f"{stem}_livraison-{delivery_id}_anomalies.xlsx"
    write(delivery_id, file, db)
    db.execute("insert into meta.workbooks_returned (delivery_id) values (%s)", [delivery_id])
    logger.info("what is wrong with delivery %d, to send back: %s", delivery_id, file)
    return file


def owed(contract: Contract, db: Connection) -> list[int]:
    """Give the deliveries whose workbook a run that died after the verdict, or a new verdict, left owed."""
    found = db.execute(
        """select delivery_id
             from meta.deliveries
            where dataset_code = %s
              and (status in ('refused', 'failed') or status = 'accepted' and rows_rejected > 0)
              and not exists (
                      select from meta.workbooks_returned as returned
                       where returned.delivery_id = deliveries.delivery_id
                         and written_at >= coalesce(judged_at, fetched_at))
            order by delivery_id""",
        [contract.dataset],
    ).fetchall()
    return [delivery_id for (delivery_id,) in found]


def write(delivery_id: int, file: Path, db: Connection) -> None:
    """Write the error workbook of any delivery; UnknownDeliveryError when the ledger does not have it."""
    content = compose(delivery_id, db)
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as partial:
        partial.write_bytes(content)


def compose(delivery_id: int, db: Connection) -> bytes:
    """Give the error workbook of a delivery as an .xlsx file."""
    delivery = ledger.find(delivery_id, db)
    contract = contracts.load(delivery.dataset_code)
    found, failed = anomalies.of_rejections(delivery, contract, db), _failed_checks(delivery, db)
    said_of_cells = [*found, *anomalies.at_checks(failed, contract, is_partial=bool(found))]
    workbook = Workbook()
    first = workbook.worksheets[0]
    first.title = SUMMARY
    coloured: dict[Anomaly, str] = {}
    try:
        sheets = functools.partial(explained.add_sheets, delivery, contract, said_of_cells, workbook)
        for cells in within(sheets, archived.said_of(delivery)):
            coloured |= cells
    except (AlteredArchiveError, UnreadableDelivery) as error:
        logger.info("the sheets of delivery %d are not sent back: %s", delivery_id, error)
        for written in workbook.worksheets[1:]:
            workbook.remove(written)
        coloured = {}
    who_fixes = _who_fixes(delivery, db)
    summary.write(first, delivery, contract, found, who_fixes, failed, coloured)
    return settled(workbook)


def _who_fixes(delivery: Delivery, db: Connection) -> list[tuple[str, int]]:
    """How many rejected records each party has to correct."""
    return db.execute(
        """select who_fixes, count(*) from meta.rejections
            where delivery_id = %s group by who_fixes order by count(*) desc, who_fixes""",
        [delivery.delivery_id],
    ).fetchall()


def _failed_checks(delivery: Delivery, db: Connection) -> list[dict[str, Any]]:
    return rows(
        db,
        """select check_name, subject, expected, observed, severity, who_fixes, failing
             from meta.check_results
            where delivery_id = %s and not passed
            order by severity, check_result_id""",
        [delivery.delivery_id],
    )
