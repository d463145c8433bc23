"""The whole way, DAG by DAG, on the bundled publications: from what institutions print to the marts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from infra import transform
from infra.publications.manifest import publications
from ingestion import contracts
from ingestion.db import Connection
from tests.dags.conftest import Run
from tests.warehouses import Warehouse, Warehouses, published

Runner = Callable[[str], Run]


@pytest.fixture(scope="module")
def transformed(warehouses: Warehouses, run: Runner) -> Iterator[tuple[Warehouse, dict[str, Run]]]:
    """A warehouse after one run of each DAG, and how those runs ended."""
    with warehouses.fresh() as warehouse, published(warehouse):
        runs = {
            dag_id: run(dag_id)
            for dag_id in (*(f"ingest_{source}" for source in contracts.sources()), "transform")
        }
        yield warehouse, runs


@pytest.fixture
def db(transformed: tuple[Warehouse, dict[str, Run]]) -> Iterator[Connection]:
    with transformed[0].connect() as connection:
        yield connection


def one(db: Connection, query: str, *parameters: Any) -> tuple[Any, ...]:
    row = db.execute(query, parameters).fetchone()
    assert row is not None
    return tuple(row)


def test_every_dag_succeeds(transformed: tuple[Warehouse, dict[str, Run]]) -> None:
    assert {dag_id: run.state for dag_id, run in transformed[1].items()} == dict.fromkeys(
        transformed[1], "success"
    )
    assert all(state == "success" for state in transformed[1]["transform"].tasks.values())


def test_every_bundled_publication_is_accepted_and_its_count_closes(db: Connection) -> None:
    states = db.execute(
        """select dataset_code, count(*), bool_and(status = 'accepted'),
                  bool_and(records_read = rows_staged + rows_unchanged + rows_rejected)
             from meta.deliveries group by dataset_code"""
    ).fetchall()
    assert {dataset for dataset, *_ in states} == {publication.dataset for publication in publications()}
    assert all(accepted and closes for *_, accepted, closes in states)
    assert one(
        db, "select count(*) from meta.check_results where delivery_id is not null and not passed"
    ) == (0,)


@pytest.mark.parametrize(
    ("indicator", "period", "value"),
    [
        ("PON-4-01", "2016", Decimal("483.3")),
        ("PON-4-01", "2017", Decimal("497.7")),
        ("PON-4-01", "2021", Decimal("586.1")),
        ("PON-3-02", "2013/2016", Decimal(901_304_460)),
        ("PON-4-12", "2013/2016", Decimal(10_248)),
        ("PON-1-03", "2015", Decimal(376)),
    ],
)
def test_the_marts_say_what_was_published(
    transformed: tuple[Warehouse, dict[str, Run]], indicator: str, period: str, value: Decimal
) -> None:
    with transformed[0].connect("ponam_reader") as reader:
        current = reader.execute(
            """select value from marts.fct_indicator_values
                where indicator_code = %s and period_code = %s and is_current and origin = 'declared'
                  and sector_code = '_T' and funder_code = '_T'""",
            [indicator, period],
        ).fetchall()
    assert current == [(value,)]


def test_what_dbt_found_is_recorded(db: Connection) -> None:
    succeeded, models, passed, failed = one(
        db, "select succeeded, models, checks_passed, checks_failed from meta.transform_runs"
    )
    assert succeeded
    assert models > 50
    recorded = one(
        db,
        """select count(*) filter (where passed), count(*) filter (where not passed),
                  count(*) filter (where not passed and severity = 'error'),
                  count(*) filter (where who_fixes = '')
             from meta.check_results where checker = 'dbt' and delivery_id is null""",
    )
    assert recorded == (passed, failed, 0, 0)


def test_a_second_round_changes_nothing(
    transformed: tuple[Warehouse, dict[str, Run]], run: Runner, db: Connection
) -> None:
    state = """select (select count(*) from meta.deliveries), (select count(*) from meta.check_results),
                      (select count(*) from meta.transform_runs)"""
    before = one(db, state)
    ingested, again = run("ingest_ofii"), run("transform")
    assert ingested.tasks["publish"] == "skipped"
    assert again.state == "success"
    assert again.tasks == {
        "changed_since_last_run": "success",
        **dict.fromkeys(transform.STEPS, "skipped"),
        "record_results": "skipped",
    }
    assert one(db, state) == before


def test_late_publications_turn_the_calendar_red_and_are_named(
    transformed: tuple[Warehouse, dict[str, Run]], run: Runner
) -> None:
    from ingestion.release_calendar import overdue

    late = {dataset.dataset_code: dataset for dataset in overdue()}
    # EDEN of 2024 was agreed for 270 days after the year, and has not come.
    assert late["bceao.eden"].sentence().startswith("bceao.eden: period 2024 was expected on 27/09/2025, ")
    assert run("release_calendar").state == "failed"
