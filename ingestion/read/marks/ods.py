"""The marks of an .ods: its XML is streamed once, no entity resolved."""

from __future__ import annotations

import zipfile
from typing import Any

from lxml import etree

from ingestion.read.marks.package import opened
from ingestion.read.marks.sheet import ERROR, NO_VALUE, Marks

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_HIDDEN = ("collapse", "filter")
# What fills a sheet up to its last row or column stands once, repeated; it holds nothing.
_FILLING = 10_000


def marks(package: zipfile.ZipFile) -> dict[str, Marks]:
    """Give the marks of each sheet by its name. Raises XMLSyntaxError."""
    sheets: dict[str, Marks] = {}
    current = Marks()
    row = column = 0
    tags = (f"{_TABLE}table", f"{_TABLE}table-row", f"{_TABLE}table-column")
    with opened(package, "content.xml") as stream:
        for event, element in etree.iterparse(
            stream, events=("start", "end"), tag=tags, resolve_entities=False, no_network=True
        ):
            if event == "start":
                if element.tag == f"{_TABLE}table":
                    row = column = 0
                    current = sheets.setdefault(element.get(f"{_TABLE}name", ""), Marks())
            elif element.tag == f"{_TABLE}table-column":
                count = _repeated(element, "columns")
                if _is_hidden(element) and count <= _FILLING:
                    current.hidden_columns.update(range(column, column + count))
                column += count
            elif element.tag == f"{_TABLE}table-row":
                count = _repeated(element, "rows")
                if count <= _FILLING:
                    rows = range(row, row + count)
                    if _is_hidden(element):
                        current.hidden_rows.update(rows)
                    _note_cells(element, rows, current)
                row += count
                element.clear()
    return sheets


def _note_cells(row: Any, rows: range, found: Marks) -> None:
    column = 0
    for cell in row:
        count = _repeated(cell, "columns")
        if count <= _FILLING:
            places = [(at, column + n) for at in rows for n in range(count)]
            kind, is_formula = cell.get(f"{_OFFICE}value-type"), cell.get(f"{_TABLE}formula") is not None
            if cell.get(f"{_CALC}value-type") == "error":
                text = "".join(cell.itertext(f"{_TEXT}p")) or "#ERREUR"
                found.unusable |= dict.fromkeys(places, (text, ERROR))
            elif is_formula and kind is None:
                found.unusable |= dict.fromkeys(places, (cell.get(f"{_TABLE}formula"), NO_VALUE))
            elif kind == "percentage":
                found.percents.update(places)
        column += count


def _is_hidden(element: Any) -> bool:
    return element.get(f"{_TABLE}visibility") in _HIDDEN


def _repeated(element: Any, what: str) -> int:
    """How many rows or columns an element stands for."""
    printed = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return int(printed) if printed.isdecimal() else 1
