"""Put the files that institutions send into the inbox, as they would: once, by dataset."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from infra.publications.manifest import Publication, publications


def drop_into_inbox(inbox: Path, state: Path) -> list[Path]:
    """Copy each sent publication to `<inbox>/<dataset>/` unless this state has had it already.

    What was dropped is remembered by digest under `state`: a file that the warehouse has moved to its
    archive does not come back, a bundled file that changed does. Returns the files dropped.
    """
    dropped = state / "publications_sent"
    dropped.mkdir(parents=True, exist_ok=True)
    return [
        _drop(publication, inbox / publication.dataset, dropped)
        for publication in publications()
        if publication.arrives == "sent" and not (dropped / _digest(publication)).exists()
    ]


def _drop(publication: Publication, folder: Path, dropped: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / publication.file.name
    # Written beside its place, then moved: whoever watches the inbox never sees half a file.
    partial = folder / f".{publication.file.name}.partial"
    shutil.copyfile(publication.file, partial)
    partial.replace(target)
    (dropped / _digest(publication)).write_text(f"{publication.path}\n", encoding="utf-8")
    return target


def _digest(publication: Publication) -> str:
    return hashlib.sha256(publication.file.read_bytes()).hexdigest()
