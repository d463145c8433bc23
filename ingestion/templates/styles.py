"""How the workbooks that institutions get look: their headers and their longer texts."""

from __future__ import annotations

from openpyxl.styles import Alignment, PatternFill

HEADER_FILL = PatternFill("solid", fgColor="DCE6F1")
WRAPPED = Alignment(vertical="top", wrap_text=True)
