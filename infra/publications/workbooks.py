"""The workbooks that OFII's office, the TOKTEN programme and Frontex issue, with their habits:

title rows, merged and two-row headers, a totals row, numbers typed as text, a source line below.
"""

from __future__ import annotations

import re
from itertools import groupby

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.workbooks import settled

Row = dict[str, str]
_BOLD = Font(bold=True)
_HEADER = Alignment(horizontal="center", vertical="center", wrap_text=True)


def ofii_workbook(figures: list[Row], citation: str) -> bytes:
    """Compose the sheet « Projets »: a header of two rows, a period merged down, amounts typed two ways."""
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - openpyxl types it as any kind of sheet
    sheet.title = "Projets"
    _titles(sheet, "Projets de réinsertion des migrants de retour au Mali, par financeur", citation, width=5)
    for place, text in (
        ("A4", "Financeur"),
        ("B4", "Période"),
        ("C4", "Projets de réinsertion"),
        ("E4", "Référence"),
        ("C5", "Nombre"),
        ("D5", "Montant\n(FCFA)"),
    ):
        sheet[place] = text
        sheet[place].font, sheet[place].alignment = _BOLD, _HEADER
    for merged in ("A4:A5", "B4:B5", "C4:D4", "E4:E5"):
        sheet.merge_cells(merged)
    for number, row in enumerate(figures, 6):
        sheet.cell(number, 1, row["financeur"])
        sheet.cell(number, 3, int(row["nombre"]))
        sheet.cell(number, 4, _typed(row["montant_fcfa"]))
        sheet.cell(number, 5, "Article du ministère, 2017, section 4")
    sheet["B6"] = "2013-2016"
    sheet.merge_cells(start_row=6, end_row=5 + len(figures), start_column=2, end_column=2)
    sheet.cell(7 + len(figures), 1, f"Source : {citation}")
    for column, width in {"A": 40, "B": 14, "C": 12, "D": 18, "E": 38}.items():
        sheet.column_dimensions[column].width = width
    return settled(workbook)


def tokten_workbook(figures: list[Row], citation: str) -> bytes:
    """Compose the four sheets; « Experts » and « Structures » hold two tables, stock above and flow below."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in groupby(figures, key=lambda row: row["feuille"]):
        sheet = workbook.create_sheet(name)
        _titles(sheet, f"Programme TOKTEN - {name}", citation, width=3)
        at = 4
        for title, lines in groupby(rows, key=lambda row: row["tableau"]):
            is_stock = title.endswith(("inscrits", "inscrites"))
            headers = (f"Base des {name.lower()}", "Situation au") if is_stock else ("Secteur", "Période")
            for column, text in enumerate((*headers, title), 1):
                sheet.cell(at, column, text).font = _BOLD
            for line in lines:
                at += 1
                for column, text in enumerate((line["ligne"], line["periode"], _typed(line["valeur"])), 1):
                    sheet.cell(at, column, text)
            at += 2
        sheet.cell(at, 1, f"Source : {citation}")
        sheet.column_dimensions["A"].width = 40
        sheet.column_dimensions["B"].width = sheet.column_dimensions["C"].width = 22
    return settled(workbook)


def frontex_workbook(figures: list[Row], citation: str) -> bytes:
    """Compose the sheet « Detections »: a line per route, a column per year, the total last."""
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - openpyxl types it as any kind of sheet
    sheet.title = "Detections"
    _titles(sheet, "Detections of illegal border crossing, Malian nationals", citation, width=6)
    years = list(figures[0])[1:]
    for column, text in enumerate(("Route", "Nationality", *years), 1):
        sheet.cell(4, column, int(text) if text.isdigit() else text).font = _BOLD
    for at, row in enumerate(figures, 5):
        sheet.cell(at, 1, row["route"])
        sheet.cell(at, 2, "Mali")
        for column, year in enumerate(years, 3):
            sheet.cell(at, column, int(row[year]))
    sheet.column_dimensions["A"].width = 40
    return settled(workbook)


def _titles(sheet: Worksheet, title: str, citation: str, width: int) -> None:
    sheet["A1"] = title
    sheet["A1"].font = Font(bold=True, size=13)
    sheet["A2"] = f"Classeur composé par le projet PONAM d'après : {citation}"
    for row in (1, 2):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)


def _typed(printed: str) -> int | str:
    """Keep as text what a person typed with spaces or leading zeros, as numbers what is plain."""
    return int(printed) if str(int(re.sub(r"\s", "", printed))) == printed else printed
