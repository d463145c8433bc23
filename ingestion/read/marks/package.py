"""The parts of a zipped workbook: opened within bounds, parsed without entities."""

from __future__ import annotations

import zipfile
from typing import IO, Any

from lxml import etree

from ingestion.read import UnreadableDelivery

_LARGEST_PART = 512 * 1024 * 1024


def tree(package: zipfile.ZipFile, part: str) -> Any:
    """Give the root of a part. Raises XMLSyntaxError, KeyError and, for one too large, UnreadableDelivery."""
    with opened(package, part) as stream:
        return etree.parse(stream, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()


def opened(package: zipfile.ZipFile, part: str) -> IO[bytes]:
    """Open a part. Raises KeyError and, for one larger than 512 MiB, UnreadableDelivery."""
    size = package.getinfo(part).file_size
    if size > _LARGEST_PART:
        raise UnreadableDelivery(f"la partie {part}", f"{size} octets", f"au plus {_LARGEST_PART} octets")
    return package.open(part)
