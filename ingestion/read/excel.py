"""A workbook (.xlsx, .xlsb, .xls, .ods, told apart by content): declared tables, one record per value cell.

A table is found by its headers wherever it stands on its sheet, under any number of title rows, and ends at
the first note, at the header of the next table, or after a blank row where no figure follows. Headers may be
merged, span two rows and hold line ends. No formula is ever run: its cached value is read, and a cell without
one is rejected. A cell that shows 15 % is 15 where its unit is a percentage, and is rejected elsewhere.

Nothing is passed over in silence. Hidden sheets, rows and columns are read like the others, and a note says
so. What the contract does not name is not read: what holds figures (a row below its table, a column, a sheet)
is rejected at its place, what holds words alone is told by a note.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
)

from ingestion import code_lists
from ingestion.french import STATUS_OF_MARK, fold, split_mark
from ingestion.read import Options, Record, UnreadableDelivery, value_of_header
from ingestion.read.limits import CONTAINERS, OLE
from ingestion.read.marks import marks_of
from ingestion.read.outside import below, outside, undeclared_sheets
from ingestion.read.sheets import Sheet, faults_told, is_note, texts
from ingestion.workbooks import SUMMARY

logger = logging.getLogger(__name__)

_UNIT = "unit_code"  # the contract column that says what the figures of a record count
_UNKNOWN = (
    "De ce classeur on ne sait pas ce qui est masqué, en pourcentage ou en erreur : à enregistrer en .xlsx."
)

# How a file opens that calamine cannot read.
_KINDS = (
    (OLE, "un classeur protégé par un mot de passe, ou abîmé"),
    (b"pk\x03\x04", "une archive qui n’est pas un classeur, ou un classeur abîmé"),
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
    ignored_sheets: tuple[str, ...] = (),
) -> Iterator[Record]:
    """Read the declared tables of a workbook, then what else stands on its sheets.

    `evidence` is the contract column that takes a value cell; a row that opens with one of `notes` is a
    record of kind note; a cell that holds one of `missing`, or nothing, is a value kept as null. A sheet that
    is neither of a table nor among `ignored_sheets` is rejected for its figures. Raises UnreadableDelivery
    when the file is no workbook, or a sheet or a header is missing.
    """
    with path.open("rb") as stream:
        try:
            book = marks_of(path)  # refuses what cannot be held in memory
            with faults_told():
                workbook = CalamineWorkbook.from_filelike(stream)
                sheets = {
                    name: Sheet(_sheet(workbook, name), book)
                    for name in dict.fromkeys(table.sheet for table in tables)
                }
        except CalamineError as error:
            raise _no_workbook(path, error) from error
    marks = {fold(mark) for mark in missing}
    openings = tuple(fold(opening) for opening in notes)
    located = [_locate(sheets[table.sheet], table) for table in tables]
    for one in located:
        one.end_above(located)
        yield from _records(one, evidence, marks, openings)
    for sheet in sheets.values():
        yield from outside(sheet, [one for one in located if one.sheet is sheet], openings)
    told = (SUMMARY, *ignored_sheets, *(sheet.name for sheet in sheets.values()))
    yield from undeclared_sheets(workbook, book, {fold(name) for name in told})
    if not book.is_known:
        yield Record("le classeur", "note", {}, _UNKNOWN)
    hidden = {one.name for one in workbook.sheets_metadata if one.visible != SheetVisibleEnum.Visible}
    for sheet in sheets.values():
        if sheet.name in hidden:
            yield Record(sheet.place(0, 0), "note", {}, "Feuille masquée, lue comme les autres.")
        yield from sheet.notes(openings)


def is_workbook(path: Path) -> bool:
    """Say whether a file opens as workbooks do: a zip archive or an OLE document."""
    with path.open("rb") as stream:
        return stream.read(4) in CONTAINERS


def grids(path: Path) -> Iterator[list[list[str]]]:
    """Give the cells of each sheet that has any, as a French sheet shows them. Raises UnreadableDelivery."""
    try:
        book = marks_of(path)  # refuses what cannot be held in memory
        with faults_told():
            workbook = CalamineWorkbook.from_path(path)
            names = [one.name for one in workbook.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
            sheets = [workbook.get_sheet_by_name(name) for name in names]
    except CalamineError as error:
        raise _no_workbook(path, error) from error
    for sheet in sheets:
        yield texts(sheet, book.of(sheet.name))


def _no_workbook(path: Path, error: CalamineError) -> UnreadableDelivery:
    """Say what a file is that is no workbook: its sender seldom knows."""
    with path.open("rb") as stream:
        head = stream.read(512).lstrip()
    kind = next((kind for opening, kind in _KINDS if head.lower().startswith(opening)), None)
    if kind is None:
        logger.info("%s: no workbook: %s", path.name, error)  # in the words of a library, in English
        kind = "un contenu illisible, d’aucun format de classeur" if b"\x00" in head else "un texte"
    return UnreadableDelivery("le fichier", kind, "un classeur (.xlsx, .xls ou .ods)")


def _sheet(workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    printed = next((sheet for sheet in workbook.sheet_names if fold(sheet) == fold(name)), name)
    try:
        return workbook.get_sheet_by_name(printed)
    except WorksheetNotFound as error:
        found = ", ".join(f"« {sheet} »" for sheet in workbook.sheet_names)
        raise UnreadableDelivery("le classeur", f"les feuilles {found}", f"une feuille « {name} »") from error


@dataclass(slots=True)
class Located:
    """A table found on its sheet: its header and what each of its columns is."""

    table: Table
    sheet: Sheet
    header: int
    keys: dict[str, int]
    """Contract column to position."""
    figures: dict[int, dict[str, str]]
    """Position of a column of figures to what it says of each of them."""
    rows: range = range(0)
    """Below its header, down to the next table that stands under it."""
    end: int | None = None
    """The row at which the table ended, once it was read, if it ended before `rows` did."""

    @property
    def header_rows(self) -> range:
        """Where its header stands."""
        return range(self.header, self.header + self.table.header_rows)

    @property
    def columns(self) -> set[int]:
        """The columns that the contract names."""
        return {*self.keys.values(), *self.figures}

    def end_above(self, others: Sequence[Located]) -> None:
        """Find `rows`: tables side by side have nothing to do with each other."""
        below = (
            other.header
            for other in others
            if other.sheet is self.sheet and other.header > self.header and self._spans(other)
        )
        self.rows = range(self.header + self.table.header_rows, min(below, default=len(self.sheet.rows)))

    def _spans(self, other: Located) -> bool:
        return min(self.columns) <= max(other.columns) and min(other.columns) <= max(self.columns)


def _records(located: Located, evidence: str, missing: set[str], openings: Sequence[str]) -> Iterator[Record]:
    table, sheet = located.table, located.sheet
    totals = {fold(label) for label in table.total_labels}
    is_after_blank = False
    for row in located.rows:
        if located.end is not None:
            yield from below(located, row, located.end, openings)
            continue
        if not any(sheet.own(row, column) for column in located.columns):
            is_after_blank = True
            continue
        ends_here = is_after_blank and not any(sheet.own(row, column) for column in located.figures)
        if ends_here or is_note(sheet.opening(row), openings):
            located.end = row
            yield from below(located, row, row, openings)
            continue
        shared: dict[str, str | None] = dict(table.constants)
        shared |= {name: sheet.shown(row, column) or None for name, column in located.keys.items()}
        shared |= {name: sheet.day(shared.get(name)) for name in table.days}
        unusable = next(_unusable_keys(located, row), (None, None, None))
        kind = "data"
        if fold(shared.get(table.total_column) or "").rstrip(" :.") in totals:
            kind, shared[table.total_column] = "total", table.total_code
        for column, constants in located.figures.items():
            printed = sheet.own(row, column)
            figure = None if fold(printed) in missing else printed or None
            values = {**shared, **constants, evidence: figure}
            own = sheet.unusable(row, column)
            at_fault, found, expected = (None, *own) if own else unusable
            found = found or printed or None
            if expected is None and printed.endswith("%") and not _is_percentage(values.get(_UNIT)):
                expected = "un nombre, et non un pourcentage (changer le format de la cellule)"
            yield Record(sheet.place(row, column), kind, values, found, expected, at_fault)
        if row in sheet.marks.hidden_rows:
            yield Record(f"{sheet.name}!{row + 1}", "note", {}, "Ligne masquée, lue comme les autres.")
    for column in sorted(sheet.marks.hidden_columns & located.columns):
        place = sheet.place(located.header, column)
        yield Record(place, "note", {}, "Colonne masquée, lue comme les autres.")


def _unusable_keys(located: Located, row: int) -> Iterator[tuple[str, str, str]]:
    """Give the column, what stands there, and what is expected and where, of each key without a value."""
    for name, column in located.keys.items():
        if bad := located.sheet.unusable(row, column):
            place = located.sheet.place(*located.sheet.origin(row, column))
            yield name, bad[0], f"en {place}, {bad[1]}"


def _is_percentage(unit: str | None) -> bool:
    """Say whether a unit, a code or a label, is a percentage: PCT, « % du PIB »."""
    return (code_lists.load("units").code_of(unit or "") or "").startswith("PCT")


def _locate(sheet: Sheet, table: Table) -> Located:
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
            return Located(table, sheet, row, keys, figures)
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
