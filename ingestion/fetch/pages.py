"""An answer that comes in pages, followed to the last one: `[{"page": 1, "pages": 3, …}, [observation, …]]`.

The pages become one file, one delivery: each as it came, byte for byte, a line end between two. The reader of
JSON reads them one after the other and says of each observation which page it stood on.
"""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from typing import IO, Any

import httpx

from ingestion.fetch.http import Answer, RefusedAnswerError, download
from ingestion.settings import HttpLimits

_MOST_PAGES = 1_000


def follow(
    client: httpx.Client, request: httpx.Request, target: IO[bytes], limits: HttpLimits, pause: float
) -> Answer:
    """Get an answer and the pages that it announces into `target`, `pause` seconds between two requests.

    An answer in pages has no ETag: that of its first page says nothing of the others. Raises
    RefusedAnswerError for a page that belongs to another state of the answer than the first, and for an
    answer larger than one body may be.
    """
    answer = download(client, request, target, limits)
    first = _description(target)
    pages = first.get("pages", 1)
    if pages == 1:
        return answer
    if not isinstance(pages, int) or not 1 < pages <= _MOST_PAGES:
        raise RefusedAnswerError(f"{pages} pages; from 1 to {_MOST_PAGES} are followed", answer.http_status)
    for number in range(2, pages + 1):
        time.sleep(pause)
        page = io.BytesIO()
        url = request.url.copy_merge_params({"page": number})
        download(client, client.build_request("GET", url), page, limits)
        if _description(page) != {**first, "page": _like(first.get("page"), number)}:
            raise RefusedAnswerError(
                f"page {number} is not of the same answer as page 1: it was published anew meanwhile, or the "
                "server keeps to another page",
                answer.http_status,
            )
        target.write(b"\n" + page.getvalue())
        if target.tell() > limits.largest_body_bytes:
            raise RefusedAnswerError(f"more than {limits.largest_body_bytes} bytes", answer.http_status)
    return replace(answer, etag=None)


def _description(page: IO[bytes]) -> dict[str, Any]:
    """What a page says of itself; empty for what is no page of several: its reader says what it is."""
    page.seek(0)
    try:
        document = json.load(page)
    except (ValueError, RecursionError):
        return {}
    finally:
        page.seek(0, io.SEEK_END)
    if not isinstance(document, list) or len(document) != 2 or not isinstance(document[0], dict):
        return {}
    return document[0]


def _like(first: object, number: int) -> object:
    """A page number as the first page prints its own."""
    return str(number) if isinstance(first, str) else number
