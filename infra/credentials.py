"""Passwords and keys, generated once into `$PONAM_STATE/credentials.json`, readable by its owner only."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.errors import InfraError

DATABASE_ADMIN = "postgres"
DATABASE_ROLES = (
    "ponam_loader",
    "ponam_transformer",
    "ponam_reader",
    "ponam_custodian",
    "ponam_airflow",
    "ponam_superset",
)
AIRFLOW_USERS = ("admin",)
SUPERSET_USERS = ("admin", "statisticien", "decideur")


def _password() -> str:
    return secrets.token_urlsafe(24)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


_GENERATORS = {
    "database": dict.fromkeys((DATABASE_ADMIN, *DATABASE_ROLES), _password),
    "airflow": dict.fromkeys(AIRFLOW_USERS, _password),
    "superset": dict.fromkeys(SUPERSET_USERS, _password),
    "keys": {
        "airflow_fernet": _fernet_key,
        "airflow_jwt": _password,
        "airflow_session": _password,
        "superset_session": _password,
    },
}


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """Every generated secret: passwords by user name per service, and keys by use."""

    path: Path
    database: Mapping[str, str]
    airflow: Mapping[str, str]
    superset: Mapping[str, str]
    keys: Mapping[str, str]


def load(path: Path) -> Credentials:
    """Read the credentials, generating and saving those that are not there yet.

    Raises InfraError when the file exists and cannot be read: it is never replaced, because the databases
    were created with what it holds.
    """
    with _locked(path):
        known = _read(path)
        complete = {
            group: {name: generate() for name, generate in generators.items()} | known.get(group, {})
            for group, generators in _GENERATORS.items()
        }
        if complete != known:
            _write(path, complete)
    return Credentials(path=path, **complete)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock: two commands that start at once must not each generate their own passwords."""
    handle = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InfraError(
            f"{path} cannot be read ({error}). Restore it, or start afresh with `make clean`."
        ) from error
    if not isinstance(content, dict):
        raise InfraError(f"{path} was altered. Restore it, or start afresh with `make clean`.")
    return content


def _write(path: Path, content: Mapping[str, Mapping[str, str]]) -> None:
    draft = path.with_suffix(".draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
