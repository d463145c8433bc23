"""Files opened apart: by a process of its own, which bounds itself, where a library may get lost or give up.

What is run so is a script that needs nothing of the project.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from types import ModuleType

SECONDS = 60.0
"""Of the clock, whatever bounds a script sets itself."""


def run(script: ModuleType, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a script; its return code is negative when a limit ended it, or a library that gave up."""
    # Not with its folder in front of the path: a csv.py stands there.
    command = [sys.executable, "-P", str(script.__file__), *map(str, arguments)]
    try:
        return subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -signal.SIGKILL, "", f"over {SECONDS} seconds")
