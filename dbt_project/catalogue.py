"""The catalogue of indicators: what an entry must say, and whether every entry and every file keep to it.

An indicator is two files of the same name in `models/indicators/axis_<n>/`: its SQL and its YAML entry, which
is at once dbt's documentation and, under `config.meta`, the row of the catalogue. The schema is closed: an
unknown key is as wrong as a missing one. Everything here is read from files, no database is needed:
`python -m dbt_project.catalogue` prints what does not hold and exits with 1.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from dbt_project import generate

PROJECT = Path(__file__).resolve().parent
INDICATORS = "models/indicators"
# What the warehouse knows of itself (deliveries, calendars, the catalogue) is a source too.
OWN_SOURCE = "warehouse"
FOUNDING_DIVISION = "PONAM 2014"
# What the scaffold writes where only a statistician can say it; no entry may be published with it.
TO_SAY = "À préciser."

_MEASURE = re.compile(r"\{\{ (?:declared|converted|ratio|annual_growth)\((.*?)\) \}\}", re.DOTALL)
_QUOTED = re.compile(r"'([a-z_0-9]+)'")
_NO_VALUE = re.compile(r"\{\{ no_value\(\) \}\}")

Text = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^PON-[1-8]-\d{2}$")]
Dimension = Literal[
    "area_code", "counterpart_area_code", "sector_code", "funder_code", "sex_code", "concept_code"
]
Period = Annotated[str, Field(pattern=r"^\d{4}(/\d{4}|-Q[1-4]|-\d{2}(-\d{2})?)?$")]
Number = Annotated[Decimal, BeforeValidator(lambda value: str(value) if isinstance(value, float) else value)]


class _Closed(BaseModel):
    """Unknown keys are refused; what was read is never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AxisLink(_Closed):
    """The axis an indicator belongs to, from a day on and until another (excluded; null: still)."""

    code: Text
    valid_from: date
    valid_to: date | None


class Baseline(_Closed):
    """The value from which progress is measured, where one was decided, in the indicator's unit."""

    period: Period
    value: Number
    source_fr: Text


class Break(_Closed):
    """The first year whose values do not compare with those before, and why."""

    year: int
    text_fr: Text


class Target(_Closed):
    """A value to reach, in the indicator's unit, and the text that decided it."""

    period: Period | None
    """By when; null where the text names no date: no pace can then be required."""
    value: Number
    qualifier: Literal["=", ">", "<"]
    source_fr: Text


class Entry(_Closed):
    """One entry of the catalogue. Every key is written in every entry; null or [] says that there is none."""

    code: Code
    name_fr: Text
    name_en: Text
    definition_fr: Text
    formula_fr: Text
    unit_code: Text
    direction: Literal["up", "down", "neutral"]
    """Which way is better; neutral where neither is."""
    sign: Literal["non_negative", "any"]
    numerator_fr: Text | None
    denominator_fr: Text | None
    sources: list[Text]
    """Datasets that carry the figures, or `warehouse`."""
    frequency: Literal["M", "T", "A", "P"]
    """Monthly, quarterly, annual, or from time to time."""
    breakdowns: list[Dimension]
    sums_over: list[Dimension]
    """Breakdowns whose parts add up to the printed total."""
    axes: Annotated[list[AxisLink], Field(min_length=1)]
    breaks: list[Break]
    treatment_fr: Text
    limits_fr: Text
    responsible_fr: Text
    sdg: Text | None
    gcm: Text | None
    validation_fr: Text
    baseline: Baseline | None
    targets: list[Target]
    no_value_reason_fr: Text | None
    """Why there is no value yet, where there is none."""

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Entry:
        if not set(self.sums_over) <= set(self.breakdowns):
            raise ValueError("sums_over names a breakdown that the indicator does not have")
        if (self.numerator_fr is None) != (self.denominator_fr is None):
            raise ValueError("numerator_fr and denominator_fr: both or neither")
        if self.targets and self.direction == "neutral":
            raise ValueError("a target needs a direction: up or down")
        return self


@dataclass(frozen=True)
class Indicator:
    """An indicator as its two files describe it."""

    file: Path
    """The YAML file; the SQL file stands beside it."""
    entry: Entry
    sql: str

    @property
    def measures(self) -> set[str]:
        """The measures that the SQL names."""
        return {name for call in _MEASURE.findall(self.sql) for name in _QUOTED.findall(call.split("=")[0])}


class CatalogueError(ValueError):
    """An entry that cannot be read; the message names the file and each fault."""


def read_indicator(path: Path) -> Indicator:
    """Read one indicator from its YAML file; raises CatalogueError."""
    try:
        [model] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["models"]
        entry = Entry.model_validate(model["config"]["meta"])
    except ValidationError as error:
        faults = "; ".join(f"{_dotted(fault['loc'])}: {fault['msg']}" for fault in error.errors())
        raise CatalogueError(f"{path.name}: {faults}") from error
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise CatalogueError(f"{path.name}: not `models: [{{name, config: {{meta}}}}]` ({error})") from error
    if model.get("name") != path.stem:
        raise CatalogueError(f"{path.name}: describes the model {model.get('name')}")
    sql = path.with_suffix(".sql")
    return Indicator(path, entry, sql.read_text(encoding="utf-8") if sql.is_file() else "")


def _dotted(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "entry"


def indicators(project: Path = PROJECT) -> list[Indicator]:
    """Every indicator in the order of the codes; raises CatalogueError at the first that cannot be read."""
    files = sorted((project / INDICATORS).glob("axis_*/*.yml"), key=lambda path: path.stem)
    return [read_indicator(path) for path in files]


def problems(project: Path = PROJECT) -> list[str]:
    """Everything that does not hold in the catalogue, one line each; empty when all is well."""
    files = {path.with_suffix("") for path in (project / INDICATORS).glob("axis_*/*.*")}
    found = []
    for file in sorted(files):
        if not file.with_suffix(".yml").is_file():
            found.append(f"{file.name}.sql: no entry {file.name}.yml beside it")
            continue
        if not file.with_suffix(".sql").is_file():
            found.append(f"{file.name}.yml: no {file.name}.sql beside it")
        try:
            indicator = read_indicator(file.with_suffix(".yml"))
        except CatalogueError as error:
            found.append(str(error))
        else:
            found += [f"{file.name}.yml: {fault}" for fault in _faults(indicator, project)]
    if not generate.is_in_step(project):
        found.append(f"{generate.TARGET}: not the files of {INDICATORS}; run make format")
    return found


def _faults(indicator: Indicator, project: Path) -> Iterator[str]:
    entry, name = indicator.entry, indicator.file.stem
    unsaid = sorted(key for key, value in entry.model_dump().items() if value == TO_SAY)
    yield from (f"{key}: « {TO_SAY} » is still to be said" for key in unsaid)
    if entry.code != name.upper().replace("_", "-"):
        yield f"the code {entry.code} is not that of the file"
    if indicator.file.parent.name != f"axis_{entry.code.split('-')[1]}":
        yield f"{entry.code} does not belong in {indicator.file.parent.name}"
    units = {row["code"] for row in seed("units", project)}
    if entry.unit_code not in units:
        yield f"unit_code: {entry.unit_code} is no code of the seed units"
    measures = {row["code"] for row in seed("measures", project)}
    yield from (f"{code} is no code of the seed measures" for code in sorted(indicator.measures - measures))
    known = datasets(project) | {OWN_SOURCE}
    yield from (f"sources: there is no dataset {code}" for code in entry.sources if code not in known)
    if _NO_VALUE.search(indicator.sql) and not entry.no_value_reason_fr:
        yield "no_value_reason_fr: there is no value, and nothing says why"
    if not entry.sources and not entry.no_value_reason_fr:
        yield f"sources: none; name the datasets that the figures come from, or {OWN_SOURCE}"
    yield from _axis_faults(entry, project)


def _axis_faults(entry: Entry, project: Path) -> Iterator[str]:
    axes = {row["code"]: row for row in seed("axes", project)}
    for link in entry.axes:
        axis = axes.get(link.code)
        if axis is None:
            yield f"axes: {link.code} is no code of the seed axes"
        elif not _within(link, axis):
            yield f"axes: the link to {link.code} is longer than the axis itself"
    founding = [link for link in entry.axes if axes.get(link.code, {}).get("division") == FOUNDING_DIVISION]
    if len(founding) != 1:
        yield f"axes: one axis of {FOUNDING_DIVISION}, and not {len(founding)}"


def _within(link: AxisLink, axis: dict[str, str]) -> bool:
    ends = date.fromisoformat(axis["valid_to"]) if axis["valid_to"] else date.max
    return date.fromisoformat(axis["valid_from"]) <= link.valid_from and (link.valid_to or date.max) <= ends


@cache
def seed(name: str, project: Path = PROJECT) -> tuple[dict[str, Any], ...]:
    """The rows of a seed, as text."""
    with (project / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def datasets(project: Path = PROJECT) -> set[str]:
    """Codes of the datasets that have a contract."""
    sources = project.parent / "ingestion" / "sources"
    return {f"{path.parent.name}.{path.stem}" for path in sources.glob("*/*.yml")}


def main() -> int:
    """Print what does not hold; returns the exit code."""
    found = problems()
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
