"""Which indicator values differ between two builds of the marts, and how that reads in a changelog."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from infra import table_changes
from infra.table_changes import HOME, TOTAL, Kind, TableChanges, counts_of, kind_of, plain

Cells = tuple[str, str, str, str, str, str]
"""Period, part, what happened, old, new, delta."""


@dataclass(frozen=True, slots=True)
class Value:
    """One row of marts.fct_indicator_values: the columns that make its grain, and what it says."""

    indicator_code: str
    period_code: str
    area_code: str
    counterpart_area_code: str
    sector_code: str
    funder_code: str
    sex_code: str
    concept_code: str
    origin: str
    publisher_code: str
    published_on: date
    delivery_id: int
    value: Decimal
    unit_code: str
    qualifier: str
    obs_status: str
    is_current: bool

    @property
    def quantity(self) -> tuple[str, ...]:
        """What is measured, when and where, whatever the concept, the publisher and the vintage."""
        return (
            self.indicator_code, self.period_code, self.area_code, self.counterpart_area_code,
            self.sector_code, self.funder_code, self.sex_code, self.origin,
        )  # fmt: skip

    @property
    def vintage(self) -> tuple[Hashable, ...]:
        """The whole grain: the value of one publication."""
        return (*self.quantity, self.concept_code, self.publisher_code, self.published_on, self.delivery_id)

    @property
    def said(self) -> tuple[Decimal, str, str, str]:
        """What a reader would notice."""
        return (self.value, self.unit_code, self.qualifier, self.obs_status)

    @property
    def part(self) -> str:
        """The breakdown, the concept and the origin, as far as they are not the usual ones."""
        codes = (
            "" if self.area_code == HOME else self.area_code, self.counterpart_area_code, self.sector_code,
            self.funder_code, self.sex_code, self.concept_code,
        )  # fmt: skip
        return " · ".join([*(code for code in codes if code not in ("", TOTAL)), self.origin])

    @property
    def publication(self) -> str:
        """Which publication it is of: publisher, day and delivery."""
        return f"{self.publisher_code}, {self.published_on}, delivery {self.delivery_id}"

    @property
    def printed(self) -> str:
        """The value with its qualifier, unit and status."""
        qualifier = "" if self.qualifier == "=" else f"{self.qualifier} "
        return f"{qualifier}{plain(self.value)} {self.unit_code} ({self.obs_status})"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that only one build has, or that the two builds give differently."""

    old: Value | None
    new: Value | None

    @property
    def kind(self) -> Kind:
        """What became of the value."""
        return kind_of(self.old, self.new)

    @property
    def value(self) -> Value:
        """The newer of both, for what they share."""
        found = self.new or self.old
        assert found is not None  # noqa: S101 - one of them always is
        return found

    @property
    def delta(self) -> str:
        """New less old, where both are in one unit."""
        if self.old is None or self.new is None or self.old.unit_code != self.new.unit_code:
            return ""
        return f"{plain(self.new.value - self.old.value, sign='+')}"

    def cells(self, part: str) -> Cells:
        """Under the headings, `part` as the breakdown."""
        old = self.old.printed if self.old else ""
        new = self.new.printed if self.new else ""
        return (self.value.period_code, part, self.kind, old, new, self.delta)


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two builds."""

    current: tuple[Change, ...]
    """Of the values that speak for their quantity: what dashboards show."""
    vintages: tuple[Change, ...]
    """Of the values of single publications, where `current` does not tell it already."""
    tables: tuple[TableChanges, ...] = ()
    """Of what is made of the values."""
    values: tuple[int, int] = (0, 0)
    """How many values the newer build has: the current ones, and all others."""

    def __bool__(self) -> bool:
        return bool(self.current or self.vintages or any(self.tables))

    @property
    def counts(self) -> list[tuple[str, ...]]:
        """What was compared, how many rows it has, and how many were added, removed and changed."""
        sections = zip(
            ("Current values", "Other vintages"), self.values, (self.current, self.vintages), strict=True
        )
        return [
            *((title, str(rows), *counts_of(found)) for title, rows, found in sections),
            *(table.counts for table in self.tables),
        ]

    def markdown(self) -> str:
        """An entry for CHANGELOG.md: the counts, one table per indicator, then one per other table."""
        lines = ["### What was compared", "", _row(COUNT_HEADINGS), _row(["---"] * len(COUNT_HEADINGS))]
        lines += [*map(_row, self.counts), ""]
        lines += [*_section("Current values", self.current), *_section("Other vintages", self.vintages)]
        for table in self.tables:
            lines += _table_section(table)
        return "\n".join(lines)


COUNT_HEADINGS = ("compared", "rows", "added", "removed", "changed")
HEADINGS = ("period", "part", "change", "old", "new", "delta")


def compare(base: Iterable[Value], mine: Iterable[Value], tables: tuple[TableChanges, ...] = ()) -> Changes:
    """Compare the values of two builds of the same deliveries; `tables` is what else differs."""
    base, mine = list(base), list(mine)
    current = _sorted(_current_changes(base, mine))
    vintages = _sorted(_changes(_by(base, _vintage), _by(mine, _vintage)))
    told = set(current)
    speaking = sum(value.is_current for value in mine)
    return Changes(
        current,
        tuple(change for change in vintages if change not in told),
        tables,
        (speaking, len(mine) - speaking),
    )


def by_indicator(changes: Sequence[Change]) -> Iterator[tuple[str, list[Change]]]:
    """Changes under the code of their indicator, in order."""
    for code, group in groupby(changes, key=lambda change: change.value.indicator_code):
        yield code, list(group)


def cells_of(changes: Sequence[Change]) -> list[Cells]:
    """Changes of one indicator as lines; those of one period and part say of which publication they are."""
    alike = Counter((change.value.period_code, change.value.part) for change in changes)
    return [
        change.cells(
            f"{value.part} · {value.publication}" if alike[value.period_code, value.part] > 1 else value.part
        )
        for change in changes
        for value in (change.value,)
    ]


def _current_changes(base: list[Value], mine: list[Value]) -> Iterator[Change]:
    """Values of one quantity are paired by concept; a lone one on either side has changed its concept."""
    old, new = _quantities(base), _quantities(mine)
    for quantity in old.keys() | new.keys():
        found = list(_changes(old[quantity], new[quantity]))
        if sorted(change.kind for change in found) == ["added", "removed"]:
            gone, come = sorted(found, key=lambda change: change.kind, reverse=True)
            yield Change(gone.old, come.new)
        else:
            yield from found


def _quantities(values: Iterable[Value]) -> defaultdict[tuple[str, ...], dict[Hashable, Value]]:
    found: defaultdict[tuple[str, ...], dict[Hashable, Value]] = defaultdict(dict)
    for value in values:
        if value.is_current:
            found[value.quantity][value.concept_code] = value
    return found


def _changes(old: Mapping[Hashable, Value], new: Mapping[Hashable, Value]) -> Iterator[Change]:
    for key in old.keys() | new.keys():
        before, after = old.get(key), new.get(key)
        if before is None or after is None or before.said != after.said:
            yield Change(before, after)


def _by(values: Iterable[Value], key: Callable[[Value], Hashable]) -> dict[Hashable, Value]:
    return {key(value): value for value in values}


def _vintage(value: Value) -> Hashable:
    return value.vintage


def _sorted(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: (*map(str, change.value.vintage), change.kind)))


def _section(title: str, changes: Sequence[Change]) -> list[str]:
    lines = [f"### {title}", ""]
    if not changes:
        return [*lines, "No value of an indicator changes.", ""]
    for code, group in by_indicator(changes):
        lines += [f"#### {code}", "", _row(HEADINGS), _row(["---"] * len(HEADINGS))]
        lines += [*map(_row, cells_of(group)), ""]
    return lines


def _table_section(table: TableChanges) -> list[str]:
    lines = [f"### {table.compared.title}", ""]
    if table.unknown:
        lines += [f"Not compared, for one of the two lacks them: {', '.join(table.unknown)}.", ""]
    if not table:
        return [*lines, "No row changes.", ""]
    headings = table_changes.HEADINGS
    lines += [_row(headings), _row(["---"] * len(headings))]
    return [*lines, *(_row(change.cells) for change in table.changes), ""]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
