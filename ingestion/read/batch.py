"""Many records of one shape, column by column: what a reader of large files hands over at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ingestion.read import Record

LOCATOR, LITERAL = "_locator", "_literal"  # no contract column begins with an underscore


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of kind `data` without a fault."""

    frame: pl.DataFrame
    """Text without white space around it: `_locator`, `_literal` (the evidence as printed) and the contract's
    columns, null where the publication says that it has no value."""
    is_storable: bool = False
    """Whether the reader knows that no text has a character that cannot be stored."""

    def __len__(self) -> int:
        return self.frame.height

    def record(self, position: int) -> Record:
        """One of the records, from 0 on."""
        values = self.frame.row(position, named=True)
        return Record(values.pop(LOCATOR), "data", values, values.pop(LITERAL))

    def records(self) -> Iterator[Record]:
        """Give them one by one."""
        for values in self.frame.iter_rows(named=True):
            yield Record(values.pop(LOCATOR), "data", values, values.pop(LITERAL))


class Batches(Iterator[Record]):
    """What a reader gives when it reads in batches: records to whoever asks for records, and `pieces`."""

    def __init__(self, pieces: Iterator[Record | Batch]) -> None:
        self.pieces = pieces
        self._records = (
            record
            for piece in pieces
            for record in (piece.records() if isinstance(piece, Batch) else (piece,))
        )

    def __next__(self) -> Record:
        return next(self._records)


def pieces(records: Iterator[Record]) -> Iterator[Record | Batch]:
    """Give what a reader reads in the largest pieces that it has."""
    return records.pieces if isinstance(records, Batches) else records
