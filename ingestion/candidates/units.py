"""The unit of a figure: named after it, before it, or that of the figure before."""

from __future__ import annotations

import functools
import re
from decimal import Decimal

from ingestion import code_lists
from ingestion.candidates.candidate import Candidate
from ingestion.candidates.patterns import HIDDEN, PERCENT, S
from ingestion.french import NotAsExpected, fold, parse_quantity

_CURRENCIES = (
    ("XOF", re.compile(rf"{S}*(?:de{S}+|d['’])?(?:f{S}?cfa|francs?{S}+cfa)\b", re.IGNORECASE)),
    ("EUR", re.compile(rf"{S}*(?:de{S}+|d['’])?(?:euros?\b|€)", re.IGNORECASE)),
    ("USD", re.compile(rf"{S}*(?:de{S}+|d['’])?(?:dollars?\b|usd\b|\$)", re.IGNORECASE)),
)
MONEY = ("XOF", "EUR", "USD", "BN_XOF", "M_XOF", "M_EUR", "M_USD")
_PREFIX_OF = {10**9: "BN", 10**6: "M"}
# fmt: off
_PEOPLE = frozenset((
    "agent", "beneficiaire", "cadre", "candidat", "cas", "compatriote", "consultant", "delegue", "enfant",
    "expert", "expulse", "femme", "homme", "jeune", "malien", "migrant", "mort", "noye", "participant",
    "rapatrie", "refugie", "representant", "retourne", "stagiaire", "travailleur",
))
# fmt: on
_PAPERS = frozenset(("cic", "carte", "passeport", "demande", "document", "titre"))
_UNIT_WITHIN = 4  # words after a number


def unit_of(
    text: str, visible: str, end: int, magnitude: int, first: int, start: int, previous: Candidate | None
) -> tuple[str | None, int, str | None]:
    """Give the unit of the number from `start` to `end`, where its words end, and a doubt about it.

    Its sentence begins at `first`; in `visible` what is no figure is hidden.
    """
    for currency, pattern in _CURRENCIES:
        if match := pattern.match(text, end):
            return _unit_of_currency(currency, magnitude), match.end(), None
    if match := PERCENT.match(text, end):
        return "PCT", match.end(), None
    within = [unit for word in re.findall(r"[^\W\d_]+", text[start:end]) if (unit := _unit_of_word(word))]
    if within:
        return within[-1], end, None
    if found := unit_after(visible[end:]):
        return found[0], end + found[1], None
    if magnitude == 10**9:
        return "BN_XOF", end, "monnaie non dite, FCFA supposé"
    if before := _unit_before(visible[max(first, start - 80) : start]):
        return before, end, "unité lue avant le nombre"
    if previous and previous.start >= first and magnitude == 1 and previous.unit_code not in (None, *MONEY):
        return previous.unit_code, end, "unité reprise du chiffre précédent"
    return None, end, None


def _unit_of_currency(currency: str, magnitude: int) -> str:
    code = f"{_PREFIX_OF[magnitude]}_{currency}" if magnitude in _PREFIX_OF else currency
    return code if code in code_lists.load("units").codes else currency


def unit_after(after: str, words: int = _UNIT_WITHIN) -> tuple[str, int] | None:
    """Give the unit named by one of the first words after a number, and where that word ends."""
    for match in list(re.finditer(r"[^\W\d_]+|[^\w\s'’-]", after))[:words]:
        if not match[0][0].isalpha():
            return None
        if unit := _unit_of_word(match[0]):
            return unit, match.end()
    return None


def _unit_before(before: str) -> str | None:
    words = re.findall(r"[^\W\d_]+", before.rpartition(HIDDEN)[2])
    return next((unit for word in reversed(words) if (unit := _unit_of_word(word))), None)


@functools.cache
def _unit_of_word(word: str) -> str | None:
    folded = fold(word)
    if folded.removesuffix("s") in _PEOPLE or folded.removesuffix("es") in _PEOPLE:
        return "PERSONS"
    if folded.removesuffix("s") in _PAPERS:
        return "DOCUMENTS"
    unit = code_lists.load("units").code_of(word) if len(word) > 2 else None
    # Money is read with its magnitude.
    return None if unit in MONEY else unit


def value_in(printed: str, unit: str | None) -> Decimal | None:
    """Give the value in its unit: 483.3 in BN_XOF, 4 000 000 in PERSONS for « quatre millions »."""
    try:
        quantity = parse_quantity(printed)
    except NotAsExpected:
        return None
    scaled = unit is not None and unit.partition("_")[0] in _PREFIX_OF.values()
    return quantity.number if scaled else quantity.value
