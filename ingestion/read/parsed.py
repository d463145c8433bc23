"""Parses a page of HTML once, in bounds, to see that it can be. Run by `article`, as a script.

libxml2 compares each attribute of a tag with all those before it, and no other thread can stop it meanwhile.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from lxml import html


def main(page: str, seconds: int, memory: int) -> None:
    """Parse the page; the process is ended after `seconds` of its own, or by `memory` octets."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    html.document_fromstring(Path(page).read_bytes())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
