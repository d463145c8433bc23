"""What stands in a workbook where the contract names nothing: told, never passed over in silence.

Figures are rejected at their place, so that whoever sent them puts them where they are read, or takes them
away; words are a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from ingestion.french import NotAsExpected, fold, is_number, parse_period
from ingestion.read import Record
from ingestion.read.marks import BookMarks
from ingestion.read.sheets import Sheet, faults_told, is_note, texts
from ingestion.workbooks import ANOMALY, INSTRUCTIONS, LISTS

if TYPE_CHECKING:
    from ingestion.read.excel import Located

_OWN = (fold(INSTRUCTIONS), fold(LISTS))  # sheets of our templates; they hold no figure
_NUMBERS = ("n°", "no", "num", "#")


def below(located: Located, row: int, end: int, openings: Sequence[str]) -> Iterator[Record]:
    """Tell what stands in the columns of a table below its end: figures are rejected, words are a note."""
    sheet, columns = located.sheet, sorted(located.columns)
    figure = next((column for column in sorted(located.figures) if _is_figure(sheet.own(row, column))), None)
    if figure is not None:
        text = " | ".join(cell for cell in sheet.rows[row] if cell)
        fault = (
            f"une ligne du tableau, qui finit à la ligne {end + 1} : remontez celle-ci dans le tableau, ou "
            "effacez-la"
        )
        yield Record(sheet.place(row, figure), "data", {}, text, fault)
        return
    words = [column for column in columns if sheet.own(row, column)]
    if words and not is_note(sheet.opening(row), openings):
        text = " ".join(sheet.own(row, column) for column in words)
        yield Record(sheet.place(row, words[0]), "note", {}, f"Sous le tableau : {text}")


def _is_figure(text: str) -> bool:
    """Whether a text is what stands in a column of figures, or of days."""
    try:
        return is_number(text) or bool(parse_period(text))
    except NotAsExpected:
        return False


def outside(sheet: Sheet, on_sheet: Sequence[Located], openings: Sequence[str]) -> Iterator[Record]:
    """Tell what stands on a sheet beside its tables, by column, and numbers above them, by row."""
    top = min(one.header for one in on_sheet)
    for row in range(top):
        if numbers := [column for column, text in enumerate(sheet.rows[row]) if is_number(text)]:
            text = " ".join(dict.fromkeys(cell for cell in sheet.rows[row] if cell))
            yield Record(sheet.place(row, numbers[0]), "note", {}, f"Au-dessus du tableau, non lu : {text}")
    told = {row for row in range(top, len(sheet.rows)) if is_note(sheet.opening(row), openings)}
    told.update(*(one.header_rows for one in on_sheet))
    for column in range(max(map(len, sheet.rows), default=0)):
        told_here = told.union(*(one.rows for one in on_sheet if column in one.columns))
        cells = {
            row: text
            for row in range(top, len(sheet.rows))
            if row not in told_here and (text := sheet.own(row, column))
        }
        if cells:
            yield from _column(sheet, column, cells, on_sheet)


def _column(
    sheet: Sheet, column: int, cells: Mapping[int, str], on_sheet: Sequence[Located]
) -> Iterator[Record]:
    """Tell of a column that the contract does not name, by its header or by its first cell; `cells` by row.

    Its figures are rejected: left unread without a word, they would be lost. Numbers of rows, « N° » 1, 2,
    3 …, are none.
    """
    named = ((one.header_rows[-1], sheet.headers(one.header, one.table.header_rows)) for one in on_sheet)
    row, header = next(
        ((row, names[column]) for row, names in named if column < len(names) and names[column]),
        (min(cells), ""),
    )
    if fold(header) == fold(ANOMALY):
        return
    figures = {row: text for row, text in cells.items() if is_number(text)}
    is_numbering = list(figures.values()) == [str(n) for n in range(1, len(figures) + 1)]
    if figures and not (is_numbering and fold(header).startswith(_NUMBERS)):
        if not header:
            row = min(figures)
        fault = f"une colonne prévue au contrat ; celle-ci porte des chiffres, non lus ({len(figures)})"
        yield Record(sheet.place(row, column), "data", {}, header or figures[row], fault)
    else:
        what = f"Colonne « {header} »" if header else f"« {cells[row]} »"
        yield Record(
            sheet.place(row, column), "note", {}, f"{what} : hors du contrat, non lu ({len(cells)})."
        )


def undeclared_sheets(workbook: CalamineWorkbook, book: BookMarks, declared: set[str]) -> Iterator[Record]:
    """Tell of each sheet that the contract does not name, by its number: its name may be that of a person."""
    for number, facts in enumerate(workbook.sheets_metadata, 1):
        if facts.typ != SheetTypeEnum.WorkSheet or fold(facts.name) in declared:
            continue
        place = f"feuille n° {number}"
        try:
            with faults_told():
                sheet = workbook.get_sheet_by_name(facts.name)
            cells = [text for row in texts(sheet, book.of(facts.name)) for text in row]
        except CalamineError:
            yield Record(place, "note", {}, f"Feuille « {facts.name} » : hors du contrat, illisible.")
            continue
        figures = sum(map(is_number, cells))
        if figures:
            fault = f"une feuille prévue au contrat ; celle-ci porte des chiffres, non lus ({figures})"
            yield Record(place, "data", {}, facts.name, fault)
        elif any(cells) and fold(facts.name) not in _OWN:
            yield Record(place, "note", {}, f"Feuille « {facts.name} » : hors du contrat, non lue.")
