"""How far the cells of an .xlsb reach: its records are streamed once (MS-XLSB 2.1.4).

What else it says of them, what is hidden or a percentage, is not known.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import IO

from ingestion.read.marks.package import opened, parts_of, tree
from ingestion.read.marks.sheet import Marks

WORKBOOK = "xl/workbook.bin"
_RELATIONS = "xl/_rels/workbook.bin.rels"
_ROW, _FILLED = 0, range(2, 12)  # BrtRowHdr, and BrtCellRk to BrtFmlaError: 1 is a cell left blank
_SHEET, _END_OF_SHEETS, _END_OF_CELLS = 0x9C, 0x90, 0x92
_LAST_ROW = 2**20  # calamine reads no further
_CELL_HEAD = 8  # octets: its column, and its style


def require_bounded(package: zipfile.ZipFile) -> None:
    """Raise UnreadableDelivery for a stray cell far from the others, and what a broken part makes of it.

    The parts are those that calamine reads, named as it names them: in whatever case.
    """
    parts = parts_of(package)
    targets = {one.get("Id"): one.get("Target", "") for one in tree(package, parts[_RELATIONS])}
    for name, relation in list(_sheets(package, parts[WORKBOOK])):
        part = parts.get(f"xl/{targets.get(relation)}".lower())
        if part is not None:
            with opened(package, part) as stream:
                _reach_of(stream, f"la feuille « {name} »")


def _sheets(package: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str]]:
    """Give the name of each sheet, and of its relation to its part."""
    with opened(package, part) as stream:
        for kind, body in _records(stream):
            if kind == _SHEET:
                relation, end = _text(body, 8)
                yield _text(body, end)[0], relation
            elif kind == _END_OF_SHEETS:
                return


def _reach_of(stream: IO[bytes], place: str) -> None:
    found, row = Marks(), 0
    for kind, body in _records(stream):
        if kind == _ROW:
            row = _number(body, 0)
            if row > _LAST_ROW:
                return
        elif kind in _FILLED:
            if len(body) < _CELL_HEAD:
                raise ValueError(f"a cell of {len(body)} octets")
            found.reach(row, _number(body, 0))
            found.require_bounded(place)
        elif kind == _END_OF_CELLS:
            return


def _records(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Give the type and the content of each record; EOFError where one is broken off."""
    buffered = io.BufferedReader(stream)  # type: ignore[type-var]  # ZipExtFile is what it asks for
    while buffered.peek(1):
        kind, length = _packed(buffered, 2), _packed(buffered, 4)
        body = buffered.read(length)
        if len(body) < length:
            raise EOFError
        yield kind, body


def _packed(stream: IO[bytes], most: int) -> int:
    """Give a number of seven bits an octet, the least first; the eighth says that another follows."""
    number = 0
    for at in range(most):
        [octet] = stream.read(1) or _broken_off()
        number |= (octet & 0x7F) << 7 * at
        if octet < 0x80:
            break
    return number


def _broken_off() -> bytes:
    raise EOFError


def _number(body: bytes, at: int) -> int:
    if len(body) < at + 4:
        raise EOFError
    return int.from_bytes(body[at : at + 4], "little")


def _text(body: bytes, at: int) -> tuple[str, int]:
    """Give a text, and where it ends; none (0xFFFFFFFF) is an empty one."""
    length = _number(body, at)
    if length == 2**32 - 1:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(body):
        raise EOFError
    return body[at + 4 : end].decode("utf-16-le"), end
