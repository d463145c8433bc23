"""A received file as sheets to be written anew: what stands in each cell, and where it stood."""

from __future__ import annotations

import csv
import datetime
import functools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from ingestion.french import fold
from ingestion.read import UnreadableDelivery
from ingestion.read.marks import BookMarks, Marks, marks_of
from ingestion.read.sheets import Merged, covered, faults_told, merged_within
from ingestion.read.text import bounded_lines, encoding_of, opened
from ingestion.workbooks import ANOMALY

_MOST_ROWS = 20_000  # of a received sheet: beyond, the list of anomalies stands alone
_MOST_CELLS = 500_000  # of a received sheet, empty ones included: rows beyond stand in the list alone
_MOST_COLUMNS = 1_000  # a wider sheet is in the list alone


@dataclass(frozen=True)
class Sheet:
    """A received sheet: its cells, and the line that each row has in the file."""

    name: str
    cells: list[list[Any]]
    is_hidden: bool = False
    ranges: Sequence[Merged] = ()
    """Its merged ranges, from 1."""
    lines: dict[int, int] = field(default_factory=dict)
    """Line of a text file to row; empty for a workbook, whose rows are their own."""
    number: int = 0
    """Which sheet of its workbook, from 1."""
    percents: frozenset[tuple[int, int]] = frozenset()
    """The cells that show a percentage, from 1."""

    @functools.cached_property
    def merged(self) -> dict[tuple[int, int], tuple[int, int]]:
        """The first cell of the merged range that covers a place."""
        return covered(self.ranges)

    @functools.cached_property
    def columns(self) -> range:
        """The columns, from 1."""
        return range(1, max((len(cells) for cells in self.cells), default=0) + 1)

    def text(self, row: int, column: int) -> str:
        """Give what a person sees at a place, from 1."""
        row, column = self.merged.get((row, column), (row, column))
        cells = self.cells[row - 1] if 0 < row <= len(self.cells) else []
        return shown(cells[column - 1]) if 0 < column <= len(cells) else ""

    def said(self, row: int) -> set[str]:
        """Give what a person sees in a row, from 1, folded."""
        return {fold(self.text(row, column)) for column in self.columns}


def sheets(path: Path) -> Iterator[Sheet]:
    """Give the sheets of a workbook, or a delimited text as one; nothing of any other file.

    A sheet that is broken or too large is left out. Raises UnreadableDelivery for a workbook over a limit.
    """
    try:
        marks = marks_of(path)  # before a sheet is opened: refuses what cannot be held in memory
        with faults_told():
            workbook = CalamineWorkbook.from_path(path)
    except CalamineError:
        return _text_sheet(path)
    return _workbook_sheets(workbook, marks)


def _workbook_sheets(workbook: CalamineWorkbook, marks: BookMarks) -> Iterator[Sheet]:
    for number, facts in enumerate(workbook.sheets_metadata, 1):
        try:
            with faults_told():
                sheet = workbook.get_sheet_by_name(facts.name)
            width = sheet.total_width
            if width > _MOST_COLUMNS:
                continue
            most = min(_MOST_ROWS, _MOST_CELLS // max(width, 1))
            cells = sheet.to_python(skip_empty_area=False, nrows=most)
            of_sheet = marks.of(facts.name)
            _show_unusable(cells, of_sheet)
            _drop_earlier(cells)
            ranges = [
                ((top + 1, left + 1), (bottom + 1, right + 1))
                for (top, left), (bottom, right) in merged_within(sheet, cells)
            ]
        except (CalamineError, UnreadableDelivery):
            continue  # a chart or a broken sheet: its anomalies are listed all the same
        yield Sheet(
            sheet_name(facts.name),
            cells,
            facts.visible != SheetVisibleEnum.Visible,
            ranges,
            number=number,
            percents=frozenset((row + 1, column + 1) for row, column in of_sheet.percents),
        )


def _show_unusable(cells: list[list[Any]], marks: Marks) -> None:
    """Put the text of a formula without a value in its cell: left empty, it would come back as unknown."""
    for (row, column), (text, _) in marks.unusable.items():
        if row < len(cells):
            cells[row] += [""] * (column + 1 - len(cells[row]))
            cells[row][column] = text


def _drop_earlier(cells: list[list[Any]]) -> None:
    """Take out what an earlier error workbook said of the rows: the workbook was corrected in it."""
    earlier = {at for row in cells for at, text in enumerate(row) if text == ANOMALY}
    for row in cells:
        for column in earlier:
            if column < len(row):
                row[column] = ""
    width = max((at for row in cells for at, value in enumerate(row, 1) if value != ""), default=0)
    for row in cells:
        del row[width:]


def _text_sheet(path: Path) -> Iterator[Sheet]:
    """A delimited text as one sheet; the separator is the one that its lines hold most."""
    try:
        with opened(path, encoding_of(path)) as stream:
            first = [*islice(bounded_lines(stream), _MOST_ROWS)]
        if first and first[0].startswith("%PDF-"):
            return
        counts = Counter({separator: sum(line.count(separator) for line in first) for separator in ";\t,"})
        reader = csv.reader(first, delimiter=counts.most_common(1)[0][0])
        cells: list[list[Any]] = []
        lines = {}
        count = 0
        for row in reader:
            count += len(row)
            if len(row) > _MOST_COLUMNS:
                return
            if count > _MOST_CELLS:
                break
            cells.append(list(row))
            lines[reader.line_num] = len(cells)
    except (UnreadableDelivery, csv.Error):
        return
    yield Sheet("Fichier reçu", cells, lines=lines)


def sheet_name(name: str) -> str:
    """Give the name that a sheet can have in a workbook of ours."""
    return re.sub(r"[\[\]:*?/\\]", "_", name).strip("'")[:31] or "Feuille"


def shown(value: Any) -> str:
    """Give the text that a person sees of a cell's value."""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value).replace(".", ",")
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)
