"""Numbers in digits: read as they are printed, and printed."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from ingestion.french.errors import NotAsExpected
from ingestion.french.typography import NARROW_NO_BREAK_SPACE, SPACE, SPACES

_MINUS = "[-\u2010-\u2015\u2212\ufe63\uff0d]"
# Thousands are separated by one or two spaces of any kind, each group of exactly three digits, or not at all:
# « 19  23 mars » is two days, never the number 1923.
_INTEGER = f"(?:[1-9][0-9]{{0,2}}(?:{SPACE}{{1,2}}[0-9]{{3}})+|[0-9]+)"
_DECIMALS = "(?:[.,](?P<decimals>[0-9]+))?"
NUMBER = re.compile(f"(?P<sign>(?:{_MINUS}|[+])?){SPACE}*(?P<integer>{_INTEGER}){_DECIMALS}")
_PERCENT = re.compile(f"{SPACE}*%$")
_FRENCH = str.maketrans({",": NARROW_NO_BREAK_SPACE, ".": ",", "-": "−"})
# A point that may separate thousands; 0.125 and 1234.567 can only be decimals.
_TWO_WAYS = re.compile(rf"(?<![0-9.,])(?<![0-9]{SPACE})([1-9][0-9]{{0,2}})\.([0-9]{{3}})(?![0-9])")


def parse_number(text: str) -> Decimal:
    """Read one number, alone in its text: a cell of a table.

    The decimal mark is a comma or one point; a percent sign is read over (14,81 % is 14.81). Raises
    `NotAsExpected` for anything else: words, a date, two numbers, a badly grouped one, and 1.234, which is
    1234 for one person and 1,234 for another.

    >>> parse_number("300\u00a0601 889"), parse_number("14.81%")
    (Decimal('300601889'), Decimal('14.81'))
    >>> parse_number("− 1 228,4"), parse_number("02")
    (Decimal('-1228.4'), Decimal('2'))
    """
    match = NUMBER.fullmatch(_PERCENT.sub("", text.strip()))
    if match is None:
        raise NotAsExpected(text, "un nombre, par exemple 1 234,5")
    if _TWO_WAYS.search(match[0]):
        raise NotAsExpected(
            text, "un nombre sans équivoque, 1 234 ou 1,234 : le point se lit des deux façons"
        )
    digits = SPACES.sub("", match["integer"])
    number = Decimal(f"{digits}.{match['decimals']}" if match["decimals"] else digits)
    return -number if match["sign"] not in ("", "+") else number


def readings_of(text: str) -> list[str]:
    """Give a text as it can be read, without a point that nobody can tell from a decimal one.

    >>> readings_of("4.774 adultes"), readings_of("14.81 %")
    (['4 774 adultes', '4,774 adultes'], ['14.81 %'])
    """
    return list(dict.fromkeys(_TWO_WAYS.sub(rf"\1{mark}\2", text) for mark in (" ", ",")))


def is_number(text: str) -> bool:
    """Say whether `parse_number` reads the text.

    >>> is_number("1 058,1"), is_number("19  23 mars 2015")
    (True, False)
    """
    try:
        parse_number(text)
    except NotAsExpected:
        return False
    return True


def format_number(number: Decimal | int, decimals: int | None = None) -> str:
    """Print a number in French form, thousands separated by narrow no-break spaces.

    Without `decimals`, every significant decimal is kept; with it, the number is rounded, half away from
    zero, as that of the dashboards is (macro french_number). The sign is the minus of typography.

    >>> format_number(Decimal("483.30")), format_number(901304460), format_number(Decimal("-8.785"), 2)
    ('483,3', '901\u202f304\u202f460', '−8,79')
    """
    number = Decimal(number)
    if decimals is not None:
        number = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    printed = f"{number:z,f}"
    if decimals is None and "." in printed:
        printed = printed.rstrip("0").rstrip(".")
    return printed.translate(_FRENCH)


def agreeing(count: int, plural: str) -> str:
    """Print a number and what it counts, in the singular below two.

    >>> agreeing(1, "lignes conformes"), agreeing(0, "rejets"), agreeing(2, "rejets")
    ('1 ligne conforme', '0 rejet', '2 rejets')
    """
    words = plural if count > 1 else re.sub(r"s\b", "", plural)
    return f"{format_number(count)} {words}"
