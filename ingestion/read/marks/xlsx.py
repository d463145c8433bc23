"""The marks of an .xlsx: the sheets' XML is streamed once."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from lxml import etree

from ingestion.read.marks.number_formats import is_month, is_percent
from ingestion.read.marks.package import opened, tree
from ingestion.read.marks.sheet import ERROR, NO_VALUE, Marks, Place

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_STYLES = "xl/styles.xml"
_PERCENTS = ("9", "10")  # the formats 0 % and 0,00 % have no code of their own
_MONTH = "17"  # nor has mmm-yy


def marks(package: zipfile.ZipFile) -> tuple[dict[str, Marks], bool]:
    """Give the marks of each sheet by its name, and whether days count from 1904.

    Raises UnreadableDelivery for a part that is too large or a stray cell far from the others, and what
    zipfile and lxml raise for a broken one.
    """
    book = tree(package, "xl/workbook.xml")
    parts = {one.get("Id"): one.get("Target") for one in tree(package, "xl/_rels/workbook.xml.rels")}
    properties = book.find(f"{_MAIN}workbookPr")
    from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    percents, months = _styles(package)
    sheets = {
        sheet.get("name", ""): _of(package, _part(parts.get(sheet.get(_RELATION))), percents, months)
        for sheet in book.iterfind(f"{_MAIN}sheets/{_MAIN}sheet")
    }
    return sheets, from_1904


def _styles(package: zipfile.ZipFile) -> tuple[frozenset[str], frozenset[str]]:
    """The numbers of the cell styles that show a percentage, and of those that show a month."""
    if _STYLES not in package.namelist():
        return frozenset(), frozenset()
    styles = tree(package, _STYLES)
    codes = {
        one.get("numFmtId"): one.get("formatCode", "")
        for one in styles.iterfind(f"{_MAIN}numFmts/{_MAIN}numFmt")
    }
    formats = {
        str(number): style.get("numFmtId")
        for number, style in enumerate(styles.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf"))
    }
    return (
        frozenset(n for n, one in formats.items() if one in _PERCENTS or is_percent(codes.get(one, ""))),
        frozenset(n for n, one in formats.items() if one == _MONTH or is_month(codes.get(one, ""))),
    )


def _part(target: str | None) -> str:
    return target.removeprefix("/") if target and target.startswith("/") else f"xl/{target}"


def _of(package: zipfile.ZipFile, part: str, percents: frozenset[str], months: frozenset[str]) -> Marks:
    marks = Marks()
    if part not in package.namelist() or "worksheets" not in part:
        return marks  # a chart sheet
    with opened(package, part) as stream:
        for element in _elements(stream):
            if element.tag == f"{_MAIN}col":
                if _is_true(element.get("hidden")):
                    first, last = int(element.get("min", "1")), int(element.get("max", "1"))
                    marks.hidden_columns.update(range(first - 1, min(last, 16384)))
            elif _is_true(element.get("hidden")):
                marks.hidden_rows.add(int(element.get("r", "0")) - 1)
            for cell in element.iterfind(f"{_MAIN}c"):
                _note(cell, marks, percents, months)
            element.clear()
    marks.require_bounded(f"la partie {part}")
    return marks


def _elements(stream: IO[bytes]) -> Iterator[Any]:
    tags = (f"{_MAIN}row", f"{_MAIN}col")
    for _, element in etree.iterparse(stream, tag=tags, resolve_entities=False, no_network=True):
        yield element


def _note(cell: Any, marks: Marks, percents: frozenset[str], months: frozenset[str]) -> None:
    place = _place(cell.get("r"))
    if place is None:
        return
    if len(cell):
        marks.reach(*place)
    value, formula = cell.findtext(f"{_MAIN}v"), cell.find(f"{_MAIN}f")
    if cell.get("t") == "e":
        marks.unusable[place] = (value or "#ERREUR", ERROR)
    elif formula is not None and not value:
        marks.unusable[place] = (f"={formula.text or ''}", NO_VALUE)
    elif value and cell.get("s") in percents:
        marks.percents.add(place)
    elif value and cell.get("s") in months:
        marks.months.add(place)


def _place(reference: str | None) -> Place | None:
    match = _PLACE.fullmatch(reference or "")
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, column - 1


def _is_true(text: str | None) -> bool:
    return text in ("1", "true")
