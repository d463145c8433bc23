"""Comparing two dbt projects on the same deliveries, each really built."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import psycopg
import pytest

from infra import compare, transform
from infra.errors import InfraError
from infra.value_changes import Changes
from tests.warehouses import Warehouse

# The other branch: passports issued are those asked for, a job's cost has no value, OFII's aids have one.
ELSEWHERE = {
    "pon_1_05": "{{ declared('passport_requests') }}",
    "pon_3_05": "{{ no_value() }}",
    "pon_3_07": "{{ declared('jobs_created') }}",
}
# There, an identity is held to another relation, and the displaced stand beside no indicator.
SEEDS = {
    "identities": (
        "Maliens en Afrique ≤ Maliens de l’extérieur,<=",
        "Maliens en Afrique > Maliens de l’extérieur,>",
    ),
    "comparison_series": ("displaced_in_mali,PON-7-02,", "displaced_in_mali,PON-7-03,"),
}


def fingerprint(warehouse: Warehouse) -> tuple[object, ...]:
    """The values, every relation of the warehouse, and the databases that bear its name."""
    with psycopg.connect(warehouse.server.admin_url()) as admin:
        return tuple(
            admin.execute(query).fetchall()
            for query in (
                "select md5(string_agg(v::text, '|' order by v::text)) from marts.fct_indicator_values as v",
                "select oid, relname, relfilenode from pg_class where relkind in ('r', 'v') order by oid",
                "select datname from pg_database where starts_with(datname, current_database()) order by 1",
            )
        )


def codes_of(models: Iterable[str]) -> list[str]:
    return [model.upper().replace("_", "-") for model in models]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("elsewhere") / "dbt_project"
    shutil.copytree(transform.PROJECT, project, ignore=shutil.ignore_patterns("__pycache__"))
    for model, sql in ELSEWHERE.items():
        [file] = project.glob(f"models/indicators/*/{model}.sql")
        file.write_text(sql + "\n")
    for name, (here, there) in SEEDS.items():
        seed = project / "seeds" / f"{name}.csv"
        assert seed.read_text().count(here) == 1
        seed.write_text(seed.read_text().replace(here, there))
    return project


def changes(base: Path, warehouse: Warehouse, folder: Path) -> Changes | None:
    return compare.changes_between(base, transform.PROJECT, warehouse.server, warehouse.environment, folder)


def test_what_a_change_of_models_does_to_the_values(
    built: Warehouse, elsewhere: Path, tmp_path: Path
) -> None:
    before = fingerprint(built)
    found = changes(elsewhere, built, tmp_path)
    assert found is not None
    assert [(c.value.indicator_code, c.kind, c.delta) for c in found.current] == [
        ("PON-1-05", "changed", "+10605"),
        ("PON-3-05", "added", ""),
        ("PON-3-07", "removed", ""),
    ]
    assert {c.value.indicator_code for c in found.vintages} <= set(codes_of(ELSEWHERE))
    row = "| 2016 | declared | changed | 8515 DOCUMENTS (A) | 19120 DOCUMENTS (A) | +10605 |"
    assert row in found.markdown()
    changed = {table.compared.table: table.changes for table in found.tables}
    [identity] = changed["fct_identity_checks"]
    assert identity.cells == (
        "S3-04", "changed", "verdict implausible ; relation >", "verdict consistent ; relation <="
    )  # fmt: skip
    assert [change.key for change in changed["fct_progress"]] == [(code,) for code in codes_of(ELSEWHERE)]
    series = changed["fct_comparisons"]
    assert {(one.key[0], one.key[1], one.kind) for one in series} == {
        ("PON-7-02", "displaced_in_mali", "added"),
        ("PON-7-03", "displaced_in_mali", "removed"),
    }
    assert changed["fct_declared_computed"] == changed["territory_values"] == ()
    assert all(int(rows) > 10 for _, rows, *_ in found.counts), "each of them was read"
    assert fingerprint(built) == before


def test_the_same_project_changes_no_number(built: Warehouse, tmp_path: Path) -> None:
    assert changes(transform.PROJECT, built, tmp_path) is None


def test_a_build_that_fails_leaves_nothing_behind(built: Warehouse, elsewhere: Path, tmp_path: Path) -> None:
    before = fingerprint(built)
    failing = {**built.environment, "PONAM_DBT": "false"}
    with pytest.raises(InfraError, match="dbt does not build"):
        compare.changes_between(elsewhere, transform.PROJECT, built.server, failing, tmp_path)
    assert fingerprint(built) == before


def test_the_project_of_a_commit_is_taken_from_git(tmp_path: Path) -> None:
    project = compare.export("HEAD", tmp_path)
    assert (project / "dbt_project.yml").is_file()
    assert len(list(project.glob("models/indicators/*/pon_4_01.sql"))) == 1


def test_an_unknown_base_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InfraError, match="git knows no dbt project at 'no-such-branch'"):
        compare.export("no-such-branch", tmp_path)


def test_what_names_persons_is_not_copied(warehouse: Warehouse) -> None:
    with (
        compare._scratch_database(warehouse.server, "nameless") as scratch,
        psycopg.connect(scratch.admin_url()) as admin,
    ):
        compare._copy_deliveries(warehouse.server, scratch)
        schemas = {row[0] for row in admin.execute("select nspname from pg_namespace")}
    assert {"staging", "meta", "marts"} <= schemas
    assert "confidential" not in schemas
