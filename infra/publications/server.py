"""Serve the pulled publications over HTTP on loopback, the way an institution's site would.

Each has a Last-Modified (the day it was published) and an ETag (of its bytes); a client that has it already
gets 304. Exports of EDEN are asked for through that portal's own pages. Nothing but what the manifest lists
can be asked for.
"""

from __future__ import annotations

import hashlib
import logging
import mimetypes
from datetime import UTC, datetime, time
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from infra.publications import eden
from infra.publications.manifest import Publication, publications
from infra.settings import LOOPBACK

_LONGEST_FORM = 64 * 1024
logger = logging.getLogger(__name__)


def serve(port: int) -> ThreadingHTTPServer:
    """Bind to the port (0 for any free one) and return the server; the caller runs and closes it."""
    server = ThreadingHTTPServer((LOOPBACK, port), _Handler)
    server.daemon_threads = True
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "ponam-publications"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_POST(self) -> None:
        """Answer as EDEN's pages do, below the address of the bank."""
        source, _, page = urlsplit(self.path).path.removeprefix("/").partition("/")
        length = self.headers.get("Content-Length", "")
        if source != "bceao" or page not in eden.PAGES or not length.isdigit():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        if int(length) > _LONGEST_FORM:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        form = parse_qs(self.rfile.read(int(length)).decode("latin-1"))
        answer = eden.answer(page, {name: values[-1] for name, values in form.items()})
        self.send_response(HTTPStatus.OK)
        if answer.publication:
            self.send_header("Last-Modified", format_datetime(_modified(answer.publication), usegmt=True))
            self.send_header("Content-Disposition", 'attachment; filename="exportIndicateurs.csv"')
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        publication = _find(self.path)
        if publication is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = publication.file.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        modified = _modified(publication)
        is_known = self._is_known(etag, modified)
        self.send_response(HTTPStatus.NOT_MODIFIED if is_known else HTTPStatus.OK)
        self.send_header("ETag", etag)
        self.send_header("Last-Modified", format_datetime(modified, usegmt=True))
        if not is_known:
            self.send_header("Content-Type", _content_type(publication))
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body and not is_known:
            self.wfile.write(body)

    def _is_known(self, etag: str, modified: datetime) -> bool:
        """Say whether the client has these bytes; as HTTP has it, an ETag counts before a date."""
        if tags := self.headers.get("If-None-Match"):
            return tags.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in tags.split(","))
        try:
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except ValueError:
            return False
        return since.tzinfo is not None and modified <= since

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        logger.info(format, *args)


def _modified(publication: Publication) -> datetime:
    return datetime.combine(publication.published_on, time(12), UTC)


def _find(target: str) -> Publication | None:
    path = unquote(urlsplit(target).path).removeprefix("/")
    return next(
        (one for one in publications() if one.arrives == "pulled" and not one.eden and one.path == path), None
    )


def _content_type(publication: Publication) -> str:
    return mimetypes.guess_type(publication.path)[0] or "application/octet-stream"
