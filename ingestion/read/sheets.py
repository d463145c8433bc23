"""The cells of a sheet as text, as a French sheet shows them, and what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from python_calamine import CalamineError, CalamineSheet

from ingestion.french import fold, format_number
from ingestion.read import Record, UnreadableDelivery
from ingestion.read.marks import BookMarks, Marks, Place
from ingestion.read.marks.sheet import letters

_Cell = int | float | str | bool | time | date | datetime | timedelta
Merged = tuple[Place, Place]
"""First and last cell of a merged range."""
_MOST_MERGED = 1_000_000  # cells of a sheet that merged ranges cover: each is held in memory
# Days from May 1927 on: a shorter number is a year, not a day.
_DAY_NUMBER = re.compile(r"[1-9]\d{4}")


@contextmanager
def faults_told() -> Iterator[None]:
    """Make a CalamineError of what else a damaged workbook makes calamine raise: OSError, or a panic.

    A panic is no Exception, and would end the run that reads.
    """
    try:
        yield
    except OSError as error:
        raise CalamineError(str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise CalamineError("a place in the file that does not exist") from error


class Sheet:
    """The cells of a sheet as text, and which of them are merged."""

    def __init__(self, sheet: CalamineSheet, book: BookMarks) -> None:
        self.name = sheet.name
        self.marks = book.of(sheet.name)
        self._first_day = date(1904, 1, 1) if book.is_from_1904 else date(1899, 12, 30)
        self.rows = texts(sheet, self.marks)
        self._merged = covered(merged_within(sheet, self.rows))

    def own(self, row: int, column: int) -> str:
        """Give the text of one cell; the hidden part of a merged one is empty."""
        cells = self.rows[row] if row < len(self.rows) else []
        return cells[column] if column < len(cells) else ""

    def shown(self, row: int, column: int) -> str:
        """Give the text that a person sees at that place: that of the merged cell which covers it."""
        return self.own(*self.origin(row, column))

    def origin(self, row: int, column: int) -> Place:
        """Give the cell that is seen at that place: the first of the merged ones which cover it."""
        return self._merged.get((row, column), (row, column))

    def unusable(self, row: int, column: int) -> tuple[str, str] | None:
        """Give what stands in a cell that holds no value, and what is expected; None for any other."""
        return self.marks.unusable.get(self.origin(row, column))

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
        return f"{self.name}!{letters(column)}{row + 1}"

    def notes(self, openings: Sequence[str]) -> Iterator[Record]:
        """Give the rows that explain the figures."""
        for row in range(len(self.rows)):
            if is_note(self.opening(row), openings):
                text = " ".join(dict.fromkeys(cell for cell in self.rows[row] if cell))
                column = next(n for n, cell in enumerate(self.rows[row]) if cell)
                yield Record(self.place(row, column), "note", {}, text)


def is_note(text: str, openings: Sequence[str]) -> bool:
    """Say whether a text opens as a note does: « Source : … », « Note 1 »."""
    opening = fold(text)
    return any(opening.startswith(word) and not opening[len(word) :][:1].isalpha() for word in openings)


def merged_within(sheet: CalamineSheet, cells: Sequence[Sequence[object]]) -> list[Merged]:
    """Give the merged ranges of a sheet as far as its cells reach: one may span a million empty rows.

    Of two that overlap, which no spreadsheet writes, the first. Raises UnreadableDelivery when they cover too
    many cells.
    """
    end = len(cells) - 1, max(map(len, cells), default=0) - 1
    merged: list[Merged] = []
    taken: set[Place] = set()
    count = 0
    for first, printed in sheet.merged_cell_ranges or ():
        last = min(printed[0], end[0]), min(printed[1], end[1])
        count += max(last[0] - first[0] + 1, 0) * max(last[1] - first[1] + 1, 0)
        if count > _MOST_MERGED:
            found = f"plus de {format_number(_MOST_MERGED)} cellules fusionnées"
            expected = "un tableau sans elles (annuler la fusion des cellules hors des titres)"
            raise UnreadableDelivery(f"la feuille « {sheet.name} »", found, expected)
        places = covered([(first, last)]).keys()
        if len(places) > 1 and taken.isdisjoint(places):
            taken.update(places)
            merged.append((first, last))
    return merged


def covered(merged: Sequence[Merged]) -> dict[Place, Place]:
    """Give, for each place that a merged range covers, the first cell of the range."""
    return {
        (row, column): first
        for first, last in merged
        for row in range(first[0], last[0] + 1)
        for column in range(first[1], last[1] + 1)
    }


def texts(sheet: CalamineSheet, marks: Marks) -> list[list[str]]:
    """Give the cells of a sheet as a French sheet shows them."""
    cells = sheet.to_python(skip_empty_area=False)
    texts = [[_text(cell) for cell in row] for row in cells]
    for row, column, cell in _at(marks.percents, cells):
        if isinstance(cell, int | float):
            texts[row][column] = f"{_decimal(Decimal(f'{cell:.15g}') * 100)} %"
    for row, column, cell in _at(marks.months, cells):
        if isinstance(cell, date) and cell.day == 1:  # what a spreadsheet makes of « 2026-03 »
            texts[row][column] = f"{cell:%Y-%m}"
    return texts


def _at(places: Iterable[Place], cells: Sequence[Sequence[_Cell]]) -> Iterator[tuple[int, int, _Cell]]:
    """Give the cells at the places that the sheet reaches: a format may be set beyond what is filled."""
    for row, column in places:
        if row < len(cells) and column < len(cells[row]):
            yield row, column, cells[row][column]


def _decimal(number: Decimal) -> str:
    whole = number == number.to_integral_value()
    return f"{number:.0f}" if whole else f"{number.normalize():f}".replace(".", ",")


def _text(cell: _Cell) -> str:
    """Give a cell as a French sheet shows it: a decimal comma, no exponent, an ISO date."""
    if isinstance(cell, bool):
        return "vrai" if cell else "faux"
    if isinstance(cell, int | float):
        # A spreadsheet shows 15 digits; what follows them is noise of binary fractions.
        return _decimal(Decimal(f"{cell:.15g}"))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return cell.strip() if isinstance(cell, str) else str(cell)
