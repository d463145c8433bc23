"""Code lists: the seeds of dbt, read as files, and the printed labels that stand for their codes.

A seed has a column `code`; its label columns (`label_fr`, `label_en`, `short_label_fr`) and `aliases`
(separated by `|`) give the spellings under which a publication may print the code. Spellings are compared
without case, accents, punctuation and spacing.
"""

from __future__ import annotations

import csv
import functools
import unicodedata
from dataclasses import dataclass
from pathlib import Path

SEEDS = Path(__file__).parent.parent / "dbt_project" / "seeds"


class AmbiguousLabelError(ValueError):
    """A label or an alias that stands for two codes of the same list."""


@dataclass(frozen=True, slots=True)
class CodeList:
    """The codes of one list and the bare spellings that lead to each."""

    name: str
    codes: frozenset[str]
    spellings: dict[str, str]

    def code_of(self, printed: str) -> str | None:
        """Return the code that `printed` (code, label or alias) stands for; None when there is none."""
        if printed in self.codes:
            return printed
        return self.spellings.get(bare_spelling(printed))


def bare_spelling(text: str) -> str:
    """Reduce a spelling to what is compared: lower case, letters and digits only, no accents.

    Text without a letter or a digit (the qualifiers `=`, `≈`) stays as it is but for spaces.
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(filter(str.isalnum, decomposed)) or "".join(text.split())


def exists(name: str) -> bool:
    """Whether there is a code list of that name; a seed without codes (a mapping) is none."""
    file = SEEDS / f"{name}.csv"
    if not file.is_file():
        return False
    with file.open(encoding="utf-8") as stream:
        return stream.readline().startswith("code,")


def load(name: str, kinds: tuple[str, ...] = ()) -> CodeList:
    """Return the code list `name`, or its codes of some `kinds`; `FileNotFoundError` when there is none."""
    file = SEEDS / f"{name}.csv"
    return _read(file, kinds, file.stat().st_mtime_ns)


def labels(name: str, kinds: tuple[str, ...] = ()) -> list[str]:
    """The French labels of a code list, in its order; `_T` is a total, not a choice."""
    return [row["label_fr"] for row in _rows(SEEDS / f"{name}.csv", kinds) if row["code"] != "_T"]


def memberships(name: str) -> frozenset[tuple[str, str]]:
    """Each code of a list with each that it is, or once was, a part of; empty without such a seed.

    The seed of `areas` is `area_memberships`.
    """
    file = SEEDS / f"{name.removesuffix('s')}_memberships.csv"
    return _pairs(file, file.stat().st_mtime_ns) if file.is_file() else frozenset()


@functools.cache
def _pairs(file: Path, _changed_at: int) -> frozenset[tuple[str, str]]:
    return frozenset((row["member_code"], row["grouping_code"]) for row in _rows(file, ()))


@functools.cache
def _read(file: Path, kinds: tuple[str, ...], _changed_at: int) -> CodeList:
    rows = _rows(file, kinds)
    spellings: dict[str, str] = {}
    for row in rows:
        for spelling in _printed_forms(row):
            bare = bare_spelling(spelling)
            if bare and spellings.setdefault(bare, row["code"]) != row["code"]:
                raise AmbiguousLabelError(
                    f"{file.name}: {spelling!r} stands for both {spellings[bare]} and {row['code']}"
                )
    return CodeList(file.stem, frozenset(row["code"] for row in rows), spellings)


def _rows(file: Path, kinds: tuple[str, ...]) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if not kinds or row.get("kind") in kinds]


def _printed_forms(row: dict[str, str]) -> list[str]:
    labels = [value for column, value in row.items() if "label_" in column]
    return [row["code"], *labels, *(row.get("aliases") or "").split("|")]
