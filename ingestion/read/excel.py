"""A workbook (.xlsx, .xlsb, .xls, .ods, told apart by content): declared tables, one record per value cell.

A table is found by its headers wherever it stands on its sheet, under any number of title rows, and ends at
its first blank row or note. Headers may be merged, span two rows and hold line ends. No formula is ever run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from pydantic import Field
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, WorksheetNotFound

from ingestion.french import fold
from ingestion.read import Options, Record, UnreadableDelivery

_Cell = int | float | str | bool | time | date | datetime | timedelta
_Place = tuple[int, int]


class Value(Options):
    """One column of figures."""

    header: str
    """As printed; the rows of a header are joined by ` / `: `Montant / FCFA`."""
    constants: dict[str, str] = Field(default_factory=dict)
    """What the column says of each of its figures: contract column to text."""


class Table(Options):
    """One table of a sheet."""

    sheet: str
    keys: dict[str, str]
    """Printed header of a column that says what a row is about, to contract column."""
    values: tuple[Value, ...]
    constants: dict[str, str] = Field(default_factory=dict)
    """What holds for the whole table."""
    header_rows: int = 1
    total_column: str
    """Contract column in which a total says that it is one."""
    total_labels: tuple[str, ...] = ("Total", "Total général", "Ensemble")
    total_code: str = "_T"


def read(
    path: Path,
    *,
    tables: tuple[Table, ...],
    evidence: str = "value",
    notes: tuple[str, ...] = ("Source", "Note", "NB", "Citation"),
    missing: tuple[str, ...] = ("-", "n.d.", "nd", "…", "..."),
) -> Iterator[Record]:
    """Read the declared tables of a workbook, then the notes of their sheets.

    `evidence` is the contract column that takes a value cell; a row that opens with one of `notes` is a
    record of kind note; a cell that holds one of `missing`, or nothing, is a value kept as null. Raises
    UnreadableDelivery when the file is no workbook, or a sheet or a header is missing.
    """
    with path.open("rb") as stream:
        try:
            workbook = CalamineWorkbook.from_filelike(stream)
            sheets = {name: _Sheet(_sheet(workbook, name)) for name in dict.fromkeys(t.sheet for t in tables)}
        except CalamineError as error:
            found = f"un contenu illisible ({error})"
            raise UnreadableDelivery("le fichier", found, "un classeur") from error
    marks = {fold(mark) for mark in missing}
    openings = tuple(fold(opening) for opening in notes)
    for table in tables:
        yield from _table(sheets[table.sheet], table, evidence, marks, openings)
    for sheet in sheets.values():
        yield from sheet.notes(openings)


def _sheet(workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    printed = next((sheet for sheet in workbook.sheet_names if fold(sheet) == fold(name)), name)
    try:
        return workbook.get_sheet_by_name(printed)
    except WorksheetNotFound as error:
        found = ", ".join(f"« {sheet} »" for sheet in workbook.sheet_names)
        raise UnreadableDelivery("le classeur", f"les feuilles {found}", f"une feuille « {name} »") from error


class _Sheet:
    """The cells of a sheet as text, and which of them are merged."""

    def __init__(self, sheet: CalamineSheet) -> None:
        self.name = sheet.name
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
        number = Decimal(repr(cell))
        whole = number == number.to_integral_value()
        return f"{number:.0f}" if whole else f"{number:f}".replace(".", ",")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return cell.strip() if isinstance(cell, str) else str(cell)


def _table(
    sheet: _Sheet, table: Table, evidence: str, marks: set[str], openings: Sequence[str]
) -> Iterator[Record]:
    header, at = _find_header(sheet, table)
    totals = {fold(label) for label in table.total_labels}
    for row in range(header + table.header_rows, len(sheet.rows)):
        is_blank = not any(sheet.own(row, column) for column in at.values())
        if is_blank or _is_note(sheet.opening(row), openings):
            return
        shared: dict[str, str | None] = dict(table.constants)
        shared |= {column: sheet.shown(row, at[fold(name)]) or None for name, column in table.keys.items()}
        kind = "data"
        if fold(shared.get(table.total_column) or "") in totals:
            kind, shared[table.total_column] = "total", table.total_code
        for value in table.values:
            column = at[fold(value.header)]
            printed = sheet.own(row, column)
            figure = None if fold(printed) in marks else printed or None
            values = {**shared, **value.constants, evidence: figure}
            yield Record(sheet.place(row, column), kind, values, printed or None)


def _find_header(sheet: _Sheet, table: Table) -> tuple[int, dict[str, int]]:
    """Give the first row of the header and the column of each header that is declared."""
    wanted = [*table.keys, *(value.header for value in table.values)]
    closest: list[str] = wanted
    for row in range(len(sheet.rows)):
        at = {fold(name): n for n, name in reversed(list(enumerate(sheet.headers(row, table.header_rows))))}
        lacking = [name for name in wanted if fold(name) not in at]
        if not lacking:
            return row, {fold(name): at[fold(name)] for name in wanted}
        closest = min(closest, lacking, key=len)
    expected = ", ".join(f"« {name} »" for name in closest)
    raise UnreadableDelivery(f"la feuille « {sheet.name} »", "un tableau sans ces en-têtes", expected)
