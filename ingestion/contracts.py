"""Dataset contracts: one closed-schema YAML file per dataset, `ingestion/sources/<source>/<dataset>.yml`.

`load`, `all` and `of_source` read them; `check` holds one against what it refers to (its reader's signature,
the code lists, the datasets it depends on) without touching a network or a database. Importing this module is
light: readers are imported only by `check` and `reader_options`.
"""

from __future__ import annotations

import datetime
import functools
import inspect
import re
from collections.abc import Callable, Hashable, Iterator
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple, get_type_hints

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from ingestion.errors import ExpectedError

SOURCES = Path(__file__).parent / "sources"

ColumnType = Literal["text", "code", "integer", "number", "period", "date", "boolean"]
SYSTEM_COLUMNS = {
    "row_id": "Identifier of the row.",
    "delivery_id": "Delivery that brought the row.",
    "ended_by_delivery_id": "Accepted delivery that replaced or withdrew the row; empty: in service.",
    "end_reason": "replaced or withdrawn.",
    "record_kind": "data, total or note.",
    "record_locator": "Where the record stands in the file: sheet!cell, page and line, paragraph.",
    "record_literal": "The evidence exactly as printed.",
    "record_key": "The key columns, joined; identifies the record across deliveries.",
}
"""The columns that every staging table has beside its contract's, by name, with what dbt says of each."""
_SQL_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
# PostgreSQL's reserved key words that could pass for a column name: they would have to be quoted everywhere.
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check
    collate collation column concurrently constraint create cross default deferrable desc distinct
    do else end except false fetch for foreign freeze from full grant group having ilike in
    initially inner intersect into is isnull join lateral leading left like limit localtime natural
    not notnull null offset on only or order outer overlaps placing primary references returning
    right select similar some symmetric table tablesample then to trailing true union unique user
    using variadic verbose when where window with
        """,
    )
)


class Fault(NamedTuple):
    """One thing wrong with a contract: the key concerned, what stands there, what should."""

    key: str
    found: str
    expected: str


class UnknownDatasetError(ExpectedError, LookupError):
    """A dataset or a source that no contract is for; the message names those there are."""


class ContractError(ExpectedError, ValueError):
    """A contract file that cannot be used; the message names the file and each fault."""

    def __init__(self, file: Path, faults: list[Fault]) -> None:
        """Keep `file` and `faults` for callers that show them in a table."""
        self.file, self.faults = file, faults
        lines = "".join(
            f"\n  {fault.key}: found {fault.found}; expected {fault.expected}" for fault in faults
        )
        super().__init__(f"{file.parent.name}/{file.name} is not a valid contract:{lines}")


def _sql_name(name: str) -> str:
    if not _SQL_NAME.fullmatch(name) or name in _RESERVED:
        raise ValueError("a plain SQL name: lower-case letters, digits and _, no reserved word")
    return name


def _relative_path(path: str) -> str:
    if re.match(r"[a-z]+:|/", path) or ".." in PurePosixPath(path).parts or not path:
        raise ValueError("a path relative to the source's base address, without '..'")
    return path


def _ordered(band: tuple[Any, Any]) -> tuple[Any, Any]:
    if band[0] > band[1]:
        raise ValueError("[lowest, highest]")
    return band


def _as_printed(value: object) -> object:
    """Undo YAML's reading of `edition: 2017` as a number and `edition: 2016-12-31` as a date."""
    return str(value) if isinstance(value, int | datetime.date) else value


Name = Annotated[str, AfterValidator(_sql_name)]
Text = Annotated[str, Field(min_length=1)]
Printed = Annotated[Text, BeforeValidator(_as_printed)]


class _Closed(BaseModel):
    """Unknown keys are refused; a contract read is never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Address(_Closed):
    """One file to pull, relative to the base address of the source (`PONAM_ADDRESS_<SOURCE>`).

    The path may end with a query, `country/MLI/indicator/X?format=json`; JSON that comes in pages is followed
    to the last one.
    """

    path: Annotated[str, AfterValidator(_relative_path)]
    edition: Printed | None = None
    published_on: datetime.date | None = None


class EdenExport(_Closed):
    """What one export asks of BCEAO's EDEN portal: some or all series of a sub-sector, for one country."""

    sector: Literal["SR", "SF", "FP", "SE", "SS"]  # real, monetary, public finance, external, social
    subsector: Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9]{1,2}$")]
    country: Literal["A", "B", "C", "D", "H", "K", "S", "T", "Z"]  # the portal's: D is Mali, Z is UEMOA
    frequency: Literal["A", "M", "T", "J"]  # annual, monthly, quarterly, daily
    series: Literal["all"] | Annotated[tuple[Text, ...], Field(min_length=1)] = "all"
    first_year: Annotated[int, Field(ge=1900, le=2100)]
    last_year: Annotated[int, Field(ge=1900, le=2100)] | None = None  # the current year

    @property
    def name(self) -> str:
        """What tells one export of a dataset from the others: `SR1 D A`."""
        return f"{self.subsector} {self.country} {self.frequency}"


class Delivery(_Closed):
    """How files of the dataset arrive."""

    mode: Literal["complete", "additional"]
    """complete: a delivery gives every row again, what it lacks is withdrawn; additional: it adds rows."""
    by: Literal["inbox", "http", "eden"]
    """Sent to the inbox by its institution, or pulled."""
    addresses: tuple[Address, ...] = ()
    exports: tuple[EdenExport, ...] = ()
    depends_on: tuple[str, ...] = ()
    """Other datasets of the source, to be loaded first."""

    @model_validator(mode="after")
    def _addresses_and_exports_are_for_what_is_pulled(self) -> Delivery:
        if (self.by == "http") != bool(self.addresses):
            raise ValueError("`addresses` when, and only when, the delivery is `by: http`")
        if (self.by == "eden") != bool(self.exports):
            raise ValueError("`exports` when, and only when, the delivery is `by: eden`")
        if len({export.name for export in self.exports}) < len(self.exports):
            raise ValueError("each sub-sector, country and frequency exported once")
        if self.by == "eden" and self.mode == "complete":
            # An export is cut in several deliveries, each of which would withdraw the rows of the others.
            raise ValueError("`mode: additional` for what is delivered `by: eden`")
        return self


class Form(_Closed):
    """The reader of the file (a key of `ingestion.read.READERS`) and its keyword arguments."""

    reader: Text
    options: dict[str, Any] = {}
    """Held against the reader's own signature by `check`."""


class Column(_Closed):
    """One column of the dataset, as staged."""

    name: Name
    type: ColumnType
    code_list: Name | None = None
    """File name of a seed, for type `code` only."""
    kinds: tuple[Text, ...] = ()
    """Of the code list, only the codes of these kinds (its column `kind`); empty: all."""
    required: bool = False
    """Of data and total records; notes carry no column."""
    default: Printed | None = None
    """As it would be printed, for records that leave the column empty."""
    range: Annotated[tuple[Decimal, Decimal], AfterValidator(_ordered)] | None = None
    """Lowest and highest value, both allowed."""
    whole: bool = False
    """Of a `number` that counts: no fraction. Staged as any number, so that a contract may say it later."""
    within: Name | None = None
    """Another column of the same code list, of which the code is, or was, a part (seed of memberships)."""
    title_fr: Text | None = None
    """What institutions read: in error workbooks and templates."""
    unit: Text | None = None
    description: Text | None = None
    """In French, what belongs in the column."""
    identifier: Literal["direct", "quasi"] | None = None
    """Of persons. direct: names one, staged as a pseudonym; quasi: may name one together with others."""

    @property
    def is_whole(self) -> bool:
        """Whether its numbers have no fraction."""
        return self.whole or self.type == "integer"

    @field_validator("name")
    @classmethod
    def _not_a_system_column(cls, name: str) -> str:
        if name in SYSTEM_COLUMNS:
            raise ValueError("a name that is not one of the columns every staging table has")
        return name

    @model_validator(mode="after")
    def _type_and_companions_agree(self) -> Column:
        if (self.type == "code") != (self.code_list is not None):
            raise ValueError("`code_list` for type `code`, and for no other")
        if self.kinds and self.code_list is None:
            raise ValueError("`kinds` of a `code_list` only")
        if self.range is not None and self.type not in ("number", "integer"):
            raise ValueError("`range` for numbers and integers only")
        if self.whole and self.type != "number":
            raise ValueError("`whole` for type `number` only: an `integer` is")
        if self.within is not None and self.code_list is None:
            raise ValueError("`within` for type `code` only")
        if self.identifier == "direct" and self.type != "text":
            raise ValueError("`identifier: direct` for type `text` only: a pseudonym is a text")
        return self


class Personal(_Closed):
    """Why a dataset of persons may be held, and for how long: its template says it, in French."""

    purpose: Text
    legal_basis: Text
    retention: Text
    names_kept_months: int = Field(ge=1, le=120)
    """After how many months from reception what names a person is erased, at the latest."""


class Calendar(_Closed):
    """The release calendar: how often a delivery is expected, and when it is late."""

    frequency: Literal["A", "S", "Q", "M", "D", "irregular"]
    """Annual, half-yearly, quarterly, monthly, daily, or by no rule."""
    lag_days: int = Field(ge=0, le=3660)
    """Days from the end of the reference period to the expected delivery."""
    tolerance_days: int = Field(ge=0, le=1830)
    """Days after that from which it is late."""


class SumIdentity(_Closed):
    """Parts of `value` over `over` add up to its `_T` row, other key columns equal, within `tolerance`."""

    over: Name
    """A key column: its `_T` is the total of the others."""
    value: Name = "value"
    tolerance: Annotated[Decimal, Field(ge=0)] = Decimal(0)


class Expectations(_Closed):
    """Parameters for the suite builder that judges a delivery."""

    rows: Annotated[tuple[int, int], AfterValidator(_ordered)]
    """Band of data and total rows."""
    missing_at_most: dict[Name, Annotated[float, Field(ge=0, le=1)]] = {}
    """Share of empty values per column."""
    present: dict[Name, tuple[Printed, ...]] = {}
    """Codes that every delivery carries, per column."""
    sums: tuple[SumIdentity, ...] = ()
    """The identities that printed totals obey."""


class Verification(_Closed):
    """Each record is held against the accepted text of another dataset of the source before it is typed.

    That text is the column `text` of the row in service of `dataset` that agrees with the record on the
    columns `match` (named alike in both datasets); `ingestion.read.transcription.located` does the rest.
    """

    dataset: str  # one of delivery.depends_on
    match: tuple[Name, ...] = Field(min_length=1)
    text: Name


class Contract(_Closed):
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


def load(dataset_code: str) -> Contract:
    """Return the contract of a dataset; UnknownDatasetError without one, ContractError when it is invalid."""
    source, _, dataset = dataset_code.partition(".")
    file = SOURCES / source / f"{dataset}.yml"
    if not _SQL_NAME.fullmatch(source) or not _SQL_NAME.fullmatch(dataset) or not file.is_file():
        raise UnknownDatasetError(f"no dataset {dataset_code!r}; there are {', '.join(_codes())}")
    return read(file)


def all() -> dict[str, Contract]:  # noqa: A001 - read as contracts.all()
    """Every contract by its dataset code, in alphabetical order."""
    return {code: load(code) for code in _codes()}


def of_source(source: str) -> list[Contract]:
    """The contracts of one source, each after the datasets that it depends on."""
    contracts = {code: load(code) for code in _codes() if code.startswith(f"{source}.")}
    if not contracts:
        raise UnknownDatasetError(f"no source {source!r}; there are {', '.join(sources())}")
    order = TopologicalSorter({code: contract.delivery.depends_on for code, contract in contracts.items()})
    try:
        return [contracts[code] for code in order.static_order()]
    except CycleError as error:
        raise ValueError(f"datasets that depend on each other: {' → '.join(error.args[1])}") from error


def sources() -> list[str]:
    """The codes of the sources, in alphabetical order."""
    return sorted({code.partition(".")[0] for code in _codes()})


def read(file: Path) -> Contract:
    """Read one contract file; `ContractError` with every fault found."""
    return _parse(file, file.read_bytes())


@functools.lru_cache(maxsize=256)
def _parse(file: Path, content: bytes) -> Contract:
    try:
        document = yaml.load(content, Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader
        contract = Contract.model_validate(document)
    except yaml.YAMLError as error:
        raise ContractError(file, [Fault("(file)", _one_line(str(error)), "YAML")]) from error
    except ValidationError as error:
        raise ContractError(file, [_fault(details) for details in error.errors()]) from error
    named = f"{file.parent.name}.{file.stem}"
    if contract.dataset != named:
        raise ContractError(file, [Fault("dataset", repr(contract.dataset), f"{named!r}, as the file")])
    return contract


def check(contract: Contract) -> None:
    """Hold a contract against everything it refers to; `ContractError` with every fault found."""
    faults = [
        *_reader_faults(contract),
        *_mapping_faults(contract),
        *_code_faults(contract),
        *_dataset_faults(contract),
    ]
    if faults:
        raise ContractError(SOURCES / contract.source / f"{contract.dataset.partition('.')[2]}.yml", faults)


def reader_options(contract: Contract) -> dict[str, Any]:
    """The reader's keyword arguments, converted to the types that its signature names."""
    from ingestion.read import READERS

    adapters = _option_adapters(READERS[contract.form.reader])
    return {name: adapters[name].validate_python(value) for name, value in contract.form.options.items()}


def _codes() -> list[str]:
    return sorted(f"{file.parent.name}.{file.stem}" for file in SOURCES.glob("*/*.yml"))


def _option_adapters(reader: Callable[..., Any]) -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(reader, include_extras=True)
    return {
        parameter.name: TypeAdapter(hints.get(parameter.name, Any))
        for parameter in inspect.signature(reader).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def _reader_faults(contract: Contract) -> Iterator[Fault]:
    from ingestion.read import READERS

    if contract.form.reader not in READERS:
        yield Fault("form.reader", repr(contract.form.reader), f"one of {', '.join(READERS)}")
        return
    reader = READERS[contract.form.reader]
    parameters, adapters = inspect.signature(reader).parameters, _option_adapters(reader)
    given = contract.form.options
    for name in adapters.keys() - given.keys():
        if parameters[name].default is inspect.Parameter.empty:
            yield Fault(f"form.options.{name}", "nothing", f"a value of type {parameters[name].annotation}")
    for name, value in given.items():
        if name not in adapters:
            yield Fault(f"form.options.{name}", repr(value), f"one of {', '.join(sorted(adapters))}")
            continue
        try:
            adapters[name].validate_python(value)
        except ValidationError as error:
            for details in error.errors():
                fault = _fault(details)
                yield fault._replace(key=f"form.options.{name}.{fault.key}".removesuffix(".(file)"))


def _mapping_faults(contract: Contract) -> Iterator[Fault]:
    """What the reader's options say of columns, wherever they say it: columns and codes that there are."""
    for where, name, constant in _mapped(contract.form.options, "form.options"):
        column = contract.by_name.get(name)
        if column is None:
            yield Fault(where, repr(name), f"one of {', '.join(contract.by_name)}")
        elif constant is not None and (fault := _constant_fault(column, constant)):
            yield Fault(where, repr(constant), fault)


def _mapped(options: Any, where: str) -> Iterator[tuple[str, str, str | None]]:
    """Give each column that reader options name: where, its name, and the text that they put there."""
    if isinstance(options, list):
        for number, item in enumerate(options):
            yield from _mapped(item, f"{where}.{number}")
    if not isinstance(options, dict):
        return
    for key, value in options.items():
        here = f"{where}.{key}"
        if key in ("keys", "columns") and isinstance(value, dict):
            yield from ((here, str(name), None) for name in value.values())
        elif key == "constants" and isinstance(value, dict):
            yield from ((here, str(name), str(text)) for name, text in value.items())
        elif key in ("total_column", "into"):
            yield here, str(value), None
        else:
            yield from _mapped(value, here)


def _constant_fault(column: Column, text: str) -> str | None:
    from ingestion import code_lists

    if column.code_list is None or not code_lists.exists(column.code_list):
        return None
    known = code_lists.load(column.code_list, column.kinds).code_of(text)
    return None if known else f"a code or a label of {column.code_list}.csv"


def _code_faults(contract: Contract) -> Iterator[Fault]:
    from ingestion import code_lists

    if not code_lists.exists("publishers") or contract.publisher not in code_lists.load("publishers").codes:
        yield Fault("publisher", repr(contract.publisher), "a code of dbt_project/seeds/publishers.csv")
    for column in contract.columns:
        if column.code_list is None:
            continue
        if not code_lists.exists(column.code_list):
            yield Fault(f"columns.{column.name}.code_list", column.code_list, "a file of dbt_project/seeds")
            continue
        codes = code_lists.load(column.code_list, column.kinds).codes
        if not codes:
            yield Fault(f"columns.{column.name}.kinds", ", ".join(column.kinds), "kinds of its code list")
        if column.within and not code_lists.memberships(column.code_list):
            yield Fault(f"columns.{column.name}.within", column.within, "a code list with memberships")
        wanted = [column.default] if column.default is not None else []
        for code in (*wanted, *contract.expectations.present.get(column.name, ())):
            if code not in codes:
                yield Fault(f"columns.{column.name}", repr(code), f"a code of {column.code_list}.csv")


def _dataset_faults(contract: Contract) -> Iterator[Fault]:
    known = _codes()
    for code in contract.delivery.depends_on:
        if code not in known or not code.startswith(f"{contract.source}.") or code == contract.dataset:
            yield Fault("delivery.depends_on", repr(code), "another dataset of the same source")
    verification = contract.verification
    if verification is None:
        return
    if verification.dataset not in contract.delivery.depends_on:
        yield Fault("verification.dataset", repr(verification.dataset), "one of delivery.depends_on")
    elif verification.dataset in known:
        columns = load(verification.dataset).by_name
        for name in (*verification.match, verification.text):
            if name not in columns:
                yield Fault("verification", repr(name), f"a column of {verification.dataset}")


def _fault(details: Any) -> Fault:
    key = ".".join(str(part) for part in details["loc"]) or "(file)"
    found = "nothing" if details["type"] == "missing" else _one_line(repr(details["input"]))
    expected = {"missing": "a value", "extra_forbidden": "no such key"}.get(details["type"])
    return Fault(key, found, expected or details["msg"].removeprefix("Value error, "))


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 120 else f"{text[:119]}…"


class _UniqueKeys(yaml.CSafeLoader):
    """YAML in which a key written twice is an error rather than the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"key {key!r} written twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
