"""How much of a machine one delivery may take: beyond it the delivery is refused, by name, before it is read.

These are the limits of a file as a whole. What arrives at all is bounded by `settings.http_limits` (200 MiB
over HTTP and in the inbox), what a reader takes of time and memory by `deadline`. While they read, text
readers bound a line (`text.LONGEST_LINE`, one million characters), csv a field (131 072 characters) and its
columns, and workbooks the cells of a sheet, those merged, those that an .ods repeats, and the tags held at
once. Processes that bound themselves (`apart`) parse a page of HTML over 64 KiB first, open an .xls, and copy
an encrypted PDF in plain, which is held to these limits then. libxml2 bounds the depth of HTML and XML (256)
and their entities, which no reader resolves.
"""

from __future__ import annotations

import logging
import zipfile
import zlib
from pathlib import Path

from ingestion.french import format_number
from ingestion.read import UnreadableDelivery, pdf_streams

_MIB = 1024 * 1024
LARGEST_FILE = {"article": 16 * _MIB, "json": 16 * _MIB, "pdf_table": 64 * _MIB, "transcription": 16 * _MIB}
"""Bytes of a file that its reader holds in memory, by form. Those of other forms are streamed."""
LARGEST_CONTAINER = 64 * _MIB
"""Bytes of a workbook (a zip archive or an OLE document), whatever its form."""
LARGEST_UNPACKED = 256 * _MIB
"""Bytes of all the parts of a zip archive, or of all the streams of a PDF, once unpacked."""
MOST_PARTS = 2_000
"""Parts of a zip archive."""

logger = logging.getLogger(__name__)

OLE = b"\xd0\xcf\x11\xe0"
"""How an OLE document begins, which an .xls is."""
CONTAINERS = (b"PK\x03\x04", OLE)
"""How workbooks begin: a zip archive or an OLE document."""


def require(path: Path, form: str) -> None:
    """Raise UnreadableDelivery, which names the file and the limit, for a file that is over one, or empty."""
    name = f"le fichier « {path.name.rpartition('__')[2]} »"
    with path.open("rb") as stream:
        head = stream.read(1024)
    if not head:
        raise UnreadableDelivery(name, "un fichier vide (0 octet)", "le fichier publié, avec son contenu")
    is_container = head.startswith(CONTAINERS)
    largest = min(LARGEST_FILE.get(form, LARGEST_CONTAINER), LARGEST_CONTAINER)
    if form in LARGEST_FILE or is_container:
        _at_most(path.stat().st_size, largest, "octets", name)
    # Excel puts an archive, its theme, into an .xls: that is no zip archive for it.
    if not head.startswith(OLE) and zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as package:
                _require_small(package, name)
        except (
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            RuntimeError,
            ValueError,
            OSError,
        ) as error:
            logger.info("%s: a damaged archive: %s", path.name, error)
            raise UnreadableDelivery(name, "une archive abîmée", "un classeur entier") from error

    elif b"%PDF-" in head:
        _require_small_streams(path.read_bytes(), name)


def _require_small_streams(document: bytes, name: str) -> None:
    total = 0
    for grown in pdf_streams.unpacked(document, name, LARGEST_UNPACKED):
        total += grown
        _at_most(total, LARGEST_UNPACKED, "octets une fois décompressé", name)


def _require_small(package: zipfile.ZipFile, name: str) -> None:
    """Unpack each part into nothing: the directory may lie of its size, which zipfile notices."""
    parts = package.infolist()
    _at_most(len(parts), MOST_PARTS, "parties", name)
    if len({part.filename.replace("\\", "/").lower() for part in parts}) < len(parts):
        found = "une archive dont deux parties ont le même nom"  # readers differ in which of them they take
        raise UnreadableDelivery(name, found, "un classeur enregistré par un tableur")
    _at_most(sum(part.file_size for part in parts), LARGEST_UNPACKED, "octets une fois décompressé", name)
    for part in parts:
        with package.open(part) as stream:
            while stream.read(_MIB):
                pass


def _at_most(found: int, limit: int, unit: str, name: str) -> None:
    if found > limit:
        raise UnreadableDelivery(name, f"{format_number(found)} {unit}", f"au plus {format_number(limit)}")
