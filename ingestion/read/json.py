"""JSON as statistical services answer it: a list of observations, alone or behind a description of the page.

The World Bank's API (v2) answers `[{"page": 1, "pages": 1, "per_page": "1000", …}, [observation, …]]`; its
refusals have the same outer form with a `message`. Numbers are kept as the digits that were sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.read import Record, UnreadableDelivery
from ingestion.read.text import encoding_of, english_number


def read(
    path: Path,
    *,
    columns: dict[str, str],
    evidence: str = "value",
    constants: dict[str, str] | None = None,
) -> Iterator[Record]:
    """Read each observation as one record, `#1` being the first.

    `columns` maps a member, `indicator.id` for one inside another, to a contract column; an observation that
    lacks one is faulty, a member that is null or empty is a missing value. Raises UnreadableDelivery for what
    is no such answer, for the service's error message, and for one page of several.
    """
    for number, observation in enumerate(_observations(_document(path)), 1):
        place = f"#{number}"
        try:
            printed = {column: _printed(_member(observation, name)) for name, column in columns.items()}
        except KeyError as error:
            yield Record(place, "data", {}, json.dumps(observation, ensure_ascii=False), f"le membre {error}")
            continue
        figure = printed[evidence]
        value = english_number(figure) if figure else None
        fault = "un nombre" if figure and value is None else None
        yield Record(place, "data", {**(constants or {}), **printed, evidence: value}, figure, fault)


def _document(path: Path) -> Any:
    try:
        text = path.read_text(encoding=encoding_of(path, ("utf-8",)))
        return json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise UnreadableDelivery("le fichier", f"un JSON illisible ({error})", "un document JSON") from error


def _observations(document: Any) -> list[Any]:
    page: Any = {}
    rows = document
    if isinstance(document, list) and document and isinstance(document[0], dict) and "message" in document[0]:
        refusal = json.dumps(document[0]["message"], ensure_ascii=False)
        raise UnreadableDelivery("la réponse", f"le refus {refusal}", "des observations")
    if isinstance(document, list) and len(document) == 2 and "pages" in (document[0] or ()):
        page, rows = document
    if not isinstance(rows, list) or not rows:
        raise UnreadableDelivery("la réponse", "aucune observation", "une liste d'observations")
    # The service sends `pages` as a number and `per_page` as a number or as text.
    if int(page.get("pages", 1)) > 1:
        found = f"la page {page.get('page')} sur {page['pages']} ({page.get('total')} observations en tout)"
        raise UnreadableDelivery("la réponse", found, "toutes les observations : demander per_page=20000")
    return rows


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
