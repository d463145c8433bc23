"""How a spreadsheet shows a number."""

from __future__ import annotations

import re

# What a format code prints as it stands: « "%" », « \% ».
_BRACKETED = re.compile(r"\[[^\]]*\]")
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
# The numbers and words of a date.
_PARTS = re.compile(r"\d+|[^\W\d_]+")


def is_month(code: str) -> bool:
    """Say whether a number format shows of a date its month and year, and no day.

    >>> is_month("yyyy-mm"), is_month("[$-40C]mmm-yy;@"), is_month("dd/mm/yyyy"), is_month("mm:ss")
    (True, True, False, False)
    """
    shown = set(_BRACKETED.sub("", _QUOTED.sub("", code)).lower())
    return {"m", "y"} <= shown and not shown & set("dhs")


def shows_month(day: str, shown: str) -> bool:
    """Say whether the text shown of a date, in ISO form, is its month and year, and no day.

    >>> shows_month("2026-03-01", "mars 2026"), shows_month("2026-03-01", "03/26")
    (True, True)
    >>> shows_month("2026-03-01", "1 mars"), shows_month("2026-03-01", "01/03/26")
    (False, False)
    """
    said = _PARTS.findall(shown)
    return len(said) == 2 and not {day[:4], day[2:4]}.isdisjoint(said)


def is_percent(code: str) -> bool:
    """Say whether a number format shows a number as a percentage, multiplied by 100.

    >>> is_percent("0.00%"), is_percent('0.0" %"'), is_percent("#,##0")
    (True, False, False)
    """
    return "%" in _QUOTED.sub("", code)
