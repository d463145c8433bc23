"""The inbox `<inbox>/<dataset>/<file>`: people fill it, a file leaves once archived and in the ledger."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ingestion import archive, contracts, ledger, settings
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.deliveries import receive
from ingestion.fetch import whole
from ingestion.fetch.provenance import ImplausibleDateError, provenance_of, published
from ingestion.text import storable

logger = logging.getLogger(__name__)

_UNFINISHED_SUFFIXES = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".swp", ".lock", "~")
_UNFINISHED_PREFIXES = (".", "~")
_NOT_KEPT = "(personnes : nom non gardé)"


class RefusedFileError(ValueError):
    """Something in the inbox that is not a plain file of a reasonable size."""


def strays(source: str) -> list[str]:
    """What lies in the inbox for a source, but in no folder of its datasets: left there, one line each.

    What names no source at all is nobody's: it is said in the log of every collection.
    """
    mine = []
    for entry in sorted(settings.inbox().iterdir()) if settings.inbox().is_dir() else ():
        named = archive.safe_name(entry.name)
        if entry.name in contracts.all() or entry.name.startswith(_UNFINISHED_PREFIXES) or _is_empty(entry):
            continue
        owner = entry.name.partition(".")[0]
        if owner == source:
            known = ", ".join(contract.dataset for contract in contracts.of_source(source))
            mine.append(f"inbox:{named}: not a folder of a dataset; there are {known}")
        elif owner not in contracts.sources():
            logger.warning(
                "inbox:%s belongs to no source; there are %s", named, ", ".join(contracts.sources())
            )
    return mine


def _is_empty(entry: Path) -> bool:
    try:
        return entry.is_dir() and not any(entry.iterdir())
    except OSError:  # nobody can say: it is told as what has something in it
        return False


def empty(contract: Contract, db: Connection) -> list[str]:
    """Receive every complete file of the dataset's folder; return what went wrong, one line per file.

    A folder that cannot be read is one line too. Files that change within the quiet time are left for the
    next time. Symbolic links are refused.
    """
    folder = settings.inbox() / contract.dataset
    if folder.is_symlink():
        return [f"{folder.name} is a symbolic link"]
    try:
        if contract.delivery.by == "inbox":
            folder.mkdir(parents=True, exist_ok=True)  # whoever sends a file finds where to put it
        elif not folder.is_dir():
            return []
        files = sorted(folder.iterdir(), key=_by_age)
    except OSError as error:
        return [f"{folder.name} cannot be read: {error.strerror or error}"]
    errors = []
    for file in files:
        if file.name.startswith(_UNFINISHED_PREFIXES) or file.name.endswith(_UNFINISHED_SUFFIXES):
            continue
        named = archive.safe_name(file.name)
        # What ledger and log keep is not to name a person; who has to find the file is told its name.
        kept = named if contract.personal is None else _NOT_KEPT
        address = f"inbox:{kept}"
        try:
            _take(contract, file, address, db)
        except whole.UnstableFileError:
            logger.info("%s: %s is still being written; left for the next time", contract.dataset, address)
            ledger.record_fetch(contract.dataset, address, "unstable", db)
        except (RefusedFileError, ImplausibleDateError, OSError) as error:
            message = storable(_said(error))
            errors.append(f"inbox:{named}: {message}")
            told = message.replace(storable(file.name), kept)
            ledger.record_fetch(contract.dataset, address, "error", db, error=told)
    return errors


def _by_age(file: Path) -> tuple[int, str]:
    """Of what was sent for one day, what was saved last is the newest: it comes last."""
    with contextlib.suppress(OSError):
        return file.lstat().st_mtime_ns, file.name
    return 0, file.name


def _said(error: Exception) -> str:
    if isinstance(error, OSError):  # the place is said beside it
        return f"{error.strerror or error}; it stays in the inbox, and is tried again at the next collection"
    return str(error)


def _take(contract: Contract, file: Path, address: str, db: Connection) -> None:
    provenance = provenance_of(contract, file.name, address)
    with _opened(file) as source, archive.incoming() as copy:
        state = whole.wait(source)
        shutil.copyfileobj(source, copy)
        whole.require(source, state)
        delivery = ledger.find(receive(contract, copy, provenance, db).delivery_id, db)
        _remove(contract, file, address, source, state)
    said = published(delivery.published_on, delivery.published_on_origin)
    level = logging.WARNING if delivery.published_on_origin == "fetched" else logging.INFO
    number, status = delivery.delivery_id, delivery.status
    logger.log(level, "%s: %s is delivery %d (%s), %s", contract.dataset, address, number, status, said)


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """Open a plain file without ever following a link or waiting on a pipe."""
    if file.is_symlink():
        raise RefusedFileError("a symbolic link, not a file")
    if not os.access(file.parent, os.W_OK):  # it would be there again each time, and published again
        raise RefusedFileError("it could not be taken out of its folder: the folder may not be written to")
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise RefusedFileError("not a plain file")
        if facts.st_size == 0:
            raise RefusedFileError("an empty file, 0 bytes")
        largest = settings.http_limits().largest_body_bytes
        if facts.st_size > largest:
            raise RefusedFileError(f"{facts.st_size} bytes, more than the {largest} allowed")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            yield stream
    finally:
        os.close(descriptor)


def _remove(contract: Contract, file: Path, address: str, source: IO[bytes], taken: whole.State) -> None:
    """Remove what was taken; a file saved or written to meanwhile is another, for the next time."""
    with contextlib.suppress(FileNotFoundError):  # whoever sent it took it away
        if whole.is_still(source, taken) and whole.state_of(file.lstat()) == taken:
            file.unlink()
        else:
            logger.info("%s: %s was saved anew; left for the next time", contract.dataset, address)
