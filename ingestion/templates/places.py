"""Where in a received sheet an anomaly is: by the place that it says, or by what it says stood there."""

from __future__ import annotations

import re

from openpyxl.utils import column_index_from_string

from ingestion.french import NotAsExpected, fold, parse_number
from ingestion.templates.anomalies import Anomaly
from ingestion.templates.received import Sheet, sheet_name

_HEADER_ROWS = 13  # headers stand above this row
_IN_WORKBOOK = re.compile(r"(?P<sheet>.+)!(?P<column>[A-Z]{1,3})(?P<row>\d+)")
_IN_BOOK = re.compile(r"feuille n° (?P<number>\d+)")
_IN_TEXT = re.compile(r"l\.(?P<row>\d+)(?: c\.(?P<header>.+))?")


def of_anomaly(sheet: Sheet, anomaly: Anomaly, headers: frozenset[str]) -> tuple[int, int] | None:
    """The faulty cell, row and column from 1: on the record's row, the one that holds what was found."""
    if match := _IN_WORKBOOK.fullmatch(anomaly.locator):
        if sheet_name(match["sheet"]) != sheet.name or sheet.lines:
            return None
        row, own = int(match["row"]), column_index_from_string(match["column"])
    elif match := _IN_BOOK.fullmatch(anomaly.locator):
        return (1, 1) if int(match["number"]) == sheet.number else None
    elif not any(len(sheet.said(row) & headers) > 1 for row in range(1, _HEADER_ROWS)):
        return None
    elif match := _IN_TEXT.fullmatch(anomaly.locator):
        row, own = sheet.lines.get(int(match["row"]), int(match["row"])), 1
        if match["header"]:
            own = next(iter(_columns_under(sheet, frozenset((fold(match["header"]),)), own)), own)
    else:
        row, own = _likeliest_row(sheet, anomaly.printed), 1
    if not 0 < row <= len(sheet.cells):
        return None
    titled = _columns_under(sheet, anomaly.headers, own)
    if anomaly.found and not anomaly.is_of_check:
        wanted = fold(anomaly.found)
        candidates = [own, *titled, *sheet.columns]
        column = next((c for c in candidates if fold(sheet.text(row, c)) == wanted), own)
    else:
        column = next(iter(titled), own)
    if anomaly.is_repeated and not _says(sheet.text(row, column), anomaly.found or ""):
        return None
    place: tuple[int, int] = (row, column)
    return sheet.merged.get(place, place)


def _likeliest_row(sheet: Sheet, printed: frozenset[str]) -> int:
    """The row that says most of what a record says; 0 when none says two things of it."""
    shared = {row: len(sheet.said(row) & printed) for row in range(1, len(sheet.cells) + 1)}
    best = max(shared, key=lambda row: shared[row], default=0)
    return best if shared.get(best, 0) > 1 else 0


def _columns_under(sheet: Sheet, headers: frozenset[str], own: int) -> list[int]:
    """Give the columns that one of the first rows names so, those of the record's own table first.

    Tables stand side by side, what a row is about to the left of its figures.
    """
    found = [
        column
        for column in sheet.columns
        if any(fold(sheet.text(row, column)) in headers for row in range(1, _HEADER_ROWS))
    ]
    return sorted(found, key=lambda column: (column > own, abs(column - own)))


def _says(text: str, found: str) -> bool:
    """Whether a cell holds one of the values that a check found: « 264, 265 »."""
    return any(_same_value(text, value) for value in found.split(", "))


def _same_value(text: str, other: str) -> bool:
    try:
        return parse_number(text) == parse_number(other)
    except NotAsExpected:
        return fold(text) == fold(other)
