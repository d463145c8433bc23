"""The sheets of a received file, written anew with each faulty cell coloured and explained.

They are written from the values read, never copied: no formula, link, macro or picture of the received file
survives. Cells keep their addresses, so that the corrected workbook can be sent back as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from ingestion import archived
from ingestion.contracts import Contract
from ingestion.french import fold
from ingestion.ledger import Delivery
from ingestion.templates import places
from ingestion.templates.anomalies import Anomaly, headers_of
from ingestion.templates.received import Sheet, sheets, shown
from ingestion.templates.styles import HEADER_FILL, WRAPPED
from ingestion.workbooks import ANOMALY, SUMMARY, put_text

if TYPE_CHECKING:
    from openpyxl.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

_FAULTY = PatternFill("solid", fgColor="FFC7CE")
_DOUBTFUL = PatternFill("solid", fgColor="FFEB9C")
_PERCENT = "0.##%"


def add_sheets(
    delivery: Delivery, contract: Contract, anomalies: Sequence[Anomaly], workbook: Workbook
) -> Iterator[dict[Anomaly, str]]:
    """Add each sheet of the archived file to a workbook; give, for each, its coloured cells by anomaly.

    None when it is no workbook and no delimited text. Raises AlteredArchiveError, or UnreadableDelivery when
    the file is too much.
    """
    if contract.personal is not None:
        return  # what names persons is not copied: the list of anomalies says the place of each
    headers = frozenset().union(*headers_of(contract).values())
    titles = {fold(SUMMARY)}
    for sheet in sheets(archived.file_of(delivery, contract)):
        if fold(sheet.name) in titles:  # what an earlier error workbook said, sent back with it
            continue
        titles.add(fold(sheet.name))
        written = workbook.create_sheet(sheet.name)
        _copy(sheet, written)
        yield _explain(sheet, written, anomalies, headers)


def _copy(sheet: Sheet, written: Worksheet) -> None:
    for at, cells in enumerate(sheet.cells, 1):
        for column, value in enumerate(cells, 1):
            if value != "" and value is not None:
                _put(written.cell(at, column), value)
                if (at, column) in sheet.percents:
                    written.cell(at, column).number_format = _PERCENT
    for first, last in sheet.ranges:
        written.merge_cells(start_row=first[0], start_column=first[1], end_row=last[0], end_column=last[1])
    widths: Counter[int] = Counter()
    for cells in sheet.cells[:200]:
        for column, value in enumerate(cells, 1):
            widths[column] = max(widths[column], min(len(shown(value)), 44))
    for column, width in widths.items():
        written.column_dimensions[get_column_letter(column)].width = max(width + 2, 9)
    if sheet.is_hidden:
        written.sheet_state = "hidden"


def _put(cell: Cell | MergedCell, value: Any) -> None:
    if isinstance(value, str):
        put_text(cell, value)
    else:
        cell.value = value


def _explain(
    sheet: Sheet, written: Worksheet, anomalies: Iterable[Anomaly], headers: frozenset[str]
) -> dict[Anomaly, str]:
    """Colour each faulty cell, with the reason as a comment and in the column « Anomalie » of its row.

    Return the cell that is coloured for each, as `E6`; those that are only to be looked at have a
    colour of their own.
    """
    reasons: dict[tuple[int, int], list[str]] = {}
    faulty: set[tuple[int, int]] = set()
    cells: dict[Anomaly, str] = {}
    for anomaly in anomalies:
        if place := places.of_anomaly(sheet, anomaly, headers):
            cells[anomaly] = f"{get_column_letter(place[1])}{place[0]}"
            said = reasons.setdefault(place, [])
            if str(anomaly) not in said:
                said.append(str(anomaly))
            if not anomaly.is_warning:
                faulty.add(place)
    if not reasons:
        return cells
    beside = sheet.columns.stop
    by_row: dict[int, list[str]] = {}
    for (row, column), said in sorted(reasons.items()):
        cell = written.cell(row, column)
        cell.fill = _FAULTY if (row, column) in faulty else _DOUBTFUL
        cell.comment = Comment("\n".join(said)[:2000], "PONAM", height=120, width=320)
        by_row.setdefault(row, []).extend(line for line in said if line not in by_row.get(row, []))
    named = (row for row in range(min(by_row) - 1, 0, -1) if sheet.said(row) & headers)
    if at := next(named, min(by_row) - 1):
        heading = written.cell(at, beside)
        put_text(heading, ANOMALY)
        heading.font, heading.fill = Font(bold=True), HEADER_FILL
    rows_at_fault = {row for row, _ in faulty}
    for row, said in by_row.items():
        cell = written.cell(row, beside)
        put_text(cell, " ; ".join(said))
        cell.alignment, cell.fill = WRAPPED, _FAULTY if row in rows_at_fault else _DOUBTFUL
    written.column_dimensions[get_column_letter(beside)].width = 70
    return cells
