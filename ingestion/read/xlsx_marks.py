"""What an .xlsx says of its cells that python-calamine does not tell: hidden rows and columns, formulas
without a cached value, errors in place of a value, and the origin of its day numbers.

The sheets' XML is streamed once; nothing is evaluated, no entity resolved. Other formats (.xls, .xlsb, .ods)
keep a value beside every formula. Of an .ods the hidden rows and columns are known too (`ods_marks`), of an
.xls and an .xlsb they are not: no library here tells them.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from lxml import etree

from ingestion.read import UnreadableDelivery, ods_marks

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_LARGEST_PART = 512 * 1024 * 1024
_MOST_CELLS = 50_000_000  # of a sheet, empty ones between the filled ones included: they are held in memory
Place = tuple[int, int]


@dataclass
class Marks:
    """What stands beside the values of one sheet; rows and columns count from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    unusable: dict[Place, tuple[str, str]] = field(default_factory=dict)
    """Cells that hold no usable value: what stands there, and in French what is expected."""
    rows: int = 0
    columns: int = 0
    """How far the filled cells reach."""


def marks_of(path: Path) -> tuple[dict[str, Marks], bool]:
    """Give the marks of each sheet by its name, and whether days count from 1904.

    Empty and False for what is neither .xlsx nor .ods. Raises UnreadableDelivery when a part of it is broken
    or larger than 512 MiB, or when a stray cell far from the others makes a sheet too wide to be held in
    memory.
    """
    if not zipfile.is_zipfile(path):
        return {}, False
    try:
        with zipfile.ZipFile(path) as package:
            if "content.xml" in package.namelist():
                return _of_ods(package), False
            if "xl/workbook.xml" not in package.namelist():
                return {}, False
            book = _tree(package, "xl/workbook.xml")
            parts = {one.get("Id"): one.get("Target") for one in _tree(package, "xl/_rels/workbook.xml.rels")}
            properties = book.find(f"{_MAIN}workbookPr")
            from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
            sheets = {
                sheet.get("name", ""): _marks(package, _part(parts.get(sheet.get(_RELATION))))
                for sheet in book.iterfind(f"{_MAIN}sheets/{_MAIN}sheet")
            }
            return sheets, from_1904
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, EOFError, OSError) as error:
        raise UnreadableDelivery("le classeur", f"une partie abîmée ({error})", "un .xlsx entier") from error


def _of_ods(package: zipfile.ZipFile) -> dict[str, Marks]:
    with _opened(package, "content.xml") as stream:
        found = ods_marks.hidden(stream)
    return {name: Marks(hidden_rows=rows, hidden_columns=columns) for name, (rows, columns) in found.items()}


def _part(target: str | None) -> str:
    return target.removeprefix("/") if target and target.startswith("/") else f"xl/{target}"


def _tree(package: zipfile.ZipFile, part: str) -> Any:
    with _opened(package, part) as stream:
        return etree.parse(stream, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()


def _opened(package: zipfile.ZipFile, part: str) -> IO[bytes]:
    size = package.getinfo(part).file_size
    if size > _LARGEST_PART:
        raise UnreadableDelivery(f"la partie {part}", f"{size} octets", f"au plus {_LARGEST_PART} octets")
    return package.open(part)


def _marks(package: zipfile.ZipFile, part: str) -> Marks:
    marks = Marks()
    if part not in package.namelist() or "worksheets" not in part:
        return marks  # a chart sheet
    with _opened(package, part) as stream:
        for element in _elements(stream):
            if element.tag == f"{_MAIN}col":
                if _is_true(element.get("hidden")):
                    first, last = int(element.get("min", "1")), int(element.get("max", "1"))
                    marks.hidden_columns.update(range(first - 1, min(last, 16384)))
            elif _is_true(element.get("hidden")):
                marks.hidden_rows.add(int(element.get("r", "0")) - 1)
            for cell in element.iterfind(f"{_MAIN}c"):
                _note(cell, marks)
            element.clear()
    if marks.rows * marks.columns > _MOST_CELLS:
        found = f"une cellule remplie loin des autres : {marks.rows} lignes × {marks.columns} colonnes"
        expected = f"au plus {_MOST_CELLS} cellules (effacer ce qui est hors du tableau)"
        raise UnreadableDelivery(f"la partie {part}", found, expected)
    return marks


def _elements(stream: IO[bytes]) -> Iterator[Any]:
    tags = (f"{_MAIN}row", f"{_MAIN}col")
    for _, element in etree.iterparse(stream, tag=tags, resolve_entities=False, no_network=True):
        yield element


def _note(cell: Any, marks: Marks) -> None:
    place = _place(cell.get("r"))
    if place is None:
        return
    if len(cell):
        marks.rows, marks.columns = max(marks.rows, place[0] + 1), max(marks.columns, place[1] + 1)
    value, formula = cell.findtext(f"{_MAIN}v"), cell.find(f"{_MAIN}f")
    if cell.get("t") == "e":
        marks.unusable[place] = (value or "#ERREUR", "une valeur, et non une erreur du tableur")
    elif formula is not None and not value:
        expected = "une valeur : la formule n'en porte pas (ouvrir et enregistrer le classeur)"
        marks.unusable[place] = (f"={formula.text or ''}", expected)


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
