"""The dbt project as files: catalogue, seeds and tests agree with one another and with the contracts."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from babel import Locale

from dbt_project import catalogue, generate, scaffold
from ingestion import code_lists, contracts

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
INDICATORS = PROJECT / "models" / "indicators"
WHO_FIXES = {"institution", "developer", "statistics team"}
DECLARED_ONLY = re.compile(r"(\s|union all|\{\{ (declared\('\w+'\)|no_value\(\)) \}\})*")
NO_VALUE = re.compile(r"\{\{ no_value\(\) \}\}")


def read_yaml(path: Path) -> dict[str, Any]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def read_seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes(seed: str) -> set[str]:
    return {row["code"] for row in read_seed(seed)}


SQL_FILES = sorted(INDICATORS.glob("axis_*/*.sql"))
SEEDS = sorted(path.stem for path in (PROJECT / "seeds").glob("*.csv"))


# How many of the fifty indicators of the policy each of its axes has; others may be added to them.
OF_THE_POLICY = {1: 11, 2: 4, 3: 8, 4: 15, 5: 4, 6: 4, 7: 2, 8: 2}


def test_the_catalogue_has_the_fifty_indicators_of_the_policy_and_nothing_wrong() -> None:
    assert catalogue.problems() == []
    policy = {
        f"pon_{axis}_{number:02}" for axis, count in OF_THE_POLICY.items() for number in range(1, count + 1)
    }
    assert len(policy) == 50
    assert policy <= {path.stem for path in SQL_FILES}


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: path.stem)
def test_an_indicator_is_bounded_and_what_is_computed_is_unit_tested(path: Path) -> None:
    sql, document = path.read_text(encoding="utf-8"), read_yaml(path.with_suffix(".yml"))
    [model] = document["models"]
    assert NO_VALUE.search(sql) or "data_tests" in model
    if not DECLARED_ONLY.fullmatch(sql):
        assert {unit["model"] for unit in document["unit_tests"]} == {path.stem}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of one axis of the catalogue that a test may spoil; returns its dbt_project."""
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT / "seeds", project / "seeds")
    shutil.copytree(INDICATORS / "axis_4", project / "models" / "indicators" / "axis_4")
    shutil.copytree(PROJECT.parent / "ingestion" / "sources", tmp_path / "ingestion" / "sources")
    generate.write(project)
    return project


SPOILED = {
    "an unknown key": ("        sign: ", "        colour: red\n        sign: ", "colour"),
    "a missing key": ('        gcm: "20"\n', "", "gcm"),
    "an unknown unit": ("unit_code: BN_XOF", "unit_code: SHELLS", "SHELLS"),
    "an unknown dataset": ("[bceao.bulletin", "[bceao.almanac", "bceao.almanac"),
    "an unknown axis": ("PONAM-2014-4", "PONAM-2014-9", "PONAM-2014-9"),
    "an axis after its division": ('valid_to: "2025-01-01"', "valid_to: null", "longer than the axis"),
    "two founding axes": ("PLAN-2020-4", "PONAM-2014-5", "one axis of PONAM 2014"),
    "another indicator's code": ("code: PON-4-01", "code: PON-4-02", "PON-4-02"),
    "a sum over what is no breakdown": ("sums_over: []", "sums_over: [sector_code]", "sums_over"),
    "a numerator without a denominator": ("denominator_fr: null", "denominator_fr: PIB", "both or neither"),
    "another model's name": ("name: pon_4_01", "name: pon_4_99", "pon_4_99"),
}


@pytest.mark.parametrize(("old", "new", "said"), SPOILED.values(), ids=SPOILED)
def test_a_spoiled_entry_is_refused(copied: Path, old: str, new: str, said: str) -> None:
    entry = copied / "models" / "indicators" / "axis_4" / "pon_4_01.yml"
    text = entry.read_text(encoding="utf-8")
    assert old in text
    entry.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = catalogue.problems(copied)
    assert found and said in " ".join(found)


def test_an_entry_needs_its_file_and_a_file_its_entry(copied: Path) -> None:
    folder = copied / "models" / "indicators" / "axis_4"
    (folder / "pon_4_01.sql").unlink()
    (folder / "pon_4_02.yml").unlink()
    assert catalogue.problems(copied) == [
        "pon_4_01.yml: no pon_4_01.sql beside it",
        "pon_4_02.sql: no entry pon_4_02.yml beside it",
        "macros/indicator_models.sql: not the files of models/indicators; run make format",
    ]


def test_an_indicator_without_value_says_why(copied: Path) -> None:
    (copied / "models" / "indicators" / "axis_4" / "pon_4_01.sql").write_text("{{ no_value() }}\n", "utf-8")
    assert catalogue.problems(copied) == [
        "pon_4_01.yml: no_value_reason_fr: there is no value, and nothing says why"
    ]


def test_a_measure_that_no_seed_knows_is_found(copied: Path) -> None:
    sql = copied / "models" / "indicators" / "axis_4" / "pon_4_01.sql"
    sql.write_text("{{ ratio('cowries', 'gdp', unit='PCT', times=100) }}\n", "utf-8")
    assert catalogue.problems(copied) == ["pon_4_01.yml: cowries is no code of the seed measures"]


@pytest.mark.parametrize("measure", ["gdp", None])
def test_a_scaffolded_indicator_only_waits_for_the_statisticians_words(
    copied: Path, measure: str | None
) -> None:
    sql, entry, listed = scaffold.scaffold(
        "PON-4-99", "Épargne : montant « rapatrié »", "BN_XOF", measure, copied
    )
    found = catalogue.problems(copied)
    waiting = [problem for problem in found if "is still to be said" not in problem]
    assert found != waiting
    assert waiting == (
        ["pon_4_99.yml: sources: none; name the datasets that the figures come from, or warehouse"]
        if measure
        else []
    )
    said = entry.read_text("utf-8").replace(catalogue.TO_SAY, "Dit.")
    entry.write_text(said.replace("sources: []", "sources: [bceao.bulletin]") if measure else said, "utf-8")
    assert catalogue.problems(copied) == []
    assert "'pon_4_99'" in listed.read_text("utf-8")
    assert catalogue.read_indicator(entry).measures == ({measure} if measure else set())
    assert sql.read_text(encoding="utf-8").strip() == (
        "{{ declared('gdp') }}" if measure else "{{ no_value() }}"
    )


@pytest.mark.parametrize(
    ("code", "unit", "measure"),
    [
        ("PON-4-01", "BN_XOF", None),
        ("PON-9-01", "BN_XOF", None),
        ("pon-4-98", "BN_XOF", None),
        ("PON-4-98", "SHELLS", None),
        ("PON-4-98", "BN_XOF", "cowries"),
    ],
)
def test_the_scaffold_refuses_what_it_cannot_make(
    copied: Path, code: str, unit: str, measure: str | None
) -> None:
    before = sorted(copied.rglob("*"))
    with pytest.raises(scaffold.ScaffoldError):
        scaffold.scaffold(code, "Nom", unit, measure, copied)
    assert sorted(copied.rglob("*")) == before


def test_the_scaffold_says_which_code_was_meant(copied: Path) -> None:
    with pytest.raises(scaffold.ScaffoldError, match="Did you mean BN_XOF"):
        scaffold.scaffold("PON-4-98", "Nom", "BNXOF", None, copied)


def test_every_division_of_the_policy_has_eight_axes_and_only_the_announced_one_is_unnamed() -> None:
    axes = read_seed("axes")
    assert {axis["division"] for axis in axes} == {"PONAM 2014", "Plan 2020-2024", "Révision 2025"}
    for division in {axis["division"] for axis in axes}:
        assert [int(axis["number"]) for axis in axes if axis["division"] == division] == list(range(1, 9))
    announced = [axis for axis in axes if axis["division"] == "Révision 2025"]
    assert not any(axis["wording_fr"] for axis in announced)
    assert {axis["is_verified"] for axis in announced} == {"false"}


def test_countries_bear_their_french_names_of_cldr_and_both_codes() -> None:
    areas = {area["code"]: area for area in read_seed("areas")}
    names = Locale("fr").territories
    for area in areas.values():
        if area["kind"] == "country":
            assert area["label_fr"] == names[area["iso2"]].replace("'", "’"), area["code"]
    assert {code: areas[code]["unhcr"] for code in ("DEU", "AUT", "AUS", "NER", "NGA", "CIV", "MLI")} == {
        "DEU": "GFR", "AUT": "AUS", "AUS": "AUL", "NER": "NGR", "NGA": "NIG", "CIV": "ICO", "MLI": "MLI",
    }  # fmt: skip
    given = [area["unhcr"] for area in areas.values() if area["unhcr"]]
    assert len(given) == len(set(given))


@pytest.mark.parametrize(
    ("printed", "code", "parts"),
    [("UKN", "UKN", set()), ("Stateless", "STA", set()), ("Channel Islands", "CHI", {"GGY", "JEY"})],
)
def test_what_statistical_services_print_for_no_country_of_iso_has_a_code_and_is_offered_to_nobody(
    printed: str, code: str, parts: set[str]
) -> None:
    assert code_lists.load("areas").code_of(printed) == code
    assert code_lists.load("areas", ("country",)).code_of(printed) is None
    members = {row["member_code"] for row in read_seed("area_memberships") if row["grouping_code"] == code}
    assert members == parts, "what shares a country is never added to it"


def test_mali_left_the_cedeao_and_stays_in_the_uemoa() -> None:
    memberships = {(row["member_code"], row["grouping_code"]): row for row in read_seed("area_memberships")}
    left, stays = memberships["MLI", "CEDEAO"], memberships["MLI", "UEMOA"]
    assert (left["valid_to"], left["is_verified"]) == ("2025-01-29", "false")
    assert (stays["valid_to"], stays["is_verified"]) == ("", "false")


def test_the_three_divisions_of_mali_have_their_territories() -> None:
    divisions = read_seed("territory_divisions")
    territories = {name: {row["territory_code"] for row in divisions if row["division"] == name} for name in (
        "8 régions et Bamako", "10 régions et Bamako", "19 régions et Bamako",
    )}  # fmt: skip
    before, middle, after = territories.values()
    assert (len(before), len(middle), len(after)) == (9, 11, 20)
    assert before < middle < after
    for row in divisions:
        assert not row["carved_from_code"] or row["carved_from_code"] in before | middle


def test_every_singular_test_is_described() -> None:
    described = {test["name"]: test for test in read_yaml(PROJECT / "tests" / "_tests.yml")["data_tests"]}
    assert set(described) == {path.stem for path in (PROJECT / "tests").glob("*.sql")}
    for test in described.values():
        assert test["description"]
        assert test["config"]["meta"]["who_fixes"] in WHO_FIXES


def test_every_model_and_seed_is_documented() -> None:
    nodes = [
        node
        for path in PROJECT.rglob("*.yml")
        for kind in ("models", "seeds")
        if isinstance(documented := read_yaml(path).get(kind), list)
        for node in documented
    ]
    described = {node["name"] for node in nodes if node.get("description")}
    assert described == {path.stem for path in (PROJECT / "models").rglob("*.sql")} | set(SEEDS)


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if "aliases" in read_seed(seed)[0]])
def test_a_printed_name_means_one_code(seed: str) -> None:
    owner: dict[str, str] = {}
    for row in read_seed(seed):
        for name in {row["code"], row["label_fr"], *filter(None, row["aliases"].split("|"))}:
            assert owner.setdefault(name, row["code"]) == row["code"], f"{name} names two codes of {seed}"


@pytest.mark.parametrize("seed", SEEDS)
def test_column_types_name_every_column(seed: str) -> None:
    described = {node["name"]: node for node in read_yaml(PROJECT / "seeds" / "_seeds.yml")["seeds"]}
    assert list(described[seed]["config"]["column_types"]) == list(read_seed(seed)[0])


def test_contracts_use_codes_of_the_seeds() -> None:
    found = contracts.all()
    assert found
    for contract in found.values():
        assert contract.publisher in codes("publishers")
        for column in contract.columns:
            if column.code_list is not None:
                assert column.code_list in SEEDS, f"{contract.dataset}.{column.name}"


def test_mapped_series_belong_to_contracts() -> None:
    assert {row["dataset_code"] for row in read_seed("series_measures")} <= set(contracts.all())


def test_every_dataset_has_its_staging_view_but_those_of_persons_who_are_only_counted() -> None:
    views = {path.stem.removeprefix("stg_") for path in (PROJECT / "models" / "staging").glob("stg_*.sql")}
    found = contracts.all().items()
    assert views == {name.replace(".", "__") for name, contract in found if contract.personal is None}


def test_the_contract_of_the_fact_is_written_once_in_one_order() -> None:
    macro = (PROJECT / "macros" / "indicator_values.sql").read_text(encoding="utf-8")
    columns = dict(re.findall(r"'(\w+)': '(\w+)',", macro))
    facts = read_yaml(PROJECT / "models" / "marts" / "facts" / "_facts.yml")
    (fact,) = [model for model in facts["models"] if model["name"] == "fct_indicator_values"]
    assert {column["name"]: column["data_type"] for column in fact["columns"]} == columns
    assert [column["name"] for column in fact["columns"]] == list(columns)
