"""No export of Superset emits a cell that a spreadsheet would run.

Superset escapes the cells of its CSV and Excel exports. It leaves out the CSV that it streams (SQL Lab, and
charts past `CSV_STREAMING_ROW_THRESHOLD`), the headers and row labels that a pivot makes out of data, and a
text that begins with a tab or a line end; and a carriage return inside a text, which pandas leaves unquoted,
would begin a row of its own. Each place is given the same escape here; `mend` is called once, as the
application starts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

# Ends of a cell or a line, and signs of full width: formulas where a spreadsheet speaks Chinese or Japanese.
_RUN_TOO = ("\t", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def escaped(value: Any) -> Any:
    """Return a cell that no spreadsheet runs: a text that begins like a formula gets a leading apostrophe."""
    from superset.utils.csv import escape_value

    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return escape_value(f"'{text}" if text.startswith(_RUN_TOO) else text)


def escaped_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its cells, its column names and its row labels escaped."""
    safe = frame.copy()
    for place, kind in enumerate(safe.dtypes):
        if pd.api.types.is_object_dtype(kind):
            safe.isetitem(place, safe.iloc[:, place].map(escaped))
    safe.columns = _labels(safe.columns)
    if not isinstance(safe.index, pd.RangeIndex):
        safe.index = _labels(safe.index)
    return safe


def mend() -> None:
    """Put the escape where Superset leaves it out. AttributeError when Superset has moved the place."""
    from superset.commands.streaming_export.base import BaseStreamingCSVExportCommand as Streamed
    from superset.utils import csv, excel

    plain_rows, plain_header = Streamed._process_rows, Streamed._write_csv_header

    def whole_csv(frame: pd.DataFrame, **options: Any) -> Any:
        return escaped_frame(frame).to_csv(escapechar="\\", **options)

    def streamed_rows(self: Any, rows: Any, writer: Any, buffer: Any, limit: int | None) -> Any:
        return plain_rows(self, rows, _EscapingWriter(writer), buffer, limit)

    def streamed_header(self: Any, columns: list[str], writer: Any, buffer: Any) -> Any:
        return plain_header(self, columns, _EscapingWriter(writer), buffer)

    csv.df_to_escaped_csv = whole_csv
    excel.quote_formulas = escaped_frame
    Streamed._process_rows, Streamed._write_csv_header = streamed_rows, streamed_header


class _EscapingWriter:
    """Superset's own `csv.writer`, given escaped cells."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def writerow(self, cells: Iterable[Any]) -> Any:
        return self._writer.writerow([escaped(cell) for cell in cells])


def _labels(labels: pd.Index) -> pd.Index:
    if isinstance(labels, pd.MultiIndex):
        tuples = [tuple(escaped(part) for part in label) for label in labels]
        return pd.MultiIndex.from_tuples(tuples, names=labels.names)
    return labels.map(escaped) if pd.api.types.is_object_dtype(labels.dtype) else labels
