"""Remove all local state. Standard library only: it also runs when the environments are broken or gone.

    python3.11 -m infra.clean

Environments outside the state folder are kept: other folders may use them as well.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import sys
from pathlib import Path

from infra.setup_environments import ENVIRONMENTS

ROOT = Path(__file__).resolve().parent.parent
# Only what the warehouse itself creates: PONAM_STATE may name a folder that holds other things.
STATE = (
    "airflow",
    "archive",
    "compare",
    "credentials.json",
    "credentials.lock",
    "dbt",
    "docs",
    "fuzz",
    "inbox",
    "logs",
    "outbox",
    "postgres",
    "publications_sent",
    "run",
    "superset",
    "templates",
)
# Kept: a database elsewhere may hold pseudonyms made with it, and nothing else can make the same again.
KEY = "pseudonym.key"


def main() -> int:
    """Say what there is, remove it; 1 when something still runs."""
    argparse.ArgumentParser(
        prog="infra.clean", description="Say what local state there is, then remove it."
    ).parse_args()
    state = Path(os.environ.get("PONAM_STATE") or ROOT / ".local").absolute()
    environments = Path(os.environ.get("PONAM_ENVS") or ROOT / ".local" / "envs").absolute()
    locks = (state / "run" / "instance.lock", state / "postgres" / "users.lock")
    if any(_is_held(lock) for lock in locks) or _is_served(state / "postgres" / "data"):
        _say("something still runs here: `make stop` first (and leave psql). Nothing was removed.")
        return 1
    doomed = _existing(state, STATE)
    if environments.is_relative_to(state):
        doomed += _existing(environments, (*ENVIRONMENTS, "uv", "setup.lock"))
    if not doomed:
        _say("there is no local state.")
        return 0
    _say("removing the databases, the archive of deliveries, passwords, logs and Python environments:")
    for path in doomed:
        _say(f"  {path}")
    for path in doomed:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if (state / KEY).exists():
        _say(f"{state / KEY} stays: pseudonyms of persons in a database elsewhere depend on it.")
    for folder in (environments, state):
        if folder.is_relative_to(state) and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return 0


def _existing(folder: Path, names: tuple[str, ...]) -> list[Path]:
    return [folder / name for name in names if (folder / name).exists()]


def _is_held(lock: Path) -> bool:
    if not lock.exists():
        return False
    with lock.open("r+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _is_served(data: Path) -> bool:
    """Whether a PostgreSQL works on this folder, as after a run that was killed."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        return (Path("/proc") / str(pid) / "cwd").resolve(strict=True) == data.resolve()
    except (OSError, ValueError):
        return False


def _say(message: str) -> None:
    sys.stderr.write(f"ponam: {message}\n")


if __name__ == "__main__":
    sys.exit(main())
