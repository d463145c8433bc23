"""What qualifies a figure, printed before it: « plus de », « environ »."""

from __future__ import annotations

import re

from ingestion.french import fold, split_qualifier


def qualifier_of(text: str, start: int, end: int) -> tuple[int, str, str | None]:
    """Give where the literal of a number begins, its qualifier, and a doubt about it."""
    begin, qualifier = qualified(text[:start], text[start:end])
    before = fold(text[:start])
    if re.search(r"\bau (?:moins|plus)$", before):
        return start, "=", f"« {before[-8:].strip()} » : qualificatif à décider"
    return begin, qualifier, None


def qualified(before: str, number: str) -> tuple[int, str]:
    """Give where the qualifier of a number begins, and the qualifier: `=` when nothing qualifies it."""
    words = list(re.finditer(r"\S+", before))[-3:]
    for word in words:
        sign, rest = split_qualifier(f"{before[word.start() :]}{number}")
        if sign != "=" and rest == number:
            return word.start(), sign
    return len(before), "="
