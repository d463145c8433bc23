"""Pull publications by HTTP: streamed, bounded, retried, conditional, and each outcome recorded."""

from __future__ import annotations

import datetime
import ipaddress
import logging
import time
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
from ingestion.contracts import Address, Contract
from ingestion.db import Connection
from ingestion.deliveries import receive
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


@dataclass(frozen=True, slots=True)
class _Answer:
    http_status: int
    etag: str | None
    last_modified: datetime.date | None


def pull(contract: Contract, db: Connection) -> list[str]:
    """Pull every address of a contract; return what went wrong, one line per address."""
    base = settings.base_address(contract.source)
    limits = settings.http_limits()
    with _client(base, limits) as client:
        errors = (
            _pull_one(contract, address, f"{base}/{quote(address.path)}", client, limits, db)
            for address in contract.delivery.addresses
        )
        return [error for error in errors if error]


def _pull_one(
    contract: Contract, address: Address, url: str, client: httpx.Client, limits: HttpLimits, db: Connection
) -> str | None:
    known_etag = ledger.last_etag(contract.dataset, url, db)
    try:
        with archive.incoming() as target:
            answer = _download(client, url, known_etag, target, limits)
            if answer.http_status == httpx.codes.NOT_MODIFIED:
                ledger.record_fetch(contract.dataset, url, "not_modified", db, http_status=answer.http_status)
                return None
            provenance = provenance_of(contract, PurePosixPath(address.path).name, url, answer.last_modified)
            receive(contract, target, provenance, db, http_status=answer.http_status, etag=answer.etag)
            return None
    except (RefusedAnswerError, ImplausibleDateError, httpx.HTTPError) as error:
        message = f"{url}: {str(error) or type(error).__name__}"
        ledger.record_fetch(
            contract.dataset,
            url,
            "error",
            db,
            http_status=getattr(error, "http_status", None),
            error=message,
        )
        logger.error(message)
        return message


def _download(
    client: httpx.Client, url: str, known_etag: str | None, target: IO[bytes], limits: HttpLimits
) -> _Answer:
    """Get a file into `target`, again from its first byte when an attempt fails in a way that may pass."""
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
    return attempts(_attempt, client, url, known_etag, target, limits)


def _attempt(
    client: httpx.Client, url: str, known_etag: str | None, target: IO[bytes], limits: HttpLimits
) -> _Answer:
    target.seek(0)
    target.truncate()
    headers = {"If-None-Match": known_etag} if known_etag else {}
    request = client.build_request("GET", url, headers=headers)
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
    if target is None or (target.url.scheme, target.url.netloc) != (request.url.scheme, request.url.netloc):
        raise RefusedAnswerError(
            f"redirected to another host: {response.headers.get('Location')}", response.status_code
        )
    return target


def _take(response: httpx.Response, target: IO[bytes], limits: HttpLimits) -> _Answer:
    status = response.status_code
    if status != httpx.codes.NOT_MODIFIED:
        if status != httpx.codes.OK:
            raise RefusedAnswerError(
                f"answered {status} {response.reason_phrase}",
                status,
                worth_retrying=response.is_server_error or status in _NOT_NOW,
            )
        _take_body(response, target, limits)
    return _Answer(status, response.headers.get("ETag"), _day(response.headers.get("Last-Modified")))


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


def _client(base: str, limits: HttpLimits) -> httpx.Client:
    return httpx.Client(
        timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds),
        # As published: a compressed transfer could not be held against its Content-Length.
        headers={"User-Agent": "PONAM data warehouse", "Accept-Encoding": "identity"},
        # A proxy of the environment is for the outside, never for this machine.
        trust_env=not _is_loopback(base),
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
    return isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol)


def _say_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning("attempt %d failed (%s); trying again", state.attempt_number, error)


def _day(http_date: str | None) -> datetime.date | None:
    try:
        return parsedate_to_datetime(http_date).date() if http_date else None
    except ValueError:
        return None
