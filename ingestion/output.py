"""Files that commands write for people: complete, or as they were before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Give a path to write to; it becomes `file` at the end of the block, and nothing when the block fails.

    What is no plain file, `/dev/stdout`, is written to directly.
    """
    target = file.resolve()
    if target.exists() and not target.is_file():
        yield target
        return
    partial = target.with_name(f".{target.name}.part")
    try:
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
