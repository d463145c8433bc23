"""What the readers of text have in common: its encoding, its lines, and numbers in English dress."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from ingestion.read import UnreadableDelivery

LONGEST_LINE = 1_000_000
"""In characters; a longer line is no line of a table."""

_BLOCK = 1 << 16
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# In this order: UTF-8 refuses what is not UTF-8, cp1252 the five bytes it does not define, Latin-1 nothing.
_UNDECLARED = ("utf-8", "cp1252", "latin-1")

_ENGLISH = re.compile(r"[-+\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?")
_SCIENTIFIC = re.compile(r"[-+]?\d+(?:\.\d+)?[eE][-+]?\d{1,2}")


def encoding_of(path: Path, declared: Sequence[str] = ()) -> str:
    """Give the first encoding that decodes the whole file, read block by block.

    A byte order mark decides; otherwise `declared` are tried in turn, or UTF-8, cp1252 and Latin-1 when
    nothing is declared: the same bytes always give the same answer. Raises UnreadableDelivery for a binary
    file and when no declared encoding fits.
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
    candidates = (marked,) if marked else tuple(declared) or _UNDECLARED
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise UnreadableDelivery("le fichier", "un codage inconnu", " ou ".join(candidates))


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                if "\x00" in decoder.decode(block):
                    raise UnreadableDelivery("le fichier", "un fichier binaire", "un fichier texte")
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def bounded_lines(stream: TextIO) -> Iterator[str]:
    """Give the lines of a stream, ends included; UnreadableDelivery for one that does not end."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            raise UnreadableDelivery(f"ligne {number}", "plus d'un million de caractères", "une ligne")
        yield line


def english_number(text: str) -> str | None:
    """Give a number in English dress as a French reader takes it: commas separate thousands, and go.

    None when it is no such number: « 1,5 » in an English file is 1.5 or 15, and nobody can say which.

    >>> english_number("1,234,567.8"), english_number("1.878E+10"), english_number("1,5")
    ('1234567.8', '18780000000', None)
    """
    if _SCIENTIFIC.fullmatch(text):
        return f"{Decimal(text):f}"
    return text.replace(",", "") if _ENGLISH.fullmatch(text) else None
