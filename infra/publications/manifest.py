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


class Publication(BaseModel):
    """One bundled file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    """Below `files/`; a pulled file is served under that path."""
    dataset: str
    edition: str
    arrives: Literal["pulled", "sent"]
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
