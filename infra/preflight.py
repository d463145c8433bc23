"""What is checked before anything starts, so that nothing is ever half-started."""

from __future__ import annotations

import errno
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from infra import postgres
from infra.errors import InfraError
from infra.ports import check_free
from infra.settings import Settings

MEBIBYTE = 1024 * 1024
DISK_FOR_DATA = 200 * MEBIBYTE
DISK_FOR_SERVICES = 1024 * MEBIBYTE

# Modules that load shared libraries, per environment: importing them shows whether the system has those.
NATIVE_MODULES = {
    "pipeline": ("psycopg", "psycopg2", "numpy", "lxml.etree", "python_calamine", "cryptography.fernet"),
    "transform": ("psycopg2",),
    "bi": ("psycopg2", "numpy", "cryptography.fernet", "PIL.Image", "greenlet"),
}


def for_data(settings: Settings) -> None:
    """Check what any command that touches the database needs. Raises InfraError."""
    check_state(settings.state)
    check_disk(settings.state, DISK_FOR_DATA)
    if settings.is_database_embedded:
        check_postgres_program()


def for_services(settings: Settings, ports: Mapping[str, int], environments: tuple[str, ...]) -> None:
    """Check what a run needs besides: free `ports` (by variable name) and loadable native modules."""
    for_data(settings)
    check_disk(settings.state, DISK_FOR_SERVICES)
    for variable, port in ports.items():
        check_free(variable, port)
    check_native_modules(settings, environments)


def check_state(state: Path) -> None:
    """Refuse a state folder that cannot be written."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=state):
            pass
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise InfraError(f"The disk of {state} is full.") from error
        raise InfraError(
            f"{state} cannot be written ({error.strerror}): set PONAM_STATE to a folder of yours."
        ) from error


def check_disk(folder: Path, wanted: int) -> None:
    """Refuse to start on a disk with fewer than `wanted` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise InfraError(
            f"The disk of {folder} is nearly full: "
            f"{free // MEBIBYTE} MiB free, {wanted // MEBIBYTE} MiB needed."
        )


def check_postgres_program() -> None:
    """Refuse to start when the server's own program cannot be loaded."""
    result = subprocess.run(
        [str(postgres.binaries() / "postgres"), "--version"], check=False, capture_output=True, text=True
    )
    if result.returncode != 0:
        raise InfraError(
            f"PostgreSQL's program does not start: {result.stderr.strip()}{_library_hint(result.stderr)}"
        )


def check_native_modules(settings: Settings, environments: tuple[str, ...]) -> None:
    """Import what needs shared libraries, one process per environment, all at once."""
    probes = {
        name: subprocess.Popen(
            [str(settings.program(name, "python")), "-c", f"import {', '.join(NATIVE_MODULES[name])}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in environments
    }
    said = {name: (probe.communicate()[1], probe.returncode) for name, probe in probes.items()}
    for name, (errors, status) in said.items():
        if status != 0:
            last = errors.strip().splitlines()[-1] if errors.strip() else f"status {status}"
            raise InfraError(f"The {name} environment cannot be loaded: {last}{_library_hint(last)}")


def _library_hint(message: str) -> str:
    if "cannot open shared object file" not in message:
        return ""
    return ". A system library is missing: find its Debian package with `apt-file search`, and install it"
