"""How a command is asked of `infra.dbt.runner`: Unix sockets that keep messages apart. Imports no library.

A message asks for a command, a JSON object: `arguments` of dbt, `environment` (variables by name; those of
STEERING that it does not name are unset), `project` (its folder); with it comes the descriptor for all that
dbt prints. The answer is dbt's exit status, in digits. A command whose asker has gone is ended. A build also
leaves LAST_BUILD in dbt's target folder: `elapsed_time` and `results`, by node `unique_id`, `status`,
`message`, `failures`, `execution_time` and `node` (what the project says of it).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

LAST_BUILD = "last_build.json"
STEERING = ("DBT_", "PG", "PONAM_PG_", "PONAM_TRANSFORMER_")
"""How the names of the variables begin that steer dbt or its profile."""
MESSAGE_BYTES = 1 << 16


def steering(environment: Mapping[str, str]) -> dict[str, str]:
    """What of an environment steers dbt or its profile."""
    return {name: value for name, value in environment.items() if name.startswith(STEERING)}


@contextlib.contextmanager
def reachable(path: Path) -> Iterator[str]:
    """Give a socket's path a name short enough for the kernel (108 bytes), for as long as the block lasts."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
