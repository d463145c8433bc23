"""The marks of an .xls, by xlrd: the one library that tells which of its rows are hidden."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import xlrd

from ingestion.read.marks.number_formats import is_month, is_percent
from ingestion.read.marks.sheet import ERROR, Marks

if TYPE_CHECKING:
    from xlrd.sheet import Sheet


def marks(path: Path) -> tuple[dict[str, Marks], bool]:
    """Give the marks of each sheet by its name, and whether days count from 1904.

    Raises whatever a damaged file makes of xlrd.
    """
    with (
        Path(os.devnull).open("w") as log,
        xlrd.open_workbook(
            str(path),
            logfile=log,
            formatting_info=True,
            on_demand=True,
            ragged_rows=True,
            ignore_workbook_corruption=True,
        ) as book,
    ):
        codes = [book.format_map[form.format_key].format_str for form in book.xf_list]
        percents = {number for number, code in enumerate(codes) if is_percent(code)}
        months = {number for number, code in enumerate(codes) if is_month(code)}
        sheets = {}
        for name in book.sheet_names():
            sheets[name] = _of(book.sheet_by_name(name), percents, months)
            book.unload_sheet(name)
        return sheets, book.datemode == 1


def _of(sheet: Sheet, percents: set[int], months: set[int]) -> Marks:
    found = Marks(
        hidden_rows={row for row, facts in sheet.rowinfo_map.items() if facts.hidden},
        hidden_columns={column for column, facts in sheet.colinfo_map.items() if facts.hidden},
    )
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                found.reach(row, column)
            if kind == xlrd.XL_CELL_ERROR:
                code = int(sheet.cell_value(row, column))
                text = xlrd.error_text_from_code.get(code, "#ERREUR")
                found.unusable[row, column] = (text, ERROR)
            elif kind == xlrd.XL_CELL_NUMBER and sheet.cell_xf_index(row, column) in percents:
                found.percents.add((row, column))
            elif kind == xlrd.XL_CELL_DATE and sheet.cell_xf_index(row, column) in months:
                found.months.add((row, column))
    found.require_bounded(f"la feuille « {sheet.name} »")
    return found
