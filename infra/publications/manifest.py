"""The list of the bundled publications: `manifest.yml`, one entry per file, each with its citation."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

HERE = Path(__file__).parent
FIGURES = HERE / "figures"
FILES = HERE / "files"


class EdenPlace(BaseModel):
    """Where the portal EDEN keeps the series of an export; its letters and codes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sector: str
    subsector: str
    country: str
    frequency: str


class Publication(BaseModel):
    """One bundled file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    """Below `files/`; a pulled file is served under that path."""
    dataset: str
    edition: str
    arrives: Literal["pulled", "sent"]
    eden: EdenPlace | None = None
    """Of an export of EDEN only: it is asked for through the portal's pages, not under its path."""
    published_on: date
    published_on_note: str
    """Why that day, where the publication gives only a month, a quarter or a year."""
    citation: str

    @property
    def file(self) -> Path:
        """Where the file is in this project."""
        return FILES / self.path


@cache
def publications() -> tuple[Publication, ...]:
    """Read the manifest."""
    entries = yaml.safe_load((HERE / "manifest.yml").read_text(encoding="utf-8"))
    return tuple(Publication.model_validate(entry) for entry in entries)
