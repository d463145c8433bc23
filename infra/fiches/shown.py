"""What the chart of a sheet shows: values that can be compared, and in French what it leaves out.

Periods of unlike length never stand together: a year beside its months looks like a leap. A line needs two
values of one series; where no series has two, each value has a bar of its own. Parts are those of one
breakdown, notion, origin and length of period, and a bar never stands for two values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from infra.fiches import wording
from infra.fiches.content import NAMED_AT_MOST, Sheet, Value
from ingestion.french import agreeing

OBSERVED = "A"
SERIES = 6
"""Series, or periods, of one chart at most, each with a colour of its own: the longest, or the latest."""
BARS = 14
"""Bars of one chart at most: earlier periods are left out first, then the smallest parts."""


@dataclass(frozen=True, slots=True)
class Line:
    """Values over time, of periods of one length."""

    series: dict[str, tuple[Value, ...]]
    """By the name of the series, each from the earliest to the latest."""
    unit_fr: str
    """With the length of the periods, where others are left out."""
    caption_fr: str

    @property
    def values(self) -> tuple[Value, ...]:
        """All of them, series after series."""
        return tuple(value for values in self.series.values() for value in values)


@dataclass(frozen=True, slots=True)
class Bar:
    """One value, and the names of what stands beside the bar and of its colour."""

    name_fr: str
    colour_fr: str
    value: Value


@dataclass(frozen=True, slots=True)
class Bars:
    """Values side by side, in the order of the chart."""

    bars: tuple[Bar, ...]
    caption_fr: str


def shown(sheet: Sheet) -> Line | Bars | None:
    """Choose what the chart of a sheet compares; None when there is nothing to compare."""
    alike = _most_alike(sheet.totals)
    if len({value.period_code for value in alike}) > 1:
        return _over_time(sheet, alike)
    return _by_part(sheet)


def length(value: Value) -> tuple[int, int]:
    """How long the period of a value is: whole months, or else days; the other is 0."""
    first, after = value.period_start, value.period_end + timedelta(days=1)
    if first.day == after.day == 1:
        return (after.year - first.year) * 12 + after.month - first.month, 0
    return 0, (after - first).days


def _most_alike(values: Iterable[Value]) -> list[Value]:
    """Values whose periods have the length that most have, the latest of such lengths; oldest first."""
    by_length: dict[tuple[int, int], list[Value]] = defaultdict(list)
    for value in sorted(values, key=lambda value: value.period_end):
        by_length[length(value)].append(value)
    return max(by_length.values(), key=lambda alike: (len(alike), alike[-1].period_end), default=[])


def _over_time(sheet: Sheet, alike: list[Value]) -> Line | Bars | None:
    concepts, origins = {value.concept_code for value in alike}, {value.origin for value in alike}
    series: dict[str, tuple[Value, ...]] = {}
    for value in alike:
        named = [value.concept_name_fr] if len(concepts) > 1 else []
        named += [value.origin_name_fr] if len(origins) > 1 else []
        name = " · ".join(named) or sheet.entry.name_fr
        series[name] = (*series.get(name, ()), value)
    left = _periods_fr(value for value in sheet.totals if value not in alike)
    beyond = sorted(series, key=lambda name: -len(series[name]))[SERIES:]
    said = [f"Dans le tableau seulement, leur durée étant autre : {left}."] if left else []
    if all(len(values) == 1 for values in series.values()):
        bars = tuple(Bar(f"{name}\n{value.period_name_fr}", "", value) for name, [value] in series.items())
        return _bars(sheet, bars, [], said)
    said += [f"Dans le tableau seulement : {', '.join(beyond)}."] if beyond else []
    drawn = {name: values for name, values in series.items() if name not in beyond}
    unit = f"{sheet.unit_fr}, {wording.length_fr(*length(alike[0]))}" if left else sheet.unit_fr
    return Line(drawn, unit, _caption_fr(sheet, [], chain(*drawn.values()), said))


def _by_part(sheet: Sheet) -> Bars | None:
    found: dict[tuple[object, ...], list[Value]] = defaultdict(list)
    for value in sheet.values:
        if value.is_current and len(value.members) == 1:
            found[(*value.members, value.concept_code, value.origin, *length(value))].append(value)
    if not found:
        return None
    values = max(found.values(), key=lambda it: (len(_parts(it)), max(value.period_end for value in it)))
    [breakdown] = values[0].members
    periods = sorted({(value.period_end, value.period_code) for value in values})
    room = min(max(1, BARS // len(_parts(values))), SERIES)
    drawn = [code for _, code in periods][-room:]
    parts = _parts(value for value in values if value.period_code in drawn)
    # Largest first, by the latest period that the part has a value of.
    ordered = sorted(parts, key=lambda part: -parts[part].value)
    largest = sorted(ordered, key=lambda part: -abs(parts[part].value))[:BARS]
    bars = tuple(
        Bar(part, value.period_name_fr, value)
        for part in ordered
        if part in largest
        for value in sorted(values, key=lambda value: value.period_end)
        if value.period_code in drawn and _part(value) == part
    )
    of = [values[0].notion_fr, wording.PIVOT_FR[breakdown].lower()]
    if len(drawn) == 1:
        of.append(bars[0].colour_fr)
    left = _periods_fr(
        value
        for value in sheet.values
        if value.is_current and [*value.members] == [breakdown] and value.period_code not in drawn
    )
    said = [f"Les plus grandes des {len(parts)} parts."] if len(parts) > BARS else []
    said += [f"Dans le tableau seulement : {left}."] if left else []
    return _bars(sheet, bars, of, said)


def _bars(sheet: Sheet, bars: tuple[Bar, ...], of: list[str], said: list[str]) -> Bars | None:
    """Bars that are all alike compare nothing."""
    values = [bar.value for bar in bars]
    if len({value.value for value in values}) < 2:
        return None
    return Bars(bars, _caption_fr(sheet, of, values, said))


def _part(value: Value) -> str:
    return next(iter(value.members.values()))


def _parts(values: Iterable[Value]) -> dict[str, Value]:
    """The latest value of each part."""
    return {_part(value): value for value in sorted(values, key=lambda value: value.period_end)}


def _periods_fr(values: Iterable[Value]) -> str:
    """Name periods, oldest first, or count them where they are many."""
    ordered = sorted(values, key=lambda value: (value.period_end, value.period_start))
    names = list(dict.fromkeys(value.period_name_fr for value in ordered))
    return agreeing(len(names), "périodes") if len(names) > NAMED_AT_MOST else ", ".join(names)


def _caption_fr(sheet: Sheet, of: list[str], values: Iterable[Value], said: list[str]) -> str:
    """Say what is measured, how to read it and what is left out; also stands for a chart that is not seen."""
    hollow = any(value.obs_status != OBSERVED for value in values)
    legend = ["Marque pleine : réalisé ; marque creuse, trait interrompu : non définitif."] if hollow else []
    what = ", ".join(filter(None, [sheet.entry.name_fr, sheet.unit_fr, *of]))
    return " ".join([f"{what}.", *legend, *said])
