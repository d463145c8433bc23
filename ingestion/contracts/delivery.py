"""How files of a dataset arrive: sent, or pulled from addresses or from BCEAO's portal."""

from __future__ import annotations

import datetime
import re
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from ingestion.contracts.values import Closed, Printed, Text


def _relative_path(path: str) -> str:
    if re.match(r"[a-z]+:|/", path) or ".." in PurePosixPath(path).parts or not path:
        raise ValueError("a path relative to the source's base address, without '..'")
    return path


class Address(Closed):
    """One file to pull, relative to the base address of the source (`PONAM_ADDRESS_<SOURCE>`).

    The path may end with a query, `country/MLI/indicator/X?format=json`; JSON that comes in pages is followed
    to the last one.
    """

    path: Annotated[str, AfterValidator(_relative_path)]
    edition: Printed | None = None
    published_on: datetime.date | None = None


class EdenExport(Closed):
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


class Delivery(Closed):
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
