"""Categories that one file calls by several labels: « Autres secteurs », further down « Autres structures ».

Each label is known and leads to its code, so that the figures are right; whoever reads the publication may
still take them for two categories, and the institution is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingestion import archived, code_lists, read
from ingestion.contracts import Contract
from ingestion.ledger import Delivery


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one code in one column, each with the place where it first stands."""

    column: str
    code: str
    places: tuple[tuple[str, str], ...]
    """Label as printed, locator; in the order of the file."""


def inconsistent(delivery: Delivery, contract: Contract) -> list[Labels]:
    """Give the codes that the file of a delivery prints under several labels.

    Spellings that differ in case, accents or punctuation are one label. Raises UnreadableDelivery or
    AlteredArchiveError as loading does.
    """
    return list(among(archived.records_of(delivery, contract), contract))


def among(records: Iterable[read.Record], contract: Contract) -> Iterator[Labels]:
    """Give the same of records."""
    lists = {c.name: code_lists.load(c.code_list, c.kinds) for c in contract.columns if c.code_list}
    found: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    for record in records:
        for name, code_list in lists.items():
            printed = record.values.get(name)
            code = code_list.code_of(printed) if printed and record.kind == "data" else None
            if printed and code:
                labels = found.setdefault((name, code), {})
                labels.setdefault(code_lists.bare_spelling(printed), (printed, record.locator))
    for (name, code), labels in found.items():
        if len(labels) > 1:
            yield Labels(name, code, tuple(labels.values()))
