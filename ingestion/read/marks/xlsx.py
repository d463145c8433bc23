"""The marks of an .xlsx: the sheets' XML is streamed once, its elements known by their names alone.

So are those of a « Classeur Open XML Strict », whose namespaces are others. Cells stand where calamine takes
them to stand, and every part with cells is streamed, whatever leads to it: the bounds hold for what it reads.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any

from lxml import etree

from ingestion.french import format_number
from ingestion.read import UnreadableDelivery
from ingestion.read.marks.number_formats import is_month, is_percent
from ingestion.read.marks.package import Tags, declares, opened, parts_of, tree
from ingestion.read.marks.sheet import ERROR, NO_VALUE, Marks, Place, letters

WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STYLES = "xl/styles.xml"
_TEXTS = "xl/sharedstrings.xml"  # in lower case, as `parts_of` names it
_PLACE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_PERCENTS = ("9", "10")  # the formats 0 % and 0,00 % have no code of their own
_MONTH = "17"  # nor has mmm-yy
_CELLS = (b"sheetData", "sheetData".encode("utf-16-le"))
_CHUNK = 1024 * 1024


def marks(package: zipfile.ZipFile) -> tuple[dict[str, Marks], bool]:
    """Give the marks of each sheet by its name, and whether days count from 1904.

    Raises UnreadableDelivery for a part that is too large or a stray cell far from the others, and what
    zipfile and lxml raise for a broken one.
    """
    parts = parts_of(package)
    book = tree(package, parts[WORKBOOK])
    targets = {one.get("Id"): one.get("Target") for one in tree(package, parts[_RELATIONS])}
    properties = book.find("{*}workbookPr")
    from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    percents, months = _styles(package, parts)
    sheets, seen = {}, set()
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        part = parts.get(_part(targets.get(_relation(sheet))).lower())
        seen.add(part)
        sheets[sheet.get("name", "")] = Marks() if part is None else _of(package, part, percents, months)
    require_bounded(package, seen)
    _require_true_count(package, parts)
    return sheets, from_1904


def require_bounded(package: zipfile.ZipFile, seen: set[str | None]) -> None:
    """Raise UnreadableDelivery for a stray cell in a part with cells that was not `seen`."""
    for part in package.namelist():
        if part not in seen and _has_cells(package, part):
            _of(package, part, frozenset(), frozenset())


def _require_true_count(package: zipfile.ZipFile, parts: dict[str, str]) -> None:
    """Raise UnreadableDelivery for shared texts that say they are more than they can be.

    calamine makes room for as many as that, and ends the process where there is none. `count` is another
    number: how often they are used.
    """
    if (part := parts.get(_TEXTS)) is None:
        return
    with opened(package, part) as stream:
        _, root = next(etree.iterparse(stream, events=("start",), resolve_entities=False, no_network=True))
    said = int(root.get("uniqueCount", "0"))
    if said * len("<si/>") > package.getinfo(part).file_size:
        found = f"une liste qui annonce {format_number(said)} textes, plus qu’elle n’en peut porter"
        raise UnreadableDelivery(f"la partie {part}", found, "un classeur enregistré par un tableur")


def _has_cells(package: zipfile.ZipFile, part: str) -> bool:
    with opened(package, part) as stream:
        before = b""
        while chunk := stream.read(_CHUNK):
            if any(name in before + chunk for name in _CELLS):
                return True
            before = chunk[-max(map(len, _CELLS)) :]
    return False


def _relation(sheet: Any) -> str | None:
    return next((value for name, value in sheet.attrib.items() if name.endswith("}id")), None)


def _styles(package: zipfile.ZipFile, parts: dict[str, str]) -> tuple[frozenset[str], frozenset[str]]:
    """The numbers of the cell styles that show a percentage, and of those that show a month."""
    if _STYLES not in parts:
        return frozenset(), frozenset()
    styles = tree(package, parts[_STYLES])
    codes = {
        one.get("numFmtId"): one.get("formatCode", "") for one in styles.iterfind("{*}numFmts/{*}numFmt")
    }
    formats = {
        str(number): style.get("numFmtId") for number, style in enumerate(styles.iterfind("{*}cellXfs/{*}xf"))
    }
    return (
        frozenset(n for n, one in formats.items() if one in _PERCENTS or is_percent(codes.get(one, ""))),
        frozenset(n for n, one in formats.items() if one == _MONTH or is_month(codes.get(one, ""))),
    )


def _part(target: str | None) -> str:
    return target.removeprefix("/") if target and target.startswith("/") else f"xl/{target}"


def _of(package: zipfile.ZipFile, part: str, percents: frozenset[str], months: frozenset[str]) -> Marks:
    marks = Marks()
    row = column = 0  # of the next cell that does not say where it stands
    before, disordered = (-1, -1), None
    for element, name in _elements(package, part):
        if name == "c":
            place = _place(element.get("r"))
            if place is None:
                stands_in = next(element.iterancestors("{*}row"), element.getparent())
                place = max(_row_of(stands_in, row), row), column
            _note(element, place, marks, percents, months)
            if place <= before:
                disordered = disordered or place
            before, column = place, place[1] + 1
        elif name == "row":
            row, column = _row_of(element, row), 0
            if _is_true(element.get("hidden")):
                marks.hidden_rows.add(row)
            row += 1
        elif _is_true(element.get("hidden")):
            first, last = int(element.get("min", "1")), int(element.get("max", "1"))
            marks.hidden_columns.update(range(first - 1, min(last, 16384)))
    marks.require_bounded(f"la partie {part}")
    if disordered is not None:
        found = f"la cellule {letters(disordered[1])}{disordered[0] + 1} donnée deux fois, ou hors de l’ordre"
        raise UnreadableDelivery(f"la partie {part}", found, "un classeur enregistré par un tableur")
    return marks


def _row_of(element: Any, following: int) -> int:
    """Give the row, from 0, that an element says it is, or the one that follows the last."""
    return int(element.get("r", following + 1)) - 1


def _elements(package: zipfile.ZipFile, part: str) -> Iterator[tuple[Any, str]]:
    """Give each cell, each row after its cells, and each column, with its name; a row is cleared then.

    Raises UnreadableDelivery for a document type: no spreadsheet writes one, and readers differ in what it
    hides.
    """
    with opened(package, part) as stream:
        tags = Tags(stream, part)
        found = etree.iterparse(
            tags, tag=("{*}row", "{*}col", "{*}c"), resolve_entities=False, no_network=True
        )
        for _, element in found:
            name = str(element.tag).rpartition("}")[2]
            yield element, name
            if name == "row":
                tags.forget(element)
        if found.root is not None and found.root.getroottree().docinfo.internalDTD is not None:
            raise declares(part, "un type de document XML (<!DOCTYPE …>)")


def _note(cell: Any, place: Place, marks: Marks, percents: frozenset[str], months: frozenset[str]) -> None:
    if len(cell):
        marks.reach(*place)
    value, formula = cell.findtext("{*}v"), cell.find("{*}f")
    if cell.get("t") == "e":
        marks.unusable[place] = (value or "#ERREUR", ERROR)
    elif formula is not None and not value:
        marks.unusable[place] = (f"={formula.text or ''}", NO_VALUE)
    elif value and cell.get("s") in percents:
        marks.percents.add(place)
    elif value and cell.get("s") in months:
        marks.months.add(place)


def _place(reference: str | None) -> Place | None:
    """Give the place that a cell says; ValueError for one that is none."""
    if reference is None:
        return None
    match = _PLACE.fullmatch(reference)
    if match is None:
        raise ValueError(f"a cell at {reference!r}")
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, column - 1


def _is_true(text: str | None) -> bool:
    return text in ("1", "true")
