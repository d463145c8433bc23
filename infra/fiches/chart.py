"""The chart of a sheet: a Vega-Lite specification drawn as SVG by vl-convert, without a browser or a network.

What a chart compares is chosen in `shown`. Colours are those of Okabe and Ito, told apart by colour-blind
readers, and never carry a meaning alone: what is not observed (provisional, estimated, forecast) has a hollow
mark of its own and a dashed line.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise
from typing import Any

import vl_convert

from infra.fiches.content import ProjectedSeries, Sheet, Value
from infra.fiches.shown import OBSERVED, Bar, Bars, Line, shown
from ingestion.french import NARROW_NO_BREAK_SPACE

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
INK, GRID = "#1c2430", "#d8dee6"
FONT = "Libertinus Serif"  # the one that Typst carries; a page gives its own by style sheet
SHAPES = {"P": "square", "E": "triangle-up", "F": "diamond"}
WIDTH, PADDING = 560, 14  # of the plot, and what stays free at both ends of its axis of time
BESIDE = 80  # what the axis of values takes beside the plot: bars have it in their width
LETTER = 6  # what a letter of a label takes at most, on average
LABEL = 42  # letters of one line beside a bar
BOUNDS = ("lower_95", "lower_80", "upper_80", "upper_95")
LARGE = 1e8  # from which on an axis counts in millions
CROWDED = 30  # points, from which on they are drawn smaller
COVERED = 0.02  # of the height, within which one mark covers another
SAID = {"field": "said", "type": "nominal"}  # a mark in French for who does not see it
_VEGA_LITE = "6.4"
_FRENCH_NUMBERS = {
    "decimal": ",",
    "thousands": NARROW_NO_BREAK_SPACE,
    "grouping": [3],
    "currency": ["", ""],
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG, and what is said under it."""

    svg: str
    caption_fr: str


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts of one sheet, as SVG."""

    main: Picture | None
    projections: tuple[str, ...]
    """One for each of `Sheet.projected`."""


def draw_all(sheet: Sheet) -> Charts:
    """Draw every chart of a sheet."""
    return Charts(draw(sheet), tuple(_svg(_projection(series)) for series in sheet.projected))


def draw(sheet: Sheet) -> Picture | None:
    """Draw the current values of a sheet; None when there is nothing to compare."""
    chosen = shown(sheet)
    if chosen is None:
        return None
    layers = _bars(chosen) if isinstance(chosen, Bars) else _over_time(sheet, chosen)
    return Picture(_svg(layers), chosen.caption_fr)


def _svg(layers: dict[str, Any]) -> str:
    spec = {
        "width": WIDTH,
        "background": None,
        "config": {
            "font": FONT,
            "axis": {
                "labelColor": INK, "titleColor": INK, "domainColor": INK, "tickColor": INK, "gridColor": GRID,
                "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal", "aria": False,
            },
            "legend": {
                "labelColor": INK, "titleColor": INK, "labelFontSize": 11, "labelLimit": 360, "aria": False
            },
            "view": {"stroke": None},
        },
        **layers,
    }  # fmt: skip
    return vl_convert.vegalite_to_svg(
        spec, vl_version=_VEGA_LITE, format_locale=_FRENCH_NUMBERS, allowed_base_urls=[]
    )


def _over_time(sheet: Sheet, line: Line) -> dict[str, Any]:
    series = line.series
    names = list(series)
    colour = {
        "field": "series", "type": "nominal", "scale": {"domain": names, "range": list(COLOURS)},
        "legend": {"title": None, "orient": "top", "direction": "vertical"} if len(names) > 1 else None,
    }  # fmt: skip
    statuses = {
        value.obs_status_name_fr: SHAPES[value.obs_status]
        for value in line.values
        if value.obs_status != OBSERVED
    }
    shape = {
        "field": "status", "type": "nominal",
        "scale": {"domain": list(statuses), "range": list(statuses.values())},
        "legend": {"title": None, "orient": "top", "symbolStrokeWidth": 1.8},
    }  # fmt: skip
    x = {
        "field": "day", "type": "temporal", "scale": {"type": "utc", "nice": False, "padding": PADDING},
        "axis": {"title": None, "grid": False, "labelOverlap": False} | _marked(line.values),
    }  # fmt: skip
    zero = {"test": "datum.value === 0", "value": INK}
    whole = {"tickMinStep": 1} if all(value.value % 1 == 0 for value in line.values) else {}
    y = {
        "field": "value", "type": "quantitative",
        "axis": {
            "title": line.unit_fr, "tickCount": 5, "gridColor": {"condition": zero, "value": GRID}, **whole
        },
    }  # fmt: skip
    size = {"field": "size", "type": "quantitative", "scale": None, "legend": None}
    colour_and_words = {"color": colour, "size": size, "description": SAID}
    points = {name: [_point(name, value) for value in values] for name, values in series.items()}
    marks = _sized([point for name in names for point in points[name]])
    usual = min(_days(*pair) for name in names for pair in pairwise(points[name]))
    lines = [
        {"day": before["day"], "to": after["day"], "value": before["value"], "end": after["value"],
         "series": name, "observed": after["observed"]}
        for name in names
        for before, after in pairwise(points[name])
        if _days(before, after) <= 2 * usual + 1  # a wider gap is left open
    ]  # fmt: skip
    hollow = [point for point in marks if not point["observed"]]
    return {
        "height": 190,
        "layer": [
            *_targets(sheet),
            {
                "data": {"values": lines},
                "mark": {"type": "rule", "strokeWidth": 2, "aria": False},
                "encoding": {
                    "x": x, "x2": {"field": "to"}, "y": y, "y2": {"field": "end"}, "color": colour,
                    "strokeDash": {"condition": {"test": "datum.observed", "value": [1, 0]}, "value": [5, 4]},
                },
            },
            {
                "data": {"values": [point for point in marks if point["observed"]]},
                "mark": {"type": "point", "filled": True, "opacity": 1},
                "encoding": {"x": x, "y": y, **colour_and_words},
            },
            *_hollow_marks(hollow, {"x": x, "y": y, "size": size}, colour_and_words | {"shape": shape}),
        ],
    }  # fmt: skip


def _hollow_marks(
    points: list[dict[str, Any]], place: dict[str, Any], outline: dict[str, Any]
) -> list[dict[str, Any]]:
    """A white disc that hides the line, and an outline in the shape of the status; nothing without points."""
    if not points:
        return []
    data = {"values": points}
    return [
        {
            "data": data,
            "mark": {"type": "point", "filled": True, "opacity": 1, "color": "white", "aria": False},
            "encoding": place,
        },
        {
            "data": data,
            "mark": {"type": "point", "filled": False, "opacity": 1, "strokeWidth": 1.8},
            "encoding": place | outline,
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


def _bars(chosen: Bars) -> dict[str, Any]:
    """A bar for each value; what is not observed is an outline. A negative one leaves its label room."""
    rows = [_row(bar) for bar in chosen.bars]
    colours = list(dict.fromkeys(row["colour"] for row in sorted(rows, key=lambda row: str(row["day"]))))
    several, lowest = len(colours) > 1, min(row["value"] for row in rows)
    lines = max(row["part"].count("\n") for row in rows) + 1
    part = {
        "field": "part", "type": "nominal", "sort": None,
        "axis": {"title": None, "labelLimit": 0, "labelPadding": 6, "ticks": False, "domain": False,
                 "labelExpr": "split(datum.label, '\\n')"},
    }  # fmt: skip
    beside = {"field": "colour", "type": "nominal", "sort": None, "scale": {"domain": colours}}
    colour = {
        **beside, "scale": {"domain": colours, "range": list(COLOURS)},
        "legend": {"title": None, "orient": "top"} if several else None,
    }  # fmt: skip
    room = LETTER * (max(len(row["label"]) for row in rows) + 2)
    length = {
        "field": "value", "type": "quantitative", "axis": None,
        "scale": {"range": [room if lowest < 0 else 0, {"expr": f"width - {room}"}]},
    }  # fmt: skip
    observed = "datum.observed"
    labels = [
        {
            "data": {"values": labelled},
            "mark": {"type": "text", "align": align, "dx": dx, "color": INK, "fontSize": 11, "aria": False},
            "encoding": {"text": {"field": "label"}},
        }
        for align, dx, labelled in (
            ("left", 5, [row for row in rows if row["value"] >= 0]),
            ("right", -5, [row for row in rows if row["value"] < 0]),
        )
        if labelled
    ]
    return {
        "width": WIDTH + BESIDE,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "height": {"step": 18, "for": "offset"} if several else {"step": max(24, 14 * lines + 6)},
        "encoding": {"y": part, "x": length} | ({"yOffset": beside} if several else {}),
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "bar", "height": 14, "strokeWidth": 1.2},
                "encoding": {
                    "description": SAID, "fill": colour, "stroke": {**colour, "legend": None},
                    "fillOpacity": {"condition": {"test": observed, "value": 1}, "value": 0},
                    "strokeDash": {"condition": {"test": observed, "value": [1, 0]}, "value": [5, 4]},
                },
            },
            *labels,
        ],
    }  # fmt: skip


def _row(bar: Bar) -> dict[str, Any]:
    lines = [short for line in bar.name_fr.split("\n") for short in textwrap.wrap(line, LABEL)]
    of_value = _point(bar.name_fr.partition("\n")[0], bar.value)
    return of_value | {"part": "\n".join(lines), "colour": bar.colour_fr, "label": bar.value.value_fr}


def _point(name: str, value: Value) -> dict[str, Any]:
    return {
        "day": value.period_start.isoformat(),
        "value": float(value.value),
        "series": name,
        "said": f"{value.period_name_fr}, {name} : {value.value_fr} ({value.obs_status_name_fr})",
        "status": value.obs_status_name_fr,
        "observed": value.obs_status == OBSERVED,
    }


def _sized(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give marks their size: one that a later series covers is larger, and seen as a ring around it."""
    size = 55 if len(points) < CROWDED else 24
    span = max(point["value"] for point in points) - min(point["value"] for point in points)
    return [
        point | {"size": size * (1 + sum(_covers(other, point, span) for other in points[place:]))}
        for place, point in enumerate(points, 1)
    ]


def _covers(other: dict[str, Any], point: dict[str, Any], span: float) -> bool:
    apart: float = abs(other["value"] - point["value"])
    return other["day"] == point["day"] and apart <= span * COVERED


def _days(before: dict[str, Any], after: dict[str, Any]) -> int:
    return (date.fromisoformat(after["day"]) - date.fromisoformat(before["day"])).days


def _marked(values: Iterable[Value]) -> dict[str, Any]:
    """Mark an axis of time at periods that have a value, by their names, as many as stand side by side.

    The latest is marked first, then what is whole years before it, then the others.
    """
    names = {value.period_start: value.period_name_fr for value in values}
    first, latest = min(names), max(names)
    pixels = (WIDTH - 2 * PADDING) / max((latest - first).days, 1)

    def stand(day: date, other: date) -> bool:
        room = LETTER * ((len(names[day]) + len(names[other])) / 2 + 2)
        return abs((day - other).days) * pixels >= room

    marked: list[date] = []
    for day in sorted(names, key=lambda day: (day.month != latest.month, latest - day)):
        if all(stand(day, other) for other in marked):
            marked.append(day)
    texts = {_milliseconds(day): names[day] for day in sorted(marked)}
    return {"values": list(texts), "labelExpr": f"{json.dumps(texts)}[toNumber(datum.value)]"}


def _milliseconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000


def _years_between_marks(years: int) -> int:
    return next(step for step in (1, 2, 5, 10, 20, 50) if years / step <= 14)
