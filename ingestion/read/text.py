"""What the readers of text have in common: its encoding, its lines, and numbers in English dress."""

from __future__ import annotations

import codecs
import csv
import functools
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import polars as pl

from ingestion.french import agreeing
from ingestion.read import UnreadableDelivery

LONGEST_LINE = 1_000_000
"""In characters; a longer line is no line of a table."""

UNREADABLE_LINE = "une ligne illisible (guillemets mal placés ou non refermés, ou cellule trop longue)"
"""What the csv module finds fault with, in French."""
_TOO_LONG = "plus d’un million de caractères"
_SHORT_ENOUGH = "une ligne d’au plus un million de caractères (le fichier a-t-il ses fins de ligne ?)"
_BLOCK = 1 << 20
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LINE_BY_LINE = "line by line"
"""Each line by itself, as `decoded_line` has it: one file may mix what several people wrote."""
# In this order: UTF-8 refuses what is not UTF-8, cp1252 the five bytes it does not define, Latin-1 nothing.
_OF_A_LINE = ("utf-8", "cp1252", "latin-1")
_MOST_NAMED = 5

_FIRST_PRINTED = ord(" ")  # of ASCII: what is below it are control characters

_ENGLISH = re.compile(r"[-+\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?")
_TWO_WAYS = re.compile(r"\.\d{3}(?!\d)")
_SCIENTIFIC = re.compile(r"[-+]?\d+(?:\.\d+)?[eE][-+]?\d{1,2}")


def encoding_of(path: Path, declared: Sequence[str] = ()) -> str:
    """Give the first encoding that decodes the whole file, read block by block; `opened` opens it.

    A byte order mark decides; otherwise `declared` are tried in turn, or UTF-8 when nothing is declared. What
    is then not UTF-8 as a whole is LINE_BY_LINE: the same bytes always give the same answer. Raises
    UnreadableDelivery for a binary file and when no declared encoding fits.
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
    candidates = (marked,) if marked else tuple(declared) or ("utf-8",)
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    if not declared and marked != "utf-16" and _decodes(path, "latin-1"):  # as any text does
        return LINE_BY_LINE
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


def opened(path: Path, encoding: str) -> TextIO:
    """Open a text in an encoding that `encoding_of` gave; its line ends are left as they are."""
    if encoding != LINE_BY_LINE:
        return path.open(encoding=encoding, newline="")
    return io.TextIOWrapper(io.BufferedReader(_InUtf8(path)), encoding="utf-8-sig", newline="")


def decoded_line(line: bytes) -> str:
    """Decode one line by itself: in UTF-8, else in cp1252, else in Latin-1.

    >>> decoded_line("Côte d’Ivoire".encode()), decoded_line("Côte d’Ivoire".encode("cp1252"))
    ('Côte d’Ivoire', 'Côte d’Ivoire')
    """
    return line.decode(_encoding_of_line(line))


def decoded(content: bytes) -> str:
    """Decode a whole text, line by line where it is not in UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "".join(map(decoded_line, content.splitlines(keepends=True))).removeprefix("\ufeff")


def said_of_lines(path: Path) -> str:
    """Say in French what a text not in UTF-8 is in: « cp1252 », or which of its lines are."""
    is_mixed = False
    counts: Counter[str] = Counter()
    first: dict[str, list[int]] = {}
    with path.open("rb") as stream:
        for number, line in enumerate(iter(functools.partial(stream.readline, 4 * LONGEST_LINE), b""), 1):
            if line.isascii():
                continue
            encoding = _encoding_of_line(line)
            if encoding == "utf-8":
                is_mixed = True
            else:
                counts[encoding] += 1
                if counts[encoding] <= _MOST_NAMED:
                    first.setdefault(encoding, []).append(number)
    if not is_mixed:
        return " et ".join(sorted(counts))
    each = (
        f"{agreeing(count, 'lignes')} en {name} ({_listed(first[name], count)})"
        for name, count in sorted(counts.items())
    )
    return f"utf-8, sauf {' et '.join(each)}"


def _listed(first: Sequence[int], count: int) -> str:
    return ", ".join(f"l.{number}" for number in first) + ("…" if count > len(first) else "")


def _encoding_of_line(line: bytes) -> str:
    for encoding in _OF_A_LINE[:-1]:
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return _OF_A_LINE[-1]


class _InUtf8(io.RawIOBase):
    """The bytes of a text in UTF-8, whatever each of its lines is in."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("rb")
        # Longer by far than any line of LONGEST_LINE characters: a character is never cut.
        self._lines = iter(functools.partial(self._file.readline, 4 * LONGEST_LINE), b"")
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)
        if not self._rest:
            self._rest = "".join(self._next_lines(len(view))).encode()
        given = self._rest[: len(view)]
        view[: len(given)], self._rest = given, self._rest[len(given) :]
        return len(given)

    def _next_lines(self, octets: int) -> Iterator[str]:
        for line in self._lines:
            yield decoded_line(line)
            octets -= len(line)
            if octets <= 0:
                return

    def close(self) -> None:
        self._file.close()
        super().close()


def bounded_lines(stream: TextIO, number: int = 0) -> Iterator[str]:
    """Give the lines of a stream, ends included; UnreadableDelivery for one that does not end.

    `number` lines stand above it.
    """
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            raise UnreadableDelivery(f"ligne {number}", _TOO_LONG, _SHORT_ENOUGH)
        yield line


def plain_cells(content: bytes, separator: str, width: int) -> pl.DataFrame | None:
    """Cut whole lines, in UTF-8, into `width` columns of text at every separator, as they are printed.

    None when they are not so plain: a quote, another number of cells, an empty line, control characters, a
    lone carriage return, or a line as long as csv's limit of a field.
    """
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n")
    if not content.endswith(b"\n"):
        content += b"\n"
    octets, mark = np.frombuffer(content, np.uint8), separator.encode()
    if width < 2 or len(mark) != 1:
        return None
    lines, tabs, cuts = (int(np.count_nonzero(octets == ord(one))) for one in (b"\n", b"\t", mark))
    is_plain = np.count_nonzero(octets < _FIRST_PRINTED) == lines + tabs
    is_plain &= b'"' not in content and b"\x7f" not in content
    is_plain &= not content.startswith(codecs.BOM_UTF8)  # polars would take it for a mark
    if not is_plain or cuts != lines * (width - 1):
        return None
    try:
        cells = pl.read_csv(
            content,
            has_header=False,
            separator=separator,
            quote_char=None,
            infer_schema=False,
            empty_string_is_null=False,
        )
    except pl.exceptions.ComputeError:
        return None  # a line has more cells than the first one
    # None has more cells than `width`, and all have as many as that together: each has `width`.
    if cells.shape != (lines, width):
        return None
    longest = cells.select(pl.sum_horizontal(pl.all().str.len_bytes()).max()).item()
    return cells if longest + width <= csv.field_size_limit() else None


def english_number(text: str) -> str | None:
    """Give a number in English dress as a French reader takes it: commas separate thousands, and go.

    None when it is no such number: « 1,5 » in an English file is 1.5 or 15, and nobody can say which. A point
    before three digits becomes a comma: a French reader would not know what it is.

    >>> english_number("1,234,567.8"), english_number("1.878E+10"), english_number("1,5")
    ('1234567.8', '18780000000', None)
    >>> english_number("12.345")
    '12,345'
    """
    if _SCIENTIFIC.fullmatch(text):
        french = f"{Decimal(text):f}"
    elif _ENGLISH.fullmatch(text):
        french = text.replace(",", "")
    else:
        return None
    return french.replace(".", ",") if _TWO_WAYS.search(french) else french
