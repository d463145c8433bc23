"""Each suite accepts a good delivery and names what is wrong with a bad one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from expectations import checks, judged, judging, suites, wording
from expectations.verdict import FailingRow, Outcome, Verdict
from ingestion import contracts, staging
from ingestion.contracts import Contract
from tests.warehouses import Warehouses

Rows = list[dict[str, Any]]


def good_eden() -> Rows:
    return [
        {
            "area_code": "MLI",
            "series_code": "DDDSR1015A0BP",
            "series_label": "Produit intérieur brut nominal",
            "period_code": str(year),
            "value": 8000.5 + year,
        }
        for year in range(2015, 2025)
    ]


def good_bulletin() -> Rows:
    labels = ["Balance des biens", "Dont transferts de fonds des migrants"]
    return [
        {
            "table_code": "10.3.5",
            "item_label": label,
            "item_rank": 1,
            "area_code": "MLI",
            "period_code": str(year),
            "obs_status": "A",
            "unit_label": "milliards de FCFA",
            "value": 500.5,
        }
        for label in labels
        for year in (2021, 2022, 2023)
    ]


def good_articles() -> Rows:
    return [
        {
            "article_code": "realisations",
            "paragraph_number": number,
            "section_title": None,
            "paragraph_text": f"Paragraphe {number}.",
        }
        for number in range(1, 6)
    ]


def good_figures() -> Rows:
    return [
        {
            "article_code": "realisations",
            "figure_number": number,
            "measure_code": "deaths_mediterranean",
            "concept_code": "_T",
            "area_code": "MLI",
            "counterpart_area_code": "_T",
            "sector_code": "_T",
            "funder_code": "_T",
            "sex_code": "_T",
            "period_code": str(2012 + number),
            "value": 376,
            "unit_code": "PERSONS",
            "qualifier": "=",
            "obs_status": "A",
            "author_code": "ministry",
            "paragraph_number": 7,
            "span_start": 10 * number,
            "span_end": 10 * number + 3,
        }
        for number in (1, 2, 3)
    ]


def good_projects() -> Rows:
    figures = {
        ("reintegration_projects", "PROJECTS"): {"OFII": 128, "CTC": 9, "BSI": 127, "_T": 264},
        ("reintegration_amount", "XOF"): {
            "OFII": 300_601_889,
            "CTC": 410_702_571,
            "BSI": 190_000_000,
            "_T": 901_304_460,
        },
    }
    return [
        {
            "record_kind": "total" if funder == "_T" else "data",
            "measure_code": measure,
            "unit_code": unit,
            "funder_code": funder,
            "period_code": "2013/2016",
            "value": value,
        }
        for (measure, unit), by_funder in figures.items()
        for funder, value in by_funder.items()
    ]


def good_activities() -> Rows:
    figures = {
        ("tokten_experts", "PERSONS"): {"_T": 557},
        ("tokten_missions", "MISSIONS"): {"EDU": 154, "SME": 11, "HEA": 12, "AGR": 10, "OTH": 13, "_T": 200},
        ("tokten_trained", "PERSONS"): {
            "EDU": 9025,
            "SME": 302,
            "HEA": 144,
            "AGR": 305,
            "OTH": 472,
            "_T": 10248,
        },
    }
    return [
        {
            "record_kind": "total" if sector == "_T" else "data",
            "measure_code": measure,
            "unit_code": unit,
            "sector_code": sector,
            "period_code": "2013/2016",
            "value": value,
        }
        for (measure, unit), by_sector in figures.items()
        for sector, value in by_sector.items()
    ]


def good_world_bank() -> Rows:
    return [
        {
            "area_code": "MLI",
            "series_code": series,
            "series_label": series,
            "period_code": str(year),
            "value": 5.5,
        }
        for series in ("BX.TRF.PWKR.CD.DT", "BX.TRF.PWKR.DT.GD.ZS", "NY.GDP.MKTP.CD")
        for year in range(2010, 2024)
    ]


def good_migrant_stock() -> Rows:
    countries = ["CIV", "FRA", "NER", "NGA", "_T"]
    return [
        {
            "record_kind": "total" if country == "_T" else "data",
            "counterpart_area_code": country,
            "period_code": str(year),
            "value": 1000 + year,
        }
        for country in countries
        for year in range(2000, 2025)
    ]


def good_returns() -> Rows:
    countries = {"LBY": 12, "DZA": 8, "_T": 20}
    return [
        {
            "record_kind": "total" if country == "_T" else "data",
            "measure_code": "returned_persons",
            "concept_code": concept,
            "counterpart_area_code": country,
            "sex_code": sex,
            "period_code": "2026-03",
            "value": persons,
            "unit_code": "PERSONS",
        }
        for concept in ("EXPELLED", "VOLUNTARY")
        for sex in ("F", "M")
        for country, persons in countries.items()
    ]


def good_documents() -> Rows:
    posts = {"Paris": ("FRA", 120), "Abidjan": ("CIV", 300), "_T": ("_T", 420)}
    return [
        {
            "record_kind": "total" if post == "_T" else "data",
            "measure_code": measure,
            "post_label": post,
            "counterpart_area_code": country,
            "period_code": "2026-03",
            "value": documents,
            "unit_code": "DOCUMENTS",
        }
        for measure in ("passport_requests", "passports_issued")
        for post, (country, documents) in posts.items()
    ]


def good_unhcr() -> Rows:
    return [
        {"area_code": "MLI", "population_code": code, "period_code": str(year), "value": 1000 + year}
        for code in ("REF", "ASY", "RET", "IDP", "RDP")
        for year in range(1991, 2026)
    ]


def good_frontex() -> Rows:
    routes = {"Central Mediterranean Route": 7, "Western African Route": 5, "_T": 12}
    return [
        {
            "record_kind": "total" if route == "_T" else "data",
            "route_label": route,
            "area_code": "MLI",
            "period_code": str(year),
            "value": value,
        }
        for route, value in routes.items()
        for year in range(2009, 2026)
    ]


def good_eurostat() -> Rows:
    return [
        {
            "series_code": "migr_eirtn",
            "area_code": "MLI",
            "counterpart_area_code": country,
            "period_code": str(year),
            "value": 5,
            "flag": "p",
        }
        for country in ("FRA", "ESP", "ITA")
        for year in range(2005, 2017)
    ]


def good_missing_migrants() -> Rows:
    return [
        {"series_code": code, "route_label": code, "period_code": str(year), "value": year}
        for code in ("ATLANTIC", "ORIGIN_MALI")
        for year in range(2014, 2026)
    ]


def good_citations() -> Rows:
    return [
        {
            "citation_code": f"media-{year}",
            "measure_code": "remittances_received",
            "concept_code": "BOP_CREDIT",
            "area_code": "MLI",
            "counterpart_area_code": "_T",
            "period_code": str(year),
            "value": 500,
            "unit_code": "BN_XOF",
            "qualifier": "=",
            "obs_status": "A",
            "publisher_code": "maliweb",
            "authority_code": "bceao",
            "citation": "article",
        }
        for year in range(2016, 2024)
    ]


def good_returned_migrants() -> Rows:
    return [
        {
            "name": f"SYNTHÉTIQUE {number}",
            "document_number": f"SYNTHÉTIQUE {number}",
            "sex_code": "F",
            "birth_year": 1990,
            "counterpart_area_code": "FRA",
            "region_code": "ML-1",
            "cercle_code": "ML_C_ABEIBARA",
            "returned_on": "2026-03-31",
        }
        for number in range(3)
    ]


def good_experts() -> Rows:
    return [
        {
            "name": f"SYNTHÉTIQUE {number}",
            "email": f"SYNTHÉTIQUE {number}",
            "structure": "SYNTHÉTIQUE",
            "sector_code": "EDU",
            "counterpart_area_code": "FRA",
            "started_on": "2026-03-01",
            "ended_on": "2026-03-31",
        }
        for number in range(3)
    ]


GOOD: dict[str, Callable[[], Rows]] = {
    "bceao.eden": good_eden,
    "bceao.bulletin": good_bulletin,
    "ministry.articles": good_articles,
    "ministry.figures": good_figures,
    "ministry.returns": good_returns,
    "ministry.consular_documents": good_documents,
    "ofii.reintegration_projects": good_projects,
    "ofii.returned_migrants": good_returned_migrants,
    "tokten.activities": good_activities,
    "tokten.experts": good_experts,
    "international.world_bank": good_world_bank,
    "international.undesa_migrant_stock": good_migrant_stock,
    "international.unhcr_population": good_unhcr,
    "international.frontex_detections": good_frontex,
    "international.eurostat_migration": good_eurostat,
    "international.iom_missing_migrants": good_missing_migrants,
    "ministry.remittance_citations": good_citations,
}


Judge = Callable[..., tuple[Outcome, ...]]


@pytest.fixture(scope="module")
def outcomes(warehouses: Warehouses) -> Iterator[Judge]:
    """Judges rows of a dataset, against those known before, on a real database."""
    with warehouses.fresh() as warehouse, warehouse.connect() as db:

        def judge(dataset: str, rows: Rows, before: Rows | None = None) -> tuple[Outcome, ...]:
            contract = contracts.load(dataset)
            return judging.validate(contract, query(contract, rows), query(contract, before or []), db)

        yield judge
        assert db.execute("select from pg_tables where tablename like 'judged%'").fetchall() == []


def query(contract: Contract, rows: Rows) -> sql.Composed:
    """Rows as `expectations.content` asks for them: every column of the contract, in its type."""
    filled = [
        {
            "record_kind": "data",
            "record_locator": f"l.{line}",
            "record_key": "|".join(str(row.get(name)) for name in contract.key),
            **row,
        }
        for line, row in enumerate(rows, 1)
    ]
    names = ("record_kind", "record_locator", "record_key", *contract.by_name)
    return sql.SQL(
        """select {}, false as is_repeated, null::bigint as waived_by, 0 as rejected_before
             from jsonb_populate_recordset(null::{}, {})"""
    ).format(
        sql.SQL(", ").join(map(sql.Identifier, names)), staging.table(contract), sql.Literal(Jsonb(filled))
    )


def failed(found: tuple[Outcome, ...]) -> set[tuple[str, str]]:
    return {(outcome.check_name, outcome.subject) for outcome in found if not outcome.passed}


@pytest.mark.parametrize("dataset", contracts.all())
def test_every_dataset_has_a_suite(dataset: str) -> None:
    assert suites.builder(dataset)(contracts.load(dataset)).name == dataset


def test_a_dataset_without_a_suite_is_told_which_function_to_write() -> None:
    with pytest.raises(suites.NoSuiteError, match=r"def cpi\(contract\)` in expectations/suites/bceao.py"):
        suites.builder("bceao.cpi")
    with pytest.raises(suites.NoSuiteError, match=r"expectations/suites/hcr\.py"):
        suites.builder("hcr.refugees")


@pytest.mark.parametrize("dataset", contracts.all())
def test_every_expectation_says_who_fixes_it_how_grave_it_is_and_what_was_agreed(dataset: str) -> None:
    suite = suites.builder(dataset)(contracts.load(dataset))
    for expectation in suite.expectations:
        meta = expectation.meta
        assert set(meta) - {"fewest"} == {"name", "subject", "who_fixes", "severity", "description_fr"}
        assert meta["who_fixes"] in {"institution", "statistics team", "developer"}
        assert meta["severity"] in {"error", "warning"}
        assert meta["description_fr"]
    names = [(expectation.meta["name"], expectation.meta["subject"]) for expectation in suite.expectations]
    assert len(names) == len(set(names)), "two expectations that a reader could not tell apart"


def test_every_dataset_has_a_good_delivery_and_a_faulty_one() -> None:
    assert set(GOOD) == set(contracts.all())
    assert {fault.dataset for fault in FAULTS} == set(contracts.all())


@pytest.mark.parametrize("dataset", GOOD)
def test_a_good_delivery_passes(outcomes: Judge, dataset: str) -> None:
    found = outcomes(dataset, GOOD[dataset]())
    assert failed(found) == set()
    assert len(found) == len(suites.builder(dataset)(contracts.load(dataset)).expectations)


@pytest.mark.parametrize("dataset", GOOD)
def test_the_same_delivery_again_passes(outcomes: Judge, dataset: str) -> None:
    assert failed(outcomes(dataset, GOOD[dataset](), before=GOOD[dataset]())) == set()


def without(**values: Any) -> Callable[[Rows], Rows]:
    """Drop the rows that have these values."""
    return lambda rows: [row for row in rows if any(row.get(name) != value for name, value in values.items())]


def first(**values: Any) -> Callable[[Rows], Rows]:
    """Change the first row."""
    return lambda rows: [{**rows[0], **values}, *rows[1:]]


def every(**values: Any) -> Callable[[Rows], Rows]:
    """Change every row."""
    return lambda rows: [{**row, **values} for row in rows]


def repeated(rows: Rows) -> Rows:
    """Say the first row twice."""
    return [rows[0], *rows]


def only(count: int) -> Callable[[Rows], Rows]:
    """Keep the first rows."""
    return lambda rows: rows[:count]


@dataclass(frozen=True)
class Fault:
    dataset: str
    change: Callable[[Rows], Rows]
    expected: set[tuple[str, str]]
    label: str


FAULTS = [
    Fault("bceao.eden", without(period_code="2024"), set(), "a shorter first delivery is none"),
    Fault("bceao.eden", only(2), {("rows_in_band", "table")}, "too few rows"),
    Fault("bceao.eden", every(area_code="BEN"), {("is_present", "area_code")}, "Mali is missing"),
    Fault("bceao.eden", first(series_code="1"), {("follows", "series_code")}, "no series code of EDEN"),
    Fault("bceao.eden", repeated, {("key_is_unique", "series_code, period_code")}, "a figure twice"),
    Fault("bceao.eden", every(series_label=None), {("mostly_given", "series_label")}, "no labels"),
    Fault(
        "bceao.bulletin",
        without(item_label="Dont transferts de fonds des migrants"),
        {("mentions", "item_label")},
        "the remittances line is missing",
    ),
    Fault(
        "bceao.bulletin",
        first(obs_status="Z"),
        {("code_is_known", "obs_status")},
        "a status that no code list has",
    ),
    Fault("bceao.bulletin", first(value=10**8), {("in_range", "value")}, "a value out of range"),
    Fault("bceao.bulletin", every(value=None), {("mostly_given", "value")}, "a table without values"),
    Fault(
        "ministry.articles",
        without(paragraph_number=3),
        {("numbered_without_gap", "paragraph_number")},
        "a paragraph is missing",
    ),
    Fault(
        "ministry.articles", first(paragraph_text="…"), {("follows", "paragraph_text")}, "an empty paragraph"
    ),
    Fault(
        "ministry.figures",
        without(figure_number=2),
        {("numbered_without_gap", "figure_number")},
        "a figure is missing",
    ),
    Fault(
        "ministry.figures",
        first(span_start=None, span_end=None),
        {("is_given", "span_start"), ("is_given", "span_end")},
        "a figure that was not found in the article",
    ),
    Fault(
        "ofii.reintegration_projects",
        without(funder_code="CTC", measure_code="reintegration_amount"),
        {("parts_add_up", "value (funder_code)")},
        "a funder left out of the amounts",
    ),
    Fault(
        "ofii.reintegration_projects",
        first(unit_code="XOF"),
        {("only_pairs", "measure_code, unit_code")},
        "projects counted in francs",
    ),
    Fault(
        "ofii.reintegration_projects",
        without(funder_code="OFII"),
        {("is_present", "funder_code"), ("parts_add_up", "value (funder_code)")},
        "the OFII's own projects are missing",
    ),
    Fault(
        "tokten.activities",
        without(measure_code="tokten_missions"),
        {("is_present", "measure_code")},
        "the sheet of missions is missing",
    ),
    Fault(
        "tokten.activities",
        without(sector_code="EDU", measure_code="tokten_trained"),
        {("parts_add_up", "value (sector_code)")},
        "a sector left out of the people trained",
    ),
    Fault(
        "international.world_bank",
        without(series_code="BX.TRF.PWKR.CD.DT"),
        {("is_present", "series_code")},
        "the remittances series is missing",
    ),
    Fault(
        "international.undesa_migrant_stock",
        without(counterpart_area_code="CIV"),
        {("is_present", "counterpart_area_code")},
        "the first host country is missing",
    ),
    Fault(
        "international.undesa_migrant_stock",
        first(value=-1),
        {("in_range", "value")},
        "a negative stock",
    ),
    Fault(
        "international.unhcr_population",
        first(population_code="Refugees"),
        {("follows", "population_code")},
        "a population without its code",
    ),
    Fault(
        "international.frontex_detections",
        without(route_label="Western African Route"),
        {("is_present", "route_label"), ("parts_add_up", "value (route_label)")},
        "a route left out",
    ),
    Fault(
        "international.eurostat_migration",
        first(flag="note 1"),
        {("follows", "flag")},
        "a footnote for a flag",
    ),
    Fault("international.iom_missing_migrants", first(value=-1), {("in_range", "value")}, "a negative count"),
    Fault(
        "ministry.remittance_citations",
        first(unit_code="XOF"),
        {("only_pairs", "measure_code, unit_code")},
        "an amount in francs",
    ),
    Fault(
        "ministry.returns", every(period_code="2026-Q1"), {("follows", "period_code")}, "a quarter, no month"
    ),
    Fault(
        "ministry.consular_documents",
        first(value=121),
        {("parts_add_up", "value (post_label)")},
        "a total that its posts are not",
    ),
    Fault(
        "ofii.returned_migrants", first(birth_year=90), {("in_range", "birth_year")}, "born in the year 90"
    ),
    Fault(
        "tokten.experts",
        lambda rows: [{**rows[0], "email": f"SYNTHÉTIQUE {n}", "ended_on": None} for n in range(20)],
        {("mostly_given", "ended_on")},
        "missions without an end",
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.dataset}: {fault.label}")
def test_a_faulty_delivery_is_told_exactly_what_is_wrong(outcomes: Judge, fault: Fault) -> None:
    found = outcomes(fault.dataset, fault.change(GOOD[fault.dataset]()))
    assert failed(found) == fault.expected
    assert Verdict(1, fault.dataset, found).accepted == (not fault.expected)


PERSONS = {dataset for dataset, contract in contracts.all().items() if contract.personal}
# An article and a press review may speak of any period; the tables of Eurostat end in different years.
UNDATED = {
    *PERSONS,
    "ministry.articles",
    "ministry.figures",
    "ministry.remittance_citations",
    "international.eurostat_migration",
}
DATED = [dataset for dataset in GOOD if dataset not in UNDATED]


@pytest.mark.parametrize("dataset", DATED)
def test_an_old_file_sent_again_is_refused(outcomes: Judge, dataset: str) -> None:
    later = every(period_code="2031")(GOOD[dataset]()[:1])
    found = outcomes(dataset, GOOD[dataset](), before=later)
    assert failed(found) == {("newest_period", "period_code")}
    refusal = next(outcome for outcome in found if not outcome.passed)
    assert refusal.refuses
    assert "31/12/2031" in refusal.expected


REVISED = [dataset for dataset in GOOD if dataset not in {"ministry.articles", *PERSONS}]


@pytest.mark.parametrize("dataset", REVISED)
def test_a_figure_that_moves_a_lot_is_suspicious_and_not_wrong(outcomes: Judge, dataset: str) -> None:
    before = [{**row, "value": row["value"] * 4} for row in GOOD[dataset]()]
    found = outcomes(dataset, GOOD[dataset](), before=before)
    assert failed(found) == {("moderate_revisions", "value")}
    assert Verdict(1, dataset, found).accepted


@pytest.mark.parametrize(("before", "after", "said"), [(0, 3, "infini"), (0, 0, None), (None, 3, None)])
def test_a_figure_that_was_zero_moves_infinitely(
    outcomes: Judge, before: int | None, after: int, said: str | None
) -> None:
    first_row, *others = good_eurostat()
    found = outcomes(
        "international.eurostat_migration",
        [{**first_row, "value": after}, *others],
        before=[{**first_row, "value": before}],
    )
    assert failed(found) == ({("moderate_revisions", "value")} if said else set())
    [revisions] = [outcome for outcome in found if outcome.check_name == "moderate_revisions"]
    assert [row.found for row in revisions.failing] == ([said] if said else [])


def test_a_total_that_is_off_names_its_place_the_total_and_the_sum(outcomes: Judge) -> None:
    rows = [
        {**row, "value": 265} if row["value"] == 264 else row for row in GOOD["ofii.reintegration_projects"]()
    ]
    found = outcomes("ofii.reintegration_projects", rows)
    refusal = next(outcome for outcome in found if not outcome.passed)
    assert refusal.observed == "1 sur 8 valeurs : l.4 (265, 264)"
    assert refusal.failing == (FailingRow("l.4", "265, 264"),)
    assert refusal.who_fixes == "institution"


def test_of_few_persons_an_empty_column_is_suspicious_and_its_line_is_named(outcomes: Judge) -> None:
    person = {**good_returned_migrants()[0], "cercle_code": None, "record_locator": "Retours!J5"}
    found = outcomes("ofii.returned_migrants", [person])
    [empty] = [outcome for outcome in found if not outcome.passed]
    assert (empty.subject, empty.severity) == ("cercle_code", "warning")
    assert empty.observed == "1 sur 1 ligne : Retours, ligne 5 (vide)"  # J5 is the day of return
    assert Verdict(1, "ofii.returned_migrants", found).accepted


def test_bounds_are_read_in_french(outcomes: Judge) -> None:
    found = outcomes("ministry.returns", good_returns())
    [bounds] = [outcome.expected for outcome in found if outcome.check_name == "in_range"]
    assert bounds == "entre 0 et 1\u202f000\u202f000"


def test_fractions_of_a_binary_float_are_no_difference(outcomes: Judge) -> None:
    rows = good_projects()
    for row, value in zip(rows[4:], (0.1, 0.2, 0.4, 0.7), strict=True):
        row["value"] = value
    assert failed(outcomes("ofii.reintegration_projects", rows)) == set()


def test_notes_are_not_judged(outcomes: Judge) -> None:
    note = {"record_kind": "note"}
    assert failed(outcomes("bceao.eden", [*good_eden(), note])) == set()


def test_an_expectation_on_a_missing_column_is_the_developers_fault(
    outcomes: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(contract: Contract) -> Any:
        return checks.suite(contract, checks.is_given("no_such_column"))

    monkeypatch.setattr(suites, "builder", lambda _: broken)
    with pytest.raises(judging.FaultySuiteError, match="no_such_column"):
        outcomes("bceao.eden", good_eden())


def test_numbering_needs_an_integer_at_the_end_of_the_key() -> None:
    assert judged.numbered_by(contracts.load("ministry.figures")) == "figure_number"
    with pytest.raises(ValueError, match=r"bceao\.eden"):
        checks.numbered_without_gap(contracts.load("bceao.eden"))


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        (901304460, "901\u202f304\u202f460"),
        (0.35, "0,35"),
        (None, "vide"),
        (float("nan"), "vide"),
        ("OFII", "OFII"),
    ],
)
def test_values_are_worded_in_french(given: Any, printed: str) -> None:
    assert wording.value(given) == printed


def test_importing_the_package_is_cheap() -> None:
    script = """
import sys, expectations.cli, expectations.intake, infra.transform
print([name for name in ("great_expectations", "pandas", "airflow") if name in sys.modules])
"""
    slow = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert slow.stdout.strip() == "[]"
