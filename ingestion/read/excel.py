"""A workbook (.xlsx, .xlsb, .xls, .ods, told apart by content): declared tables, one record per value cell.

A table is found by its headers wherever it stands on its sheet, under any number of title rows, and ends at
the first note, at the header of the next table, or after a blank row where no figure follows; a row of
figures further down is rejected. Headers may be merged, span two rows and hold line ends. No formula is
ever run: its cached value is read, and a cell without one is rejected. Hidden sheets, rows and columns are
read like the others, and a note says so; of an .xls and an .xlsb only hidden sheets are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetVisibleEnum,
    WorksheetNotFound,
)

from ingestion.french import STATUS_OF_MARK, fold, is_number, split_mark
from ingestion.read import Options, Record, UnreadableDelivery, value_of_header
from ingestion.read.xlsx_marks import Marks, marks_of

_Cell = int | float | str | bool | time | date | datetime | timedelta
_Place = tuple[int, int]
# Days from May 1927 on: a shorter number is a year, not a day.
_DAY_NUMBER = re.compile(r"[1-9]\d{4}")


# How a file opens that calamine cannot read.
_KINDS = (
    (b"\xd0\xcf\x11\xe0", "un classeur protégé par un mot de passe, ou abîmé"),
    (b"pk\x03\x04", "une archive qui n'est pas un classeur, ou un classeur abîmé"),
    (b"%pdf-", "un PDF"),
    (b"\x89png", "une image"),
    (b"\xff\xd8", "une image"),
    (b"<", "une page HTML ou un document XML"),
)


class Value(Options):
    """One column of figures."""

    header: str
    """As printed; the rows of a header are joined by ` / `: `Montant / FCFA`."""
    constants: dict[str, str] = Field(default_factory=dict)
    """What the column says of each of its figures: contract column to text."""


class Wide(Options):
    """Columns of figures whose headers are values, such as years."""

    header: str
    """Regular expression of such a header, `\\d{4}`; its first group, if any, is the value."""
    into: str
    """Contract column that takes the header."""
    status: str | None = None
    """Contract column that takes the status of a marked header: « 2012e » is the year 2012, estimated."""


class Table(Options):
    """One table of a sheet."""

    sheet: str
    keys: dict[str, str]
    """Printed header of a column that says what a row is about, to contract column."""
    values: tuple[Value, ...] = ()
    wide: Wide | None = None
    """Besides or instead of `values`, the columns whose headers are values."""
    days: tuple[str, ...] = ()
    """Contract columns that hold days: a number there is the day number of a spreadsheet."""
    constants: dict[str, str] = Field(default_factory=dict)
    """What holds for the whole table."""
    header_rows: int = 1
    total_column: str
    """Contract column in which a total says that it is one."""
    total_labels: tuple[str, ...] = ("Total", "Total général", "Ensemble")
    total_code: str = "_T"

    @model_validator(mode="after")
    def _has_figures(self) -> Self:
        if not self.values and self.wide is None:
            raise ValueError("`values` or `wide`")
        return self


def read(
    path: Path,
    *,
    tables: tuple[Table, ...],
    evidence: str = "value",
    notes: tuple[str, ...] = ("Source", "Sources", "Note", "Notes", "NB", "Citation"),
    missing: tuple[str, ...] = ("-", "–", "—", "−", "n.d.", "nd", "n.a.", "n/a", "…", "..."),
) -> Iterator[Record]:
    """Read the declared tables of a workbook, then the notes of their sheets.

    `evidence` is the contract column that takes a value cell; a row that opens with one of `notes` is a
    record of kind note; a cell that holds one of `missing`, or nothing, is a value kept as null. Raises
    UnreadableDelivery when the file is no workbook, or a sheet or a header is missing.
    """
    with path.open("rb") as stream:
        try:
            workbook = CalamineWorkbook.from_filelike(stream)
            marks_of_sheets, from_1904 = marks_of(path)
            sheets = {
                name: _Sheet(_sheet(workbook, name), marks_of_sheets, from_1904)
                for name in dict.fromkeys(table.sheet for table in tables)
            }
        except CalamineError as error:
            raise _no_workbook(path, error) from error
    marks = {fold(mark) for mark in missing}
    openings = tuple(fold(opening) for opening in notes)
    located = [_locate(sheets[table.sheet], table) for table in tables]
    for one in located:
        below = (other.header for other in located if other.sheet is one.sheet and other.header > one.header)
        rows = range(one.header + one.table.header_rows, min(below, default=len(one.sheet.rows)))
        yield from _records(one, rows, evidence, marks, openings)
        yield from _undeclared(one, rows, [other for other in located if other.sheet is one.sheet])
    hidden = {one.name for one in workbook.sheets_metadata if one.visible != SheetVisibleEnum.Visible}
    for sheet in sheets.values():
        if sheet.name in hidden:
            yield Record(sheet.place(0, 0), "note", {}, "Feuille masquée, lue comme les autres.")
        yield from sheet.notes(openings)


def is_workbook(path: Path) -> bool:
    """Say whether a file opens as workbooks do: a zip archive or an OLE document."""
    with path.open("rb") as stream:
        return stream.read(4) in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def grids(path: Path) -> Iterator[list[list[str]]]:
    """Give the cells of each sheet, as a French sheet shows them. Raises UnreadableDelivery."""
    marks_of(path)  # refuses what cannot be held in memory
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheets = [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
    except CalamineError as error:
        raise _no_workbook(path, error) from error
    for sheet in sheets:
        yield [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def _no_workbook(path: Path, error: CalamineError) -> UnreadableDelivery:
    """Say what a file is that is no workbook: its sender seldom knows."""
    with path.open("rb") as stream:
        head = stream.read(512).lstrip()
    kind = next((kind for opening, kind in _KINDS if head.lower().startswith(opening)), None)
    if kind is None:
        kind = f"un contenu illisible ({error})" if b"\x00" in head else "un texte"
    return UnreadableDelivery("le fichier", kind, "un classeur (.xlsx, .xls ou .ods)")


def _sheet(workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    printed = next((sheet for sheet in workbook.sheet_names if fold(sheet) == fold(name)), name)
    try:
        return workbook.get_sheet_by_name(printed)
    except WorksheetNotFound as error:
        found = ", ".join(f"« {sheet} »" for sheet in workbook.sheet_names)
        raise UnreadableDelivery("le classeur", f"les feuilles {found}", f"une feuille « {name} »") from error


class _Sheet:
    """The cells of a sheet as text, and which of them are merged."""

    def __init__(self, sheet: CalamineSheet, marks: Mapping[str, Marks], from_1904: bool) -> None:
        self.name = sheet.name
        self.marks = marks.get(sheet.name) or Marks()
        self._first_day = date(1904, 1, 1) if from_1904 else date(1899, 12, 30)
        self.rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        self._merged: dict[_Place, _Place] = {
            (row, column): first
            for first, last in sheet.merged_cell_ranges or ()
            for row in range(first[0], last[0] + 1)
            for column in range(first[1], last[1] + 1)
        }

    def own(self, row: int, column: int) -> str:
        """Give the text of one cell; the hidden part of a merged one is empty."""
        cells = self.rows[row] if row < len(self.rows) else []
        return cells[column] if column < len(cells) else ""

    def shown(self, row: int, column: int) -> str:
        """Give the text that a person sees at that place: that of the merged cell which covers it."""
        return self.own(*self._merged.get((row, column), (row, column)))

    def unusable(self, row: int, column: int) -> tuple[str, str] | None:
        """Give what stands in a cell that holds no value, and what is expected; None for any other."""
        return self.marks.unusable.get(self._merged.get((row, column), (row, column)))

    def day(self, text: str | None) -> str | None:
        """Give a day number as an ISO date; a year (2016) and any other text stay as they are."""
        if text is None or not _DAY_NUMBER.fullmatch(text):
            return text
        return (self._first_day + timedelta(days=int(text))).isoformat()

    def opening(self, row: int) -> str:
        """Give the first text of a row."""
        return next((cell for cell in self.rows[row] if cell), "")

    def headers(self, row: int, depth: int) -> list[str]:
        """Give the header of each column, its rows joined, each text once."""
        width = max((len(cells) for cells in self.rows[row : row + depth]), default=0)
        stacks = ([self.shown(row + n, column) for n in range(depth)] for column in range(width))
        return [" / ".join(dict.fromkeys(text for text in stack if text)) for stack in stacks]

    def place(self, row: int, column: int) -> str:
        """Give a place as a person names it: `Experts!C7`."""
        letters, number = "", column + 1
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(ord("A") + rest) + letters
        return f"{self.name}!{letters}{row + 1}"

    def notes(self, openings: Sequence[str]) -> Iterator[Record]:
        """Give the rows that explain the figures."""
        for row in range(len(self.rows)):
            if _is_note(self.opening(row), openings):
                text = " ".join(dict.fromkeys(cell for cell in self.rows[row] if cell))
                column = next(n for n, cell in enumerate(self.rows[row]) if cell)
                yield Record(self.place(row, column), "note", {}, text)


def _is_note(text: str, openings: Sequence[str]) -> bool:
    """Say whether a text opens as a note does: « Source : … », « Note 1 »."""
    opening = fold(text)
    return any(opening.startswith(word) and not opening[len(word) :][:1].isalpha() for word in openings)


def _text(cell: _Cell) -> str:
    """Give a cell as a French sheet shows it: a decimal comma, no exponent, an ISO date."""
    if isinstance(cell, bool):
        return "vrai" if cell else "faux"
    if isinstance(cell, int | float):
        # A spreadsheet shows 15 digits; what follows them is noise of binary fractions.
        number = Decimal(f"{cell:.15g}")
        whole = number == number.to_integral_value()
        return f"{number:.0f}" if whole else f"{number:f}".replace(".", ",")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return cell.strip() if isinstance(cell, str) else str(cell)


@dataclass(frozen=True, slots=True)
class _Located:
    """A table found on its sheet: its header and what each of its columns is."""

    table: Table
    sheet: _Sheet
    header: int
    keys: dict[str, int]
    """Contract column to position."""
    figures: dict[int, dict[str, str]]
    """Position of a column of figures to what it says of each of them."""


def _records(
    located: _Located, rows: range, evidence: str, missing: set[str], openings: Sequence[str]
) -> Iterator[Record]:
    table, sheet = located.table, located.sheet
    totals = {fold(label) for label in table.total_labels}
    is_after_blank, end = False, None
    for row in rows:
        if end is not None:
            yield from _below(located, row, end)
            continue
        if not any(sheet.own(row, column) for column in (*located.keys.values(), *located.figures)):
            is_after_blank = True
            continue
        ends_here = is_after_blank and not any(sheet.own(row, column) for column in located.figures)
        if ends_here or _is_note(sheet.opening(row), openings):
            end = row
            continue
        shared: dict[str, str | None] = dict(table.constants)
        shared |= {name: sheet.shown(row, column) or None for name, column in located.keys.items()}
        shared |= {name: sheet.day(shared.get(name)) for name in table.days}
        unusable = next((bad for at in located.keys.values() if (bad := sheet.unusable(row, at))), None)
        kind = "data"
        if fold(shared.get(table.total_column) or "").rstrip(" :.") in totals:
            kind, shared[table.total_column] = "total", table.total_code
        for column, constants in located.figures.items():
            printed = sheet.own(row, column)
            figure = None if fold(printed) in missing else printed or None
            values = {**shared, **constants, evidence: figure}
            found, expected = sheet.unusable(row, column) or unusable or (printed or None, None)
            yield Record(sheet.place(row, column), kind, values, found, expected)
        if row in sheet.marks.hidden_rows:
            yield Record(f"{sheet.name}!{row + 1}", "note", {}, "Ligne masquée, lue comme les autres.")
    for column in sorted(sheet.marks.hidden_columns & {*located.keys.values(), *located.figures}):
        place = sheet.place(located.header, column)
        yield Record(place, "note", {}, "Colonne masquée, lue comme les autres.")


def _below(located: _Located, row: int, end: int) -> Iterator[Record]:
    """Give the faulty record that a row below the end of its table is, if it looks like one of its rows."""
    sheet = located.sheet
    figure = next((column for column in located.figures if is_number(sheet.own(row, column))), None)
    if figure is not None and any(sheet.own(row, column) for column in located.keys.values()):
        text = " | ".join(cell for cell in sheet.rows[row] if cell)
        fault = f"une ligne du tableau, qui finit à la ligne {end + 1} : un texte sans chiffre, ou une note"
        yield Record(sheet.place(row, figure), "data", {}, text, fault)


def _undeclared(located: _Located, rows: range, on_sheet: Sequence[_Located]) -> Iterator[Record]:
    """Give a faulty record for each column of figures that an institution added to its table.

    Left unread without a word, its figures would be lost. It has a header and touches a declared column:
    what stands apart is another table. The numbers of the rows, 1, 2, 3 …, are no figures.
    """
    sheet, table = located.sheet, located.table
    declared = {*located.keys.values(), *located.figures}
    known = {n for other in on_sheet for n in (*other.keys.values(), *other.figures)}
    headers = sheet.headers(located.header, table.header_rows)
    touched = set(declared)
    for columns in (range(len(headers)), reversed(range(len(headers)))):
        for column in columns:
            if headers[column] and {column - 1, column + 1} & touched and column not in known:
                touched.add(column)
    for column in sorted(touched - declared):
        figures = [text for row in rows if is_number(text := sheet.own(row, column))]
        if figures and figures != [str(n) for n in range(1, len(figures) + 1)]:
            place = sheet.place(located.header + table.header_rows - 1, column)
            fault = f"une colonne prévue au contrat ; celle-ci porte des chiffres, non lus ({len(figures)})"
            yield Record(place, "data", {}, headers[column], fault)


def _locate(sheet: _Sheet, table: Table) -> _Located:
    """Find the first row of the header and the column of each header that is declared."""
    wanted = [*table.keys, *(value.header for value in table.values)]
    closest: list[str] = wanted
    for row in range(len(sheet.rows)):
        headers = sheet.headers(row, table.header_rows)
        at = {fold(name): n for n, name in reversed(list(enumerate(headers)))}
        lacking = [name for name in wanted if fold(name) not in at]
        wide = _wide_columns(headers, table.wide)
        if not lacking and (wide or not table.wide):
            keys = {column: at[fold(name)] for name, column in table.keys.items()}
            figures = {at[fold(value.header)]: value.constants for value in table.values}
            figures |= {n: said for n, said in wide.items() if n not in (*keys.values(), *figures)}
            return _Located(table, sheet, row, keys, figures)
        closest = min(closest, lacking or [table.wide.header if table.wide else ""], key=len)
    expected = ", ".join(f"« {name} »" for name in closest)
    raise UnreadableDelivery(f"la feuille « {sheet.name} »", "un tableau sans ces en-têtes", expected)


def _wide_columns(headers: Sequence[str], wide: Wide | None) -> dict[int, dict[str, str]]:
    if wide is None:
        return {}
    values = {n: value_of_header(wide.header, name) for n, name in enumerate(headers)}
    return {n: _said_by(value, wide) for n, value in values.items() if value}


def _said_by(header: str, wide: Wide) -> dict[str, str]:
    if wide.status is None:
        return {wide.into: header}
    printed, mark = split_mark(header)
    return {wide.into: printed, wide.status: STATUS_OF_MARK.get(mark or "", "A")}
