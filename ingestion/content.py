"""The content of a delivery as CSV: what its file held, put together from what is stored once."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import TextIO

from psycopg import sql

from ingestion import contracts, ledger, vintages
from ingestion.db import Connection
from ingestion.text import inert
from ingestion.vintages import ContentNotKeptError

_AT_ONCE = 10_000  # rows


def write(delivery_id: int, target: TextIO, db: Connection) -> int:
    """Write all rows of a delivery, a header first, as they come from the database; return how many.

    `brought_by` is the delivery whose file `record_locator` is a place in: another one for a repeated row. In
    a text, what a spreadsheet would run gets an apostrophe in front (`text.inert`). Rejected records are not
    among the rows. Raises UnknownDeliveryError, and ContentNotKeptError also for one that is not loaded.
    """
    delivery = ledger.find(delivery_id, db)
    if delivery.rows_staged is None:
        raise ContentNotKeptError(f"delivery {delivery_id} is {delivery.status}: it has no rows")
    query = vintages.content(delivery, contracts.load(delivery.dataset_code), db)
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    with db.transaction(), db.cursor("content") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(sql.SQL("select * from ({}) as content order by row_id").format(query))
        writer.writerow([column.name for column in cursor.description or ()])
        for row in cursor:
            writer.writerow([_cell(value) for value in row])
        return cursor.rownumber or 0


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | Decimal):  # the minus sign of a number runs nothing
        return str(value)
    return inert(str(value))
