"""The parts of a zipped workbook: opened within bounds, parsed without entities."""

from __future__ import annotations

import zipfile
from itertools import pairwise
from typing import IO, Any

from lxml import etree

from ingestion.french import format_number
from ingestion.read import UnreadableDelivery

_LARGEST_PART = 512 * 1024 * 1024
_MOST_TAGS = 500_000  # of a part, held in memory at once: one of four letters takes a hundred octets

_ENTITY = b"<!ENTITY"


def parts_of(package: zipfile.ZipFile) -> dict[str, str]:
    """Give the name of each part by how calamine looks for it: in whatever case, with whatever slashes."""
    return {name.replace("\\", "/").lower(): name for name in package.namelist()}


def tree(package: zipfile.ZipFile, part: str) -> Any:
    """Give the root of a part. Raises XMLSyntaxError, KeyError and, for one too large, UnreadableDelivery."""
    with opened(package, part) as stream:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        return etree.parse(Tags(stream, part), parser).getroot()


def opened(package: zipfile.ZipFile, part: str) -> IO[bytes]:
    """Open a part. Raises KeyError and, for one larger than 512 MiB, UnreadableDelivery."""
    size = package.getinfo(part).file_size
    if size > _LARGEST_PART:
        raise UnreadableDelivery(f"la partie {part}", f"{size} octets", f"au plus {_LARGEST_PART} octets")
    return package.open(part)


def declares(part: str, what: str) -> UnreadableDelivery:
    """Say that a part declares what no spreadsheet writes, and what readers differ in."""
    expected = "un classeur enregistré par un tableur, qui n’en déclare pas"
    return UnreadableDelivery(f"la partie {part}", what, expected)


class Tags:
    """A part read through while its tags are counted: what is parsed of them stays in memory."""

    def __init__(self, stream: IO[bytes], part: str) -> None:
        self._stream, self._part = stream, part
        self._held = 0
        self._end = b""

    def read(self, size: int = -1) -> bytes:
        """Read on. Raises UnreadableDelivery for more tags than may be held, and for a declared entity."""
        content = self._stream.read(size)
        if _ENTITY in self._end + content:
            raise declares(self._part, "des entités XML (<!ENTITY …>)")
        self._end = content[1 - len(_ENTITY) :]
        self._held += content.count(b"<")
        if self._held > _MOST_TAGS:
            found = f"plus de {format_number(_MOST_TAGS)} balises hors des lignes du tableau"
            raise UnreadableDelivery(
                f"la partie {self._part}", found, "un classeur enregistré par un tableur"
            )
        return content

    def forget(self, element: Any) -> None:
        """Clear an element that has been seen, and take out all that was parsed before it."""
        element.clear()
        for one, around in pairwise((element, *element.iterancestors())):
            while (before := one.getprevious()) is not None:
                around.remove(before)
        self._held = 0
