"""The hidden rows and columns of an .ods: its XML is streamed once, no entity resolved."""

from __future__ import annotations

from typing import IO, Any

from lxml import etree

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_HIDDEN = ("collapse", "filter")
# What fills a sheet up to its last row or column stands once, repeated; it holds nothing.
_FILLING = 10_000


def hidden(content: IO[bytes]) -> dict[str, tuple[set[int], set[int]]]:
    """Give the hidden rows and columns of each sheet by its name, counted from 0. Raises XMLSyntaxError."""
    sheets: dict[str, tuple[set[int], set[int]]] = {}
    rows: set[int] = set()
    columns: set[int] = set()
    row = column = 0
    tags = (f"{_TABLE}table", f"{_TABLE}table-row", f"{_TABLE}table-column")
    events = etree.iterparse(
        content, events=("start", "end"), tag=tags, resolve_entities=False, no_network=True
    )
    for event, element in events:
        if event == "start":
            if element.tag == f"{_TABLE}table":
                row = column = 0
                rows, columns = sheets.setdefault(element.get(f"{_TABLE}name", ""), (set(), set()))
        elif element.tag == f"{_TABLE}table-column":
            column = _count(element, "columns", column, columns)
        elif element.tag == f"{_TABLE}table-row":
            row = _count(element, "rows", row, rows)
            element.clear()
    return sheets


def _count(element: Any, what: str, at: int, found: set[int]) -> int:
    """Note the rows or columns that an element stands for if they are hidden; give where the next one is."""
    printed = element.get(f"{_TABLE}number-{what}-repeated", "1")
    repeated = int(printed) if printed.isdecimal() else 1
    if element.get(f"{_TABLE}visibility") in _HIDDEN and repeated <= _FILLING:
        found.update(range(at, at + repeated))
    return at + repeated
