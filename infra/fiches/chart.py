"""The chart of a sheet: a Vega-Lite specification drawn as SVG by vl-convert, without a browser or a network.

A series over time when the whole has several periods; bars by part when there is one period only; nothing for
a single number. Colours are those of Okabe and Ito, told apart by colour-blind readers, and never carry a
meaning alone: what is not observed (provisional, estimated, forecast) has a hollow mark of its own and a
dashed line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import vl_convert

from infra.fiches.content import ProjectedSeries, Sheet, Value
from ingestion.french import NARROW_NO_BREAK_SPACE

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
INK, GRID = "#1c2430", "#d8dee6"
FONT = "Libertinus Serif"  # the one that Typst carries; a page gives its own by style sheet
SHAPES = {"P": "square", "E": "triangle-up", "F": "diamond"}
OBSERVED = "A"
LARGEST_YEAR = 366  # days
BARS = 14
BOUNDS = ("lower_95", "lower_80", "upper_80", "upper_95")
LARGE = 1e8  # from which on an axis counts in millions
CROWDED = 30  # points, from which on they are drawn smaller
_VEGA_LITE = "6.4"
_FRENCH_NUMBERS = {
    "decimal": ",",
    "thousands": NARROW_NO_BREAK_SPACE,
    "grouping": [3],
    "currency": ["", ""],
}


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts of one sheet, as SVG."""

    main: str | None
    projections: tuple[str, ...]
    """One for each of `Sheet.projected`."""


def draw_all(sheet: Sheet) -> Charts:
    """Draw every chart of a sheet."""
    return Charts(draw(sheet), tuple(_svg(_projection(series)) for series in sheet.projected))


def draw(sheet: Sheet) -> str | None:
    """Draw the current values of a sheet; None when there is nothing to compare."""
    if len({value.period_code for value in sheet.totals}) > 1:
        return _svg(_over_time(sheet))
    parts = [value for value in sheet.values if value.is_current and len(value.members) == 1]
    return _svg(_by_part(parts)) if len(parts) > 1 else None


def _svg(layers: dict[str, Any]) -> str:
    spec = {
        "width": 560,
        "background": None,
        "config": {
            "font": FONT,
            "axis": {
                "labelColor": INK, "titleColor": INK, "domainColor": INK, "tickColor": INK, "gridColor": GRID,
                "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal",
            },
            "legend": {"labelColor": INK, "titleColor": INK, "labelFontSize": 11, "labelLimit": 360},
            "view": {"stroke": None},
        },
        **layers,
    }  # fmt: skip
    return vl_convert.vegalite_to_svg(
        spec, vl_version=_VEGA_LITE, format_locale=_FRENCH_NUMBERS, allowed_base_urls=[]
    )


def _over_time(sheet: Sheet) -> dict[str, Any]:
    series: dict[str, list[Value]] = defaultdict(list)
    for value in sorted(sheet.totals, key=_place):
        series[_series_fr(sheet, value)].append(value)
    names = list(series)
    colour = {
        "field": "series", "type": "nominal", "scale": {"domain": names, "range": list(COLOURS)},
        "legend": {"title": None, "orient": "top", "direction": "vertical"} if len(names) > 1 else None,
    }  # fmt: skip
    statuses = {
        value.obs_status_name_fr: SHAPES[value.obs_status]
        for value in sheet.totals
        if value.obs_status != OBSERVED
    }
    shape = {
        "field": "status", "type": "nominal",
        "scale": {"domain": list(statuses), "range": list(statuses.values())},
        "legend": {"title": None, "orient": "top", "symbolStrokeWidth": 1.8},
    }  # fmt: skip
    x = {
        "field": "day", "type": "temporal", "scale": {"type": "utc", "nice": False, "padding": 14},
        "axis": {
            "title": None, "grid": False, "format": "%Y",
            "tickCount": {"interval": "year", "step": _step(sheet)},
        },
    }  # fmt: skip
    y = {"field": "value", "type": "quantitative", "axis": {"title": sheet.unit_fr, "tickCount": 5}}
    lines = [
        {"day": before["day"], "to": after["day"], "value": before["value"], "end": after["value"],
         "series": name, "observed": after["observed"]}
        for name, values in series.items()
        for before, after in _steps([_point(name, value) for value in values])
    ]  # fmt: skip
    points = [_point(name, value) for name, values in series.items() for value in values]
    hollow = [point for point in points if not point["observed"]]
    size = 55 if len(points) < CROWDED else 24
    return {
        "height": 190,
        "layer": [
            *_targets(sheet),
            {
                "data": {"values": lines},
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "x": x, "x2": {"field": "to"}, "y": y, "y2": {"field": "end"}, "color": colour,
                    "strokeDash": {"condition": {"test": "datum.observed", "value": [1, 0]}, "value": [5, 4]},
                },
            },
            {
                "data": {"values": [point for point in points if point["observed"]]},
                "mark": {"type": "point", "filled": True, "size": size, "opacity": 1},
                "encoding": {"x": x, "y": y, "color": colour},
            },
            *_hollow_marks(hollow, x, y, colour, shape, size),
        ],
    }  # fmt: skip


def _hollow_marks(
    points: list[dict[str, Any]],
    x: dict[str, Any],
    y: dict[str, Any],
    colour: dict[str, Any],
    shape: dict[str, Any],
    size: int,
) -> list[dict[str, Any]]:
    """A white disc that hides the line, and an outline in the shape of the status; nothing without points."""
    if not points:
        return []
    data = {"values": points}
    return [
        {
            "data": data,
            "mark": {"type": "point", "filled": True, "size": size, "opacity": 1, "color": "white"},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": data,
            "mark": {"type": "point", "filled": False, "size": size, "opacity": 1, "strokeWidth": 1.8},
            "encoding": {"x": x, "y": y, "color": colour, "shape": shape},
        },
    ]  # fmt: skip


def _targets(sheet: Sheet) -> list[dict[str, Any]]:
    drawn = [
        {
            "value": float(target.target_value),
            "label": f"Cible {target.target_year or ''} : {target.target_value_fr}".replace("  ", " "),
        }
        for target in sheet.progress
    ]
    if not drawn:
        return []
    height = {"field": "value", "type": "quantitative"}
    return [
        {
            "data": {"values": drawn},
            "mark": {"type": "rule", "color": INK, "strokeDash": [2, 3]},
            "encoding": {"y": height},
        },
        {
            "data": {"values": drawn},
            "mark": {"type": "text", "align": "right", "baseline": "bottom", "dy": -3, "color": INK},
            "encoding": {"x": {"value": 556}, "y": height, "text": {"field": "label"}},
        },
    ]


def _projection(projected: ProjectedSeries) -> dict[str, Any]:
    """The observations, then the projection from the last of them: dashed, within its two intervals."""
    series = projected.series
    assert series.observed_from is not None  # noqa: S101 - a published projection has its observations
    observed = [
        {"day": f"{series.observed_from + place}-01-01", "value": value}
        for place, value in enumerate(series.observations)
    ]
    [last] = observed[-1:]
    ahead = [
        {"day": last["day"]} | dict.fromkeys(("value", *BOUNDS), last["value"]),
        *(
            {"day": f"{year.period_code}-01-01"}
            | {bound: float(getattr(year, bound)) for bound in ("value", *BOUNDS)}
            for year in projected.years
        ),
    ]
    x = {
        "field": "day", "type": "temporal", "scale": {"type": "utc", "padding": 14},
        "axis": {
            "title": None, "grid": False, "format": "%Y",
            "tickCount": {"interval": "year", "step": _years_between_marks(len(observed) + len(ahead))},
        },
    }  # fmt: skip
    in_millions = series.observations[-1] > LARGE
    y = {
        "field": "value", "type": "quantitative", "scale": {"zero": False},
        "axis": {
            "title": f"{series.unit_fr} (millions)" if in_millions else series.unit_fr, "tickCount": 5,
            "labelExpr": "format(datum.value / 1e6, ',')" if in_millions else "datum.label",
        },
    }  # fmt: skip
    bands = [
        {
            "data": {"values": ahead},
            "mark": {"type": "area", "color": COLOURS[0], "opacity": opacity},
            "encoding": {"x": x, "y": {**y, "field": lower}, "y2": {"field": upper}},
        }
        for lower, upper, opacity in (("lower_95", "upper_95", 0.15), ("lower_80", "upper_80", 0.25))
    ]
    lines = [
        {
            "data": {"values": values},
            "mark": {"type": "line", "color": COLOURS[0], "strokeWidth": 2, "strokeDash": dash},
            "encoding": {"x": x, "y": y},
        }
        for values, dash in ((observed, [1, 0]), (ahead, [5, 4]))
    ]
    marks = [
        {
            "data": {"values": values},
            "mark": {"type": "point", "filled": True, "size": 40, "opacity": 1, "shape": shape,
                     "fill": fill, "stroke": COLOURS[0], "strokeWidth": 1.8},
            "encoding": {"x": x, "y": y},
        }
        for values, shape, fill in ((observed, "circle", COLOURS[0]), (ahead[1:], SHAPES["F"], "white"))
    ]  # fmt: skip
    return {"height": 190, "layer": [*bands, *lines, *marks]}


def _by_part(values: Sequence[Value]) -> dict[str, Any]:
    largest = sorted(values, key=lambda value: -value.value)[:BARS]
    rows = [
        {"part": next(iter(value.members.values())), "value": float(value.value), "label": value.value_fr}
        for value in largest
    ]
    part = {
        "field": "part", "type": "nominal", "sort": [row["part"] for row in rows],
        "axis": {"title": None, "labelLimit": 240, "ticks": False, "domain": False},
    }  # fmt: skip
    length = {"field": "value", "type": "quantitative", "axis": None}
    return {
        "height": {"step": 24},
        "data": {"values": rows},
        "encoding": {"y": part, "x": length},
        "layer": [
            {"mark": {"type": "bar", "color": COLOURS[0], "height": 15}},
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "color": INK, "fontSize": 11},
                "encoding": {"text": {"field": "label"}},
            },
        ],
    }


def _series_fr(sheet: Sheet, value: Value) -> str:
    """Name the series of a value by what sets it apart from the others of the sheet."""
    concept = {other.concept_code for other in sheet.totals}
    origin = {other.origin for other in sheet.totals}
    named = [value.concept_name_fr] if len(concept) > 1 else []
    return " · ".join(named + ([value.origin_name_fr] if len(origin) > 1 else [])) or sheet.entry.name_fr


def _place(value: Value) -> date:
    """Where a period stands on the axis: a year at its first day, a span of years at its last."""
    is_span = (value.period_end - value.period_start).days > LARGEST_YEAR
    return value.period_end if is_span else value.period_start


def _point(name: str, value: Value) -> dict[str, Any]:
    return {
        "day": _place(value).isoformat(),
        "value": float(value.value),
        "series": name,
        "status": value.obs_status_name_fr,
        "observed": value.obs_status == OBSERVED,
    }


def _steps(points: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Pairs of neighbours to join by a line; a gap of more than twice the usual step is left open."""
    pairs = list(pairwise(points))
    lengths = [_days(before, after) for before, after in pairs]
    usual = min((length for length in lengths if length), default=0)
    return [pair for pair, length in zip(pairs, lengths, strict=True) if 0 < length <= 2 * usual + 1]


def _days(before: dict[str, Any], after: dict[str, Any]) -> int:
    return (date.fromisoformat(after["day"]) - date.fromisoformat(before["day"])).days


def _step(sheet: Sheet) -> int:
    """Years between two marks of the axis: never more than a dozen marks."""
    years = [_place(value).year for value in sheet.totals]
    return _years_between_marks(max(years) - min(years))


def _years_between_marks(years: int) -> int:
    return next(step for step in (1, 2, 5, 10, 20, 50) if years / step <= 14)
