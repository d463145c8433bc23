"""The dbt project as files: catalogue, seeds and tests agree with one another and with the contracts."""

from __future__ import annotations

import csv
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion import contracts

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
INDICATORS = PROJECT / "models" / "indicators"
WHO_FIXES = {"institution", "developer", "statistics team"}
ENTRY_KEYS = {
    "code", "name_fr", "name_en", "definition_fr", "formula_fr", "unit_code", "direction", "sign",
    "numerator_fr", "denominator_fr", "sources", "frequency", "breakdowns", "sums_over", "axes", "breaks_fr",
    "treatment_fr", "limits_fr", "responsible_fr", "sdg", "gcm", "validation_fr", "baseline", "targets",
    "no_value_reason_fr",
}  # fmt: skip
MAY_BE_EMPTY = {
    "numerator_fr", "denominator_fr", "sources", "breakdowns", "sums_over", "breaks_fr", "sdg", "gcm",
    "baseline", "targets", "no_value_reason_fr",
}  # fmt: skip
COMPUTED = re.compile(r"\{\{ (ratio|annual_growth)\(")
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
ENTRY_FILES = sorted(INDICATORS.glob("axis_*/*.yml"))
SEEDS = sorted(path.stem for path in (PROJECT / "seeds").glob("*.csv"))


def entry(path: Path) -> dict[str, Any]:
    (model,) = read_yaml(path.with_suffix(".yml"))["models"]
    assert isinstance(model, dict)
    return model


def test_there_are_indicators_on_every_founding_axis_but_some_wait_for_values() -> None:
    assert {path.parent.name for path in SQL_FILES} >= {f"axis_{n}" for n in (1, 2, 3, 4, 5, 6)}
    assert len(SQL_FILES) >= 29


def test_the_generated_list_of_indicators_is_in_step() -> None:
    spec = importlib.util.spec_from_file_location("generate", PROJECT / "generate.py")
    assert spec is not None and spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert generate.indicator_models() == sorted(path.stem for path in SQL_FILES)
    assert generate.TARGET.read_text(encoding="utf-8") == generate.render(generate.indicator_models()), (
        "run `python dbt_project/generate.py`"
    )


def test_every_indicator_has_its_two_files() -> None:
    assert [path.with_suffix("") for path in SQL_FILES] == [path.with_suffix("") for path in ENTRY_FILES]


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: path.stem)
class TestEntry:
    def test_is_complete_and_closed(self, path: Path) -> None:
        meta = entry(path)["config"]["meta"]
        assert set(meta) == ENTRY_KEYS
        empty = {key for key, value in meta.items() if value in (None, "", [])}
        assert empty <= MAY_BE_EMPTY, f"nothing said about {sorted(empty - MAY_BE_EMPTY)}"

    def test_names_its_file_and_folder(self, path: Path) -> None:
        model = entry(path)
        assert model["name"] == path.stem
        assert model["config"]["meta"]["code"] == path.stem.upper().replace("_", "-")
        assert path.parent.name == f"axis_{path.stem.split('_')[1]}"

    def test_speaks_the_codes_of_the_seeds(self, path: Path) -> None:
        meta = entry(path)["config"]["meta"]
        assert meta["unit_code"] in codes("units")
        assert {axis["code"] for axis in meta["axes"]} <= codes("axes")
        assert set(meta["sources"]) <= set(contracts.all())
        named = re.findall(r"(?:declared|annual_growth|ratio)\('(\w+)'", path.read_text(encoding="utf-8"))
        assert set(named) <= codes("measures")

    def test_has_values_or_says_why_not(self, path: Path) -> None:
        has_no_value = bool(NO_VALUE.search(path.read_text(encoding="utf-8")))
        assert has_no_value == bool(entry(path)["config"]["meta"]["no_value_reason_fr"])

    def test_is_tested(self, path: Path) -> None:
        """Bounds for what has values; unit tests for what the warehouse computes."""
        sql = path.read_text(encoding="utf-8")
        assert NO_VALUE.search(sql) or "data_tests" in entry(path)
        if COMPUTED.search(sql):
            units = read_yaml(path.with_suffix(".yml"))["unit_tests"]
            assert {unit["model"] for unit in units} == {path.stem}


def data_tests(node: Any) -> list[tuple[str, dict[str, Any]]]:
    """Every data test below a YAML node, as (name, definition)."""
    if isinstance(node, list):
        return [found for item in node for found in data_tests(item)]
    if not isinstance(node, dict):
        return []
    here = [
        (next(iter(test)), test[next(iter(test))]) if "name" not in test else (test["name"], test)
        for test in node.get("data_tests", [])
        if isinstance(test, dict)
    ]
    return here + [found for key, value in node.items() if key != "data_tests" for found in data_tests(value)]


def test_every_data_test_says_who_fixes_it() -> None:
    default = read_yaml(PROJECT / "dbt_project.yml")["data_tests"]["ponam"]["+meta"]["who_fixes"]
    assert default in WHO_FIXES
    found = [test for path in PROJECT.rglob("*.yml") for test in data_tests(read_yaml(path))]
    assert len(found) > 50
    for name, test in found:
        meta = ((test or {}).get("config") or {}).get("meta") or {}
        assert meta.get("who_fixes", default) in WHO_FIXES, name


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


def test_every_dataset_has_its_staging_view() -> None:
    views = {path.stem.removeprefix("stg_") for path in (PROJECT / "models" / "staging").glob("stg_*.sql")}
    assert views == {dataset.replace(".", "__") for dataset in contracts.all()}


def test_the_contract_of_the_fact_is_written_once_in_one_order() -> None:
    macro = (PROJECT / "macros" / "indicator_values.sql").read_text(encoding="utf-8")
    columns = dict(re.findall(r"'(\w+)': '(\w+)',", macro))
    facts = read_yaml(PROJECT / "models" / "marts" / "facts" / "_facts.yml")
    (fact,) = [model for model in facts["models"] if model["name"] == "fct_indicator_values"]
    assert {column["name"]: column["data_type"] for column in fact["columns"]} == columns
    assert [column["name"] for column in fact["columns"]] == list(columns)
