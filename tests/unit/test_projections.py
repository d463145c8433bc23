"""The method of the projections and its trials, on series whose forecasts are known."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_project.methods import projections
from dbt_project.methods.projections import METHOD, RANDOM_WALK, RANDOM_WALK_DRIFT, Series

GROWING = Series("a", "f", 2001, tuple(100 * 1.1**year * (1.02 if year % 3 else 0.97) for year in range(13)))


@pytest.fixture(scope="module")
def trials() -> list[projections.TrialRow]:
    return list(projections.trials(GROWING))


def test_each_model_is_tried_at_each_horizon_as_often_as_the_past_allows(
    trials: list[projections.TrialRow],
) -> None:
    found = {
        (model, horizon): [
            row.origin_year for row in trials if (row.model_code, row.horizon) == (model, horizon)
        ]
        for model in (METHOD, RANDOM_WALK, RANDOM_WALK_DRIFT)
        for horizon in (1, 2, 3)
    }
    # Eight years to begin with (2001-2008); the last origins have not three years after them.
    origins = {1: [*range(2008, 2013)], 2: [*range(2008, 2012)], 3: [*range(2008, 2011)]}
    assert found == {(model, horizon): origins[horizon] for model, horizon in found}


def test_a_trial_stands_against_what_came_and_is_scaled_by_the_training_years_only(
    trials: list[projections.TrialRow],
) -> None:
    walk = next(
        row for row in trials if (row.model_code, row.origin_year, row.horizon) == (RANDOM_WALK, 2008, 3)
    )
    values = GROWING.values
    assert walk.forecast == pytest.approx(values[7], rel=1e-5)
    assert walk.observed == values[10]
    assert walk.scale == pytest.approx(sum(abs(values[i + 1] - values[i]) for i in range(7)) / 7, rel=1e-5)
    drift = next(
        row
        for row in trials
        if (row.model_code, row.origin_year, row.horizon) == (RANDOM_WALK_DRIFT, 2008, 2)
    )
    assert drift.forecast == pytest.approx(values[7] * (values[7] / values[0]) ** (2 / 7), rel=1e-5)


def test_no_trial_knows_what_came_after_its_origin(trials: list[projections.TrialRow]) -> None:
    otherwise = replace(GROWING, values=(*GROWING.values[:10], 5.0, 9999.0, 1.0))
    early = [row for row in trials if row.origin_year <= 2010]
    again = [row for row in projections.trials(otherwise) if row.origin_year <= 2010]
    assert [replace(row, observed=0) for row in early] == [replace(row, observed=0) for row in again]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(1, 1e9), min_size=8, max_size=20, unique=True), st.floats(0.001, 1e6))
def test_a_projection_lies_within_nested_intervals_and_is_of_no_unit(
    values: list[float], unit: float
) -> None:
    forecasts = projections.theta([math.log(value) for value in values])
    for forecast in forecasts:
        lower_95, lower_80 = forecast.lower_95, forecast.lower_80
        upper_80, upper_95 = forecast.upper_80, forecast.upper_95
        assert lower_95 is not None and lower_80 is not None and upper_80 is not None and upper_95 is not None
        assert 0 <= lower_95 <= lower_80 <= forecast.value <= upper_80 <= upper_95
    in_unit = projections.theta([math.log(value * unit) for value in values])
    assert [it.value for it in in_unit] == pytest.approx([it.value * unit for it in forecasts], rel=1e-3)


def test_half_of_a_steady_growth_is_projected() -> None:
    """Theta of a straight line: exponential smoothing's last value, plus half the slope each year."""
    line = [math.log(100 * 1.1**year) for year in range(12)]
    one, two, three = (math.log(forecast.value) for forecast in projections.theta(line))
    assert two - one == pytest.approx(math.log(1.1) / 2, rel=1e-3)
    assert three - two == pytest.approx(math.log(1.1) / 2, rel=1e-3)


def test_the_same_observations_give_the_same_rows(trials: list[projections.TrialRow]) -> None:
    assert list(projections.trials(GROWING)) == trials
