"""Contracts: the project's hold, offline; a faulty one says where, what was found, what was expected."""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion import cli, code_lists, contracts, staging
from ingestion.contracts import ContractError
from ingestion.read import READERS, Record

DOCUMENT: dict[str, Any] = {
    "dataset": "demo.projects",
    "version": 1,
    "title_fr": "Projets",
    "title_en": "Projects",
    "publisher": "demo",
    "licence": "Libre",
    "delivery": {"mode": "complete", "by": "inbox"},
    "form": {"reader": "lines", "options": {"width": 3}},
    "columns": [
        {"name": "sector_code", "type": "code", "code_list": "sectors", "required": True},
        {"name": "period_code", "type": "period", "required": True},
        {"name": "value", "type": "number", "range": [0, 100]},
    ],
    "key": ["sector_code", "period_code"],
    "evidence": "value",
    "calendar": {"frequency": "A", "lag_days": 30, "tolerance_days": 10},
    "expectations": {"rows": [1, 10]},
}


PERSONAL = {"purpose": "Compter", "legal_basis": "La loi", "retention": "Un an", "names_kept_months": 12}

EXPORT = {"sector": "SR", "subsector": "SR1", "country": "D", "frequency": "A", "first_year": 2015}


def read_lines(path: Path, *, width: int, labels: tuple[str, ...] = ()) -> Iterator[Record]:
    yield Record("l.1", "data", {}, None)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], Path]:
    """Write a document as the contract `demo.projects` among code lists and readers of its own."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "publishers.csv").write_text("code,label_fr\ndemo,Démonstration\n", encoding="utf-8")
    (seeds / "sectors.csv").write_text(
        "code,label_fr,aliases\nEDU,Éducation,Enseignement|École\nSME,Petites et moyennes entreprises,PME\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(code_lists, "SEEDS", seeds)
    monkeypatch.setattr(contracts, "SOURCES", tmp_path / "sources")
    monkeypatch.setattr("ingestion.read.READERS", {"lines": read_lines})

    def write(document: dict[str, Any]) -> Path:
        file = tmp_path / "sources" / "demo" / "projects.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return file

    return write


def changed(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(DOCUMENT), **changes}


def with_column(**column: Any) -> dict[str, Any]:
    return changed(columns=[*DOCUMENT["columns"], column])


def of_persons(*columns: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A sound contract of persons, but for the columns and changes given."""
    named = {"name": "name", "type": "text", "required": True, "identifier": "direct"}
    return changed(columns=[*DOCUMENT["columns"], named, *columns], personal=PERSONAL, **changes)


# --- the project's own ---------------------------------------------------------------------------------


def test_every_institution_has_a_contract() -> None:
    assert {"bceao", "ministry", "ofii", "tokten", "international"} <= set(contracts.sources())


@pytest.mark.parametrize("dataset", [f"{f.parent.name}.{f.stem}" for f in contracts.SOURCES.glob("*/*.yml")])
def test_contract_of_the_project_holds(dataset: str) -> None:
    contracts.check(contracts.load(dataset))


def test_what_a_reader_is_told_of_columns_names_columns_and_codes_that_there_are() -> None:
    document = contracts.load("ofii.reintegration_projects").model_dump(mode="json")
    [table] = document["form"]["options"]["tables"]
    table["keys"]["Financeur"] = "funder"
    table["values"][0]["constants"]["unit_code"] = "CHAIRS"
    table["total_column"] = "financeur"
    with pytest.raises(ContractError) as caught:
        contracts.check(contracts.Contract.model_validate(document))
    assert [(fault.key, fault.found) for fault in caught.value.faults] == [
        ("form.options.tables.0.keys", "'funder'"),
        ("form.options.tables.0.values.0.constants", "'CHAIRS'"),
        ("form.options.tables.0.total_column", "'financeur'"),
    ]


def test_the_schema_of_a_contract_says_what_its_keys_mean(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["contracts", "--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["additionalProperties"] is False
    assert "expected delivery" in schema["$defs"]["Calendar"]["properties"]["lag_days"]["description"]
    assert "identities" in schema["$defs"]["Expectations"]["properties"]["sums"]["description"]
    required = {"dataset", "version", "licence", "delivery", "form", "columns", "key", "evidence", "calendar"}
    assert required <= set(schema["required"])


def test_every_code_list_can_be_read() -> None:
    columns = [column for contract in contracts.all().values() for column in contract.columns]
    names = {column.code_list for column in columns if column.code_list}
    assert {"areas", "measures", "units"} <= names
    assert all(code_lists.load(name).codes for name in names)


def test_dbt_sources_are_those_of_the_contracts() -> None:
    assert staging.DBT_SOURCES.read_text(encoding="utf-8") == staging.dbt_sources(), (
        "run `make ledger ARGS=dbt-sources`"
    )


def test_dependencies_come_first() -> None:
    order = [contract.dataset for contract in contracts.of_source("ministry")]
    assert order.index("ministry.articles") < order.index("ministry.figures")


def test_readers_are_imported_when_asked_only() -> None:
    assert callable(READERS["csv"])


# --- what is refused, and how it is said ---------------------------------------------------------------


def test_a_right_contract_is_read_whole(demo: Callable[[dict[str, Any]], Path]) -> None:
    demo(DOCUMENT)
    contract = contracts.load("demo.projects")
    contracts.check(contract)
    assert contract.table == "demo__projects"
    assert contract.by_name["sector_code"].code_list == "sectors"
    assert contracts.reader_options(contract) == {"width": 3}


def test_unknown_dataset_names_those_there_are(demo: Callable[[dict[str, Any]], Path]) -> None:
    demo(DOCUMENT)
    for asked in ("demo.project", "../demo.projects", "demo"):
        with pytest.raises(contracts.UnknownDatasetError, match=r"demo\.projects"):
            contracts.load(asked)


@pytest.mark.parametrize(
    ("document", "key", "expected"),
    [
        (changed(tilte_fr="?"), "tilte_fr", "no such key"),
        ({k: v for k, v in DOCUMENT.items() if k != "licence"}, "licence", "a value"),
        (changed(version="one"), "version", "integer"),
        (changed(dataset="demo.other"), "dataset", "'demo.projects', as the file"),
        (changed(dataset="demo-projects"), "dataset", "pattern"),
        (changed(key=["sector"]), "(file)", "key to be a column, not 'sector'"),
        (changed(key=["value"]), "(file)", "'value' to be `required: true`"),
        (changed(key=["sector_code", "sector_code"]), "(file)", "each key column once"),
        (changed(evidence="literal"), "(file)", "evidence to be a column"),
        (changed(delivery={"mode": "complete", "by": "http"}), "delivery", "`addresses`"),
        (changed(delivery={"mode": "partial", "by": "inbox"}), "delivery.mode", "'complete' or 'additional'"),
        (
            changed(delivery={"mode": "complete", "by": "http", "addresses": [{"path": "../../etc/passwd"}]}),
            "delivery.addresses.0.path",
            "without '..'",
        ),
        (
            changed(
                delivery={"mode": "complete", "by": "http", "addresses": [{"path": "http://elsewhere/x"}]}
            ),
            "delivery.addresses.0.path",
            "relative to the source's base address",
        ),
        (
            changed(delivery={"mode": "complete", "by": "eden", "exports": [EXPORT]}),
            "delivery",
            "`mode: additional` for what is delivered `by: eden`",
        ),
        (with_column(name="Valeur", type="text"), "columns.3.name", "plain SQL name"),
        (with_column(name="order", type="text"), "columns.3.name", "no reserved word"),
        (with_column(name="delivery_id", type="text"), "columns.3.name", "every staging table"),
        (with_column(name="value", type="text"), "(file)", "not value twice"),
        (with_column(name="x", type="money"), "columns.3.type", "'text', 'code'"),
        (with_column(name="x", type="code"), "columns.3", "`code_list`"),
        (with_column(name="x", type="text", code_list="sectors"), "columns.3", "`code_list`"),
        (with_column(name="x", type="text", range=[0, 1]), "columns.3", "`range`"),
        (with_column(name="x", type="number", range=[1, 0]), "columns.3.range", "[lowest, highest]"),
        (changed(expectations={"rows": [1, 2], "present": {"x": ["a"]}}), "(file)", "expectations.present"),
        (
            changed(expectations={"rows": [1, 2], "sums": [{"over": "value"}]}),
            "(file)",
            "sums.over a key column of codes, not 'value'",
        ),
        (
            changed(expectations={"rows": [1, 2], "sums": [{"over": "sector_code", "value": "period_code"}]}),
            "(file)",
            "sums.value a column of numbers, not 'period_code'",
        ),
        (
            changed(calendar={"frequency": "A", "lag_days": 99999, "tolerance_days": 0}),
            "calendar.lag_days",
            "less than or equal to 3660",
        ),
        (
            changed(columns=[DOCUMENT["columns"][0], DOCUMENT["columns"][2]], key=["sector_code"]),
            "(file)",
            "a column of type period",
        ),
        (
            with_column(name="name", type="text", identifier="direct"),
            "(file)",
            "with its purpose: name identify",
        ),
        (
            with_column(name="sex", type="integer", identifier="quasi"),
            "(file)",
            "with its purpose: sex identify",
        ),
        (changed(personal={**PERSONAL, "purpose": ""}), "personal.purpose", "at least 1"),
        (
            changed(personal={"legal_basis": "?", "retention": "?", "names_kept_months": 1}),
            "personal.purpose",
            "a value",
        ),
        (changed(personal=PERSONAL), "(file)", "`identifier: direct` on the columns that name"),
        (of_persons({"name": "remark", "type": "text"}), "(file)", "free text of persons"),
        (
            of_persons({"name": "remark", "type": "text", "identifier": "quasi"}),
            "(file)",
            "free text of persons",
        ),
        (of_persons({"name": "year", "type": "integer", "identifier": "direct"}), "columns.4", "`text` only"),
        (of_persons(evidence="name"), "(file)", "evidence that names nobody"),
        (
            of_persons(
                evidence="sector_code",
                verification={"dataset": "demo.x", "match": ["sector_code"], "text": "t"},
            ),
            "(file)",
            "no `verification`",
        ),
        (with_column(name="x", type="text", kinds=["region"]), "columns.3", "`kinds` of a `code_list`"),
    ],
)
def test_a_faulty_contract_names_file_key_and_what_was_expected(
    demo: Callable[[dict[str, Any]], Path], document: dict[str, Any], key: str, expected: str
) -> None:
    file = demo(document)
    with pytest.raises(ContractError) as caught:
        contracts.read(file)
    assert [fault.key for fault in caught.value.faults] == [key]
    assert expected in caught.value.faults[0].expected
    assert "demo/projects.yml" in str(caught.value)


def test_every_fault_is_named_at_once(demo: Callable[[dict[str, Any]], Path]) -> None:
    file = demo(changed(version=0, calendar={"frequency": "A", "lag_days": -1, "tolerance_days": 0}))
    with pytest.raises(ContractError) as caught:
        contracts.read(file)
    assert [fault.key for fault in caught.value.faults] == ["version", "calendar.lag_days"]


def test_a_key_written_twice_is_refused(demo: Callable[[dict[str, Any]], Path]) -> None:
    file = demo(DOCUMENT)
    file.write_text(file.read_text(encoding="utf-8") + "\nversion: 2\n", encoding="utf-8")
    with pytest.raises(ContractError, match="'version' written twice"):
        contracts.read(file)


def test_what_is_no_yaml_is_refused(demo: Callable[[dict[str, Any]], Path]) -> None:
    file = demo(DOCUMENT)
    file.write_text("dataset: [", encoding="utf-8")
    with pytest.raises(ContractError, match="expected YAML"):
        contracts.read(file)


@pytest.mark.parametrize(
    ("changes", "key", "expected"),
    [
        ({"form": {"reader": "xls", "options": {}}}, "form.reader", "one of lines"),
        ({"form": {"reader": "lines", "options": {}}}, "form.options.width", "a value of type int"),
        ({"form": {"reader": "lines", "options": {"width": "wide"}}}, "form.options.width", "integer"),
        ({"form": {"reader": "lines", "options": {"width": 3, "w": 1}}}, "form.options.w", "labels, width"),
        (
            {"form": {"reader": "lines", "options": {"width": 3, "labels": [1]}}},
            "form.options.labels.0",
            "valid string",
        ),
        ({"publisher": "nobody"}, "publisher", "publishers.csv"),
        (
            {"delivery": {"mode": "complete", "by": "inbox", "depends_on": ["demo.nothing"]}},
            "delivery.depends_on",
            "another dataset of the same source",
        ),
        (
            {
                "columns": [
                    *DOCUMENT["columns"],
                    {"name": "x", "type": "code", "code_list": "colours"},
                ]
            },
            "columns.x.code_list",
            "dbt_project/seeds",
        ),
        (
            {"expectations": {"rows": [1, 2], "present": {"sector_code": ["HEA"]}}},
            "columns.sector_code",
            "a code of sectors.csv",
        ),
    ],
)
def test_check_holds_a_contract_against_what_it_refers_to(
    demo: Callable[[dict[str, Any]], Path], changes: dict[str, Any], key: str, expected: str
) -> None:
    demo(changed(**changes))
    with pytest.raises(ContractError) as caught:
        contracts.check(contracts.load("demo.projects"))
    assert [fault.key for fault in caught.value.faults] == [key]
    assert expected in caught.value.faults[0].expected


def test_options_reach_the_reader_in_the_types_of_its_signature(
    demo: Callable[[dict[str, Any]], Path],
) -> None:
    demo(changed(form={"reader": "lines", "options": {"width": 3, "labels": ["a", "b"]}}))
    assert contracts.reader_options(contracts.load("demo.projects"))["labels"] == ("a", "b")


def test_an_edition_is_text_however_yaml_reads_it(demo: Callable[[dict[str, Any]], Path]) -> None:
    addresses = [{"path": "a", "edition": 2017}, {"path": "b", "edition": datetime.date(2016, 12, 31)}]
    demo(changed(delivery={"mode": "complete", "by": "http", "addresses": addresses}))
    read = contracts.load("demo.projects").delivery.addresses
    assert [address.edition for address in read] == ["2017", "2016-12-31"]


# --- code lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("EDU", "EDU"),
        ("education", "EDU"),
        (" ÉDUCATION\u202f", "EDU"),
        ("ecole", "EDU"),
        ("Petites et  moyennes-entreprises", "SME"),
        ("P.M.E.", "SME"),
        ("Santé", None),
        ("", None),
    ],
)
def test_a_printed_label_finds_its_code(
    demo: Callable[[dict[str, Any]], Path], printed: str, code: str | None
) -> None:
    assert code_lists.load("sectors").code_of(printed) == code


def test_a_label_of_two_codes_is_refused(demo: Callable[[dict[str, Any]], Path]) -> None:
    (code_lists.SEEDS / "colours.csv").write_text("code,label_fr\nR,Rouge\nB,ROUGE\n", encoding="utf-8")
    with pytest.raises(code_lists.AmbiguousLabelError, match="both R and B"):
        code_lists.load("colours")
