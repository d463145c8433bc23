"""What is proposed, and the paragraphs that it is read in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Candidate:
    """One number of an article that may be a figure."""

    paragraph: int
    start: int
    """First character of the literal in its paragraph, from 0."""
    end: int
    literal: str
    value: Decimal | None
    """In `unit_code`: 483.3 for « 483,3 milliards de FCFA » in BN_XOF; None when an officer has to decide."""
    magnitude: int
    """What the word after the number multiplies it by."""
    unit_code: str | None
    qualifier: str
    period_code: str | None
    obs_status: str | None
    context: str
    """The sentence it stands in."""
    measure_code: str | None = None
    """A suggestion, never an assignment."""
    remarks: tuple[str, ...] = ()
    """In French, what is doubtful."""
    label: str = ""
    """The words printed just before it, as in a list or a table: « autres secteurs et administrations »."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article, numbered from 1, under its section's title."""

    number: int
    text: str
    section: str | None = None
