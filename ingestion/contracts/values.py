"""What contracts are made of: names of SQL, texts and bands, in models that nothing unknown enters."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

SQL_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
# PostgreSQL's reserved key words that could pass for a column name: they would have to be quoted everywhere.
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check
    collate collation column concurrently constraint create cross default deferrable desc distinct
    do else end except false fetch for foreign freeze from full grant group having ilike in
    initially inner intersect into is isnull join lateral leading left like limit localtime natural
    not notnull null offset on only or order outer overlaps placing primary references returning
    right select similar some symmetric table tablesample then to trailing true union unique user
    using variadic verbose when where window with
        """,
    )
)


def _sql_name(name: str) -> str:
    if not SQL_NAME.fullmatch(name) or name in _RESERVED:
        raise ValueError("a plain SQL name: lower-case letters, digits and _, no reserved word")
    return name


def ordered(band: tuple[Any, Any]) -> tuple[Any, Any]:
    """Refuse a band whose first end is above its last; for `AfterValidator`."""
    if band[0] > band[1]:
        raise ValueError("[lowest, highest]")
    return band


def _as_printed(value: object) -> object:
    """Undo YAML's reading of `edition: 2017` as a number and `edition: 2016-12-31` as a date."""
    return str(value) if isinstance(value, int | datetime.date) else value


Name = Annotated[str, AfterValidator(_sql_name)]
Text = Annotated[str, Field(min_length=1)]
Printed = Annotated[Text, BeforeValidator(_as_printed)]


class Closed(BaseModel):
    """Unknown keys are refused; a contract read is never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
