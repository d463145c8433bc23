"""JSON as statistical services answer it: a list of observations, alone or behind a description of the page.

The World Bank's API (v2) answers `[{"page": 1, "pages": 1, "per_page": "1000", …}, [observation, …]]`; its
refusals have the same outer form with a `message`. Several pages stand one after the other in a file, as
`ingestion.fetch.pages` puts them there. Numbers are kept as the digits that were sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.french import format_number
from ingestion.read import Record, UnreadableDelivery
from ingestion.read.text import encoding_of, english_number

_MOST_PAGES = 1_000
_BLANK = re.compile(r"\s*")


def read(
    path: Path,
    *,
    columns: dict[str, str],
    evidence: str = "value",
    constants: dict[str, str] | None = None,
) -> Iterator[Record]:
    """Read each observation as one record: `#1` is the first, `p.2 #1` the first of the second page.

    `columns` maps a member, `indicator.id` for one inside another, to a contract column; an observation that
    lacks one is faulty, a member that is null or empty is a missing value. Raises UnreadableDelivery for what
    is no such answer, for the service's error message, and unless every page is there.
    """
    for place, observation in _observations(_documents(path)):
        try:
            printed = {column: _printed(_member(observation, name)) for name, column in columns.items()}
        except KeyError as error:
            yield Record(place, "data", {}, json.dumps(observation, ensure_ascii=False), f"le membre {error}")
            continue
        figure = printed[evidence]
        value = english_number(figure) if figure else None
        fault = "un nombre" if figure and value is None else None
        values = {**(constants or {}), **printed, evidence: value}
        yield Record(place, "data", values, figure, fault, evidence if fault else None)


def _documents(path: Path) -> list[Any]:
    """The documents of the file, one after the other."""
    decoder = json.JSONDecoder(parse_float=str, parse_int=str, object_pairs_hook=_once_each)
    documents: list[Any] = []
    try:
        text = path.read_text(encoding=encoding_of(path, ("utf-8",))).strip()
        at = 0
        while not documents or at < len(text):
            if len(documents) == _MOST_PAGES:
                found = f"plus de {format_number(_MOST_PAGES)} pages"
                raise UnreadableDelivery("le fichier", found, f"au plus {format_number(_MOST_PAGES)}")
            document, at = decoder.raw_decode(text, at)
            documents.append(document)
            blank = _BLANK.match(text, at)
            at = blank.end() if blank else at
    except (ValueError, RecursionError) as error:
        raise UnreadableDelivery("le fichier", f"un JSON illisible ({error})", "un document JSON") from error
    return documents


def _once_each(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Give an object as a dictionary; UnreadableDelivery for a member given twice: only one would be read."""
    given: dict[str, Any] = {}
    for name, member in members:
        if name in given:
            raise UnreadableDelivery(
                "le fichier", f"un objet qui donne deux fois « {name[:80]} »", "une fois"
            )
        given[name] = member
    return given


def _observations(documents: list[Any]) -> Iterator[tuple[str, Any]]:
    """Give each observation with its place."""
    described = [_described(document) for document in documents]
    # The service sends `pages` as a number and `per_page` as a number or as text.
    announced = str(described[0][0].get("pages", "1"))[:20]
    found = [str(page.get("page", "1"))[:20] for page, _ in described]
    # As texts: of the pages that are announced, nothing is made.
    if announced != str(len(found)) or found != [str(number) for number in range(1, len(found) + 1)]:
        total = str(described[0][0].get("total"))[:20]
        printed = ", ".join(found[:20]) + ("…" if found[20:] else "")
        found_fr = f"la page {printed} sur {announced} ({total} observations en tout)"
        raise UnreadableDelivery("la réponse", found_fr, "toutes les pages, dans l’ordre")
    for number, (_, rows) in enumerate(described, 1):
        page = f"p.{number} " if len(described) > 1 else ""
        yield from ((f"{page}#{at}", row) for at, row in enumerate(rows, 1))


def _described(document: Any) -> tuple[dict[str, Any], list[Any]]:
    """Give what a page says of itself, and its observations."""
    page: Any = {}
    rows = document
    if isinstance(document, list) and document and isinstance(document[0], dict):
        if "message" in document[0]:
            refusal = json.dumps(document[0]["message"], ensure_ascii=False)
            raise UnreadableDelivery("la réponse", f"le refus {refusal}", "des observations")
        if len(document) == 2 and "pages" in document[0]:
            page, rows = document
    if not isinstance(rows, list) or not rows:
        raise UnreadableDelivery("la réponse", "aucune observation", "une liste d’observations")
    return page, rows


def _member(observation: Any, name: str) -> Any:
    for part in name.split("."):
        if not isinstance(observation, dict) or part not in observation:
            raise KeyError(name)
        observation = observation[part]
    return observation


def _printed(member: Any) -> str | None:
    if member is None or isinstance(member, str):
        return (member or "").strip() or None
    return json.dumps(member, ensure_ascii=False)
