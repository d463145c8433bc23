"""The text export of BCEAO's EDEN portal, whatever its extension says (`.xls`, `.csv`).

Blank lines and a title; then, for each country, its name alone on a line, a header
`CODE;LIBELLE;[metadata…];period;period;…` and one line per series. UTF-8 and cp1252 lines may be mixed.
Where an export of one country does not name it, the letter of each series code does. Labels are repeated
within a country: the code is the key. One record per series and period, missing values included: EDEN prints
them, so they are kept, as null.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ingestion import code_lists
from ingestion.french import NotAsExpected, fold, parse_period
from ingestion.read import Record, UnreadableDelivery
from ingestion.read.limits import CONTAINERS
from ingestion.read.text import LONGEST_LINE, decoded_line

# The letter that EDEN prints three times at the head of a series code (S is Guinée-Bissau, K is Sénégal).
_AREA_OF_LETTER = {
    "A": "CIV",
    "B": "BEN",
    "C": "BFA",
    "D": "MLI",
    "H": "NER",
    "K": "SEN",
    "S": "GNB",
    "T": "TGO",
    "Z": "UEMOA",
}
_COLUMN_OF_HEADER = {
    "code": "series_code",
    "libelle": "series_label",
    "unite de mesure": "unit_label",
    "magnitude": "magnitude_label",
}


@dataclass
class _Block:
    """What holds for the lines that follow: the country, then its header."""

    name: str
    header: list[str] = field(default_factory=list)
    columns: dict[int, str] = field(default_factory=dict)
    """Position to contract column, for the metadata that the warehouse keeps."""
    periods: dict[int, str] = field(default_factory=dict)
    """Position to period label."""


def read(path: Path, *, missing: tuple[str, ...] = ("", "-", "ND", "NA")) -> Iterator[Record]:
    """Read an EDEN export line by line.

    `missing` are the marks of a missing value, compared without case. The records carry area_code,
    series_code, series_label, unit_label, magnitude_label, period_code and value. Raises
    UnreadableDelivery when the file is no EDEN export.
    """
    marks = frozenset(mark.casefold() for mark in missing)
    block: _Block | None = None
    with path.open("rb") as stream:
        _refuse_other_formats(stream)
        for number, line in _lines(stream):
            cells = [cell.strip() for cell in line.split(";")]
            if not any(cells):
                continue
            if fold(cells[0]) == "code":
                block = _with_header(block, cells, number)
            elif not any(cells[1:]) and _is_block_name(cells[0], line):
                block = _Block(cells[0])
            elif block is not None and block.header:
                yield from _records(block, cells, number, marks, line)
            elif any(cells[1:]):
                raise UnreadableDelivery(f"ligne {number}", _shown(cells), "l’en-tête CODE;LIBELLE;…")
    if block is None or not block.header:
        raise UnreadableDelivery("le fichier", "aucune ligne CODE;LIBELLE;…", "un export EDEN de la BCEAO")


def _refuse_other_formats(stream: BinaryIO) -> None:
    head = stream.read(8)
    stream.seek(0)
    if head.startswith((*CONTAINERS, b"%PDF")) or b"\x00" in head:
        raise UnreadableDelivery("le début du fichier", "un fichier binaire", "le texte d’un export EDEN")


def _lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Give each line with its number, decoded by itself: one export mixes UTF-8 and cp1252."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise UnreadableDelivery(f"ligne {number}", "plus d’un million d’octets", "une ligne de série")
        yield number, decoded_line(line.removeprefix(codecs.BOM_UTF8)).rstrip("\r\n")


def _is_block_name(cell: str, line: str) -> bool:
    """A country stands alone before its separator; a title without separator is no country."""
    return ";" in line or _area_named(cell) is not None


def _with_header(block: _Block | None, cells: list[str], number: int) -> _Block:
    columns, periods = {}, {}
    for position, cell in enumerate(cells):
        if fold(cell) in _COLUMN_OF_HEADER:
            columns[position] = _COLUMN_OF_HEADER[fold(cell)]
        elif _is_period(cell):
            periods[position] = cell
    lacking = {"series_code", "series_label"} - set(columns.values())
    if lacking or not periods:
        expected = "CODE;LIBELLE;… puis des périodes"
        raise UnreadableDelivery(f"ligne {number}", f"l’en-tête {_shown(cells)}", expected)
    return _Block(block.name if block else "", cells, columns, periods)


def _is_period(cell: str) -> bool:
    try:
        parse_period(cell)
    except NotAsExpected:
        return False
    return True


def _shown(cells: list[str]) -> str:
    return ";".join(cells[:8]) + ("…" if len(cells) > 8 else "")


def _records(
    block: _Block, cells: list[str], number: int, marks: frozenset[str], line: str
) -> Iterator[Record]:
    values: dict[str, str | None] = dict.fromkeys(_COLUMN_OF_HEADER.values())
    values |= {column: cells[at] or None for at, column in block.columns.items() if at < len(cells)}
    of_code = _area_of(values["series_code"] or "")
    values["area_code"] = _area_named(block.name) or block.name or of_code
    fault = _fault(block, cells, values)
    if fault:
        yield Record(f"l.{number}", "data", values, line, fault)
        return
    for position, period in block.periods.items():
        printed = cells[position]
        value = None if printed.casefold() in marks else printed
        yield Record(
            f"l.{number} c.{period}", "data", {**values, "period_code": period, "value": value}, printed
        )


def _fault(block: _Block, cells: list[str], values: dict[str, str | None]) -> str | None:
    # Where no separator closes the header, one may close the line; any other difference is a cut or a shift.
    closed = block.header[-1] != "" and cells[-1] == "" and len(cells) == len(block.header) + 1
    if len(cells) != len(block.header) and not closed:
        return f"{len(block.header)} cellules comme l’en-tête, et non {len(cells)}"
    area = _area_of(values["series_code"] or "")
    if area and area != values["area_code"]:
        return f"une série de {block.name} : le code {values['series_code']} désigne {area}"
    return None


def _area_named(name: str) -> str | None:
    """Give the area of EDEN that a name stands for, in any of the spellings of its code list."""
    code = code_lists.load("areas").code_of(name)
    return code if code in _AREA_OF_LETTER.values() else None


def _area_of(series_code: str) -> str | None:
    """Give the area that the first three letters of a code stand for: DDD is Mali."""
    is_prefixed = series_code[:3] == series_code[:1] * 3
    return _AREA_OF_LETTER.get(series_code[:1]) if is_prefixed else None
