"""Typing in columns: what a large file's records almost always are, a million at a time.

The rules are those of `ingestion.rows` and stand only there. A column of few distinct texts is typed by its
own parser, once per text. Plain numbers and plain texts are recognised here; whatever is not recognised at
once is left for `Typing.row`, which alone rejects.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from contextlib import suppress

import polars as pl

from ingestion.contracts import Column
from ingestion.french import NotAsExpected
from ingestion.read.batch import LITERAL, LOCATOR, Batch
from ingestion.rows import TEXT_FORM, Parser, Typing, Value

# What `ingestion.text` calls unstorable; a surrogate cannot be in a column.
_UNSTORABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
# A part of what `french.parse_number` reads: no sign, no percent, no point, at most 15 + 12 digits.
_SPACES = (" ", "\u00a0", "\u2009", "\u202f")
_INTEGER = rf"(?:[1-9][0-9]{{0,2}}(?:[{''.join(_SPACES)}][0-9]{{3}}){{1,4}}|[0-9]{{1,15}})"
_PLAIN = {"integer": rf"^{_INTEGER}$", "number": rf"^{_INTEGER}(?:,[0-9]{{1,12}})?$"}
_BESIDE = "\x1f"  # in no code
_MOST_REMEMBERED = 100_000


class BulkTyping:
    """Types batches of one dataset; remembers the texts that it has met."""

    def __init__(self, typing: Typing) -> None:
        self._typing = typing
        self._columns = [_BulkColumn(column, parse) for column, parse in typing.columns]
        self._pairs = [
            (column.name, other, pl.Series([_BESIDE.join(pair) for pair in agreed], dtype=pl.String))
            for column, other, agreed in typing.pairs
        ]
        self._names = {LOCATOR, LITERAL, *(column.name for column, _ in typing.columns)}

    def certain(self, batch: Batch) -> tuple[pl.DataFrame, list[int]]:
        """Give the records that keep their contract, and the positions of those that need a closer look.

        The frame has the columns `position`, `_locator`, `_literal` and those of the contract, as text that
        PostgreSQL reads.
        """
        frame = batch.frame
        typed = [column.typed(frame, is_storable=batch.is_storable) for column in self._columns]
        sure = [is_sure for _, is_sure in typed]
        values = {column.name: value for column, (value, _) in zip(self._columns, typed, strict=True)}
        for name, other, agreed in self._pairs:
            beside = values[name] + _BESIDE + values[other]
            sure.append(beside.is_null() | beside.is_in(agreed.implode()).fill_null(value=False))
        if set(frame.columns) - self._names:  # a column that the contract does not know rejects each record
            sure.append(pl.repeat(value=False, n=frame.height, eager=True))
        if not batch.is_storable:
            sure.append(_is_storable(frame.get_column(LITERAL)))
        marked = pl.DataFrame(
            [
                pl.int_range(frame.height, eager=True).alias("position"),
                frame.get_column(LOCATOR),
                frame.get_column(LITERAL),
                *(value.alias(name) for name, value in values.items()),
            ]
        )
        are_sure = functools.reduce(operator.and_, sure)
        if are_sure.all():
            return marked, []
        return marked.filter(are_sure), (~are_sure).arg_true().to_list()


class _BulkColumn:
    def __init__(self, column: Column, parse: Parser) -> None:
        self.name = column.name
        self._column, self._parse = column, parse
        self._remembered: set[str] = set()
        """Texts that were met, those that are rejected included."""
        self._texts, self._values = pl.Series(dtype=pl.String), pl.Series(dtype=pl.String)
        """The readable ones, and what each is."""

    def typed(self, frame: pl.DataFrame, *, is_storable: bool) -> tuple[pl.Series, pl.Series]:
        """Give the typed texts, and where they are sure."""
        column = self._column
        printed = pl.col(self.name) if self.name in frame.columns else pl.lit(None, pl.String)
        given: pl.Expr = pl.when(printed != "").then(printed)
        if column.default is not None:
            given = given.fill_null(column.default)
        text = frame.with_columns(given.alias(self.name)).get_column(self.name)
        if column.type == "text":
            typed = text if _is_ascii(text) else text.str.normalize(TEXT_FORM)
            sure = _everywhere(text) if is_storable else _is_storable(text)
        elif column.type in _PLAIN:
            typed, sure = self._number(text)
        else:
            self._remember(text.unique().drop_nulls().to_list())
            typed = text.replace_strict(self._texts, self._values, default=None, return_dtype=pl.String)
            sure = typed.is_not_null()
        # What is not there is nothing to be unsure of, unless it has to be there.
        there = text.is_not_null()
        return typed, sure & there if column.required else sure | ~there

    def _number(self, text: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Give texts as numbers with a point and no spaces, and where they are plain and inside the range."""
        plain = text.str.replace_many([*_SPACES, ","], [*[""] * len(_SPACES), "."])
        form = _PLAIN["integer" if self._column.is_whole else "number"]
        is_plain = text.str.contains(form).fill_null(value=False)
        if self._column.range is None:
            return plain, is_plain
        # Inside by more than a binary fraction can be wrong; a plain number has no sign, none is below zero.
        lowest, highest = map(float, self._column.range)
        margin = 1e-9 * max(abs(lowest), abs(highest), 1.0)
        least = lowest + margin if lowest > 0 else lowest
        number = plain.cast(pl.Float64, strict=False)
        return plain, is_plain & number.is_between(least, highest - margin).fill_null(value=False)

    def _remember(self, texts: Sequence[str]) -> None:
        if len(self._remembered) + len(texts) > _MOST_REMEMBERED:
            self._remembered, self._texts, self._values = set(), self._texts.clear(), self._values.clear()
        readable: dict[str, str | None] = {}
        for text in texts:
            if text not in self._remembered:
                with suppress(NotAsExpected):
                    readable[text] = as_text(self._parse(text))
        self._remembered.update(texts)
        if readable:
            self._texts = self._texts.append(pl.Series(list(readable), dtype=pl.String))
            self._values = self._values.append(pl.Series(list(readable.values()), dtype=pl.String))


def _is_ascii(text: pl.Series) -> bool:
    return bool((text.str.len_bytes() == text.str.len_chars()).all())


def _is_storable(text: pl.Series) -> pl.Series:
    return ~text.str.contains(_UNSTORABLE).fill_null(value=False)


def _everywhere(text: pl.Series) -> pl.Series:
    return pl.repeat(value=True, n=len(text), eager=True)


def as_text(value: Value) -> str | None:
    """A typed value as PostgreSQL reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
