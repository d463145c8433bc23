"""Quantities in prose: a number in digits or in words, with its qualifier and its magnitude."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from ingestion.french.errors import NotAsExpected
from ingestion.french.numbers import NUMBER, parse_number
from ingestion.french.typography import SPACE, SPACES, fold
from ingestion.french.words import NUMBER_WORDS, SCALES, SINGULAR, words_to_number

_OF = r"d(?:e\b|['’])"
_QUALIFIERS = {
    "≈": rf"(?:pr[eè]s|autour) {_OF}|(?:environ|presque|quelques?|[aà] peu pr[eè]s)\b|[≈~]",
    ">": rf"plus(?: {_OF}|\b)|au(?:-| )del[aà] {_OF}|sup[eé]rieure?s? [aà]\b|>",
    "<": rf"moins(?: {_OF}|\b)|au(?:-| )dessous {_OF}|inf[eé]rieure?s? [aà]\b|<",
}
_QUALIFIER_OF = {
    sign: re.compile(phrases.replace(" ", f"{SPACE}+"), re.IGNORECASE)
    for sign, phrases in _QUALIFIERS.items()
}
_MAGNITUDES = {"mille": 10**3, "millier": 10**3, "million": 10**6, "milliard": 10**9, "md": 10**9}
_IN_BRACKETS = re.compile(rf"\({SPACE}*([^()]*[0-9][^()]*?){SPACE}*\)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in prose with what stands around it."""

    number: Decimal
    """As printed: 483.3 for « 483,3 milliards »."""
    magnitude: int
    """What the word after it multiplies it by: 10**9 for « milliards », otherwise 1."""
    qualifier: str
    """=, ≈, > or <: a code of the list `qualifiers`."""

    @property
    def value(self) -> Decimal:
        """The number in full: 483 300 000 000 for « 483,3 milliards »."""
        return self.number * self.magnitude


def parse_quantity(text: str) -> Quantity:
    """Read a figure as prose prints it: qualifier, number in digits, words or both, magnitude, unit.

    Words and digits that disagree are refused.

    >>> parse_quantity("près de 8000"), parse_quantity("483,3 milliards de franc CFA").value
    (Quantity(number=Decimal('8000'), magnitude=1, qualifier='≈'), Decimal('483300000000.0'))
    >>> parse_quantity("trois cents sept logements (307)").number
    Decimal('307')
    """
    qualifier, rest = split_qualifier(text)
    in_brackets = _IN_BRACKETS.search(rest)
    digits = parse_number(in_brackets[1]) if in_brackets else None
    if in_brackets:
        rest = f"{rest[: in_brackets.start()]} {rest[in_brackets.end() :]}".strip()
    read = _leading_digits(rest) or _leading_words(rest)
    if read is None and digits is None:
        raise NotAsExpected(text, "un nombre en chiffres ou en lettres")
    if read is None or digits is None:
        number, magnitude = read or (digits or Decimal(0), 1)
        return Quantity(number, magnitude, qualifier)
    number, magnitude = read
    if digits not in (number, number * magnitude):
        raise NotAsExpected(text, "le même nombre en lettres et en chiffres")
    return Quantity(number, magnitude, qualifier)


def words_and_digits(text: str) -> tuple[Decimal | None, Decimal | None]:
    """Read a figure printed in words and in digits twice over, without holding one against the other.

    Spaces between the digits are passed over, however they group them. A reading that is not there is None.

    >>> words_and_digits("plus cinquante (50) pays"), words_and_digits("264 projets")
    ((Decimal('50'), Decimal('50')), (None, None))
    >>> words_and_digits("quatre cents milliards (400 000 000 0000)")
    (Decimal('400000000000'), Decimal('4000000000000'))
    """
    _, rest = split_qualifier(text)
    in_brackets = _IN_BRACKETS.search(rest)
    if in_brackets is None:
        return None, None
    try:
        read = _leading_words(f"{rest[: in_brackets.start()]} {rest[in_brackets.end() :]}".strip())
        digits = parse_number(SPACES.sub("", in_brackets[1]))
    except NotAsExpected:
        return None, None
    if read is None:
        return None, None
    number, magnitude = read
    return (number if digits == number else number * magnitude), digits


def _leading_digits(text: str) -> tuple[Decimal, int] | None:
    match = NUMBER.match(text)
    if match is None or re.match(f"[0-9]|[.,][0-9]|{SPACE}{{1,2}}[0-9]", text[match.end() :]):
        return None
    return parse_number(match[0]), magnitude_of(text[match.end() :])


def _leading_words(text: str) -> tuple[Decimal, int] | None:
    words = re.split(r"[\s-]+", fold(text))
    length = next((n for n, word in enumerate(words) if word not in NUMBER_WORDS), len(words))
    if length > 1 and SINGULAR.get(words[length - 1], words[length - 1]) in SCALES:
        length -= 1  # « quatre millions » is printed as 4 with a magnitude, like « 4 millions »
    if length == 0:
        return None
    return Decimal(words_to_number(" ".join(words[:length]))), magnitude_of(" ".join(words[length:]))


def split_qualifier(text: str) -> tuple[str, str]:
    """Part a figure from what qualifies it; the qualifier of a plain figure is `=`.

    >>> split_qualifier("plus de 300 participants"), split_qualifier("264")
    (('>', '300 participants'), ('=', '264'))
    """
    text = text.strip()
    for sign, phrases in _QUALIFIER_OF.items():
        match = phrases.match(text)
        if match:
            return sign, text[match.end() :].strip()
    return "=", text


def magnitude_of(text: str) -> int:
    """Give what the first word of a text multiplies a number by: of a unit line, of what follows a number.

    >>> magnitude_of("Milliards de FCFA"), magnitude_of("de millions"), magnitude_of("logements")
    (1000000000, 1000000, 1)
    """
    first = re.match(r"(?:de |d')?([a-z]+)", fold(text))
    return _MAGNITUDES.get(first[1].removesuffix("s"), 1) if first else 1
