"""What is wrong with a contract, or with the name that one is asked by."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from ingestion.errors import ExpectedError


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


def fault_of(details: Any) -> Fault:
    """Give as a fault one of the `errors()` of a `ValidationError`."""
    key = ".".join(str(part) for part in details["loc"]) or "(file)"
    found = "nothing" if details["type"] == "missing" else one_line(repr(details["input"]))
    expected = {"missing": "a value", "extra_forbidden": "no such key"}.get(details["type"])
    return Fault(key, found, expected or details["msg"].removeprefix("Value error, "))


def one_line(text: str) -> str:
    """Shorten a text to what a line of a message holds."""
    text = " ".join(text.split())
    return text if len(text) <= 120 else f"{text[:119]}…"
