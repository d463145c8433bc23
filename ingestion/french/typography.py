"""What print has of its own: its kinds of space and quote, accents, capitals."""

from __future__ import annotations

import re
import unicodedata

NARROW_NO_BREAK_SPACE = "\u202f"

# Space, tab, no-break space and every typographic width; never a line end.
SPACE = "[ \\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
SPACES = re.compile(f"{SPACE}+")


def fold(text: str) -> str:
    """Give a text in the form in which labels are compared: no accents, no case, one kind of space and quote.

    >>> fold("  Côte d’Ivoire ")
    "cote d'ivoire"
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.replace("’", "'").casefold().split())
