"""Pull publications by HTTP: streamed, bounded, retried, conditional, and each outcome recorded."""

from __future__ import annotations

import datetime
import ipaddress
import logging
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import IO
from urllib.parse import quote

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from ingestion import archive, ledger, settings
from ingestion.archive import AlteredArchiveError
from ingestion.contracts import Address, Contract
from ingestion.db import Connection
from ingestion.deliveries import receive
from ingestion.errors import ExpectedError
from ingestion.fetch.provenance import ImplausibleDateError, provenance_of
from ingestion.settings import HttpLimits

logger = logging.getLogger(__name__)

_MOST_REDIRECTS = 3
_NOT_NOW = frozenset((408, 425, 429))


class RefusedAnswerError(RuntimeError):
    """An answer that is not the file asked for; `http_status` as answered."""

    def __init__(self, message: str, http_status: int, *, worth_retrying: bool = False) -> None:
        """Keep the status, and whether asking again may help."""
        self.http_status, self.worth_retrying = http_status, worth_retrying
        super().__init__(message)


class CertificateFileError(ExpectedError, ValueError):
    """A file of certificates that cannot be read: a setting to correct, not a server to ask again."""


FAILURES = (RefusedAnswerError, ImplausibleDateError, httpx.HTTPError, OSError)
"""What one fetch may raise without the others being stopped."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came with a body: `http_status`, and what the server says of the file where it says it."""

    http_status: int
    etag: str | None
    last_modified: datetime.date | None


def pull(contract: Contract, db: Connection) -> list[str]:
    """Pull every address of a contract; return what went wrong, one line per address."""
    base = settings.base_address(contract.source)
    limits = settings.http_limits()
    with client_of(contract.source, base, limits) as client:
        errors = (
            _pull_one(contract, address, f"{base}/{quote(address.path, safe='/?&=')}", client, limits, db)
            for address in contract.delivery.addresses
        )
        return [error for error in errors if error]


def _pull_one(
    contract: Contract, address: Address, url: str, client: httpx.Client, limits: HttpLimits, db: Connection
) -> str | None:
    known_etag = _known_etag(contract.dataset, url, db)
    request = client.build_request("GET", url, headers={"If-None-Match": known_etag} if known_etag else {})

    def fill(target: IO[bytes]) -> Answer:
        if contract.form.reader == "json":
            from ingestion.fetch import pages

            return pages.follow(client, request, target, limits, settings.pause_seconds())
        return download(client, request, target, limits)

    return take(contract, PurePosixPath(address.path).name, url, fill, db, agreed=address)


def _known_etag(dataset: str, url: str, db: Connection) -> str | None:
    """The ETag of what an address gave last; None when the archive has it no more: it is to be sent again."""
    last = ledger.last_from(dataset, url, db)
    if last is None:
        return None
    try:
        # By its digest, not its size: an altered file is found too, in less time than its transfer took.
        archive.verified(last.archive_path, last.sha256)
    except (AlteredArchiveError, OSError):
        return None
    return ledger.last_etag(dataset, url, db)


def take(
    contract: Contract,
    file_name: str,
    url: str,
    fill: Callable[[IO[bytes]], Answer],
    db: Connection,
    *,
    part: str | None = None,
    agreed: Address | None = None,
) -> str | None:
    """Receive the file that `fill` writes, `url` saying where it comes from; return what went wrong.

    Whatever happens is a line of the ledger; `part` tells this file of the dataset from its others, `agreed`
    is what the contract says of it.
    """
    try:
        with archive.incoming() as target:
            answer = fill(target)
            if answer.http_status == httpx.codes.NOT_MODIFIED:
                ledger.record_fetch(contract.dataset, url, "not_modified", db, http_status=answer.http_status)
                return None
            provenance = provenance_of(contract, file_name, url, answer.last_modified, part, agreed)
            receive(contract, target, provenance, db, http_status=answer.http_status, etag=answer.etag)
            return None
    except FAILURES as error:
        return failed(contract, url, error, db)


def failed(contract: Contract, url: str, error: Exception, db: Connection) -> str:
    """Write in the ledger that a fetch failed; return what went wrong in one line."""
    message = f"{url}: {str(error) or type(error).__name__}"
    if _is_distrust(error):
        message += f"; {_how_to_trust(contract.source)}"
    http_status = getattr(error, "http_status", None)
    ledger.record_fetch(contract.dataset, url, "error", db, http_status=http_status, error=message)
    logger.error(message)
    return message


def download(client: httpx.Client, request: httpx.Request, target: IO[bytes], limits: HttpLimits) -> Answer:
    """Get an answer into `target`, again from its first byte when an attempt fails in a way that may pass."""
    attempts = Retrying(
        retry=retry_if_exception(_may_pass),
        stop=stop_after_attempt(limits.attempts),
        wait=wait_exponential_jitter(
            multiplier=limits.first_pause_seconds,
            max=limits.longest_pause_seconds,
            jitter=limits.first_pause_seconds,
        ),
        before_sleep=_say_retry,
        reraise=True,
    )
    return attempts(_attempt, client, request, target, limits)


def _attempt(client: httpx.Client, request: httpx.Request, target: IO[bytes], limits: HttpLimits) -> Answer:
    target.seek(0)
    target.truncate()
    for _ in range(_MOST_REDIRECTS + 1):
        response = client.send(request, stream=True)
        try:
            if response.next_request is None:
                return _take(response, target, limits)
            request = _same_host(request, response)
        finally:
            response.close()
    raise RefusedAnswerError(f"more than {_MOST_REDIRECTS} redirections", response.status_code)


def _same_host(request: httpx.Request, response: httpx.Response) -> httpx.Request:
    target = response.next_request
    if target is None or not _is_same_host(request.url, target.url):
        raise RefusedAnswerError(
            f"redirected to another host: {response.headers.get('Location')}", response.status_code
        )
    return target


def _is_same_host(asked: httpx.URL, target: httpx.URL) -> bool:
    """Whether a redirection stays with the server that was asked, or goes to its encrypted twin."""
    if (asked.scheme, target.scheme) == ("http", "https") and asked.port is target.port is None:
        return asked.host == target.host
    return (asked.scheme, asked.netloc) == (target.scheme, target.netloc)


def _take(response: httpx.Response, target: IO[bytes], limits: HttpLimits) -> Answer:
    status = response.status_code
    if status != httpx.codes.NOT_MODIFIED:
        if status != httpx.codes.OK:
            raise RefusedAnswerError(
                f"answered {status} {response.reason_phrase}",
                status,
                worth_retrying=response.is_server_error or status in _NOT_NOW,
            )
        _take_body(response, target, limits)
    return Answer(status, response.headers.get("ETag"), _day(response.headers.get("Last-Modified")))


def _take_body(response: httpx.Response, target: IO[bytes], limits: HttpLimits) -> None:
    declared = response.headers.get("Content-Length")
    deadline = time.monotonic() + limits.body_seconds
    for chunk in response.iter_bytes():
        target.write(chunk)
        if target.tell() > limits.largest_body_bytes:
            raise RefusedAnswerError(f"more than {limits.largest_body_bytes} bytes", response.status_code)
        if time.monotonic() > deadline:
            raise RefusedAnswerError(f"not complete after {limits.body_seconds:g} s", response.status_code)
    if declared is not None and response.num_bytes_downloaded != int(declared):
        raise RefusedAnswerError(
            f"{response.num_bytes_downloaded} bytes instead of {declared}",
            response.status_code,
            worth_retrying=True,
        )


def client_of(source: str, base: str, limits: HttpLimits) -> httpx.Client:
    """A client for one institution; its server is always verified, with the certificates added for it."""
    return httpx.Client(
        verify=_trust(source),
        timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds),
        # As published: a compressed transfer could not be held against its Content-Length.
        headers={"User-Agent": "PONAM data warehouse", "Accept-Encoding": "identity"},
        # A proxy of the environment is for the outside, never for this machine.
        trust_env=not _is_loopback(base),
    )


def _trust(source: str) -> ssl.SSLContext:
    """The usual certificate authorities, and those of the source's own file, for a chain sent incomplete."""
    context = httpx.create_ssl_context()
    if added := settings.ca_file(source):
        try:
            context.load_verify_locations(cafile=added)
        except (OSError, ssl.SSLError) as error:
            raise CertificateFileError(
                f"{settings.ca_variable(source)}: no certificates in {added} ({error})"
            ) from error
    return context


def _is_distrust(error: BaseException | None) -> bool:
    """Whether a server's certificate was refused, wherever that stands in the chain of causes."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


def _how_to_trust(source: str) -> str:
    return (
        "if the server does not send its intermediate certificate, name a PEM file that holds it in "
        f"{settings.ca_variable(source)}; verification is never switched off"
    )


def _is_loopback(base: str) -> bool:
    host = httpx.URL(base).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, RefusedAnswerError):
        return error.worth_retrying
    is_passing = isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol)
    return is_passing and not _is_distrust(error)


def _say_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning("attempt %d failed (%s); trying again", state.attempt_number, error)


def _day(http_date: str | None) -> datetime.date | None:
    try:
        return parsedate_to_datetime(http_date).date() if http_date else None
    except ValueError:
        return None
