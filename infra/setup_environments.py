"""Create and lock the project's Python environments. Standard library only: it runs before any exists.

    python3.11 infra/setup_environments.py sync pipeline transform bi   # milliseconds when they are current
    python3.11 infra/setup_environments.py lock                         # re-resolve infra/requirements/*.in

An environment is current when its stamp holds the digest of its lock; everything else is rebuilt from the
lock with hashes. `uv` itself is installed from its own hash-locked requirement.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "infra" / "requirements"
PYTHON_VERSION = (3, 11)
ENVIRONMENTS = ("pipeline", "transform", "bi", "test", "bench", "fuzz")
STAMP = "lock-sha256"


class SetupError(Exception):
    """The environments cannot be set up; the message says what the person at the keyboard can do."""


def environments_folder() -> Path:
    """Return where the environments live: PONAM_ENVS, or `.local/envs` of the project."""
    return Path(os.environ.get("PONAM_ENVS") or ROOT / ".local" / "envs").absolute()


def lock_digest(name: str) -> str:
    """Return the digest that an environment's stamp holds when it is current."""
    return hashlib.sha256((REQUIREMENTS / f"{name}.txt").read_bytes()).hexdigest()


def is_current(folder: Path, name: str) -> bool:
    """Say whether the environment in `folder` was built from this lock, by a Python that is still there."""
    try:
        stamped = (folder / STAMP).read_text()
    except OSError:
        return False
    return stamped == lock_digest(name) and (folder / "bin" / "python").exists()


def sync(names: Sequence[str]) -> None:
    """Bring the named environments in step with their locks."""
    folder = environments_folder()
    stale = [name for name in names if not is_current(folder / name, name)]
    if not stale:
        return
    check_python()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"cannot write {folder}: {error.strerror}. Set PONAM_ENVS to a folder of yours."
        ) from error
    with _only_one_setup(folder):
        uv = _uv(folder)
        for name in stale:
            if is_current(folder / name, name):  # another terminal built it while this one waited
                continue
            _build(uv, folder / name, name)


def lock() -> None:
    """Resolve every `.in` file again, as the registry stood at the cutoff date."""
    check_python()
    folder = environments_folder()
    folder.mkdir(parents=True, exist_ok=True)
    cutoff = (REQUIREMENTS / "cutoff").read_text().strip()
    with _only_one_setup(folder):
        uv = _uv(folder)
        for name in ("uv", *ENVIRONMENTS):
            constraints = ["-c", "pipeline.txt"] if name == "test" else []
            _run(
                [
                    str(uv), "pip", "compile", f"{name}.in", *constraints,
                    "--output-file", f"{name}.txt",
                    "--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links",
                    "--exclude-newer", cutoff, "--python-version", "3.11", "--quiet",
                ],
                cwd=REQUIREMENTS,
            )  # fmt: skip
            _say(f"locked {name}.txt as of {cutoff}")


def check_python() -> None:
    """Refuse any interpreter but 3.11, and one that cannot make virtual environments."""
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] != PYTHON_VERSION:
        raise SetupError(
            f"this is Python {found}; the warehouse needs Python 3.11. "
            "On Debian 12: apt install python3.11. Elsewhere, name it: make PYTHON=/path/to/python3.11 …"
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        raise SetupError(
            f"this Python 3.11 cannot create virtual environments ({error.name} is missing). "
            "On Debian: apt install python3.11-venv"
        ) from error


def _uv(folder: Path) -> Path:
    environment = folder / "uv"
    uv = environment / "bin" / "uv"
    if is_current(environment, "uv") and uv.exists():
        return uv
    started = time.monotonic()
    shutil.rmtree(environment, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(environment)])
    python = environment / "bin" / "python"
    _run(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--require-hashes", "-r", str(REQUIREMENTS / "uv.txt")]
    )  # fmt: skip
    _stamp(environment, "uv", started)
    return uv


def _build(uv: Path, environment: Path, name: str) -> None:
    started = time.monotonic()
    (environment / STAMP).unlink(missing_ok=True)
    if not (environment / "bin" / "python").exists():
        _run([str(uv), "venv", "--quiet", "--clear", "--python", sys.executable, str(environment)])
    _run(
        [str(uv), "pip", "sync", "--quiet", "--require-hashes",
         "--python", str(environment / "bin" / "python"), str(REQUIREMENTS / f"{name}.txt")]
    )  # fmt: skip
    _stamp(environment, name, started)


def _stamp(environment: Path, name: str, started: float) -> None:
    (environment / STAMP).write_text(lock_digest(name))
    _say(f"{name} environment ready ({time.monotonic() - started:.1f} s)")


def _run(command: list[str], cwd: Path | None = None) -> None:
    # The machine's own certificates: a ministry's network may have an authority of its own.
    environment = {"UV_SYSTEM_CERTS": "true", **os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    # uv reads no pip settings: a machine that tells pip where its mirror is has told us as well.
    if "PIP_INDEX_URL" in environment:
        environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
    try:
        subprocess.run(command, check=True, cwd=cwd, env=environment, stdout=sys.stderr)
    except subprocess.CalledProcessError as error:
        shown = " ".join([Path(command[0]).name, *command[1:4]])
        raise SetupError(
            f"`{shown} …` failed with status {error.returncode}; its own message is above"
        ) from error


@contextmanager
def _only_one_setup(folder: Path) -> Iterator[None]:
    with (folder / "setup.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _say(message: str) -> None:
    sys.stderr.write(f"ponam: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the status is 0, or 1 with a message."""
    parser = argparse.ArgumentParser(description="Create and lock the project's Python environments.")
    actions = parser.add_subparsers(dest="action", required=True)
    syncing = actions.add_parser("sync", help="create or update environments from their locks")
    syncing.add_argument("names", nargs="+", choices=ENVIRONMENTS)
    actions.add_parser("lock", help="resolve the requirements again, as of the date in requirements/cutoff")
    options = parser.parse_args(arguments)
    try:
        if options.action == "lock":
            lock()
        else:
            sync(options.names)
    except SetupError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
