"""Numbers, periods, qualifiers and status marks as French publications print them.

Everything here is pure: text in, value out, and a `NotAsExpected` that says in French what was found and
what was expected, because the institution that wrote the text reads it.
"""

from __future__ import annotations

from ingestion.french.errors import NotAsExpected
from ingestion.french.marks import STATUS_OF_MARK, marks_of_legend, split_mark
from ingestion.french.numbers import agreeing, format_number, is_number, parse_number, readings_of
from ingestion.french.periods import format_period, parse_period, period_bounds
from ingestion.french.quantities import (
    Quantity,
    magnitude_of,
    parse_quantity,
    split_qualifier,
    words_and_digits,
)
from ingestion.french.typography import NARROW_NO_BREAK_SPACE, fold
from ingestion.french.words import number_in_words, words_to_number

__all__ = [
    "NARROW_NO_BREAK_SPACE",
    "STATUS_OF_MARK",
    "NotAsExpected",
    "Quantity",
    "agreeing",
    "fold",
    "format_number",
    "format_period",
    "is_number",
    "magnitude_of",
    "marks_of_legend",
    "number_in_words",
    "parse_number",
    "parse_period",
    "parse_quantity",
    "period_bounds",
    "readings_of",
    "split_mark",
    "split_qualifier",
    "words_and_digits",
    "words_to_number",
]
