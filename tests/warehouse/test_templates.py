"""A filled template loads like any delivery; a faulty one comes back explained, and loads once corrected."""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import re
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from expectations import intake
from infra import by_hand
from ingestion import (
    archive,
    candidates,
    cli,
    contracts,
    decisions,
    deliveries,
    fetch,
    ledger,
    load,
    settings,
    staging,
)
from ingestion.db import Connection
from ingestion.ledger import Delivery
from ingestion.read import UnreadableDelivery, deadline, limits
from ingestion.templates import explained, form, places, received, returned
from tests.warehouses import Warehouse

OFII = "ofii.reintegration_projects"
LABEL = "Office français de l’immigration et de l’intégration"
GOOD: dict[str, dict[str, list[list[Any]]]] = {
    OFII: {
        "Projets": [
            [LABEL, "2013-2016", "Convention", 128, 300601889],
            ["Cellule technique du codéveloppement", "2013-2016", None, 9, 410702571],
            [],
            ["Budget spécial d’investissement", "2013-2016", None, 127, "190 000 000"],
            ["Total", "2013-2016", None, 264, 901304460],
        ]
    },
    "tokten.activities": {
        "Experts": [
            ["Total", "31/12/2016", 557, None, "Éducation", "2013-2016", 52],
            [None, None, None, None, "Santé", "2013-2016", 12],
        ],
        "Missions": [
            ["Éducation", "2013-2016", 154],
            ["Santé", "2013-2016", 12],
            ["Total", "2013-2016", 166],
        ],
        "Formés": [["Éducation", "2013-2016", 9025]],
    },
    "ministry.returns": {
        "Retours": [
            ["2026-03", "Libye", 1, 12, 3, 4],
            ["2026-03", "Algérie", None, 8, 0, 2],
            ["2026-03", "Total", 1, 20, 3, 6],
        ]
    },
    "ministry.consular_documents": {
        "Documents consulaires": [
            ["Consulat général à Paris", "France", "2026-03", 120, 90, 40, 35],
            ["Ambassade à Abidjan", "Côte d’Ivoire", "2026-03", 300, 210, 500, 410],
            ["Total", None, "2026-03", 420, 300, 540, 445],
        ]
    },
}


def first_row(sheet: Worksheet) -> int:
    return int(str(sheet.freeze_panes)[1:])


def fill(dataset: str, file: Path, rows: dict[str, list[list[Any]]], **changes: Any) -> Path:
    """Fill the template of a dataset as an institution does: row by row, below the headers."""
    file.write_bytes(form.compose(contracts.load(dataset).model_copy(update=changes)))
    workbook = load_workbook(file)
    for name, lines in rows.items():
        sheet = workbook[name]
        for at, line in enumerate(lines, first_row(sheet)):
            for column, value in enumerate(line, 1):
                cell = sheet.cell(at, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"
    workbook.save(file)
    return file


@pytest.fixture
def send(db: Connection, warehouse: Warehouse) -> Callable[[str, Path], Delivery]:
    """Put a file in the inbox of its dataset, and take it the way the DAGs do."""

    def send_(dataset: str, file: Path) -> Delivery:
        folder = warehouse.inbox / dataset
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file.name).write_bytes(file.read_bytes())
        [number] = fetch.collect(contracts.load(dataset), db)
        try:
            intake.finish(dataset, db)
        except intake.UnreadableDeliveriesError:
            assert ledger.find(number, db).status == "failed"
        return ledger.find(number, db)

    return send_


def _endless(*_: object) -> None:
    for _ in itertools.count():
        time.sleep(0.01)


def sent_back() -> list[Path]:
    return sorted(settings.outbox().rglob("*.xlsx"))


@pytest.mark.parametrize("dataset", GOOD)
def test_a_filled_template_is_accepted_and_nothing_comes_back(
    dataset: str, send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    delivery = send(dataset, fill(dataset, tmp_path / "2026-04-05_envoi.xlsx", GOOD[dataset]))
    assert (delivery.status, delivery.status_reason, delivery.rows_rejected) == ("accepted", None, 0)
    figures = sum(
        isinstance(cell, int) or (isinstance(cell, str) and cell.startswith("190"))
        for lines in GOOD[dataset].values()
        for line in lines
        for cell in line
    )
    blank = sum(line.count(None) for line in GOOD[dataset].get("Retours", []))
    assert delivery.rows_staged == figures + blank
    assert sent_back() == []


def test_a_category_under_two_labels_is_said_and_refuses_nothing(
    db: Connection, send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    dataset = "tokten.activities"
    query = """select passed, severity, subject, observed from meta.check_results
                where check_name = 'one_label_per_category' order by check_result_id"""
    rows = {name: [[*line] for line in lines] for name, lines in GOOD[dataset].items()}
    assert send(dataset, fill(dataset, tmp_path / "2026-04-05_x.xlsx", rows)).status == "accepted"
    rows["Formés"] += [["EDUCATION", "2012", 3], ["Autres secteurs et administrations", "2013-2016", 3]]
    rows["Experts"][1][4:] = ["Autres structures et administrations", "2013-2016", 12]
    assert send(dataset, fill(dataset, tmp_path / "2026-04-06_x.xlsx", rows)).status == "accepted"
    (right, *_), (wrong, severity, subject, observed) = db.execute(query).fetchall()
    assert (right, wrong, severity, subject) == (True, False, "warning", "sector_code")
    assert observed == (
        "« Autres structures et administrations » (Experts!G6) et "
        "« Autres secteurs et administrations » (Formés!C7)"
    )
    assert sent_back() == []


def test_a_template_of_an_older_version_is_refused_and_says_both(
    send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    delivery = send(OFII, fill(OFII, tmp_path / "2026-04-05_x.xlsx", GOOD[OFII], version=99))
    assert delivery.status == "failed"
    assert "version 99" in str(delivery.status_reason)
    assert f"version {contracts.load(OFII).version}, en vigueur" in str(delivery.status_reason)
    [file] = sent_back()
    summary = [cell for row in load_workbook(file)["Anomalies"].iter_rows(values_only=True) for cell in row]
    assert delivery.status_reason in summary


def raise_version(dataset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the contract of a dataset be a version further, as a commit that changes it does."""
    source, _, name = dataset.partition(".")
    sources = shutil.copytree(contracts.SOURCES, tmp_path / "sources")
    contract = sources / source / f"{name}.yml"
    version = contracts.load(dataset).version
    text = contract.read_text(encoding="utf-8")
    raised = text.replace(f"version: {version}\n", f"version: {version + 1}\n", 1)
    assert raised != text
    contract.write_text(raised, encoding="utf-8")
    monkeypatch.setattr(contracts, "SOURCES", sources)


def projects(jobs: int) -> dict[str, list[list[Any]]]:
    """Good rows that say another number of projects."""
    first, *others, total = GOOD[OFII]["Projets"]
    changed = [*first[:3], first[3] + jobs, first[4]], [*total[:3], total[3] + jobs, total[4]]
    return {"Projets": [changed[0], *others, changed[1]]}


def test_a_new_version_of_the_contract_makes_no_received_template_an_old_one(
    db: Connection,
    send: Callable[[str, Path], Delivery],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_service = [
        send(OFII, fill(OFII, tmp_path / f"2026-0{month}-05_x.xlsx", projects(month))) for month in (4, 6)
    ]
    waiting = fill(OFII, tmp_path / "2026-06-06_x.xlsx", projects(7))
    received = fetch.receive_file(contracts.load(OFII), waiting, db).delivery_id
    too_late = fill(OFII, tmp_path / "2026-07-05_x.xlsx", projects(8))
    raise_version(OFII, tmp_path, monkeypatch)
    staging.migrate(db)
    assert load.load(received, db).status == "loaded", "received while its template was the one"
    for known in in_service:
        assert deliveries.reread(known.delivery_id, db).status == "accepted"
        assert ledger.find(known.delivery_id, db).contract_version == contracts.load(OFII).version
    number = fetch.receive_file(
        contracts.load(OFII), fill(OFII, tmp_path / "2026-05-05_x.xlsx", projects(5)), db
    ).delivery_id
    load.load(number, db)
    deliveries.accept(number, db)  # the one after it is laid anew, from its old template
    new = fetch.receive_file(contracts.load(OFII), too_late, db).delivery_id
    refused = load.load(new, db)
    assert refused.status == "failed"
    assert f"version {contracts.load(OFII).version}, en vigueur" in str(refused.reason)


def test_what_cannot_be_laid_anew_is_named(
    db: Connection, send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    later = send(OFII, fill(OFII, tmp_path / "2026-05-05_plus_tard.xlsx", GOOD[OFII]))
    (settings.archive() / later.archive_path).unlink()
    said = rf"delivery {later.delivery_id} \(2026-05-05_plus_tard\.xlsx\) is in service and cannot be read"
    with pytest.raises(intake.UnfinishedDeliveriesError, match=said):
        send(OFII, fill(OFII, tmp_path / "2026-04-05_x.xlsx", projects(1)))
    with pytest.raises(deliveries.NotReadAgainError, match=said):
        deliveries.reread(later.delivery_id, db)
    assert ledger.find(later.delivery_id, db) == later


FAULTY = {
    "Projets": [
        [LABEL, "2013-2016", "=cmd|' /C calc'!A0", 128, 300601889],
        ["Sport", "2013-2016", "@SUM(1)", "neuf", 410702571],
        ["BSI", "19  23 mars", "+1", -4, 190000000],
        ["CTC", "2013-2016", "\t=1", None, 5],
    ]
}


def test_a_refused_delivery_comes_back_with_each_faulty_cell_explained(
    send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    delivery = send(OFII, fill(OFII, tmp_path / "2026-04-05_projets.xlsx", FAULTY))
    assert (delivery.status, delivery.rows_rejected) == ("refused", 5)
    [file] = sent_back()
    assert file.parent.name == OFII
    assert file.name == f"2026-04-05_projets_livraison-{delivery.delivery_id}_anomalies.xlsx"
    workbook = load_workbook(file)
    assert workbook.sheetnames == ["Anomalies", "Mode d’emploi", "Projets", "Listes"]
    sheet = workbook["Projets"]
    said = {
        cell.coordinate: cell.comment.text
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment is not None
    }
    assert set(said) == {"A7", "D7", "B8", "D8", "D9"}
    assert "(BSI, CTC, OFII)" in said["A7"]
    assert "trouvé « neuf », attendu un nombre" in said["D7"]
    assert "entre 0 et" in said["D8"]
    assert {sheet[place].fill.fgColor.rgb for place in said} == {"00FFC7CE"}
    assert sheet["D6"].fill.fgColor.rgb != "00FFC7CE"
    assert sheet["F5"].value == "Anomalie"
    assert sheet["F7"].value.count("trouvé") == 2
    assert "Valeur : vide, attendu une valeur" in sheet["F9"].value
    assert (sheet["D6"].value, sheet["E6"].value) == (128, 300601889)


def test_a_column_that_an_institution_added_is_not_lost(
    send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    dataset = "ministry.returns"
    file = fill(dataset, tmp_path / "2026-04-05_retours.xlsx", GOOD[dataset])
    workbook = load_workbook(file)
    sheet = workbook["Retours"]
    for place, text in {"G4": "Disparus", "G5": "Femmes", "H5": "Remarques", "H6": "vu"}.items():
        sheet[place] = text
    sheet["G6"], sheet["G7"], sheet["B6"] = 7, 9, "Lybye"
    workbook.save(file)
    delivery = send(dataset, file)
    assert (delivery.status, delivery.rows_rejected) == ("refused", 5)
    said = said_in(sent_back()[0], "Retours")
    assert said["G5"] == (
        "trouvé « Disparus / Femmes », attendu une colonne prévue au contrat ; celle-ci porte des chiffres, "
        "non lus (2)"
    )
    assert said["B6"].endswith("la liste « Pays de provenance » ; le plus proche : « Libye »")
    cells = [cell for row in load_workbook(sent_back()[0])["Anomalies"].iter_rows() for cell in row]
    assert not any("counterpart_area" in str(cell.value) for cell in cells)


def said_in(file: Path, name: str) -> dict[str, str]:
    """What the comments of a sheet say, by cell."""
    cells = (cell for row in load_workbook(file)[name].iter_rows() for cell in row)
    return {cell.coordinate: cell.comment.text for cell in cells if cell.comment}


def test_a_total_that_is_not_the_sum_is_coloured_where_it_stands(
    send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    rows = {"Projets": [[*line] for line in GOOD[OFII]["Projets"]]}
    rows["Projets"][4][3] = 265
    assert send(OFII, fill(OFII, tmp_path / "2026-04-05_x.xlsx", rows)).status == "refused"
    said = said_in(sent_back()[0], "Projets")
    assert set(said) == {"D10"}
    assert "trouvé « 265 ; 264 », attendu chaque total égal à la somme" in said["D10"]
    assert "par « Financeur »" in said["D10"], "no name of the warehouse's own"
    assert load_workbook(sent_back()[0])["Projets"]["F10"].value == said["D10"]

    rows["Projets"][4][3] = 264
    assert send(OFII, fill(OFII, tmp_path / "2026-04-06_x.xlsx", rows)).status == "accepted"
    # The total repeats what is in service: its place is known from the delivery before, where it moved from.
    rows["Projets"][0][3] = 129
    assert send(OFII, fill(OFII, tmp_path / "2026-04-07_x.xlsx", rows)).status == "refused"
    assert set(said_in(sent_back()[1], "Projets")) == {"D10"}
    rows["Projets"].insert(0, [])
    assert send(OFII, fill(OFII, tmp_path / "2026-04-08_x.xlsx", rows)).status == "refused"
    assert set(said_in(sent_back()[2], "Projets")) == set(), "never a cell that holds something else"


def test_cells_merged_to_the_end_of_the_sheet_come_back_merged_as_far_as_it_is_filled(
    db: Connection,
    send: Callable[[str, Path], Delivery],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = fill(OFII, tmp_path / "2026-04-05_projets.xlsx", FAULTY)
    workbook = load_workbook(file)
    workbook["Projets"].merge_cells("B6:B7")
    workbook.save(file)
    with zipfile.ZipFile(file) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    [part] = [name for name, content in parts.items() if b'<mergeCell ref="B6:B7"/>' in content]
    far = b'<mergeCell ref="B6:B7"/><mergeCell ref="A11:XFD1048576"/><mergeCell ref="F1:XFD4"/>'
    parts[part] = parts[part].replace(b'<mergeCell ref="B6:B7"/>', far)
    with zipfile.ZipFile(file, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    delivery = send(OFII, file)
    assert delivery.status == "refused"
    sheet = load_workbook(sent_back()[0])["Projets"]
    assert "B6:B7" in {str(merged) for merged in sheet.merged_cells.ranges}
    assert max(merged.max_row for merged in sheet.merged_cells.ranges) <= 10
    assert sheet["F5"].value == "Anomalie"
    # What is over a limit, or takes too long to read, to copy or to colour, comes back as its summary.
    for module, name, value in (
        (limits, "LARGEST_CONTAINER", 0),
        (received, "marks_of", _endless),
        (explained, "_copy", _endless),
        (places, "of_anomaly", _endless),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(deadline, "MOST_SECONDS", 0.5)
            patched.setattr(module, name, value)
            content = returned.compose(delivery.delivery_id, db)
        assert load_workbook(io.BytesIO(content)).sheetnames == ["Anomalies"]


def test_a_formula_without_a_value_is_coloured_where_it_stands(
    send: Callable[[str, Path], Delivery], db: Connection, tmp_path: Path
) -> None:
    file = fill(OFII, tmp_path / "2026-04-05_projets.xlsx", GOOD[OFII])
    workbook = load_workbook(file)
    workbook["Projets"]["A7"] = "=Listes!A1"
    workbook["Projets"]["E9"] = "=SUM(E6:E7)"
    workbook.save(file)
    delivery = send(OFII, file)
    assert delivery.rows_rejected == 3
    at_fault = db.execute(
        "select column_name, expected from meta.rejections where found = '=Listes!A1'"
    ).fetchall()
    assert [(column, "en Projets!A7, une valeur" in said) for column, said in at_fault] == [
        ("funder_code", True)
    ] * 2
    summary = load_workbook(sent_back()[0])["Anomalies"].iter_rows(values_only=True)
    listed = {row[:3] for row in summary if row[2] and "=" in str(row[2])}
    assert listed == {
        ("Projets!A7", "Financeur", "=Listes!A1"),
        ("Projets!E9", "—", "=SUM(E6:E7)"),
    }
    [(number,)] = db.execute("select max(rejection_id) from meta.rejections where column_name is not null")
    with pytest.raises(decisions.ImpossibleDecisionError, match="correct 'funder_code' instead"):
        decisions.decide(number, "accept", db, author="essai", comment="essai")
    said = said_in(sent_back()[0], "Projets")
    assert {place for place, one in said.items() if "ouvrir et enregistrer" in one} == {"A7", "E9"}
    # The totals lack the rejected parts, and may be right.
    assert {place for place, one in said.items() if one.startswith("À vérifier")} == {"D10", "E10"}
    # Left empty, the cell would come back as a figure that nobody knows.
    cell = load_workbook(sent_back()[0])["Projets"]["E9"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=SUM(E6:E7)", "s", True)


def test_a_workbook_left_owed_by_a_run_that_died_is_written_by_the_next(
    db: Connection, send: Callable[[str, Path], Delivery], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(returned, "write", die)
        with pytest.raises(KeyboardInterrupt):
            send(OFII, fill(OFII, tmp_path / "2026-04-05_projets.xlsx", FAULTY))
    assert sent_back() == []
    assert ledger.find(1, db).status == "refused"
    intake.finish(OFII, db)
    [file] = sent_back()
    file.unlink()  # somebody sent it
    intake.finish(OFII, db)
    assert sent_back() == []


def test_a_workbook_that_cannot_be_written_stops_no_other_delivery(
    db: Connection, send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    outbox = settings.outbox() / OFII
    outbox.parent.mkdir(parents=True, exist_ok=True)
    outbox.write_text("where a folder should be")
    with pytest.raises(intake.UnfinishedDeliveriesError, match=r"delivery 1 \(2026-04-05_.*FileExistsError"):
        send(OFII, fill(OFII, tmp_path / "2026-04-05_projets.xlsx", FAULTY))
    assert ledger.find(1, db).status == "refused"
    with pytest.raises(intake.UnfinishedDeliveriesError, match="the workbook of delivery 1: FileExistsError"):
        send(OFII, fill(OFII, tmp_path / "2026-05-05_projets.xlsx", GOOD[OFII]))
    assert ledger.find(2, db).status == "accepted", "what is owed for the first does not hold up the second"
    outbox.unlink()
    intake.finish(OFII, db)
    assert len(sent_back()) == 1


def test_an_empty_template_is_refused_in_words_that_its_institution_understands(
    send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    delivery = send("ministry.returns", fill("ministry.returns", tmp_path / "2026-04-05_vide.xlsx", {}))
    assert delivery.status_reason == (
        "« Mois » : constaté vide ; attendu une période au moins aussi récente que la dernière en service "
        "(aucune encore) · l’envoi : constaté 0 ; attendu entre 4 et 20\u202f000 valeurs, totaux compris"
    )


def test_the_summary_says_how_many_who_corrects_and_how_to_send_it_back(
    send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    delivery = send(OFII, fill(OFII, tmp_path / "2026-04-05_projets.xlsx", FAULTY))
    rows = list(load_workbook(sent_back()[0])["Anomalies"].iter_rows(values_only=True))
    facts = {row[0]: row[1] for row in rows}
    assert facts["Lu"] == "8 valeurs et notes"
    assert facts["Rejeté"] == "5 valeurs et notes"
    assert facts["Déjà connu"] == "0 valeur et note"
    assert facts["l’institution"] is not None
    assert delivery.status_reason is not None
    assert "Motif" not in facts, "the checks say it in French, one by one"
    [how] = [str(row[0]) for row in rows if "renvoyez ce classeur" in str(row[0])]
    assert OFII in how
    assert "cellules colorées" in how
    assert any(row[0] == "bloquant" and "rejets" in str(row[3]) for row in rows)
    assert ("Projets!A7", "Financeur", "Sport") in {row[:3] for row in rows}


def test_nothing_that_comes_back_can_run(send: Callable[[str, Path], Delivery], tmp_path: Path) -> None:
    file = fill(OFII, tmp_path / "2026-04-05_projets.xlsx", FAULTY)
    workbook = load_workbook(file)
    workbook["Projets"]["H6"] = '=HYPERLINK("http://127.0.0.1")'
    workbook["Projets"]["A7"].hyperlink = "http://127.0.0.1"
    workbook.save(file)
    send(OFII, file)
    content = sent_back()[0].read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any(b"<f>" in sheet or b"<f " in sheet or b"hyperlink" in sheet for sheet in sheets)
    sheet = load_workbook(io.BytesIO(content))["Projets"]
    for place, text in {"C6": "=cmd|' /C calc'!A0", "C7": "@SUM(1)", "C8": "+1", "C9": "\t=1"}.items():
        cell = sheet[place]
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_the_error_workbook_corrected_in_two_goes_is_a_good_delivery(
    send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    lines = [[*line] for line in GOOD[OFII]["Projets"]]
    lines[1][0] = "Cellule du codéveloppement"
    file = fill(OFII, tmp_path / "2026-04-05_projets.xlsx", {"Projets": lines})
    workbook = load_workbook(file)
    workbook["Projets"]["E6"].number_format = "0%"
    workbook.create_sheet("Brouillon")["C3"] = 7
    workbook.save(file)
    send(OFII, file)

    [first] = sent_back()
    assert "non lus (1)" in said_in(first, "Brouillon")["A1"]
    assert "et non un pourcentage" in said_in(first, "Projets")["E6"]
    workbook = load_workbook(first)
    workbook["Projets"]["A7"] = "CTC"
    workbook["Projets"]["D6"] = "neuf"
    workbook.save(tmp_path / "2026-04-06_projets.xlsx")
    send(OFII, tmp_path / "2026-04-06_projets.xlsx")

    second = sent_back()[1]
    # What the first one said of the rows is gone; the cell is still shown as it was.
    assert [cell.value for cell in load_workbook(second)["Projets"][5]][5:] == ["Anomalie"]
    assert set(said_in(second, "Projets")) >= {"D6", "E6"}
    assert "A7" not in said_in(second, "Projets")
    workbook = load_workbook(second)
    workbook["Projets"]["D6"] = 128
    workbook["Projets"]["E6"].number_format = "0"
    del workbook["Brouillon"]
    workbook.save(tmp_path / "2026-04-07_projets.xlsx")
    delivery = send(OFII, tmp_path / "2026-04-07_projets.xlsx")
    assert (delivery.status, delivery.rows_rejected, delivery.records_read) == ("accepted", 0, 8)


def test_a_file_that_is_no_workbook_comes_back_as_its_summary(
    send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    file = tmp_path / "2026-04-05_photo.xlsx"
    file.write_bytes(b"\x89PNG\x00\x01")
    assert send(OFII, file).status == "failed"
    workbook = load_workbook(sent_back()[0])
    assert workbook.sheetnames == ["Anomalies"]
    assert workbook["Anomalies"]["A2"].value == "Livraison n° 1 : illisible"
    said = " ".join(str(cell.value) for row in workbook["Anomalies"].iter_rows() for cell in row)
    assert "renvoyez votre fichier" in said
    assert "colorée" not in said


RETURNS = "ministry.returns"
MIGRANTS = "ofii.returned_migrants"


def migrant(region: str, cercle: str | None) -> list[Any]:
    named = ["SYNTHÉTIQUE Personne", "SYNTHÉTIQUE-1", "Femmes", 1990, "France"]
    return [*named, region, cercle, "oui", "non", datetime.date(2026, 3, 2)]


def rejected(delivery: Delivery, db: Connection) -> tuple[Any, ...]:
    [row] = db.execute(
        """select rejection_id, column_name, found, expected, record_locator from meta.rejections
            where delivery_id = %s""",
        [delivery.delivery_id],
    ).fetchall()
    return row


def test_a_cercle_outside_its_region_is_rejected_by_its_place(
    send: Callable[[str, Path], Delivery], db: Connection, tmp_path: Path
) -> None:
    rows = {"Retours": [migrant("Région de Kayes", "Cercle de Sikasso")]}
    delivery = send(MIGRANTS, fill(MIGRANTS, tmp_path / "2026-04-05_x.xlsx", rows))
    assert delivery.status == "refused"
    expected = "une valeur située dans « Région d’installation » de la même ligne"
    assert rejected(delivery, db)[1:] == ("cercle_code", "Cercle de Sikasso", expected, "Retours!J5")
    [workbook] = sent_back()
    listed = [row for row in load_workbook(workbook)["Anomalies"].values if "Cercle de Sikasso" in row]
    assert listed[0][1:4] == ("Cercle d’installation", "Cercle de Sikasso", expected)


def test_one_person_without_a_cercle_is_accepted(
    send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    rows = {"Retours": [migrant("Région de Kayes", None)]}
    assert send(MIGRANTS, fill(MIGRANTS, tmp_path / "2026-04-05_x.xlsx", rows)).status == "accepted"


def test_no_half_person_is_counted_and_a_percentage_is_no_count(
    send: Callable[[str, Path], Delivery], db: Connection, tmp_path: Path
) -> None:
    """Nor by a decision: accepting makes no person of a half, and no 15 persons of a cell that holds 0.15."""
    half = send(
        RETURNS,
        fill(RETURNS, tmp_path / "2026-04-05_x.xlsx", {"Retours": [["2026-03", "Libye", 2.5, 1, 3, 4]]}),
    )
    number, column, *said, _ = rejected(half, db)
    assert (half.status, column, said) == ("refused", "value", ["2,5", "un nombre entier"])
    with pytest.raises(decisions.ImpossibleDecisionError, match="un nombre entier"):
        decisions.decide(number, "accept", db, author="essai", comment="essai")
    file = fill(RETURNS, tmp_path / "2026-04-06_x.xlsx", {"Retours": [["2026-03", "Libye", 0.15, 1, 3, 4]]})
    workbook = load_workbook(file)
    workbook["Retours"]["C6"].number_format = "0%"
    workbook.save(file)
    percent = send(RETURNS, file)
    number, column, found, *_ = rejected(percent, db)
    assert (column, found) == (None, "15 %")
    for action, corrections in (("accept", None), ("correct", {"sex_code": "F"})):
        with pytest.raises(decisions.ImpossibleDecisionError, match="correct 'value' instead"):
            decisions.decide(number, action, db, author="essai", comment="essai", corrections=corrections)
    decisions.decide(number, "correct", db, author="essai", comment="essai", corrections={"value": "15"})
    deliveries.reread(percent.delivery_id, db)
    intake.finish(RETURNS, db)
    assert ledger.find(percent.delivery_id, db).status == "accepted"


def test_a_day_where_a_month_is_expected_comes_back_with_what_to_do(
    send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    """A spreadsheet makes « 2026-03 » a date: shown as a month it is one, shown as a day it may be one."""
    file = fill(RETURNS, tmp_path / "2026-04-05_x.xlsx", GOOD[RETURNS])
    workbook = load_workbook(file)
    for cell, shown in (("A6", "dd/mm/yyyy"), ("A7", "mmm-yy")):
        workbook["Retours"][cell] = datetime.date(2026, 3, 1)
        workbook["Retours"][cell].number_format = shown
    workbook.save(file)
    delivery = send(RETURNS, file)
    assert delivery.status == "refused"
    assert "mettez la cellule en texte, par Format de cellule" in (delivery.status_reason or "")
    said = said_in(sent_back()[0], "Retours")
    assert [place for place, one in said.items() if "puis retapez le mois" in one] == ["A6"]


def test_a_delivery_refused_for_one_cell_is_accepted_once_the_cell_is_decided(
    send: Callable[[str, Path], Delivery], db: Connection, tmp_path: Path
) -> None:
    """Of four values one rejection is too many: the workbook goes back, or an officer takes it as it is."""
    rows = {"Retours": [["2026-03", "Libye", 2_000_000, 1, 3, 4]]}
    delivery = send(RETURNS, fill(RETURNS, tmp_path / "2026-04-05_x.xlsx", rows))
    assert delivery.status == "refused" and len(sent_back()) == 1
    decisions.decide(rejected(delivery, db)[0], "accept", db, author="essai", comment="essai")
    deliveries.reread(delivery.delivery_id, db)
    intake.finish(RETURNS, db)
    decided = ledger.find(delivery.delivery_id, db)
    assert (decided.status, decided.rows_staged, decided.rows_rejected) == ("accepted", 4, 0)


def test_what_is_pulled_is_sent_back_to_nobody(
    db: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bulletin.pdf"
    file.write_bytes(b"%PDF-1.4 broken")
    number = fetch.receive_file(contracts.load("bceao.bulletin"), file, db).delivery_id
    with pytest.raises(intake.UnreadableDeliveriesError):
        intake.finish("bceao.bulletin", db)
    assert returned.send_back(number, db) is None
    assert cli.main(["errors", str(number), "--out", str(tmp_path / "said.xlsx")]) == 0
    assert load_workbook(tmp_path / "said.xlsx").sheetnames == ["Anomalies"]
    assert cli.main(["errors", "99", "--out", str(tmp_path / "none.xlsx")]) == 1
    assert "no delivery 99" in capsys.readouterr().err


def test_a_file_given_by_hand_comes_back_too(
    db: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = fill(OFII, tmp_path / "2026-04-05_projets.xlsx", FAULTY)
    assert by_hand.ingest(OFII, file) == 1
    [back] = sent_back()
    assert str(back) in capsys.readouterr().err
    first = db.execute("select min(rejection_id) from meta.rejections").fetchone()
    assert first is not None
    decisions.decide(first[0], "refuse", db, author="essai", comment="essai")
    assert by_hand.finish(1) == 1
    assert '1 decided since it was read: make ledger ARGS="reread 1"' in capsys.readouterr().err
    assert cli.main(["reread", "1"]) == 0
    [number] = re.findall(r"make ingest DELIVERY=(\d+)", capsys.readouterr().out)
    assert ledger.find(1, db).status == "loaded"
    assert by_hand.finish(int(number)) == 1
    assert ledger.find(1, db).status == "refused"
    said = capsys.readouterr().err
    assert "delivery 1 is refused" in said and "decided since" not in said


# --- articles and their transcription sheets -----------------------------------------------------------

ARTICLE = """<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8">
<link rel="canonical" href="/articles/bilan-de-demonstration.html"></head><body>
<p>Page composée pour un essai : aucun de ses chiffres n'est vrai.</p>
<h2>Retours</h2>
<p>En 2016, près de 8 250 Maliens ont été assistés au retour par l'État, le 3 mars 2016 compris.</p>
<p>La même année, trois cents douze (312) emplois ont été créés par 41 projets de réinsertion financés.</p>
</body></html>"""


def test_candidates_completed_by_an_officer_are_an_accepted_delivery(
    db: Connection,
    send: Callable[[str, Path], Delivery],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    article = tmp_path / "bilan.html"
    article.write_text(ARTICLE, encoding="utf-8")
    number = fetch.receive_file(contracts.load("ministry.articles"), article, db).delivery_id
    intake.finish("ministry.articles", db)
    proposed = tmp_path / "proposed.csv"
    with monkeypatch.context() as patched, pytest.raises(UnreadableDelivery, match="au plus 100"):
        patched.setattr(limits, "LARGEST_FILE", {"article": 100})
        candidates.write(number, proposed, db)
    assert cli.main(["candidates", str(number), "--out", str(proposed)]) == 0
    rows = list(csv.reader(proposed.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    header, figures = rows[4], rows[5:]
    assert [row[header.index("Littéral")] for row in figures] == [
        "près de 8 250",
        "trois cents douze (312)",
        "41",
    ]
    measures = ["assisted_persons", "jobs_created", "reintegration_projects"]
    for row, measure in zip(figures, measures, strict=True):
        row[header.index("Mesure")] = measure
        assert row[header.index("Mesure proposée")] in (measure, "")
        if not row[header.index("Période")]:
            row[header.index("Période")] = "2016"
    assert sum(row[header.index("Mesure proposée")] != "" for row in figures) >= 2
    sheet = tmp_path / "2026-04-05_fiche.csv"
    with sheet.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows(rows)
    delivery = send("ministry.figures", sheet)
    assert (delivery.status, delivery.rows_staged, delivery.rows_rejected) == ("accepted", 3, 0)

    spoiled = [*rows[:5], *([*row] for row in figures)]
    spoiled[5][header.index("Observation")] = "vu\nsur place\u2028"  # rows below stand a line further down
    spoiled[6][header.index("Valeur")] = "999"
    spoiled[7][header.index("Observation")] = "=1+1"
    spoiled[7][header.index("Mesure")] = "Nombre de chaises"
    with sheet.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows(spoiled)
    delivery = send("ministry.figures", sheet)
    assert (delivery.status, delivery.rows_rejected) == ("refused", 2)
    returned_sheet = load_workbook(sent_back()[0])["Fichier reçu"]
    said = {cell.row: cell.comment.text for row in returned_sheet.iter_rows() for cell in row if cell.comment}
    assert set(said) == {7, 8}
    assert "qui dit la valeur 999" in said[7]
    assert "Nombre de chaises" in said[8]
    assert returned_sheet.cell(8, header.index("Observation") + 1).data_type == "s"

    corrected = tmp_path / "2026-04-06_fiche.xlsx"
    workbook: Workbook = load_workbook(sent_back()[0])
    workbook["Fichier reçu"].cell(7, header.index("Valeur") + 1, 312)
    workbook["Fichier reçu"].cell(8, header.index("Mesure") + 1, "reintegration_projects")
    workbook.save(corrected)
    delivery = send("ministry.figures", corrected)
    assert (delivery.status, delivery.rows_unchanged, delivery.rows_rejected) == ("accepted", 3, 0)


def test_what_is_no_article_has_no_candidates(
    db: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = fetch.receive_file(
        contracts.load(OFII), fill(OFII, tmp_path / "2026-04-05_x.xlsx", GOOD[OFII]), db
    ).delivery_id
    assert cli.main(["candidates", str(number), "--out", str(tmp_path / "none.csv")]) == 1
    assert "no dataset transcribes the figures of ofii" in capsys.readouterr().err


# --- files of another kind -----------------------------------------------------------------------------


def _zip_without_sheets() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as parts:
        parts.writestr("mimetype", "application/zip")
    return content.getvalue()


def _far_cell() -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet["A1"], sheet["XFD1048576"] = "Financeur", " x"
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


STRANGERS = {
    "cellule_perdue.xlsx": _far_cell(),
    "photo.png": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "rapport.pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n",
    "page.xlsx": b"<html><body><table><tr><td>1</td></tr></table></body></html>",
    "vide.xlsx": _zip_without_sheets(),
    "bruit.csv": bytes(range(256)) * 4,
    "coupe.xlsx": form.compose(contracts.load(OFII))[:9000],
}


@pytest.mark.parametrize(
    "dataset", [contract.dataset for contract in contracts.all().values() if contract.delivery.by == "inbox"]
)
def test_a_file_of_another_kind_is_unreadable_and_kept(dataset: str, db: Connection, tmp_path: Path) -> None:
    for name, content in STRANGERS.items():
        file = tmp_path / name
        file.write_bytes(content)
        number = fetch.receive_file(contracts.load(dataset), file, db).delivery_id
        report = load.load(number, db)
        assert (report.status, report.records_read) == ("failed", 0), name
        assert " : trouvé " in (report.reason or ""), name
        assert archive.verified(ledger.find(number, db).archive_path, ledger.find(number, db).sha256)
        assert load_workbook(io.BytesIO(returned.compose(number, db))).sheetnames[0] == "Anomalies"


def test_a_workbook_in_another_dataset_s_folder_says_which_it_is_for(
    send: Callable[[str, Path], Delivery], tmp_path: Path
) -> None:
    filled = fill("tokten.activities", tmp_path / "2026-04-05_x.xlsx", GOOD["tokten.activities"])
    delivery = send(OFII, filled)
    assert delivery.status == "failed"
    assert "tokten.activities ; attendu celui de ofii.reintegration_projects" in str(delivery.status_reason)
