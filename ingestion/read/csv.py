"""Delimited text in French or English dress: a header line, then rows; years may stand in columns.

`columns` names what is kept, by the header printed in the file; every other column must be named in
`ignored`, so that a renamed or a new column is noticed. With `wide`, each cell under a matching header is
one record; without it, each row is.
"""

from __future__ import annotations

import codecs
import csv
import functools
import io
import operator
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self, TextIO

import polars as pl
from pydantic import model_validator

from ingestion.french import fold, format_number
from ingestion.read import Options, Record, UnreadableDelivery, value_of_header
from ingestion.read.batch import LITERAL, LOCATOR, Batch, Batches
from ingestion.read.text import (
    LINE_BY_LINE,
    LONGEST_LINE,
    UNREADABLE_LINE,
    bounded_lines,
    encoding_of,
    english_number,
    opened,
    plain_cells,
    said_of_lines,
)

_DELIMITERS = (";", ",", "\t", "|")
_LONGEST_PREAMBLE = 50
_MOST_COLUMNS = 16_384  # as many as a spreadsheet has: rows are held by column, thousands at once
_BLOCK = 1 << 21  # bytes, or characters of a file that is not in UTF-8
_BATCH = 20_000  # rows
# A flag stands behind the value, or behind the mark of a missing one: « 385 d », « 12.5b », « : c ».
_FLAGGED = re.compile(r"(?P<value>.*[\d:.])\s*(?P<flag>[a-z]{1,3})")
# A weekday may stand before an English date and a time behind it: « Fri, 01/02/2026 - 12:00 ».
_ENGLISH_DATE = re.compile(r"(?:[A-Za-z]{3,9}, )?(?P<date>.*?\d)(?: -)?(?: \d{1,2}:\d\d(?::\d\d)?)?")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATE_FORMS = ("%m/%d/%Y", "%d-%b-%y", "%d-%b-%Y", "%B %d, %Y", "%d %B %Y")


class Wide(Options):
    """Headers that are values: one record per cell below them."""

    header: str | None = None
    """Regular expression of such a header, `\\d{4}`; its first group, if any, is the value."""
    codes: dict[str, str] = {}  # noqa: RUF012 - pydantic copies defaults
    """Or the headers themselves, each with the code that it stands for."""
    into: str
    """Contract column that takes the header or its code."""
    value: str
    """Contract column that takes the cell."""

    @model_validator(mode="after")
    def _headers_by_form_or_by_name(self) -> Self:
        if (self.header is None) == (not self.codes):
            raise ValueError("either `header` or `codes`")
        return self


class Totals(Options):
    """Rows that sum up the others: kept apart as records of kind `total`."""

    column: str
    """Contract column that says it."""
    labels: tuple[str, ...]
    code: str | None = "_T"
    """What stands in that column for a total; null keeps what is printed."""


def read(
    path: Path,
    *,
    columns: dict[str, str],
    evidence: str = "value",
    ignored: tuple[str, ...] = (),
    wide: Wide | None = None,
    totals: Totals | None = None,
    constants: dict[str, str] | None = None,
    flag: str | None = None,
    packed: bool = False,
    english_dates: tuple[str, ...] = (),
    delimiter: str | None = ",",
    encodings: tuple[str, ...] = (),
    preamble_lines: int | None = 0,
    missing: tuple[str, ...] = ("",),
    decimal: Literal[",", "."] = ",",
) -> Iterator[Record]:
    """Read a delimited file row by row.

    `columns` maps a printed header to a contract column. With `delimiter: null` or without `encodings`, they
    are found in the file, always in the same way, and a note says which were taken unless it is UTF-8 (lines
    in UTF-8 and in cp1252 may be mixed); with
    `preamble_lines: null` the header is the first line that has all the `columns`. `decimal: "."` says that
    commas separate thousands. `flag` names the contract column that takes a flag printed behind a value
    (« 385 d », « : c »), `english_dates` the columns whose dates are in English (03/25/2021, 13-Jan-20);
    with `packed`, the first cell holds several keys separated by commas, as its header does
    (`freq,geo\\TIME_PERIOD`). `constants` hold for every record. A field longer than csv's limit (131 072
    characters) makes the delivery unreadable, as does an encoding or a header that is not as said.
    """
    dress = _Dress(
        columns,
        ignored,
        wide,
        totals,
        constants or {},
        flag,
        packed,
        english_dates,
        evidence,
        missing,
        decimal,
    )
    return Batches(_pieces(path, dress, encodings, delimiter, preamble_lines))


def _pieces(
    path: Path,
    dress: _Dress,
    encodings: tuple[str, ...],
    delimiter: str | None,
    preamble_lines: int | None,
) -> Iterator[Record | Batch]:
    encoding = encoding_of(path, encodings)
    separator = delimiter or _delimiter_of(path, encoding, dress)
    if not delimiter or encoding == LINE_BY_LINE:
        said = said_of_lines(path) if encoding == LINE_BY_LINE else encoding
        yield Record(
            "le fichier", "note", {}, f"Lu en {said}, séparateur {separator!r}, trouvés dans le fichier."
        )
    with opened(path, encoding) as stream, path.open("rb") as octets:
        lines = _Lines(stream, octets, encoding)
        rows = csv.reader(lines, delimiter=separator, strict=True)
        above = 0  # lines that another csv.reader has read
        try:
            unpacked: Iterator[list[str]] = map(_unpacked, rows) if dress.packed else rows
            layout = _Layout(_header(unpacked, preamble_lines, dress), dress)
            if dress.is_plain:
                above, rest = yield from _plain_blocks(lines, layout, dress, separator)
                rows = csv.reader(rest, delimiter=separator, strict=True)
                yield from _in_batches(rows, above, layout, dress)
                return
            for row in unpacked:
                if any(cell.strip() for cell in row):
                    yield from _records(layout, dress, row, rows.line_num)
        except csv.Error as error:
            place, found = f"ligne {above + rows.line_num}", UNREADABLE_LINE
            raise UnreadableDelivery(place, found, f"des champs séparés par « {separator} »") from error


class _Lines(Iterator[str]):
    """The lines of a file one by one, and from any line on in blocks of many, as bytes in UTF-8."""

    def __init__(self, stream: TextIO, octets: BinaryIO, encoding: str) -> None:
        self._stream, self._octets = stream, octets
        self._lines = bounded_lines(stream)
        self._is_utf_8 = encoding in ("utf-8", "utf-8-sig")
        self._position = len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0
        self.number = 0
        """How many lines were given one by one, or in blocks that were taken."""

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        self._position += len(line.encode())
        return line

    def blocks(self) -> Iterator[tuple[bytes, Callable[[], Iterator[str]]]]:
        """Give blocks of whole lines, each with what gives its lines and all those below one by one."""
        if not self._is_utf_8:
            while text := self._stream.read(_BLOCK):
                text += self._stream.readline(LONGEST_LINE)
                yield text.encode(), functools.partial(self._from, text)
            return
        self._octets.seek(self._position)
        while block := self._octets.read(_BLOCK):
            block += self._octets.readline(LONGEST_LINE)
            yield block, functools.partial(self._at, self._octets.tell() - len(block))

    def _from(self, text: str) -> Iterator[str]:
        block = bounded_lines(io.StringIO(text, newline=""), self.number)
        return chain(block, bounded_lines(self._stream, self.number + text.count("\n")))

    def _at(self, position: int) -> Iterator[str]:
        self._octets.seek(position)
        return bounded_lines(io.TextIOWrapper(self._octets, encoding="utf-8", newline=""), self.number)


def _plain_blocks(
    lines: _Lines, layout: _Layout, dress: _Dress, separator: str
) -> Generator[Batch, None, tuple[int, Iterator[str]]]:
    """Give the blocks of lines that can be cut at every separator; return the number of lines read, and the
    rest: from the first block on where only `csv` knows what a separator is."""
    for content, one_by_one in lines.blocks():
        cells = plain_cells(content, separator, len(layout.header))
        if cells is not None:
            cells = cells.select(pl.nth(sorted(layout.columns)).str.strip_chars())
        # A line without any of the columns that are kept may be a blank one.
        if cells is None or cells.select(pl.all_horizontal(pl.all() == "").any()).item():
            return lines.number, one_by_one()
        numbers = pl.select(pl.int_range(lines.number + 1, lines.number + 1 + cells.height)).to_series()
        lines.number += cells.height
        yield _batch(cells, numbers, layout, dress, is_storable=True)
    return lines.number, iter(())


def _in_batches(rows: Any, above: int, layout: _Layout, dress: _Dress) -> Iterator[Record | Batch]:
    """Give the rows of a `csv.reader`, those as wide as the header in batches."""
    positions = sorted(layout.columns)
    cells: list[list[str]] = []
    lines: list[int] = []

    def gathered() -> Batch:
        frame = pl.DataFrame(cells, schema=[(str(at), pl.String) for at in positions], orient="row")
        return _batch(frame, pl.Series(lines, dtype=pl.UInt64), layout, dress)

    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        is_whole = len(row) == len(layout.header)
        if is_whole:
            cells.append([row[at].strip() for at in positions])
            lines.append(above + rows.line_num)
        if cells and (not is_whole or len(cells) == _BATCH):
            yield gathered()
            cells, lines = [], []
        if not is_whole:
            yield from _records(layout, dress, row, above + rows.line_num)
    if cells:
        yield gathered()


def _is_given(name: str, missing: Sequence[str]) -> pl.Expr:
    return functools.reduce(operator.and_, (pl.col(name) != mark for mark in missing), pl.lit(value=True))


def _batch(
    cells: pl.DataFrame, lines: pl.Series, layout: _Layout, dress: _Dress, *, is_storable: bool = False
) -> Batch:
    """Name the columns of stripped cells, which come in the order of the file."""
    names = [layout.columns[at] for at in sorted(layout.columns)]
    cells = cells.rename(dict(zip(cells.columns, names, strict=True)))
    return Batch(
        cells.select(
            pl.format("l.{}", lines).alias(LOCATOR),
            pl.col(dress.evidence).alias(LITERAL),
            *(pl.lit(text).alias(name) for name, text in dress.constants.items() if name not in names),
            *(pl.when(_is_given(name, dress.missing)).then(name).alias(name) for name in names),
        ),
        is_storable,
    )


@dataclass(frozen=True, slots=True)
class _Dress:
    """What the contract says of the file, gathered to be handed on."""

    columns: dict[str, str]
    ignored: tuple[str, ...]
    wide: Wide | None
    totals: Totals | None
    constants: dict[str, str]
    flag: str | None
    packed: bool
    english_dates: tuple[str, ...]
    evidence: str
    missing: tuple[str, ...]
    decimal: str

    @property
    def is_plain(self) -> bool:
        """Whether a row is one record and its cells are what it says, nothing to be taken apart."""
        taken_apart = self.wide or self.totals or self.flag or self.packed or self.english_dates
        return not (taken_apart or self.decimal == ".")

    def has_all_columns(self, row: Sequence[str]) -> bool:
        """Whether a row is the header: all the columns that are kept stand in it."""
        return {fold(name) for name in self.columns} <= {fold(cell) for cell in row}


def _unpacked(row: list[str]) -> list[str]:
    """Take apart the keys of the first cell; what its header says of the other columns is left out."""
    return [*row[0].partition("\\")[0].split(","), *row[1:]] if row else row


def _delimiter_of(path: Path, encoding: str, dress: _Dress) -> str:
    """Give the first delimiter that makes one of the first lines the header, else the most frequent one."""
    with opened(path, encoding) as stream:
        head = [*islice(bounded_lines(stream), _LONGEST_PREAMBLE)]
    for candidate in _DELIMITERS:
        try:
            if any(map(dress.has_all_columns, csv.reader(head, delimiter=candidate))):
                return candidate
        except csv.Error:
            continue
    return max(_DELIMITERS, key="".join(head).count)


def _header(rows: Iterator[list[str]], preamble_lines: int | None, dress: _Dress) -> list[str]:
    if preamble_lines is None:
        first = next(rows, None)
        searched = chain([first] if first else [], islice(rows, _LONGEST_PREAMBLE))
        header = next(filter(dress.has_all_columns, searched), first)
    else:
        below = islice(rows, preamble_lines, None)
        header = next((row for row in below if any(cell.strip() for cell in row)), None)
    if header is None:
        raise UnreadableDelivery("le fichier", "aucune ligne d’en-tête", "un en-tête puis des lignes")
    if len(header) > _MOST_COLUMNS:
        found = f"un en-tête de {format_number(len(header))} colonnes"
        raise UnreadableDelivery("l’en-tête", found, f"au plus {format_number(_MOST_COLUMNS)}")
    return [cell.strip() for cell in header]


class _Layout:
    """Which position of a row goes where."""

    def __init__(self, header: list[str], dress: _Dress) -> None:
        self.header = header
        self.columns: dict[int, str] = {}
        self.unpivoted: dict[int, str] = {}
        wanted = {fold(name): column for name, column in dress.columns.items()}
        ignored = {fold(name) for name in dress.ignored}
        codes = {fold(name): code for name, code in (dress.wide.codes if dress.wide else {}).items()}
        pattern = (dress.wide and dress.wide.header) or None
        for position, name in enumerate(header):
            if fold(name) in wanted:
                self.columns[position] = wanted.pop(fold(name))
            elif fold(name) in codes:
                self.unpivoted[position] = codes.pop(fold(name))
            elif pattern and (value := value_of_header(pattern, name)):
                self.unpivoted[position] = value
            elif name and fold(name) not in ignored:
                if fold(name) in map(fold, header[:position]):
                    raise UnreadableDelivery("l’en-tête", f"deux colonnes « {name} »", "un nom par colonne")
                known = _list([*dress.columns, *dress.ignored, *(dress.wide.codes if dress.wide else ())])
                raise UnreadableDelivery("l’en-tête", f"la colonne « {name} »", f"l’une de {known}")
        if wanted or codes:
            lacking = [name for name in (*dress.columns, *codes) if fold(name) in wanted | codes]
            raise UnreadableDelivery("l’en-tête", _list(header), f"aussi {_list(lacking)}")
        if pattern and not self.unpivoted:
            raise UnreadableDelivery("l’en-tête", _list(header), f"des colonnes {pattern}")


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"« {name} »" for name in names if name)


def _records(layout: _Layout, dress: _Dress, row: list[str], line: int) -> Iterator[Record]:
    if len(row) != len(layout.header):
        fault = f"{len(layout.header)} cellules comme l’en-tête, et non {len(row)}"
        yield Record(f"l.{line}", "data", {}, " | ".join(row), fault)
        return
    cells = [cell.strip() for cell in row]
    printed = {column: cells[at] for at, column in layout.columns.items()}
    values: dict[str, str | None] = dict(dress.constants)
    values |= {column: None if cell in dress.missing else cell for column, cell in printed.items()}
    for column in dress.english_dates:
        values[column] = _english_date(values.get(column))
    kind = "data"
    if dress.totals and printed[dress.totals.column] in dress.totals.labels:
        kind = "total"
        values[dress.totals.column] = dress.totals.code or printed[dress.totals.column]
    if dress.wide is None:
        yield _record(f"l.{line}", kind, values, dress.evidence, printed[dress.evidence], dress)
        return
    for at, header in layout.unpivoted.items():
        of_cell = {**values, dress.wide.into: header}
        yield _record(f"l.{line} c.{layout.header[at]}", kind, of_cell, dress.wide.value, cells[at], dress)


def _record(
    locator: str, kind: str, values: dict[str, str | None], column: str, printed: str, dress: _Dress
) -> Record:
    """Make one record of a value as printed: its flag apart, its number as a French reader takes it."""
    figure = printed
    if dress.flag and (flagged := _FLAGGED.fullmatch(printed)):
        figure = flagged["value"].strip()
        values = {**values, dress.flag: values.get(dress.flag) or flagged["flag"]}
    value, fault = figure or None, None
    if figure in dress.missing:
        value = None
    elif dress.decimal == ".":
        value = english_number(figure)
        fault = None if value else "un nombre à l’anglaise : 1,234.5"
    return Record(locator, kind, {**values, column: value}, printed, fault, column if fault else None)


def _english_date(text: str | None) -> str | None:
    """Give an English date in ISO form, month first where both are numbers; an ISO date stays as it is.

    What is no such date is marked, for its type to refuse: 25/03/2021 must not pass for one.
    """
    if not text or _ISO_DATE.match(text):
        return text
    match = _ENGLISH_DATE.fullmatch(text)
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(match["date"] if match else "", form).date().isoformat()
        except ValueError:
            continue
    return f"{text} (date anglaise)"
