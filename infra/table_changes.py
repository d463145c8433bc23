"""Which rows differ between two builds of the tables made of the values: verdicts, progress and others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol

TOTAL = "_T"
HOME = "MLI"

Kind = Literal["added", "removed", "changed"]
Row = Mapping[str, Any]
"""Column to value."""

HEADINGS = ("row", "change", "old", "new")


@dataclass(frozen=True, slots=True)
class Compared:
    """A table of marts whose rows are compared: the columns of its grain, and those that a reader notices."""

    table: str
    title: str
    key: tuple[str, ...]
    said: tuple[str, ...]


_BREAKDOWN = ("area_code", "counterpart_area_code", "sector_code", "funder_code", "sex_code", "concept_code")

COMPARED = (
    Compared(
        "fct_identity_checks",
        "Verdicts of identities",
        ("identity_code",),
        ("verdict", "left_value", "relation", "right_value", "who_fixes"),
    ),
    Compared(
        "fct_progress",
        "Progress and traffic lights",
        ("indicator_code",),
        (
            *("light", "status", "pace", "projected_year", "distance", "base_year", "base_value"),
            *("latest_period_code", "latest_value", "target_year", "target_value", "reason_fr"),
        ),
    ),
    Compared(
        "fct_declared_computed",
        "Declared beside computed",
        ("indicator_code", "comparison", "period_code", *_BREAKDOWN, "publisher_code"),
        ("verdict", "declared_value", "computed_value"),
    ),
    Compared(
        "fct_comparisons",
        "International series beside indicators",
        ("indicator_code", "measure_code", "period_code", *_BREAKDOWN, "publisher_code", "delivery_id"),
        ("value", "unit_code", "obs_status"),
    ),
    Compared(
        "territory_values",
        "Values by territory",
        ("series_code", "period_code", "territory_code"),
        ("value", "unit_code", "qualifier", "state", "reason_fr"),
    ),
)
"""What is compared besides the values. A new table of marts that people read is one entry more."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that only one build has, or of which the two say different things."""

    key: tuple[str, ...]
    old: Row | None
    new: Row | None

    @property
    def kind(self) -> Kind:
        """What became of the row."""
        return kind_of(self.old, self.new)

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Which row, what happened, and what each build says of it: of a changed row, what changed."""
        named = " · ".join(part for part in self.key if part not in ("", TOTAL, HOME))
        both = self.old is not None and self.new is not None
        return (named, self.kind, self._said(self.old, both=both), self._said(self.new, both=both))

    def _said(self, row: Row | None, *, both: bool) -> str:
        if row is None:
            return ""
        old, new = self.old or {}, self.new or {}
        shown = [name for name in row if (old.get(name) != new.get(name) if both else row[name] is not None)]
        return " ; ".join(f"{name} {printed(row[name])}" for name in shown)


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What differs between two builds of one table."""

    compared: Compared
    rows: int
    """How many rows the newer build has."""
    changes: tuple[RowChange, ...]
    unknown: tuple[str, ...] = ()
    """Columns that one of the builds does not have: not compared."""

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def counts(self) -> tuple[str, ...]:
        """What, how many rows, and how many of them were added, removed and changed."""
        return (self.compared.title, str(self.rows), *counts_of(self.changes))


def kind_of(old: object | None, new: object | None) -> Kind:
    """What became of something that one build or both have."""
    if old is None:
        return "added"
    return "removed" if new is None else "changed"


class _Change(Protocol):
    @property
    def kind(self) -> Kind: ...


def counts_of(changes: Sequence[_Change]) -> tuple[str, str, str]:
    """How many changes added a row, removed one and changed one."""
    kinds = [change.kind for change in changes]
    return str(kinds.count("added")), str(kinds.count("removed")), str(kinds.count("changed"))


class Tables(Protocol):
    """The tables of one build."""

    def columns(self, table: str) -> set[str]:
        """Give the columns of a table; none of one that the build does not have."""

    def rows(self, table: str, columns: Sequence[str]) -> Iterable[Row]:
        """Give the rows of a table."""


def compare_tables(
    base: Tables, mine: Tables, compared: Sequence[Compared] = COMPARED
) -> tuple[TableChanges, ...]:
    """Compare each table, as far as both builds have its columns; of one that only one has, all."""
    return tuple(_compare(table, base, mine) for table in compared)


def _compare(compared: Compared, base: Tables, mine: Tables) -> TableChanges:
    columns = [build.columns(compared.table) for build in (base, mine)]
    known = [names for names in columns if names]
    key, said = (
        [name for name in names if all(name in there for there in known)]
        for names in (compared.key, compared.said)
    )
    old, new = (
        _by_key(build.rows(compared.table, [*key, *said]) if there else (), key, said)
        for build, there in zip((base, mine), columns, strict=True)
    )
    unknown = tuple(name for name in (*compared.key, *compared.said) if name not in (*key, *said))
    return TableChanges(compared, len(new), tuple(_changes(old, new)), unknown)


def _by_key(rows: Iterable[Row], key: Sequence[str], said: Sequence[str]) -> dict[tuple[str, ...], Row]:
    return {tuple(printed(row[name]) for name in key): {name: row[name] for name in said} for row in rows}


def _changes(old: Mapping[tuple[str, ...], Row], new: Mapping[tuple[str, ...], Row]) -> Iterator[RowChange]:
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield RowChange(key, old.get(key), new.get(key))


def printed(value: Any) -> str:
    """Give a value as a person reads it: a number in full, with no more than ten decimals of a quotient."""
    if value is None:
        return "—"
    return plain(value) if isinstance(value, Decimal) else str(value)


def plain(number: Decimal, sign: str = "") -> str:
    """Print a number in full, with no more than ten decimals of a quotient."""
    text = f"{round(number, 10):{sign}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
