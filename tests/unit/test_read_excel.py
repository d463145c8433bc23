"""The reader of workbooks, on sheets with the habits of people."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from ingestion.read import Record, UnreadableDelivery
from ingestion.read.excel import Table, Value, read

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
        ["Sourceries", None, 7, 7],
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
        f"PROJETS !{c}{r}" for r in (5, 6, 7, 8) for c in "CD"
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
    assert found[8:] == [Record("PROJETS !A10", "note", {}, "Source : rapport du ministère")]


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


@pytest.mark.parametrize("kept", [0, 10, 2000])
def test_what_is_no_whole_workbook_is_refused(tmp_path: Path, kept: int) -> None:
    whole = io.BytesIO()
    workbook().save(whole)
    path = tmp_path / "cut.xlsx"
    path.write_bytes(whole.getvalue()[:kept])
    with pytest.raises(UnreadableDelivery, match="attendu un classeur"):
        list(read(path, tables=(PROJECTS,)))
