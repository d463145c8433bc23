"""What an expectation found and expected, in French: institutions and the dashboard show these texts."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from expectations.verdict import FailingRow
from ingestion.french import agreeing, format_number
from ingestion.wording import WHOLE

EXAMPLES = 5
"""How many failing rows a result quotes."""

_CELL = re.compile(r"(?P<sheet>.+)!(?P<column>[A-Z]{1,3})(?P<row>[0-9]+)")
_ABOUT_THE_ROW = ("record_locator", "is_repeated")


class French(dict[str, Any]):
    """The arguments of an expectation, each printed in French when a description asks for it."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        """Print `arguments`, as Great Expectations gives them back with its result."""
        super().__init__({name: value(argument) for name, argument in arguments.items()})


def place(locator: str, of: str, evidence: str) -> str:
    """Where a column of a record stands: a record's own place is the cell of its evidence.

    >>> place("Retours!J5", of="returned_on", evidence="returned_on")
    'Retours!J5'
    >>> place("Retours!J5", of="cercle_code", evidence="returned_on")
    'Retours, ligne 5'
    """
    cell = None if of in (evidence, WHOLE) else _CELL.fullmatch(locator)
    return f"{cell['sheet']}, ligne {cell['row']}" if cell else locator


def observed(result: Mapping[str, Any], passed: bool, counted: str, place: Callable[[str], str] = str) -> str:
    """What Great Expectations observed: a value, the values that are missing, or the first failing rows.

    `counted` says what the rows are, in the plural: « valeurs »; `place` makes a locator the place to see.
    """
    if missing := result.get("partial_missing_list"):
        return "absents : " + ", ".join(map(value, missing))
    if "unexpected_count" not in result:
        if passed and result.get("observed_value") is None:
            return "rien ne manque"
        return value(result.get("observed_value"))
    # Of no row at all, the database says that nothing was counted.
    count, examined = result["unexpected_count"] or 0, result["element_count"] or 0
    if passed:
        return f"{agreeing(examined - count, f'{counted} conformes')} sur {number(examined)}"
    rows = islice(failing(result), EXAMPLES)
    examples = " ; ".join(f"{place(row.record_locator)} ({row.found})" for row in rows)
    more = " ; …" if count > EXAMPLES else ""
    return f"{number(count)} sur {agreeing(examined, counted)} : {examples}{more}"


def failing(result: Mapping[str, Any]) -> tuple[FailingRow, ...]:
    """The first rows that fail, each with the values concerned."""
    return tuple(map(_row, result.get("partial_unexpected_index_list") or ()))


def value(given: Any) -> str:
    """One value: numbers and dates in French form, nothing as « vide »."""
    if given is None or given != given:
        return "vide"
    if isinstance(given, int | float | Decimal) and not isinstance(given, bool):
        return number(given)
    if given == datetime.date.min:
        return "aucune encore"
    return f"{given:%d/%m/%Y}" if isinstance(given, datetime.date) else str(given)


def number(given: float | Decimal) -> str:
    """A number in French form."""
    if math.isinf(given):
        return "infini"
    return format_number(Decimal(str(given)))


def _row(row: Mapping[str, Any]) -> FailingRow:
    values = (value(given) for name, given in row.items() if name not in _ABOUT_THE_ROW)
    return FailingRow(
        str(row.get("record_locator", "?")), ", ".join(values), bool(row.get("is_repeated", False))
    )
