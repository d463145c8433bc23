"""Text that PostgreSQL can store, and text that a spreadsheet would run."""

from __future__ import annotations

import re

# It stores no NUL and no lone surrogate; other control characters separate the parts of keys and hashes.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether a text can be stored, and be part of a key, as it is."""
    return _UNSTORABLE.search(text) is None


def storable(text: str) -> str:
    """Replace what cannot be stored: control characters by their pictures, surrogates by U+FFFD."""
    return text if is_storable(text) else _UNSTORABLE.sub(lambda match: _picture(ord(match[0])), text)


def would_run(text: str) -> bool:
    """Whether a spreadsheet may take a text for a formula: `=`, `+`, `-`, `@`, a tab or a line end open it.

    >>> would_run("=cmd|'/C calc'!A0"), would_run(" @SUM(A1)"), would_run("Mali")
    (True, True, False)
    """
    return text.lstrip(" \u00a0")[:1] in tuple("=+-@\t\r\n")


def _picture(code: int) -> str:
    if code == 0x7F:
        return "\u2421"
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"
