"""The columns of the marts, read from dbt's SQL without running dbt.

A reporting model names its columns in its last SELECT; that list, not a description that may be short, is
what the database will have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from superset_dashboards.assets import FOLDER

MODELS = FOLDER.parent / "dbt_project" / "models"

_NOISE = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_LAST_NAME = re.compile(r'"?(\w+)"?\s*$')


def columns(models: Path = MODELS) -> dict[str, set[str]]:
    """Columns by model name, for every model of the project."""
    return {path.stem: selected(path.read_text(encoding="utf-8")) for path in sorted(models.rglob("*.sql"))}


def selected(sql: str) -> set[str]:
    """Names that the last SELECT of a model gives its columns."""
    plain = _LITERAL.sub("''", _JINJA.sub("jinja", _NOISE.sub("", sql)))
    words = [
        match
        for match in re.finditer(r"\b(select|from)\b", plain, re.IGNORECASE)
        if _depth(plain, match) == 0
    ]
    selects = [match.end() for match in words if match[1].lower() == "select"]
    if not selects:
        return set()
    ends = [match.start() for match in words if match[1].lower() == "from" and match.start() > selects[-1]]
    expressions = plain[selects[-1] : ends[0] if ends else len(plain)]
    return {name[1] for expression in _split(expressions) if (name := _LAST_NAME.search(expression))}


def _depth(text: str, match: re.Match[str]) -> int:
    before = text[: match.start()]
    return before.count("(") - before.count(")")


def _split(expressions: str) -> Iterator[str]:
    """Split at the commas that stand in no parenthesis."""
    depth, begin = 0, 0
    for place, character in enumerate(expressions):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield expressions[begin:place]
            begin = place + 1
    yield expressions[begin:]
