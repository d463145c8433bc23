"""The archive: every file received, kept as it came, named by its content, never written twice.

A file stands at `<dataset>/<first two of sha256>/<sha256>__<safe name>` below the archive folder. It gets
there by renaming a complete, flushed copy, so that a crash leaves either the whole file or none.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ingestion import settings
from ingestion.errors import ExpectedError

_FORGOTTEN_SECONDS = 24 * 3600


class AlteredArchiveError(ExpectedError):
    """An archived file that is missing or no longer has the bytes it was received with."""


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a complete file: digest in hexadecimal, and how many."""

    sha256: str
    byte_size: int


@contextmanager
def incoming() -> Iterator[IO[bytes]]:
    """Give a temporary file on the archive's own file system; it is gone at the end unless it was stored."""
    folder = settings.archive() / ".incoming"
    folder.mkdir(parents=True, exist_ok=True)
    _forget_abandoned(folder)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as stream:
        try:
            yield stream
        finally:
            Path(stream.name).unlink(missing_ok=True)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sealed(complete: IO[bytes]) -> Content:
    """Flush to disk a file got from `incoming`, all its bytes written, and say what it holds."""
    complete.flush()
    os.fsync(complete.fileno())
    path = Path(complete.name)
    return Content(digest(path), path.stat().st_size)


def store(
    complete: IO[bytes], content: Content, dataset_code: str, file_name: str, *, is_private: bool = False
) -> str:
    """Move a sealed file into the archive; return its path relative to the archive folder."""
    relative = Path(dataset_code) / content.sha256[:2] / f"{content.sha256}__{safe_name(file_name)}"
    put(complete, relative.as_posix(), is_private=is_private)
    return relative.as_posix()


def put(complete: IO[bytes], relative: str, *, is_private: bool = False) -> None:
    """Move a sealed file to its place in the archive, read-only, in one step that a crash cannot halve.

    A private one, which names persons, can be read by its owner alone.
    """
    target = settings.archive() / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    source = Path(complete.name)
    source.chmod(0o400 if is_private else 0o444)
    source.replace(target)
    _flush_folder(target.parent)


def verified(relative: str, sha256: str) -> Path:
    """Path of an archived file whose bytes are still those received; AlteredArchiveError otherwise."""
    path = settings.archive() / relative
    if not path.is_file():
        raise AlteredArchiveError(f"fichier archivé introuvable : {relative}")
    if digest(path) != sha256:
        raise AlteredArchiveError(f"fichier archivé modifié depuis sa réception : {relative}")
    return path


def safe_name(file_name: str) -> str:
    """A file name of letters, digits, dot, dash and underscore, 80 characters at most, its end kept."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", Path(file_name).name).lstrip(".")
    return plain[-80:] or "file"


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget_abandoned(folder: Path) -> None:
    for left in folder.iterdir():
        with suppress(FileNotFoundError):  # another process has just done with it
            if time.time() - left.stat().st_mtime > _FORGOTTEN_SECONDS:
                left.unlink()
