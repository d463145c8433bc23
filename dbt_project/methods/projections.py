"""Projects each eligible series of `marts.projection_series` three years ahead, and tries that on its past.

Method (chosen before the first trial, see DECISIONLOG.md): the Theta method of Assimakopoulos and
Nikolopoulos (2000), statsmodels' `ThetaModel`, on the logarithm. Naive forecasts: the last value, and the
last value with the mean growth of the past, on the logarithm too. Trials: rolling origin, from FIRST_TRAINING
years on, refitted at each. Whether the method was better, and what is shown, is decided in SQL
(`models/published`).

The result depends on nothing but the observations, this file and the version of statsmodels: a series that
was computed with the same three is left as it is, and when all were, statsmodels is not even imported.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier

METHOD = "THETA_LOG"
RANDOM_WALK = "RANDOM_WALK"
RANDOM_WALK_DRIFT = "RANDOM_WALK_DRIFT"
HORIZONS = (1, 2, 3)
FIRST_TRAINING = 8
"""Years of the shortest training: with thirteen years, each horizon is tried at least three times."""
SIGNIFICANT_DIGITS = 6
"""Kept of a computed number: an optimiser's last digits depend on the machine."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One forecast with its intervals, in the unit of the series; a naive one has none."""

    value: float
    lower_80: float | None = None
    upper_80: float | None = None
    lower_95: float | None = None
    upper_95: float | None = None


Model = Callable[[Sequence[float]], list[Forecast]]
"""From the logarithms of a series to a forecast for each horizon."""


@dataclass(frozen=True, slots=True)
class Series:
    """One eligible series: years without a gap, and their positive values."""

    series_key: str
    fingerprint: str
    first_year: int
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ProjectionRow:
    """A row of intermediate.int_projection_values, but for when it was computed."""

    series_key: str
    fingerprint: str
    horizon: int
    year: int
    value: float
    lower_80: float | None
    upper_80: float | None
    lower_95: float | None
    upper_95: float | None
    method_code: str
    library: str
    code_digest: str


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A row of intermediate.int_projection_trials."""

    series_key: str
    fingerprint: str
    model_code: str
    origin_year: int
    horizon: int
    observed: float
    forecast: float
    lower_80: float | None
    upper_80: float | None
    lower_95: float | None
    upper_95: float | None
    scale: float
    """Mean absolute change from year to year over the training years: the denominator of MASE."""


def main(connection: Connection[Any]) -> str:
    """Compute what is missing, remove what no eligible series has any more; one sentence for the log."""
    library = f"statsmodels {version('statsmodels')}"
    digest = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    connection.execute(
        """delete from intermediate.int_projection_values as done
            where (library, code_digest) != (%s, %s)
               or not exists (select from marts.projection_series as series
                               where is_eligible
                                 and (series.series_key, series.fingerprint)
                                   = (done.series_key, done.fingerprint))""",
        [library, digest],
    )
    connection.execute(
        """delete from intermediate.int_projection_trials as tried
            where not exists (select from intermediate.int_projection_values as done
                               where (done.series_key, done.fingerprint)
                                   = (tried.series_key, tried.fingerprint))"""
    )
    eligible = _eligible(connection)
    done = {key for (key,) in connection.execute("select series_key from intermediate.int_projection_values")}
    missing = [series for series in eligible if series.series_key not in done]
    if missing:
        _compute(connection, missing, library, digest)
    return f"{len(eligible)} eligible series, {len(missing)} computed with {library}"


def _compute(connection: Connection[Any], missing: Sequence[Series], library: str, digest: str) -> None:
    for series in missing:
        projected = [
            ProjectionRow(
                series.series_key, series.fingerprint, horizon,
                series.first_year + len(series.values) - 1 + horizon, *_rounded(forecast),
                METHOD, library, digest,
            )
            for horizon, forecast in zip(HORIZONS, theta(_logarithms(series.values)), strict=True)
        ]  # fmt: skip
        _insert(connection, "int_projection_values", projected)
        _insert(connection, "int_projection_trials", list(trials(series)))
    connection.execute(
        "update intermediate.int_projection_values set computed_at = now() where computed_at is null"
    )


def trials(series: Series) -> Iterator[TrialRow]:
    """Forecast each past year from what was observed before it, with the method and both naive ones."""
    for last in range(FIRST_TRAINING, len(series.values)):
        training = series.values[:last]
        scale = sum(abs(after - before) for before, after in pairwise(training)) / (last - 1)
        for model_code, model in MODELS.items():
            for horizon, forecast in zip(HORIZONS, model(_logarithms(training)), strict=True):
                if last + horizon > len(series.values):
                    continue
                yield TrialRow(
                    series.series_key, series.fingerprint, model_code,
                    series.first_year + last - 1, horizon,
                    series.values[last + horizon - 1], *_rounded(forecast), _round(scale),
                )  # fmt: skip


def theta(logarithms: Sequence[float]) -> list[Forecast]:
    """The Theta method, without a season; the value is the median, for the logarithm is symmetrical."""
    import numpy as np
    from statsmodels.tsa.forecasting.theta import ThetaModel
    from threadpoolctl import threadpool_limits

    with warnings.catch_warnings(), threadpool_limits(limits=1):
        # A constant or very short past makes the estimation of its parameters complain; the trials judge it.
        warnings.simplefilter("ignore")
        fitted = ThetaModel(np.asarray(logarithms), period=1, deseasonalize=False).fit()
        steps = len(HORIZONS)
        points = np.exp(np.asarray(fitted.forecast(steps)))
        bounds = [
            np.exp(np.asarray(fitted.prediction_intervals(steps, alpha=1 - level))) for level in (0.80, 0.95)
        ]
    return [
        Forecast(float(point), *map(float, narrow), *map(float, wide))
        for point, narrow, wide in zip(points, *bounds, strict=True)
    ]


def random_walk(logarithms: Sequence[float]) -> list[Forecast]:
    """The last value, whatever the horizon."""
    return [Forecast(math.exp(logarithms[-1])) for _ in HORIZONS]


def random_walk_drift(logarithms: Sequence[float]) -> list[Forecast]:
    """The last value, grown by the mean growth of the past."""
    growth = (logarithms[-1] - logarithms[0]) / (len(logarithms) - 1)
    return [Forecast(math.exp(logarithms[-1] + growth * horizon)) for horizon in HORIZONS]


MODELS: dict[str, Model] = {
    METHOD: theta,
    RANDOM_WALK: random_walk,
    RANDOM_WALK_DRIFT: random_walk_drift,
}


def _eligible(connection: Connection[Any]) -> list[Series]:
    rows = connection.execute(
        """select series_key, fingerprint, first_year, observations
             from marts.projection_series
            where is_eligible
            order by series_key"""
    )
    return [
        Series(key, digest, first_year, tuple(map(float, values))) for key, digest, first_year, values in rows
    ]


def _insert(connection: Connection[Any], table: str, rows: Sequence[ProjectionRow | TrialRow]) -> None:
    columns = [field.name for field in fields(rows[0])]
    statement = SQL("insert into intermediate.{} ({}) values ({})").format(
        Identifier(table),
        SQL(", ").join(map(Identifier, columns)),
        SQL(", ").join([SQL("%s")] * len(columns)),
    )
    connection.cursor().executemany(statement, [astuple(row) for row in rows])


def _logarithms(values: Sequence[float]) -> list[float]:
    return [math.log(value) for value in values]


def _rounded(forecast: Forecast) -> tuple[float, float | None, float | None, float | None, float | None]:
    value, *bounds = astuple(forecast)
    lower_80, upper_80, lower_95, upper_95 = (None if bound is None else _round(bound) for bound in bounds)
    return _round(value), lower_80, upper_80, lower_95, upper_95


def _round(number: float) -> float:
    return float(f"{number:.{SIGNIFICANT_DIGITS}g}")
