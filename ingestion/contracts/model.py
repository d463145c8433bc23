"""The contract of a dataset, and what its parts have to say of one another."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PositiveInt, model_validator

from ingestion.contracts.column import Column
from ingestion.contracts.delivery import Delivery
from ingestion.contracts.values import Closed, Name, Printed, Text, ordered


class Form(Closed):
    """The reader of the file (a key of `ingestion.read.READERS`) and its keyword arguments."""

    reader: Text
    options: dict[str, Any] = {}  # noqa: RUF012 - pydantic copies defaults
    """Held against the reader's own signature by `check`."""


class Personal(Closed):
    """Why a dataset of persons may be held, and for how long: its template says it, in French."""

    purpose: Text
    legal_basis: Text
    retention: Text
    names_kept_months: int = Field(ge=1, le=120)
    """After how many months from reception what names a person is erased, at the latest."""


class Calendar(Closed):
    """The release calendar: how often a delivery is expected, and when it is late."""

    frequency: Literal["A", "S", "Q", "M", "D", "irregular"]
    """Annual, half-yearly, quarterly, monthly, daily, or by no rule."""
    lag_days: int = Field(ge=0, le=3660)
    """Days from the end of the reference period to the expected delivery."""
    tolerance_days: int = Field(ge=0, le=1830)
    """Days after that from which it is late."""


class SumIdentity(Closed):
    """Parts of `value` over `over` add up to its `_T` row, other key columns equal, within `tolerance`."""

    over: Name
    """A key column: its `_T` is the total of the others."""
    value: Name = "value"
    tolerance: Annotated[Decimal, Field(ge=0)] = Decimal(0)


class Expectations(Closed):
    """Parameters for the suite builder that judges a delivery."""

    rows: Annotated[tuple[int, int], AfterValidator(ordered)]
    """Band of data and total rows."""
    missing_at_most: dict[Name, Annotated[float, Field(ge=0, le=1)]] = {}  # noqa: RUF012 - pydantic copies defaults
    """Share of empty values per column."""
    present: dict[Name, tuple[Printed, ...]] = {}  # noqa: RUF012 - pydantic copies defaults
    """Codes that every delivery carries, per column."""
    sums: tuple[SumIdentity, ...] = ()
    """The identities that printed totals obey."""


class Verification(Closed):
    """Each record is held against the accepted text of another dataset of the source before it is typed.

    That text is the column `text` of the row in service of `dataset` that agrees with the record on the
    columns `match` (named alike in both datasets); `ingestion.read.transcription.located` does the rest.
    """

    dataset: str  # one of delivery.depends_on
    match: tuple[Name, ...] = Field(min_length=1)
    text: Name


class Contract(Closed):
    """One dataset: who publishes it, how it arrives, how to read it, what its rows are."""

    dataset: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
    version: PositiveInt
    """Raised with each change of columns or reading; what is staged follows (`staging.migrate`)."""
    title_fr: Text
    title_en: Text
    description: Text | None = None
    publisher: Text
    """A code of the seed `publishers`."""
    licence: Text
    delivery: Delivery
    form: Form
    columns: tuple[Column, ...] = Field(min_length=1)
    key: tuple[Name, ...] = Field(min_length=1)
    """The natural key: what identifies a record from one delivery to the next."""
    evidence: Name
    """The column whose printed text is kept as the literal."""
    calendar: Calendar
    expectations: Expectations
    verification: Verification | None = None
    personal: Personal | None = None
    """The rows are persons: staged without names (`ingestion.pseudonyms`), published as counts."""

    @property
    def source(self) -> str:
        """The institution: the part of the dataset code before the dot."""
        return self.dataset.partition(".")[0]

    @property
    def table(self) -> str:
        """Name of the staging table, without its schema."""
        return self.dataset.replace(".", "__")

    @functools.cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    @functools.cached_property
    def identifiers(self) -> tuple[str, ...]:
        """The columns that name a person."""
        return tuple(column.name for column in self.columns if column.identifier == "direct")

    @model_validator(mode="after")
    def _refers_to_its_own_columns(self) -> Contract:
        names = [column.name for column in self.columns]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"column names once each, not {', '.join(sorted(twice))} twice")
        if len(set(self.key)) < len(self.key):
            raise ValueError("each key column once")
        for where, name in self._references():
            if name not in names:
                raise ValueError(f"{where} to be a column, not {name!r}")
        for name in self.key:
            if not self.by_name[name].required:
                raise ValueError(f"key column {name!r} to be `required: true`")
        for column in self.columns:
            if column.within and self.by_name[column.within].code_list != column.code_list:
                raise ValueError(f"{column.name!r} `within` a column of the same code list")
        if len(self.table) > 63:
            raise ValueError("source and dataset name of at most 61 characters together")
        return self

    @model_validator(mode="after")
    def _identities_and_calendar_make_sense(self) -> Contract:
        for identity in self.expectations.sums:
            if identity.over not in self.key or self.by_name[identity.over].type not in ("code", "text"):
                raise ValueError(f"expectations.sums.over a key column of codes, not {identity.over!r}")
            if self.by_name[identity.value].type not in ("number", "integer"):
                raise ValueError(f"expectations.sums.value a column of numbers, not {identity.value!r}")
        if self.calendar.frequency != "irregular" and "period" not in {c.type for c in self.columns}:
            raise ValueError("a column of type period, whose end the calendar counts from")
        return self

    @model_validator(mode="after")
    def _persons_are_protected(self) -> Contract:
        named = [column.name for column in self.columns if column.identifier]
        if self.personal is None:
            if named:
                raise ValueError(f"`personal`, with its purpose: {', '.join(named)} identify persons")
            return self
        if not self.identifiers:
            raise ValueError("`identifier: direct` on the columns that name the persons")
        for column in self.columns:
            # A text may hold anything, a name in the wrong column included.
            if column.type == "text" and column.identifier != "direct":
                raise ValueError(f"free text of persons to be `identifier: direct`: {column.name!r}")
            if column.identifier == "direct" and column.default is not None:
                raise ValueError(f"no `default` for {column.name!r}, which names a person")
        if self.by_name[self.evidence].identifier == "direct" or self.verification:
            raise ValueError("evidence that names nobody, and no `verification`, for persons")
        return self

    def _references(self) -> Iterator[tuple[str, str]]:
        yield from (("key", name) for name in self.key)
        yield "evidence", self.evidence
        yield from (("columns.within", column.within) for column in self.columns if column.within)
        yield from (("expectations.missing_at_most", name) for name in self.expectations.missing_at_most)
        yield from (("expectations.present", name) for name in self.expectations.present)
        for identity in self.expectations.sums:
            yield "expectations.sums.over", identity.over
            yield "expectations.sums.value", identity.value
        if self.verification:
            yield from (("verification.match", name) for name in self.verification.match)
