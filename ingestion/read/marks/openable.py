"""Opens an .xls as its reader does, in bounds, to see that it can be. Run by `marks`, as a script.

calamine believes a cell that stands in the last row and column, and a sector that is followed by itself: it
asks for as much memory as there is, and ends the process where it gets none.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from python_calamine import CalamineWorkbook


def main(path: str, seconds: int, memory: int) -> None:
    """Open each sheet; the process is ended after `seconds` of its own, or by `memory` octets."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with Path(path).open("rb") as stream:
        workbook = CalamineWorkbook.from_filelike(stream)
        for name in workbook.sheet_names:
            workbook.get_sheet_by_name(name).to_python(nrows=1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
