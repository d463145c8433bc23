"""The sectors of an OLE document, which holds an .xls: each names the next one, and some files go round.

calamine follows them for as long as there is memory, and the process ends where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ingestion.read import UnreadableDelivery

_HEADER = 512
_SHIFT, _FIRST_MINI, _FIRST_OF_TABLE, _TABLE = 30, 60, 68, 76  # where the header says it
_LAST_SECTOR = 0xFFFFFFF9  # greater numbers say that a sector ends a stream, is free, or is of the table


def require_ends(path: Path) -> None:
    """Raise UnreadableDelivery for an OLE document in which following the sectors never ends."""
    content = path.read_bytes()
    size = 1 << min(int.from_bytes(content[_SHIFT : _SHIFT + 2], "little"), 20)

    def numbers(at: int, end: int) -> list[int]:
        piece = content[at:end]
        found: list[int] = np.frombuffer(piece[: len(piece) // 4 * 4], "<u4").tolist()
        return found

    def sector(number: int) -> list[int]:
        start = _HEADER if size <= _HEADER else size
        return numbers(start + number * size, start + (number + 1) * size)

    # Where the table stands is a chain of its own: the last number of a sector is the next one.
    places, seen = numbers(_TABLE, _HEADER), set()
    [following] = numbers(_FIRST_OF_TABLE, _FIRST_OF_TABLE + 4) or [_LAST_SECTOR + 1]
    while following <= _LAST_SECTOR and (held := sector(following)):
        if following in seen:
            raise _endless()
        seen.add(following)
        places += held[:-1]
        following = held[-1]
    table = [number for place in dict.fromkeys(places) if place <= _LAST_SECTOR for number in sector(place)]
    if _goes_round(table):
        raise _endless()
    # The small streams have a table like it, which is a stream itself.
    [at], small = numbers(_FIRST_MINI, _FIRST_MINI + 4) or [len(table)], []
    while at < len(table):
        small += sector(at)
        at = table[at]
    if _goes_round(small):
        raise _endless()


def _goes_round(following: Sequence[int]) -> bool:
    """Say whether from any place on, going to the number that stands there each time never leaves them."""
    known = bytearray(len(following))
    for start in range(len(following)):
        way, at = [], start
        while at < len(following) and not known[at]:
            known[at] = 1
            way.append(at)
            at = following[at]
        if at < len(following) and known[at] == 1:
            return True
        for one in way:
            known[one] = 2
    return False


def _endless() -> UnreadableDelivery:
    found = "un classeur .xls dont les secteurs tournent en rond"
    return UnreadableDelivery("le fichier", found, "un classeur enregistré par un tableur")
