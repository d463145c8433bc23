"""The reader of workbooks, on sheets with the habits of people."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlwt
from odf import table as odf_table
from odf.opendocument import OpenDocumentSpreadsheet
from odf.opendocument import load as load_ods
from odf.style import Style, TableProperties
from odf.text import P
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from ingestion.french import parse_number
from ingestion.read import Record, UnreadableDelivery
from ingestion.read.excel import Table, Value, Wide, grids, read

PROJECTS = Table(
    sheet="Projets",
    header_rows=2,
    keys={"Financeur": "funder_code", "Période": "period_code"},
    values=(
        Value(header="Projets / Nombre", constants={"measure_code": "projects"}),
        Value(header="Projets / Montant (FCFA)", constants={"measure_code": "amount"}),
    ),
    constants={"unit_code": "XOF"},
    total_column="funder_code",
)


def workbook() -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "PROJETS "
    for row in (
        ["Projets de réinsertion"],
        [],
        ["Financeur", "Période", "Projets", None],
        [None, None, "Nombre", "Montant\n(FCFA)"],
        ["OFII", "2013-2016", 128, "300\u00a0601 889"],
        ["CTC", None, 9, 410702571.5],
        ["BSI", None, "n.d.", None],
        ["TOTAL", None, 264, 901304460],
        [],
        ["Source : rapport du ministère"],
        ["Sourceries", None, None, None],
    ):
        sheet.append(row)
    for merged in ("A1:D1", "A3:A4", "B3:B4", "C3:D3", "B5:B8"):
        sheet.merge_cells(merged)
    return book


def records(tmp_path: Path, book: Workbook, *tables: Table) -> list[Record]:
    path = tmp_path / "lies.csv"  # an extension proves nothing
    book.save(path)
    return list(read(path, tables=tables or (PROJECTS,)))


def test_each_value_cell_is_a_record_with_its_place_and_its_text(tmp_path: Path) -> None:
    found = records(tmp_path, workbook())
    assert found[1] == Record(
        "PROJETS !D5",
        "data",
        {
            "unit_code": "XOF",
            "funder_code": "OFII",
            "period_code": "2013-2016",
            "measure_code": "amount",
            "value": "300\u00a0601 889",
        },
        "300\u00a0601 889",
    )
    assert [record.locator for record in found[:-1]] == [
        *(f"PROJETS !{c}{r}" for r in (5, 6, 7, 8) for c in "CD"),
        "PROJETS !A11",
    ]


def test_numbers_are_given_in_french_form_and_merged_keys_hold_for_every_row(tmp_path: Path) -> None:
    amount = records(tmp_path, workbook())[3]
    assert (amount.values["value"], amount.values["period_code"]) == ("410702571,5", "2013-2016")


def test_missing_cells_are_kept_as_null(tmp_path: Path) -> None:
    marked, blank = records(tmp_path, workbook())[4:6]
    assert (marked.values["value"], marked.literal) == (None, "n.d.")
    assert (blank.values["value"], blank.literal) == (None, None)


def test_totals_and_notes_are_kept_apart(tmp_path: Path) -> None:
    found = records(tmp_path, workbook())
    assert [(record.kind, record.values["funder_code"]) for record in found[6:8]] == [("total", "_T")] * 2
    assert found[8:] == [
        Record("PROJETS !A11", "note", {}, "Sous le tableau : Sourceries"),
        Record("PROJETS !A10", "note", {}, "Source : rapport du ministère"),
    ]


@pytest.mark.parametrize("label", ["Total :", "TOTAL", "Total général.", "ensemble"])
def test_a_total_is_one_wherever_it_stands_and_however_it_is_written(tmp_path: Path, label: str) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Retours"
    for row in (["Pays", "Le", "Personnes"], ["France", None, 1], [label, None, 1], ["Libye", None, "–"]):
        sheet.append(row)
    found = [
        (one.kind, one.values["area_code"], one.values["value"]) for one in records(tmp_path, book, STATES)
    ]
    assert found == [("data", "France", "1"), ("total", "_T", "1"), ("data", "Libye", None)]


@pytest.mark.parametrize(
    ("between", "notes"),
    [
        ([[], ["Deuxième semestre"]], ["Sous le tableau : Deuxième semestre"]),
        ([["Source : DGME"]], ["Source : DGME"]),
    ],
    ids=["heading", "note"],
)
def test_what_stands_below_the_end_of_a_table_is_told_and_figures_there_are_rejected(
    tmp_path: Path, between: list[list[str]], notes: list[str]
) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Retours"
    below = [
        [],
        ["Fait à Bamako"],
        ["Le directeur"],
        ["Mali", None, 3],
        ["Niger", 2016, "4"],
        [None, None, 5],
    ]
    for row in (["Pays", "Le", "Personnes"], ["France", None, 1], *between, *below):
        sheet.append(row)
    found = records(tmp_path, book, STATES)
    data = [one for one in found if one.kind == "data"]
    assert [(one.locator.partition("!")[2], one.literal) for one in data if one.fault] == [
        (f"C{6 + len(between)}", "Mali | 3"),
        (f"C{7 + len(between)}", "Niger | 2016 | 4"),
        (f"C{8 + len(between)}", "5"),  # whose figure it is nobody knows
    ]
    assert [one.literal for one in data if not one.fault] == ["1"]
    assert f"finit à la ligne {2 + len(between)}" in (data[1].fault or "")
    told = {one.literal for one in found if one.kind == "note"}
    assert told == {*notes, "Sous le tableau : Fait à Bamako", "Sous le tableau : Le directeur"}


def test_a_day_below_the_end_of_a_table_of_days_is_rejected(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Personnes"
    for row in (
        ["Nom", "Retour"],
        ["A", date(2016, 12, 31)],
        [],
        ["Suite", None],
        ["B", date(2017, 1, 31)],
        ["C", "31/01/2017"],
        ["Vu, le", "fait à Bamako le 12 mars 2026"],
    ):
        sheet.append(row)
    days = Table(
        sheet="Personnes", keys={"Nom": "name"}, values=(Value(header="Retour"),), total_column="name"
    )
    found = records(tmp_path, book, days)
    assert [(one.kind, one.literal, one.fault is None) for one in found] == [
        ("data", "2016-12-31", True),
        ("note", "Sous le tableau : Suite", True),
        ("data", "B | 2017-01-31", False),
        ("data", "C | 31/01/2017", False),
        ("note", "Sous le tableau : Vu, le fait à Bamako le 12 mars 2026", True),
    ]


def test_two_tables_of_one_sheet_are_told_apart_by_their_headers(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Experts"
    for row in (["Base", "Inscrits"], ["Ensemble", 557], [], ["Secteur", "Nouveaux"], ["Santé", 12]):
        sheet.append(row)
    stock, flow = (
        Table(
            sheet="Experts",
            keys={key: "sector_code"},
            values=(Value(header=value),),
            total_column="sector_code",
        )
        for key, value in (("Base", "Inscrits"), ("Secteur", "Nouveaux"))
    )
    found = records(tmp_path, book, stock, flow)
    assert [(record.kind, record.values["sector_code"], record.values["value"]) for record in found] == [
        ("total", "_T", "557"),
        ("data", "Santé", "12"),
    ]


def test_dates_and_yes_or_no_are_given_as_text(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["Au", "Nombre"], [date(2016, 12, 31), True]):
        book.worksheets[0].append(row)
    table = Table(
        sheet=book.worksheets[0].title,
        keys={"Au": "period_code"},
        values=(Value(header="Nombre"),),
        total_column="period_code",
    )
    [record] = records(tmp_path, book, table)
    assert (record.values["period_code"], record.values["value"]) == ("2016-12-31", "vrai")


def test_a_missing_sheet_is_named_beside_those_found(tmp_path: Path) -> None:
    book = workbook()
    book.worksheets[0].title = "Feuil1"
    with pytest.raises(UnreadableDelivery) as refusal:
        records(tmp_path, book)
    assert (refusal.value.found, refusal.value.expected) == (
        "les feuilles « Feuil1 »",
        "une feuille « Projets »",
    )


def test_a_renamed_column_is_named(tmp_path: Path) -> None:
    book = workbook()
    book.worksheets[0]["D4"] = "Somme"
    with pytest.raises(
        UnreadableDelivery, match=r"feuille « PROJETS  ».*attendu « Projets / Montant \(FCFA\) »"
    ):
        records(tmp_path, book)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"<html><table><tr><td>Pays</td></tr></table></html>", "une page HTML"),
        (b"Pays;Personnes\nMali;1\n", "un texte"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "protégé par un mot de passe"),
        (b"%PDF-1.7\n", "un PDF"),
        (b"\x00\x01\x02", "un contenu illisible, d’aucun format de classeur"),
    ],
    ids=["page", "text", "encrypted", "pdf", "noise"],
)
def test_what_a_file_is_that_is_no_workbook_is_said(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "etat.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableDelivery, match=f"trouvé .*{found}.* ; attendu un classeur"):
        list(read(path, tables=(STATES,)))


@pytest.mark.parametrize("kept", [0, 10, 2000])
def test_what_is_no_whole_workbook_is_refused(tmp_path: Path, kept: int) -> None:
    whole = io.BytesIO()
    workbook().save(whole)
    path = tmp_path / "cut.xlsx"
    path.write_bytes(whole.getvalue()[:kept])
    with pytest.raises(UnreadableDelivery, match="attendu un classeur"):
        list(read(path, tables=(PROJECTS,)))


# --- What offices really send -----------------------------------------------------------------------------

STATES = Table(
    sheet="Retours",
    keys={"Pays": "area_code", "Le": "day"},
    values=(Value(header="Personnes"),),
    total_column="area_code",
    days=("day",),
)
ROWS: list[list[Any]] = [
    ["État des retours"],
    [],
    ["Pays", "Le", "Personnes"],
    ["France", date(2016, 12, 31), 1250.5],
    ["Libye", "31/12/2016", "1 250"],
    ["Total", None, 2500.5],
    ["Source : DGME"],
]


def write_xlsx(path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Retours"
    for row in ROWS:
        sheet.append(row)
    book.save(path)


def write_xls(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Retours")
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for at, row in enumerate(ROWS):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(at, column, value, *([day] if isinstance(value, date) else []))
    book.save(str(path))


def write_ods(path: Path) -> None:
    book = OpenDocumentSpreadsheet()
    sheet = odf_table.Table(name="Retours")
    for row in ROWS:
        line = odf_table.TableRow()
        for value in row:
            kind: dict[str, Any] = {}
            if isinstance(value, float):
                kind = {"valuetype": "float", "value": value}
            elif isinstance(value, date):
                kind = {"valuetype": "date", "datevalue": value.isoformat()}
            elif value is not None:
                kind = {"valuetype": "string"}
            cell = odf_table.TableCell(**kind)
            if value is not None:
                cell.addElement(P(text=str(value)))
            line.addElement(cell)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(str(path))


@pytest.mark.parametrize("write", [write_xlsx, write_xls, write_ods])
@pytest.mark.parametrize("name", ["etat.xlsx", "etat.xls", "etat.ods", "etat.csv", "etat"])
def test_a_workbook_is_known_by_its_content_whatever_it_is_called(
    tmp_path: Path, write: Callable[[Path], None], name: str
) -> None:
    written = tmp_path / f"x.{write.__name__.removeprefix('write_')}"
    write(written)
    path = written.rename(tmp_path / name)
    found = list(read(path, tables=(STATES,)))
    assert [
        (one.locator, one.kind, one.values.get("area_code"), one.values.get("value")) for one in found
    ] == [
        ("Retours!C4", "data", "France", "1250,5"),
        ("Retours!C5", "data", "Libye", "1 250"),
        ("Retours!C6", "total", "_T", "2500,5"),
        ("Retours!A7", "note", None, None),
    ]
    assert found[0].values["day"] == "2016-12-31"


def test_day_numbers_are_days_and_years_are_years(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Retours"
    for row in (["Pays", "Le", "Personnes"], ["France", 42735, 1], ["Libye", 2016, 2]):
        sheet.append(row)
    assert [one.values["day"] for one in records(tmp_path, book, STATES)] == ["2016-12-31", "2016"]
    book.epoch = CALENDAR_MAC_1904
    assert records(tmp_path, book, STATES)[0].values["day"] == "2021-01-01"


def test_hidden_rows_and_columns_are_read_and_said(tmp_path: Path) -> None:
    book = workbook()
    sheet = book.worksheets[0]
    sheet.row_dimensions[6].hidden = True
    sheet.column_dimensions["D"].hidden = True
    found = records(tmp_path, book)
    assert [one.values["value"] for one in found if one.kind == "data"] == [
        one.values["value"] for one in records(tmp_path, workbook()) if one.kind == "data"
    ]
    assert [(one.locator, one.literal) for one in found if "masquée" in (one.literal or "")] == [
        ("PROJETS !6", "Ligne masquée, lue comme les autres."),
        ("PROJETS !D3", "Colonne masquée, lue comme les autres."),
    ]


HIDDEN = [
    ("Retours!5", "Ligne masquée, lue comme les autres."),
    ("Retours!C3", "Colonne masquée, lue comme les autres."),
    ("Retours!A1", "Feuille masquée, lue comme les autres."),
]


def hide_xlsx(path: Path) -> None:
    write_xlsx(path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet.row_dimensions[5].hidden = sheet.column_dimensions["C"].hidden = True
    book.create_sheet("Vue")
    sheet.sheet_state = "hidden"
    book.active = 1
    book.save(path)


def hide_ods(path: Path) -> None:
    """As an office writes it: what is empty stands once, repeated; hidden by a filter or by hand."""
    write_ods(path)
    book = load_ods(path)
    off = Style(name="off", family="table")
    off.addElement(TableProperties(display="false"))
    book.automaticstyles.addElement(off)
    [sheet] = book.spreadsheet.getElementsByType(odf_table.Table)
    sheet.setAttribute("stylename", off)
    rows = sheet.getElementsByType(odf_table.TableRow)
    rows[4].setAttribute("visibility", "filter")
    for column in (
        odf_table.TableColumn(numbercolumnsrepeated=2),
        odf_table.TableColumn(visibility="collapse"),
        odf_table.TableColumn(numbercolumnsrepeated=16381, visibility="collapse"),
    ):
        sheet.insertBefore(column, rows[0])
    sheet.addElement(odf_table.TableRow(numberrowsrepeated=1048569, visibility="collapse"))
    book.save(str(path))


def hide_xls(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Retours")
    for at, row in enumerate(ROWS):
        for column, value in enumerate(row):
            sheet.write(at, column, "31/12/2016" if isinstance(value, date) else value)
    sheet.visibility = 1
    sheet.row(4).hidden = sheet.col(2).hidden = True
    book.add_sheet("Vue")
    book.set_active_sheet(1)
    book.save(str(path))


@pytest.mark.parametrize("hide", [hide_xlsx, hide_ods, hide_xls])
def test_what_is_hidden_is_read_and_said_in_every_format(
    tmp_path: Path, hide: Callable[[Path], None]
) -> None:
    path = tmp_path / f"etat.{hide.__name__.removeprefix('hide_')}"
    hide(path)
    found = list(read(path, tables=(STATES,)))
    assert [one.values["value"] for one in found if one.kind == "data"] == ["1250,5", "1 250"]
    assert [(one.locator, one.literal) for one in found if "masquée" in (one.literal or "")] == HIDDEN


def test_a_formula_is_never_run_and_one_without_a_cached_value_is_rejected(tmp_path: Path) -> None:
    book = workbook()
    book.worksheets[0]["C5"] = "=100+28"
    found = records(tmp_path, book)
    assert found[0].literal == "=100+28"
    assert found[0].values["value"] is None
    assert "la formule n’en porte pas" in (found[0].fault or "")
    assert [one.fault for one in found[1:]] == [None] * (len(found) - 1)


def test_the_cached_value_of_a_formula_is_read(tmp_path: Path) -> None:
    book = workbook()
    book.worksheets[0]["C5"] = "=100+28"
    path = tmp_path / "calculated.xlsx"
    book.save(path)
    rewrite(path, b"<f>100+28</f><v></v>", b"<f>100+28</f><v>128</v>")
    assert next(read(path, tables=(PROJECTS,))).values["value"] == "128"


def test_an_error_of_the_spreadsheet_is_rejected_and_not_taken_for_nothing(tmp_path: Path) -> None:
    book = workbook()
    book.worksheets[0]["D7"] = "#REF!"
    book.worksheets[0]["D7"].data_type = "e"
    book.worksheets[0]["A6"] = "=Feuil2!A1"
    found = {one.locator: one for one in records(tmp_path, book)}
    assert found["PROJETS !D7"].literal == "#REF!"
    assert "erreur du tableur" in (found["PROJETS !D7"].fault or "")
    # A key without a value spoils every figure of its row.
    assert [found[f"PROJETS !{column}6"].literal for column in "CD"] == ["=Feuil2!A1"] * 2
    assert [one.locator for one in found.values() if one.fault] == [
        "PROJETS !C6",
        "PROJETS !D6",
        "PROJETS !D7",
    ]


def test_fractions_are_those_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    book = workbook()
    book.worksheets[0]["C5"] = 0.1 + 0.2
    assert records(tmp_path, book)[0].values["value"] == "0,3"


def test_years_in_columns(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Detections"
    for row in (["Title"], ["Route", 2023, "2024", "Note"], ["Central", 1, 2, "x"], ["TOTAL", 1, 2]):
        sheet.append(row)
    table = Table(
        sheet="Detections",
        keys={"Route": "route"},
        wide=Wide(header=r"\d{4}|Route", into="period_code"),  # a key is no figure, whatever it is called
        total_column="route",
    )
    *found, note = records(tmp_path, book, table)
    assert [(one.kind, one.values["period_code"], one.values["value"]) for one in found] == [
        ("data", "2023", "1"),
        ("data", "2024", "2"),
        ("total", "2023", "1"),
        ("total", "2024", "2"),
    ]
    assert note == Record("Detections!D2", "note", {}, "Colonne « Note » : hors du contrat, non lu (1).")


def test_a_header_may_say_its_value_twice(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Data"
    for row in (["Country Code", "2016 [YR2016]", "2017 [YR2017]"], ["MLI", 1, ".."]):
        sheet.append(row)
    table = Table(
        sheet="Data",
        keys={"Country Code": "area"},
        wide=Wide(header=r"(\d{4}) \[YR\d{4}\]", into="period_code"),
        total_column="area",
    )
    found = records(tmp_path, book, table)
    assert [(one.locator, one.values["period_code"]) for one in found] == [
        ("Data!B2", "2016"),
        ("Data!C2", "2017"),
    ]


def test_marked_headers_say_the_status_of_their_figures(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Inflows"
    for row in (["Inflows (US$ million)", 2011, "2012e"], ["Mali", 784.6, 827], ["Niger", "..", 2]):
        sheet.append(row)
    table = Table(
        sheet="Inflows",
        keys={"Inflows (US$ million)": "area_code"},
        wide=Wide(header=r"\d{4}[ef]?", into="period_code", status="obs_status"),
        total_column="area_code",
    )
    path = tmp_path / "knomad.xls"
    book.save(path)
    found = list(read(path, tables=(table,), missing=("..",)))
    assert [(one.values["period_code"], one.values["obs_status"], one.values["value"]) for one in found] == [
        ("2011", "A", "784,6"),
        ("2012", "E", "827"),
        ("2011", "A", None),
        ("2012", "E", "2"),
    ]


def test_a_workbook_with_a_broken_part_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    workbook().save(path)
    rewrite(path, b"</sheetData>", b"</sheetDat>")
    with pytest.raises(UnreadableDelivery):
        list(read(path, tables=(PROJECTS,)))


def rewrite(path: Path, old: bytes, new: bytes) -> None:
    """Change the sheet's own XML."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    [sheet] = [name for name in parts if name.startswith("xl/worksheets/")]
    assert old in parts[sheet]
    parts[sheet] = parts[sheet].replace(old, new)
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)


def test_what_stands_beside_a_table_is_told_and_figures_there_are_rejected(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Projets"
    for row in (
        ["Année", 2016],
        ["", "", "", "Projets", "Projets", "Emplois", "", "Anomalie", ""],
        ["N°", "Financeur", "Période", "Nombre", "Montant (FCFA)", "Créés", "Avis", "", "Autre tableau"],
        [1, "OFII", "2016", 128, 300, 12, "bon", "trouvé 12, attendu 13", 4],
        [2, "CTC", "2016", 9, 400, "n.d.", "bon", None, 5],
        [3, "BSI", "2016", 8, 500, "7,5", "bon", None, 6, None, 17],
    ):
        sheet.append(row)
    found = records(tmp_path, book)
    assert [(one.locator, one.kind, one.literal) for one in found[6:]] == [
        ("Projets!B1", "note", "Au-dessus du tableau, non lu : Année 2016"),
        ("Projets!A3", "note", "Colonne « N° » : hors du contrat, non lu (3)."),
        ("Projets!F3", "data", "Emplois / Créés"),
        ("Projets!G3", "note", "Colonne « Avis » : hors du contrat, non lu (3)."),
        ("Projets!I3", "data", "Autre tableau"),
        ("Projets!K6", "data", "17"),
    ]
    faults = [one.fault for one in found if one.fault]
    assert faults == [
        f"une colonne prévue au contrat ; celle-ci porte des chiffres, non lus ({n})" for n in (2, 3, 1)
    ]


def test_a_sheet_that_the_contract_does_not_name_is_told_and_its_figures_are_rejected(tmp_path: Path) -> None:
    book = workbook()
    copied = book.copy_worksheet(book.worksheets[0])
    copied.title = "Projets (2)"
    book.create_sheet("Vide")
    for name in ("Lisez-moi", "Listes", "Graphiques"):
        book.create_sheet(name)["A1"] = "Des mots."
    found = records(tmp_path, book)
    expected = Record("feuille n° 2", "data", {}, "Projets (2)", found[-4].fault)
    assert found[-4:] == [
        expected,
        Record("feuille n° 4", "note", {}, "Feuille « Lisez-moi » : hors du contrat, non lue."),
        Record("feuille n° 6", "note", {}, "Feuille « Graphiques » : hors du contrat, non lue."),
        Record("PROJETS !A10", "note", {}, "Source : rapport du ministère"),
    ]
    assert found[-4].fault == "une feuille prévue au contrat ; celle-ci porte des chiffres, non lus (6)"
    options = {"tables": (PROJECTS,), "ignored_sheets": ("Projets (2)", "Lisez-moi", "Graphiques")}
    assert len(list(read(tmp_path / "lies.csv", **options))) == len(found) - 3


# --- Percentages and errors, in every format --------------------------------------------------------------

SHARE = Table(
    sheet="Parts",
    keys={"Pays": "area_code"},
    values=(
        Value(header="Part", constants={"unit_code": "PCT"}),
        Value(header="Personnes", constants={"unit_code": "PERSONS"}),
    ),
    total_column="area_code",
)


def percent_xlsx(path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Parts"
    for row in (
        ["Pays", "Part", "Personnes"],
        ["France", 0.15, 0.2],
        ["Libye", 0.1481, 7],
        ["Mali", None, 1],
    ):
        sheet.append(row)
    sheet["B2"].number_format = sheet["C2"].number_format = "0%"
    sheet["B3"].number_format = "0.0\\ %"
    sheet["B4"].value, sheet["B4"].data_type = "#DIV/0!", "e"
    book.save(path)


def percent_xls(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Parts")
    percent, spaced = (xlwt.easyxf(num_format_str=code) for code in ("0%", "0.0\\ %"))
    for at, text in enumerate(("Pays", "Part", "Personnes")):
        sheet.write(0, at, text)
    for at, text in enumerate(("France", "Libye", "Mali"), 1):
        sheet.write(at, 0, text)
    for row, column, value, style in ((1, 1, 0.15, percent), (1, 2, 0.2, percent), (2, 1, 0.1481, spaced)):
        sheet.write(row, column, value, style)
    sheet.write(2, 2, 7)
    sheet.row(3).set_cell_error(1, "#DIV/0!")
    sheet.write(3, 2, 1)
    book.save(str(path))


def percent_ods(path: Path) -> None:
    book = OpenDocumentSpreadsheet()
    sheet = odf_table.Table(name="Parts")
    for row in (
        ["Pays", "Part", "Personnes"],
        ["France", "15%", "20%"],
        ["Libye", "14,81 %", 7],
        ["Mali", "#", 1],
    ):
        line = odf_table.TableRow()
        for value in row:
            kind: dict[str, Any] = {"valuetype": "string"}
            if isinstance(value, int):
                kind = {"valuetype": "float", "value": value}
            elif value.endswith("%"):
                share = value.rstrip(" %").replace(",", ".")
                kind = {"valuetype": "percentage", "value": float(share) / 100}
            elif value == "#":  # as LibreOffice writes an error: the text beside an empty value
                kind = {"valuetype": "string", "stringvalue": "", "formula": "of:=1/0"}
            cell = odf_table.TableCell(**kind)
            if value == "#":
                cell.setAttrNS(
                    "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
                    "value-type",
                    "error",
                )
            cell.addElement(P(text="#DIV/0!" if value == "#" else str(value)))
            line.addElement(cell)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(str(path))


@pytest.mark.parametrize("write", [percent_xlsx, percent_xls, percent_ods])
def test_a_percentage_is_what_it_shows_where_the_unit_is_one_and_is_rejected_elsewhere(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    path = tmp_path / "parts"
    written = tmp_path / f"x.{write.__name__.removeprefix('percent_')}"
    write(written)
    written.rename(path)
    found = list(read(path, tables=(SHARE,)))
    assert [(one.literal, one.values["value"], one.fault) for one in found] == [
        ("15 %", "15 %", None),
        ("20 %", "20 %", "un nombre, et non un pourcentage (changer le format de la cellule)"),
        ("14,81 %", "14,81 %", None),
        ("7", "7", None),
        ("#DIV/0!", None, "une valeur, et non une erreur du tableur"),
        ("1", "1", None),
    ]
    assert parse_number(found[0].values["value"] or "") == 15


def test_a_workbook_that_does_not_tell_what_is_hidden_in_it_is_read_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "etat.xls"
    write_xls(path)
    content = path.read_bytes()
    named, of_no_known_kind = b"\xa4\x00\x07\x00\x00General", b"\xa4\x00\x07\x00\xffGeneral"
    assert named in content
    path.write_bytes(content.replace(named, of_no_known_kind))  # calamine reads over it, xlrd does not
    found = list(read(path, tables=(STATES,)))
    assert [one.values["value"] for one in found[:3]] == ["1250,5", "1 250", "2500,5"]
    assert (found[3].locator, found[3].kind) == ("le classeur", "note")
    assert "on ne sait pas ce qui est masqué" in (found[3].literal or "")


MONTHS = {"yyyy\\-mm": 1, "mmm-yy": 1, "dd/mm/yyyy": 1, "mm/yyyy": 15}
"""How a spreadsheet shows a day of March 2026, and which it is."""


def months_xlsx(path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Mois", "Valeur"])
    for form, day in MONTHS.items():
        sheet.append([date(2026, 3, day), 1])
        sheet.cell(sheet.max_row, 1).number_format = form
    book.save(path)


def months_xls(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("A")
    sheet.write(0, 0, "Mois")
    for at, (form, day) in enumerate(MONTHS.items(), 1):
        sheet.write(at, 0, date(2026, 3, day), xlwt.easyxf(num_format_str=form))
    book.save(str(path))


def months_ods(path: Path) -> None:
    book = OpenDocumentSpreadsheet()
    sheet = odf_table.Table(name="A")
    shown = ("Mois", "2026-03", "mars-26", "01/03/2026", "03/2026")
    for text, day in zip(shown, (None, *MONTHS.values()), strict=True):
        kind = {"valuetype": "date", "datevalue": f"2026-03-{day:02}"} if day else {"valuetype": "string"}
        cell, line = odf_table.TableCell(**kind), odf_table.TableRow()
        cell.addElement(P(text=text))
        line.addElement(cell)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(str(path))


@pytest.mark.parametrize("write", [months_xlsx, months_xls, months_ods])
def test_a_month_that_the_spreadsheet_made_a_date_is_the_month_that_it_shows(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    path = tmp_path / f"months.{write.__name__.removeprefix('months_')}"
    write(path)
    [grid] = grids(path)
    assert [row[0] for row in grid[1:]] == ["2026-03", "2026-03", "2026-03-01", "2026-03-15"]
