"""Files opened apart: by a process of its own, which bounds itself, where a library may get lost or give up.

What is run so is a script that needs nothing of the project.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

from ingestion.french import format_number
from ingestion.read import UnreadableDelivery

SECONDS = 60.0
"""Of the clock, whatever bounds a script sets itself."""


def run(script: ModuleType, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a script; its return code is negative when a limit ended it, or a library that gave up.

    Raises subprocess.TimeoutExpired.
    """
    # Not with its folder in front of the path: a csv.py stands there.
    command = [sys.executable, "-P", str(script.__file__), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
    )


def require_openable(script: ModuleType, path: Path, seconds: int, memory: int, found: str) -> None:
    """Raise UnreadableDelivery, with what was `found`, for a file that a script cannot open in bounds.

    They are `seconds` of the processor and `memory` in octets. What else is wrong with the file is for its
    reader to say, which opens it next.
    """
    try:
        child = run(script, path, seconds, memory)
        is_within = child.returncode >= 0 and "Memory" not in child.stderr
    except subprocess.TimeoutExpired:
        is_within = False
    if not is_within:
        expected = f"au plus {seconds} secondes et {format_number(memory)} octets pour l’ouvrir"
        raise UnreadableDelivery("le fichier", found, expected)
