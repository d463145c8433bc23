"""The prospective view over the bundled publications: what is projected, from which values, what is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from dbt_project.methods import projections
from ingestion.db import Connection
from tests.dbt.conftest import dbt
from tests.warehouses import Warehouse, Warehouses

DOLLARS = "remittances_received_usd"


@pytest.fixture
def marts(built: Warehouse) -> Iterator[Connection]:
    with built.connect("ponam_reader") as db:
        yield db


def test_the_world_banks_dollars_are_projected_three_years_ahead_and_marked(marts: Connection) -> None:
    rows = marts.execute(
        "select measure_code, publisher_code, origin, obs_status, observed_by, observed_from, observed_to,"
        " array_agg(period_code order by period_code) from marts.fct_projections group by 1, 2, 3, 4, 5, 6, 7"
    ).fetchall()
    assert rows == [
        (DOLLARS, "ponam", "computed", "F", "world_bank", 2010, 2023, ["2024", "2025", "2026"]),
    ]
    [deliveries] = marts.execute(
        "select array_agg(distinct dataset_code) from marts.fct_projections,"
        " jsonb_array_elements(delivery_ids) as id join meta.deliveries on delivery_id = id::bigint"
    ).fetchall()
    assert deliveries == (["international.world_bank"],)


def test_every_verdict_follows_from_the_published_errors(marts: Connection) -> None:
    """The criterion once more, from the errors by horizon, without the model that applies it."""
    errors: dict[str, dict[tuple[str, int], tuple[Any, ...]]] = {}
    for key, model, horizon, *said in marts.execute(
        "select series_key, model_code, horizon, mase, smape_pct, coverage_80_pct, coverage_95_pct"
        " from marts.fct_projection_backtests"
    ):
        errors.setdefault(key, {})[model, horizon] = tuple(said)
    naive = (projections.RANDOM_WALK, projections.RANDOM_WALK_DRIFT)

    def is_better(of: dict[tuple[str, int], tuple[Any, ...]]) -> bool:
        method = projections.METHOD
        return (
            all(of[method, h][0] < of[other, h][0] for h in projections.HORIZONS for other in naive)
            and all(of[method, 0][1] < of[other, 0][1] for other in naive)
            and of[method, 0][2] >= 65
            and of[method, 0][3] >= 85
        )

    verdicts = dict(
        marts.execute(
            "select series_key, is_published from marts.projection_verdicts where is_eligible"
        ).fetchall()
    )
    assert len(verdicts) > 1
    assert verdicts == {key: is_better(of) for key, of in errors.items()}
    silent = marts.execute(
        "select count(*) from marts.projection_verdicts where is_published != (reason_fr is null)"
    )
    assert silent.fetchone() == (0,)


def test_what_may_not_be_projected_says_why(marts: Connection) -> None:
    reasons = {
        (indicator, publisher): reason
        for indicator, publisher, reason in marts.execute(
            "select indicator_code, publisher_code, max(reason_fr) from marts.projection_verdicts"
            " where not is_eligible group by 1, 2"
        )
    }
    assert reasons["PON-4-01", "bceao"] == "4 années observées de suite ; il en faut 13."
    assert reasons["PON-6-01", "undesa"] == "Aucune observation annuelle réalisée et positive."


def test_what_is_not_published_is_out_of_a_readers_reach(built: Warehouse, marts: Connection) -> None:
    with built.connect("ponam_transformer") as db:
        computed = db.execute("select count(*) from intermediate.int_projection_values").fetchone()
    published = marts.execute("select count(*) from marts.fct_projections").fetchone()
    assert computed is not None and published is not None
    assert computed[0] > published[0]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        marts.execute("select * from intermediate.int_projection_values")


def test_a_projection_of_other_values_than_those_in_service_is_not_shown(warehouses: Warehouses) -> None:
    with warehouses.filled() as warehouse, warehouse.in_environment():
        with warehouse.connect("ponam_transformer") as db:
            assert projections.main(db).startswith("6 eligible series, 0 computed")
            before = db.execute(
                "select value, computed_at from marts.fct_projections order by value"
            ).fetchall()
            db.execute(
                "update marts.projection_series set fingerprint = 'revised',"
                " observations = jsonb_set(observations, '{13}', '2000000000') where measure_code = %s",
                [DOLLARS],
            )
            dbt("build", "--select", "path:models/published")
            assert db.execute("select count(*) from marts.fct_projections").fetchone() == (0,)
            assert db.execute(
                "select reason_fr from marts.projection_verdicts where measure_code = %s", [DOLLARS]
            ).fetchall() == [("Pas encore calculée sur les valeurs en service.",)]
            assert projections.main(db).startswith("6 eligible series, 1 computed")
            again = db.execute(
                "select value from intermediate.int_projection_values"
                " where fingerprint = 'revised' order by value"
            ).fetchall()
        assert len(again) == len(before) == 3
        assert again[-1][0] > before[-1][0]
