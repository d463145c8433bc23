"""What ingestion reads from the environment; `infra/settings.py` documents the variables and sets them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import ExpectedError


class CredentialsInAddressError(ExpectedError, ValueError):
    """An address with a user or a password in it. The message does not repeat it."""


class MissingSettingError(ExpectedError, LookupError):
    """An environment variable that nobody set."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds of one HTTP fetch: seconds per phase, attempts, and bytes of a body."""

    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    body_seconds: float = 900.0
    attempts: int = 4
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 8.0
    largest_body_bytes: int = 200 * 1024 * 1024


def loader_dsn() -> str:
    """DSN of the warehouse as `ponam_loader`."""
    return _required("PONAM_LOADER_DSN")


def custodian_dsn() -> str:
    """DSN of the warehouse as `ponam_custodian`, who reads and erases the names of persons."""
    return _required("PONAM_CUSTODIAN_DSN")


def reader_dsn() -> str:
    """DSN of the warehouse as `ponam_reader`, who sees the marts."""
    return _required("PONAM_READER_DSN")


def archive() -> Path:
    """Folder of the immutable archive."""
    return _folder("PONAM_ARCHIVE", "archive")


def inbox() -> Path:
    """Folder that holds one folder per dataset sent by its institution."""
    return _folder("PONAM_INBOX", "inbox")


def outbox() -> Path:
    """Folder of the error workbooks that go back to institutions, one folder per dataset."""
    return _folder("PONAM_OUTBOX", "outbox")


def pseudonym_key() -> Path:
    """File that holds the key of the pseudonyms of persons; made at first use."""
    return _folder("PONAM_PSEUDONYM_KEY_FILE", "pseudonym.key")


def base_address(source: str) -> str:
    """Base address of what is pulled from `source`, without a final slash; see `to_be_shown`."""
    variable = f"PONAM_ADDRESS_{source.upper()}"
    return to_be_shown(variable, _required(variable)).rstrip("/")


def to_be_shown(variable: str, address: str) -> str:
    """Return an address if logs, ledger and dashboards may show it, or raise CredentialsInAddressError."""
    # Any @: what stands before it is not always where a parser looks for a user (`//user:p/w@host`, no `//`).
    if "@" in address:
        raise CredentialsInAddressError(
            f"{variable} holds an @, as an address with a user or a password does, and addresses are shown "
            "in logs, the ledger and dashboards. Give it without them (an @ of its path is %40); what only a "
            "password opens is fetched by whoever has it, and put in the inbox."
        )
    return address


def ca_variable(source: str) -> str:
    """Name of the variable that names a source's file of certificates."""
    return f"PONAM_CA_FILE_{source.upper()}"


def ca_file(source: str) -> Path | None:
    """PEM file of certificates trusted for `source` besides the usual ones: an intermediate not sent."""
    given = os.environ.get(ca_variable(source))
    return Path(given) if given else None


def pause_seconds() -> float:
    """Shortest time between two requests to a portal that is asked many of them."""
    return float(os.environ.get("PONAM_HTTP_PAUSE_SECONDS", "0.5"))


def inbox_quiet_seconds() -> float:
    """How long the size and the time of a file in the inbox must stand still before it counts as complete."""
    return float(os.environ.get("PONAM_INBOX_QUIET_SECONDS", "2"))


def http_limits() -> HttpLimits:
    """Bounds of an HTTP fetch; the time-out and the size limit can be set."""
    default = HttpLimits()
    return HttpLimits(
        connect_seconds=float(os.environ.get("PONAM_HTTP_CONNECT_SECONDS", default.connect_seconds)),
        read_seconds=float(os.environ.get("PONAM_HTTP_READ_SECONDS", default.read_seconds)),
        attempts=int(os.environ.get("PONAM_HTTP_ATTEMPTS", default.attempts)),
        first_pause_seconds=float(
            os.environ.get("PONAM_HTTP_FIRST_PAUSE_SECONDS", default.first_pause_seconds)
        ),
        largest_body_bytes=int(os.environ.get("PONAM_HTTP_LARGEST_BODY_BYTES", default.largest_body_bytes)),
    )


def _folder(variable: str, below_state: str) -> Path:
    if given := os.environ.get(variable):
        return Path(given)
    return Path(_required("PONAM_STATE")) / below_state


def _required(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise MissingSettingError(
            f'{variable} is not set: `make ledger` and `make judge` set it, and run it: ARGS="…"'
        )
    return value
