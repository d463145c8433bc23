"""Workbooks that ingestion writes: same content, same bytes, and no cell that a spreadsheet would run."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

from ingestion.text import storable, would_run

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell, MergedCell

INSTRUCTIONS = "Mode d’emploi"
LISTS = "Listes"
SUMMARY = "Anomalies"
"""Sheets that workbooks of ours have beside those that an institution fills; none of them holds figures."""
ANOMALY = "Anomalie"
"""The column of an error workbook that says what is wrong with a row."""

_CLOCK = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_LONGEST_TEXT = 32_000  # a spreadsheet's own limit is 32,767 characters


def settled(workbook: Workbook) -> bytes:
    """Give the workbook's bytes without the clock: openpyxl stamps the file and each part of it."""
    written = io.BytesIO()
    workbook.save(written)
    result = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as target:
        for name in source.namelist():
            content = _CLOCK.sub(rb"\g<1>2026-01-01T00:00:00Z", source.read(name))
            target.writestr(zipfile.ZipInfo(name), content)
    return result.getvalue()


def put_text(cell: Cell | MergedCell, text: str) -> None:
    """Write a text as a text, whatever it opens with.

    What a spreadsheet would run is typed as a string, and marked as quoted so that it stays one when a person
    edits it.
    """
    if not text:
        return
    cell.value = storable(text)[:_LONGEST_TEXT]
    cell.data_type = "s"
    cell.quotePrefix = would_run(text)
