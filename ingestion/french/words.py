"""Numbers in words: read, and written."""

from __future__ import annotations

import re

from ingestion.french.errors import NotAsExpected
from ingestion.french.typography import fold

# fmt: off
_UNITS = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
    "onze", "douze", "treize", "quatorze", "quinze", "seize",
)
# fmt: on
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}
SINGULAR = {"cents": "cent", "vingts": "vingt", "une": "un", "millions": "million", "milliards": "milliard"}
_VALUES = {fold(word): n for n, word in enumerate(_UNITS)} | {word: n for n, word in _TENS.items()}
SCALES = {"milliard": 10**9, "million": 10**6}
NUMBER_WORDS = frozenset({*_VALUES, *SINGULAR, *SCALES, "et", "cent", "mille"})


def number_in_words(number: int) -> str:
    """Write an integer from 0 to 999 999 999 999 in French words.

    >>> number_in_words(376), number_in_words(400_000_000_000)
    ('trois cent soixante-seize', 'quatre cents milliards')
    """
    if not 0 <= number < 10**12:
        raise ValueError(f"{number}: only numbers from 0 to 999 999 999 999 are written in words")
    words: list[str] = []
    rest = number
    for name, scale in SCALES.items():
        count, rest = divmod(rest, scale)
        if count:
            words += [_below_a_thousand(count, plural=True), name if count == 1 else f"{name}s"]
    thousands, rest = divmod(rest, 1000)
    if thousands > 1:
        words.append(_below_a_thousand(thousands, plural=False))
    if thousands:
        words.append("mille")
    if rest or number == 0:
        words.append(_below_a_thousand(rest, plural=True))
    return " ".join(words)


def _below_a_thousand(number: int, *, plural: bool) -> str:
    """Write 0 to 999; « cents » and « quatre-vingts » take their s only when `plural` and nothing follows."""
    hundreds, rest = divmod(number, 100)
    words = []
    if hundreds > 1:
        words.append(_UNITS[hundreds])
    if hundreds:
        words.append("cents" if hundreds > 1 and rest == 0 and plural else "cent")
    if rest or not hundreds:
        words.append("quatre-vingts" if rest == 80 and plural else _below_a_hundred(rest))
    return " ".join(words)


def _below_a_hundred(number: int) -> str:
    if number < len(_UNITS):
        return _UNITS[number]
    if number < 20:
        return f"dix-{_UNITS[number - 10]}"
    if number >= 80:
        return "quatre-vingt" if number == 80 else f"quatre-vingt-{_below_a_hundred(number - 80)}"
    ten = 60 if number >= 60 else number // 10 * 10
    rest = number - ten
    if rest == 0:
        return _TENS[ten]
    return f"{_TENS[ten]}{' et ' if rest in (1, 11) else '-'}{_below_a_hundred(rest)}"


def words_to_number(text: str) -> int:
    """Read a number written in words; hyphens, plurals and « et » may be forgotten, as they often are.

    >>> words_to_number("trois cents soixante seize"), words_to_number("vingt quatre")
    (376, 24)
    """
    words = _bare_words(text)
    if not NUMBER_WORDS.issuperset(words) or not words:
        raise NotAsExpected(text, "un nombre en lettres, par exemple « trois cent sept »")
    number = _add_up(words)
    # Writing the result again and comparing refuses what is no French number, such as « vingt trente ».
    if number >= 10**12 or _bare_words(number_in_words(number)) != words:
        raise NotAsExpected(text, "un nombre en lettres bien formé, par exemple « trois cent sept »")
    return number


def _add_up(words: list[str]) -> int:
    total, thousands, below = 0, 0, 0
    for word in words:
        if word == "cent":
            below = below - below % 100 + max(below % 100, 1) * 100
        elif word == "mille":
            thousands, below = max(below, 1) * 1000, 0
        elif word in SCALES:
            total, thousands, below = total + (thousands + below) * SCALES[word], 0, 0
        elif word == "vingt" and below % 100 == 4:  # quatre-vingt
            below += 76
        else:
            below += _VALUES[word]
    return total + thousands + below


def _bare_words(text: str) -> list[str]:
    """The words without what is often forgotten: hyphens, plurals, « et »."""
    words = (word for word in re.split(r"[\s-]+", fold(text)) if word not in ("et", ""))
    return [SINGULAR.get(word, word) for word in words]
