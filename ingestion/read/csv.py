"""Delimited text in French or English dress: a header line, then rows; years may stand in columns.

`columns` names what is kept, by the header printed in the file; every other column must be named in
`ignored`, so that a renamed or a new column is noticed. With `wide`, each cell under a matching header is
one record; without it, each row is.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from ingestion.french import fold
from ingestion.read import Options, Record, UnreadableDelivery

_BLOCK = 1 << 16


class Wide(Options):
    """Headers that are values: one record per cell below them."""

    header: str
    """Regular expression of such a header: `\\d{4}`."""
    into: str
    """Contract column that takes the header."""
    value: str
    """Contract column that takes the cell."""


class Totals(Options):
    """Rows that sum up the others: kept apart as records of kind `total`."""

    column: str
    """Contract column that says it."""
    labels: tuple[str, ...]
    code: str = "_T"
    """What stands in that column for a total."""


def read(
    path: Path,
    *,
    columns: dict[str, str],
    evidence: str = "value",
    ignored: tuple[str, ...] = (),
    wide: Wide | None = None,
    totals: Totals | None = None,
    delimiter: str = ",",
    encodings: tuple[str, ...] = ("utf-8-sig", "cp1252"),
    preamble_lines: int = 0,
    missing: tuple[str, ...] = ("",),
    decimal: Literal[",", "."] = ",",
) -> Iterator[Record]:
    """Read a delimited file row by row.

    `columns` maps a printed header to a contract column; `encodings` are tried in turn on the whole file;
    `decimal: "."` says English dress, where commas separate thousands. A field longer than csv's limit
    (131 072 characters) makes the delivery unreadable, as does an encoding or a header that is not as said.
    """
    dress = _Dress(columns, ignored, wide, totals, evidence, missing, decimal)
    encoding = _encoding_of(path, encodings)
    with path.open(encoding=encoding, newline="") as stream:
        rows = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            layout = _Layout(_header(rows, preamble_lines), dress)
            for row in rows:
                if any(cell.strip() for cell in row):
                    yield from _records(layout, dress, row, rows.line_num)
        except csv.Error as error:
            place, found = f"ligne {rows.line_num}", f"une ligne illisible ({error})"
            raise UnreadableDelivery(place, found, f"des champs séparés par « {delimiter} »") from error


@dataclass(frozen=True, slots=True)
class _Dress:
    """What the contract says of the file, gathered to be handed on."""

    columns: dict[str, str]
    ignored: tuple[str, ...]
    wide: Wide | None
    totals: Totals | None
    evidence: str
    missing: tuple[str, ...]
    decimal: str

    def number(self, text: str) -> str | None:
        """Give a value as a French reader takes it: English commas separate thousands and are left out."""
        if text in self.missing:
            return None
        return text.replace(",", "") if self.decimal == "." else text


def _encoding_of(path: Path, candidates: Sequence[str]) -> str:
    """Give the first encoding that decodes the whole file, read block by block."""
    for encoding in candidates:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    if "\x00" in decoder.decode(block):
                        raise UnreadableDelivery("le fichier", "un fichier binaire", "un fichier texte")
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnreadableDelivery("le fichier", "un codage inconnu", " ou ".join(candidates))


def _header(rows: Iterator[list[str]], preamble_lines: int) -> list[str]:
    lines = islice(rows, preamble_lines, None)
    header = next((row for row in lines if any(cell.strip() for cell in row)), None)
    if header is None:
        raise UnreadableDelivery("le fichier", "aucune ligne d'en-tête", "un en-tête puis des lignes")
    return [cell.strip() for cell in header]


class _Layout:
    """Which position of a row goes where."""

    def __init__(self, header: list[str], dress: _Dress) -> None:
        self.header = header
        self.columns: dict[int, str] = {}
        self.unpivoted: dict[int, str] = {}
        wanted = {fold(name): column for name, column in dress.columns.items()}
        ignored = {fold(name) for name in dress.ignored}
        for position, name in enumerate(header):
            if fold(name) in wanted:
                self.columns[position] = wanted.pop(fold(name))
            elif dress.wide and re.fullmatch(dress.wide.header, name):
                self.unpivoted[position] = name
            elif name and fold(name) not in ignored:
                known = _list([*dress.columns, *dress.ignored])
                raise UnreadableDelivery("l'en-tête", f"la colonne « {name} »", f"l'une de {known}")
        if wanted:
            lacking = [name for name in dress.columns if fold(name) in wanted]
            raise UnreadableDelivery("l'en-tête", _list(header), f"aussi {_list(lacking)}")
        if dress.wide and not self.unpivoted:
            raise UnreadableDelivery("l'en-tête", _list(header), f"des colonnes {dress.wide.header}")


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"« {name} »" for name in names if name)


def _records(layout: _Layout, dress: _Dress, row: list[str], line: int) -> Iterator[Record]:
    if len(row) != len(layout.header):
        fault = f"{len(layout.header)} cellules comme l'en-tête, et non {len(row)}"
        yield Record(f"l.{line}", "data", {}, " | ".join(row), fault)
        return
    cells = [cell.strip() for cell in row]
    printed = {column: cells[at] for at, column in layout.columns.items()}
    values = {column: None if cell in dress.missing else cell for column, cell in printed.items()}
    kind = "data"
    if dress.totals and printed[dress.totals.column] in dress.totals.labels:
        kind, values[dress.totals.column] = "total", dress.totals.code
    if dress.wide is None:
        evidence = printed[dress.evidence]
        yield Record(f"l.{line}", kind, {**values, dress.evidence: dress.number(evidence)}, evidence)
        return
    for at, name in layout.unpivoted.items():
        cell = {dress.wide.into: name, dress.wide.value: dress.number(cells[at])}
        yield Record(f"l.{line} c.{name}", kind, {**values, **cell}, cells[at])
