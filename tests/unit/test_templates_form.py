"""Collection templates: derived from the contracts, guarded, the same bytes each time."""

from __future__ import annotations

import io
import itertools
import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from ingestion import cli, code_lists, contracts, read, templates
from ingestion.contracts import Contract
from ingestion.read import UnreadableDelivery, deadline
from ingestion.rows import ONE_PER_KEY, Reason
from ingestion.templates import anomalies, form, mark
from ingestion.templates.mark import INSTRUCTIONS, mark_of, require_in_force
from ingestion.workbooks import put_text, settled

SENT = [
    "ministry.consular_documents",
    "ministry.returns",
    "ofii.reintegration_projects",
    "ofii.returned_migrants",
    "tokten.activities",
    "tokten.experts",
]
by_dataset = pytest.mark.parametrize("contract", [contracts.load(code) for code in SENT], ids=SENT)


def opened(contract: Contract) -> Workbook:
    return load_workbook(io.BytesIO(form.compose(contract)))


def data_sheets(workbook: Workbook) -> list[str]:
    return [name for name in workbook.sheetnames if name not in (INSTRUCTIONS, "Listes")]


def test_every_sent_workbook_has_its_template() -> None:
    assert [contract.dataset for contract in templates.templated()] == SENT


@by_dataset
def test_the_reader_finds_every_header_and_no_figure(contract: Contract, tmp_path: Path) -> None:
    file = tmp_path / "template.xlsx"
    file.write_bytes(form.compose(contract))
    assert list(read.READERS[contract.form.reader](file, **contracts.reader_options(contract))) == []


@by_dataset
def test_the_bytes_are_the_same_each_time(contract: Contract) -> None:
    assert form.compose(contract) == form.compose(contract)


@by_dataset
def test_the_contract_and_its_version_are_written_for_people_and_for_programs(
    contract: Contract, tmp_path: Path
) -> None:
    file = tmp_path / "template.xlsx"
    file.write_bytes(form.compose(contract))
    assert mark_of(file) == (contract.dataset, contract.version)
    with zipfile.ZipFile(file) as parts:
        said = parts.read("docProps/custom.xml").decode()
    assert contract.dataset in said
    assert f">{contract.version}<" in said
    for name in data_sheets(load_workbook(file)):
        assert (
            f"Modèle {contract.dataset}, version {contract.version}" in load_workbook(file)[name]["A2"].value
        )


@by_dataset
def test_headers_stay_in_sight_and_lists_out_of_it(contract: Contract) -> None:
    workbook = opened(contract)
    depth = contracts.reader_options(contract)["tables"][0].header_rows
    assert {workbook[name].freeze_panes for name in data_sheets(workbook)} == {f"A{4 + depth}"}
    assert workbook["Listes"].sheet_state == "hidden"


@by_dataset
def test_every_label_of_a_drop_down_is_one_that_the_load_knows(contract: Contract) -> None:
    workbook = opened(contract)
    lists = [list(filter(None, column)) for column in workbook["Listes"].iter_cols(values_only=True)]
    options = contracts.reader_options(contract)
    totals = {label for table in options["tables"] for label in table.total_labels}
    known = [code_lists.load(c.code_list, c.kinds) for c in contract.columns if c.code_list]
    assert lists
    for labels in [labels for labels in lists if labels != ["oui", "non"]]:
        assert any(
            all(label in totals or one.code_of(str(label)) not in (None, "_T") for label in labels)
            for one in known
        )


@by_dataset
def test_every_column_to_fill_is_validated(contract: Contract) -> None:
    workbook = opened(contract)
    fields = {
        (table.sheet, header)
        for table in contracts.reader_options(contract)["tables"]
        for header in [*table.keys, *(value.header for value in table.values)]
    }
    rules = [
        (name, rule)
        for name in data_sheets(workbook)
        for rule in workbook[name].data_validations.dataValidation
    ]
    assert len(rules) == len(fields)
    lowest, highest = contract.by_name[contract.evidence].range or (None, None)
    for _, rule in rules:
        assert rule.showErrorMessage
        assert rule.error.startswith("Attendu : ")
        assert rule.type in ("list", "decimal", "whole", "date", "custom", "textLength")
        if rule.type == "decimal" or (rule.type == "whole" and contract.evidence == "value"):
            assert (rule.formula1, rule.formula2) == (f"{lowest:f}", f"{highest:f}")


@by_dataset
def test_what_is_counted_is_asked_without_a_fraction(contract: Contract) -> None:
    rules = [rule for sheet in opened(contract) for rule in sheet.data_validations.dataValidation]
    assert "decimal" not in {rule.type for rule in rules}
    assert all("un nombre entier" in rule.error or "chiffres" in rule.error
               for rule in rules if rule.type == "whole")  # fmt: skip


def test_a_month_is_asked_where_returns_are_monthly() -> None:
    rules = opened(contracts.load("ministry.returns"))["Retours"].data_validations.dataValidation
    [period] = [rule for rule in rules if rule.type == "custom"]
    assert "LEN(A6)=7" in period.formula1
    assert "par exemple 2026-03" in period.prompt


def test_no_formula_stands_in_a_template() -> None:
    for contract in templates.templated():
        cells = (cell for sheet in opened(contract) for row in sheet.iter_rows() for cell in row)
        assert {cell.data_type for cell in cells} <= {"s", "n"}


def test_tables_of_one_sheet_stand_side_by_side() -> None:
    sheet = opened(contracts.load("tokten.activities"))["Experts"]
    assert [cell.value for cell in sheet[4]] == [
        "Base des experts",
        "Situation au",
        "Experts inscrits",
        None,
        "Secteur",
        "Période",
        "Nouveaux experts",
    ]


def test_the_command_names_each_file_by_dataset_and_version(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert cli.main(["templates", "--out", str(folder)]) == 0
    named = [f"{code}_v{contracts.load(code).version}.xlsx" for code in SENT]
    assert sorted(file.name for file in folder.iterdir()) == named


# --- which contract a filled one is for ----------------------------------------------------------------


def filled_for(contract: Contract, tmp_path: Path, **changes: object) -> Path:
    file = tmp_path / "filled.xlsx"
    file.write_bytes(form.compose(contract.model_copy(update=changes)))
    return file


def test_a_template_of_another_version_is_refused_with_both(tmp_path: Path) -> None:
    contract = contracts.load("ofii.reintegration_projects")
    newer = contract.model_copy(update={"version": 3})
    with pytest.raises(
        UnreadableDelivery, match=r"modèle de la version 2 .*modèle de la version 3, en vigueur"
    ):
        require_in_force(filled_for(contract, tmp_path), newer)


def test_a_template_of_another_dataset_is_refused_with_both(tmp_path: Path) -> None:
    filled = filled_for(contracts.load("tokten.activities"), tmp_path)
    with pytest.raises(
        UnreadableDelivery, match=r"tokten\.activities ; attendu celui de ofii\.reintegration"
    ):
        require_in_force(filled, contracts.load("ofii.reintegration_projects"))


def test_a_workbook_of_the_institution_s_own_making_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "own.xlsx"
    Workbook().save(file)
    require_in_force(file, contracts.load("ofii.reintegration_projects"))
    file.write_bytes(b"no workbook")
    require_in_force(file, contracts.load("ofii.reintegration_projects"))


def test_the_search_for_the_mark_of_a_template_is_ended_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = contracts.load("ofii.reintegration_projects")
    monkeypatch.setattr(deadline, "MOST_SECONDS", 0.3)
    monkeypatch.setattr(mark, "marks_of", lambda _: [time.sleep(0.01) for _ in itertools.count()])
    with pytest.raises(UnreadableDelivery, match=r"filled\.xlsx » : trouvé une lecture de plus"):
        require_in_force(filled_for(contract, tmp_path), contract)


# --- cells that a spreadsheet would run ----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+33 1",
        "-1+2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\uff1d1+1",
        "plain",
        "",
    ],
)
def test_a_text_is_written_as_a_text(text: str) -> None:
    workbook = Workbook()
    put_text(workbook.worksheets[0]["A1"], text)
    content = settled(workbook)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    cell = load_workbook(io.BytesIO(content)).worksheets[0]["A1"]
    assert cell.data_type in ("s", "n")
    assert bool(cell.quotePrefix) == (text not in ("plain", ""))


def test_a_repeated_key_is_said_by_the_columns_that_the_sheet_prints() -> None:
    contract = contracts.load("ministry.returns")
    said = anomalies._expected(Reason(None, None, ONE_PER_KEY), contract)
    key = {name: contract.by_name[name].title_fr for name in contract.key}
    assert key["measure_code"] not in said
    assert f"« {key['period_code']} »" in said
