"""Text that PostgreSQL can store, and text that a spreadsheet would run."""

from __future__ import annotations

import re

# It stores no NUL and no lone surrogate; other control characters separate the parts of keys and hashes.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# Where a cell begins for whatever splits the text at `,` or `;` with no regard for quotes, and would be run.
# Those of full width are formulas too where a spreadsheet speaks Chinese or Japanese.
_BEGINS, _IS_RUN = "(^|[,;\t\r\n])", '(?=[ \u00a0"]*[=+@\uff1d\uff0b\uff0d\uff20-])'
_RUN_CELL = re.compile(_BEGINS + _IS_RUN)
_MADE_INERT = re.compile(f"{_BEGINS}'{_IS_RUN}|^'(?=[ \u00a0]*[\t\r\n])")
_RUNS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


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
    return text.lstrip(" \u00a0").startswith(_RUNS)


def inert(text: str) -> str:
    """Put an apostrophe in front of what a spreadsheet would run, wherever it may take a cell to begin.

    A file delimited by semicolons is opened as one delimited by commas too: quotes that do not enclose a
    whole cell then enclose nothing.

    >>> inert("=1+1"), inert("réf,=1+1"), inert("réf = 1"), inert("Mali")
    ("'=1+1", "réf,'=1+1", 'réf = 1', 'Mali')
    """
    cells = _RUN_CELL.sub(r"\1'", text)
    return f"'{cells}" if would_run(cells) else cells


def as_printed(text: str) -> str:
    """Take off the apostrophes that `inert` puts on, and no others.

    >>> as_printed("'-8,79"), as_printed("réf,'=1+1"), as_printed("'Mali', l'Etat")
    ('-8,79', 'réf,=1+1', "'Mali', l'Etat")
    """
    return _MADE_INERT.sub(r"\1", text)


def _picture(code: int) -> str:
    if code == 0x7F:
        return "\u2421"
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"
