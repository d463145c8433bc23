"""An encrypted PDF that no password opens, as publishers protect them from changes: a copy in plain is read.

How large its streams grow can be seen of the copy alone. It is made in a process of its own, whose time and
memory are bounded: the library that knows the ciphers unpacks some of what it opens.
"""

from __future__ import annotations

import logging
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.read import UnreadableDelivery, apart, limits, unlock
from ingestion.read.pdf_streams import without_escapes

logger = logging.getLogger(__name__)

_ENCRYPTED = re.compile(rb"/Encrypt\b")
_MEMORY = 512 * 1024 * 1024
"""Octets of the process, its libraries included."""


@contextmanager
def in_plain(path: Path) -> Iterator[Path]:
    """Give the path of a PDF, or that of its copy without encryption for as long as it is read.

    Raises UnreadableDelivery when a password opens it, or when a limit is reached.
    """
    if not _ENCRYPTED.search(without_escapes(path.read_bytes())):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        _write(path, copy)
        limits.require(copy, "pdf_table")
        yield copy


def _write(path: Path, copy: Path) -> None:
    try:
        child = apart.run(unlock, path, copy, _MEMORY, limits.LARGEST_CONTAINER)
    except subprocess.TimeoutExpired as error:
        found = "un PDF chiffré, trop long à ouvrir"
        raise UnreadableDelivery("le fichier", found, "un PDF sans protection") from error
    if child.returncode != 0:
        logger.info("%s: an encrypted PDF: %s", path.name, child.stderr.strip())
        is_locked = "password" in child.stderr
        found = "un mot de passe" if is_locked else "un chiffrement endommagé, ou un contenu démesuré"
        raise UnreadableDelivery("le fichier", f"un PDF protégé par {found}", "un PDF sans protection")
