"""The marks of an .ods: its XML is streamed once, no entity resolved."""

from __future__ import annotations

import zipfile
from typing import Any

from lxml import etree

from ingestion.french import format_number
from ingestion.read import UnreadableDelivery
from ingestion.read.marks.number_formats import shows_month
from ingestion.read.marks.package import Tags, opened
from ingestion.read.marks.sheet import ERROR, NO_VALUE, Marks

CONTENT = "content.xml"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_HIDDEN = ("collapse", "filter")
# What fills a sheet up to its last row or column stands once, repeated; it holds nothing.
_FILLING = 10_000
_MOST_FILLED = 5_000_000  # of a workbook, repeated ones included: written out, as many are over every limit


def marks(package: zipfile.ZipFile) -> dict[str, Marks]:
    """Give the marks of each sheet by its name.

    Raises XMLSyntaxError, and UnreadableDelivery when repeated cells are too many to be held in memory.
    """
    sheets: dict[str, Marks] = {}
    name, current = "", Marks()
    row = column = filled = 0
    tags = (f"{_TABLE}table", f"{_TABLE}table-row", f"{_TABLE}table-column")
    with opened(package, CONTENT) as stream:
        read = Tags(stream, CONTENT)
        for event, element in etree.iterparse(
            read, events=("start", "end"), tag=tags, resolve_entities=False, no_network=True
        ):
            if event == "start":
                if element.tag == f"{_TABLE}table":
                    row = column = 0
                    name = element.get(f"{_TABLE}name", "")
                    current = sheets.setdefault(name, Marks())
            elif element.tag == f"{_TABLE}table-column":
                count = _repeated(element, "columns")
                if _is_hidden(element) and count <= _FILLING:
                    current.hidden_columns.update(range(column, column + count))
                column += count
            elif element.tag == f"{_TABLE}table-row":
                count = _repeated(element, "rows")
                if here := _filled(element, row + count - 1, current):
                    filled += here * count
                    current.require_bounded(f"la feuille « {name} »")
                    _require_few(filled)
                rows = range(row, row + count)
                if _is_hidden(element) and (here or count <= _FILLING):
                    current.hidden_rows.update(rows)
                if here:
                    _note_cells(element, rows, current)
                row += count
                read.forget(element)
    return sheets


def _filled(row: Any, last: int, found: Marks) -> int:
    """Count the filled cells of a row, the last time that it is repeated in row `last`; note their reach."""
    count = column = 0
    for cell in row.iterchildren(etree.Element):
        repeated = _repeated(cell, "columns")
        column += repeated
        if len(cell) or cell.get(f"{_OFFICE}value-type") or cell.get(f"{_TABLE}formula") is not None:
            count += repeated
            found.reach(last, column - 1)
    return count


def _require_few(filled: int) -> None:
    if filled > _MOST_FILLED:
        found = f"{format_number(filled)} cellules remplies, dont beaucoup sont répétées"
        raise UnreadableDelivery("le classeur", found, f"au plus {format_number(_MOST_FILLED)}")


def _note_cells(row: Any, rows: range, found: Marks) -> None:
    column = 0
    for cell in row.iterchildren(etree.Element):
        count = _repeated(cell, "columns")
        places = ((at, column + n) for at in rows for n in range(count))
        kind, is_formula = cell.get(f"{_OFFICE}value-type"), cell.get(f"{_TABLE}formula") is not None
        if cell.get(f"{_CALC}value-type") == "error":
            text = _shown(cell) or "#ERREUR"
            found.unusable |= dict.fromkeys(places, (text, ERROR))
        elif is_formula and kind is None:
            found.unusable |= dict.fromkeys(places, (cell.get(f"{_TABLE}formula"), NO_VALUE))
        elif kind == "percentage":
            found.percents.update(places)
        elif kind == "date" and shows_month(cell.get(f"{_OFFICE}date-value", ""), _shown(cell)):
            found.months.update(places)
        column += count


def _shown(cell: Any) -> str:
    """What a cell shows: an .ods holds it beside the value."""
    return "".join(cell.itertext(f"{_TEXT}p"))


def _is_hidden(element: Any) -> bool:
    return element.get(f"{_TABLE}visibility") in _HIDDEN


def _repeated(element: Any, what: str) -> int:
    """How many rows or columns an element stands for."""
    printed = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return int(printed) if printed.isdecimal() else 1
