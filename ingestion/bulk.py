"""Typing in columns: what a large file's records almost always are, a million at a time.

The rules are those of `ingestion.rows` and stand only there. A column of few distinct texts is typed by its
own parser, once per text. Plain numbers and plain texts are recognised here; whatever is not recognised at
once is left for `Typing.row`, which alone rejects.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ingestion.contracts import Column
from ingestion.french import NotAsExpected
from ingestion.read.batch import LITERAL, LOCATOR, Batch
from ingestion.rows import Parser, Typing, Value

# What `ingestion.text` calls unstorable; a surrogate cannot be in a column.
_UNSTORABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
# A part of what `french.parse_number` reads: no sign, no percent, no point, at most 15 + 12 digits.
_SPACES = (" ", "\u00a0", "\u2009", "\u202f")
_INTEGER = rf"(?:[1-9][0-9]{{0,2}}(?:[{''.join(_SPACES)}][0-9]{{3}}){{1,4}}|[0-9]{{1,15}})"
_PLAIN = {"integer": rf"^{_INTEGER}$", "number": rf"^{_INTEGER}(?:,[0-9]{{1,12}})?$"}
_MOST_REMEMBERED = 100_000


class BulkTyping:
    """Types batches of one dataset; remembers the texts that it has met."""

    def __init__(self, typing: Typing) -> None:
        self._typing = typing
        self._columns = [_BulkColumn(column, parse) for column, parse in typing.columns]
        self._names = {column.name for column, _ in typing.columns}

    def certain(self, batch: Batch) -> tuple[pl.DataFrame, list[int]]:
        """Give the records that keep their contract, and the positions of those that need a closer look.

        The frame has the columns `position`, `_locator`, `_literal` and those of the contract, as text that
        PostgreSQL reads.
        """
        frame = batch.frame
        if unknown := set(frame.columns) - self._names - {LOCATOR, LITERAL}:
            raise KeyError(f"columns that the contract does not know: {', '.join(sorted(unknown))}")
        sure = pl.lit(value=True) if batch.is_storable else _is_storable(pl.col(LITERAL))
        typed = [column.typed(frame, is_storable=batch.is_storable) for column in self._columns]
        marked = frame.select(
            pl.int_range(pl.len()).alias("position"),
            LOCATOR,
            LITERAL,
            *(value.alias(column.name) for column, (value, _) in zip(self._columns, typed, strict=True)),
            pl.all_horizontal(sure, *(is_sure for _, is_sure in typed)).alias("_sure"),
        )
        doubtful = marked.filter(~pl.col("_sure"))["position"].to_list()
        return (marked.filter("_sure") if doubtful else marked).drop("_sure"), doubtful


class _BulkColumn:
    def __init__(self, column: Column, parse: Parser) -> None:
        self.name = column.name
        self._column, self._parse = column, parse
        self._remembered: dict[str, str | None] = {}
        """Text to typed text; None for one that is rejected."""

    def typed(self, frame: pl.DataFrame, *, is_storable: bool) -> tuple[pl.Expr, pl.Expr]:
        """Give the typed texts, and where they are sure."""
        column = self._column
        printed = pl.col(self.name) if self.name in frame.columns else pl.lit(None, pl.String)
        text: pl.Expr = pl.when(printed != "").then(printed)
        if column.default is not None:
            text = text.fill_null(column.default)
        is_there = text.is_not_null() if column.required else pl.lit(value=True)
        if column.type == "text":
            return text, is_there if is_storable else is_there & _is_storable(text)
        if column.type in _PLAIN:
            plain = text.str.replace_many([*_SPACES, ","], [*[""] * len(_SPACES), "."])
            is_plain = text.str.contains(_PLAIN[column.type])
            return plain, is_there & (is_plain & self._is_well_inside(plain)).fill_null(value=True)
        known = self._known(frame.select(text.unique()).to_series().drop_nulls().to_list())
        readable = {one: value for one, value in known.items() if value is not None}
        value = text.replace_strict(readable, default=None, return_dtype=pl.String)
        return value, is_there & (text.is_null() | value.is_not_null())

    def _is_well_inside(self, plain: pl.Expr) -> pl.Expr:
        """Whether a number is in the column's range by more than a binary fraction can be wrong."""
        if self._column.range is None:
            return pl.lit(value=True)
        lowest, highest = map(float, self._column.range)
        margin = 1e-9 * max(abs(lowest), abs(highest), 1.0)
        return plain.cast(pl.Float64, strict=False).is_between(lowest + margin, highest - margin)

    def _known(self, texts: Sequence[str]) -> dict[str, str | None]:
        if len(self._remembered) + len(texts) > _MOST_REMEMBERED:
            self._remembered = {}
        for text in texts:
            if text not in self._remembered:
                try:
                    self._remembered[text] = as_text(self._parse(text))
                except NotAsExpected:
                    self._remembered[text] = None
        return {text: self._remembered[text] for text in texts}


def _is_storable(text: pl.Expr) -> pl.Expr:
    return ~text.str.contains(_UNSTORABLE).fill_null(value=False)


def as_text(value: Value) -> str | None:
    """A typed value as PostgreSQL reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
