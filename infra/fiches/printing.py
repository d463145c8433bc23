"""The sheets as PDF, set by Typst with the fonts of its wheel: the same bytes for the same marts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typst

from infra.fiches.chart import Charts
from infra.fiches.content import Catalogue, Sheet, Value

TEMPLATE = Path(__file__).parent / "templates" / "sheets.typ"


class Press:
    """Prints sheets; the fonts are read once."""

    def __init__(self, catalogue: Catalogue, charts: dict[str, Charts]) -> None:
        """`charts`: by the code of the indicator."""
        self._compiler = typst.Compiler(
            TEMPLATE, root=TEMPLATE.parent, font_paths=typst.Fonts(include_system_fonts=False)
        )
        self._as_of = catalogue.as_of_fr
        self._sheets = {
            sheet.entry.code: _plain(sheet, charts[sheet.entry.code]) for sheet in catalogue.sheets
        }

    def one(self, code: str) -> bytes:
        """Print the sheet of one indicator."""
        return self._print([self._sheets[code]], is_whole=False)

    def whole(self) -> bytes:
        """Print all sheets, with a cover and an index."""
        return self._print(self._sheets.values(), is_whole=True)

    def _print(self, sheets: Iterable[dict[str, Any]], *, is_whole: bool) -> bytes:
        content = {"as_of": self._as_of, "is_whole": is_whole, "sheets": list(sheets)}
        printed = self._compiler.compile(
            sys_inputs={"catalogue": json.dumps(content, ensure_ascii=False)}, format="pdf"
        )
        if not isinstance(printed, bytes):
            raise TypeError("Typst gives a PDF as bytes")
        return printed


def _plain(sheet: Sheet, charts: Charts) -> dict[str, Any]:
    entry, latest = sheet.entry, sheet.headline
    return {
        "code": entry.code,
        "axis_number": sheet.axis.number,
        "axis_name": sheet.axis.name_fr,
        "name": entry.name_fr,
        "name_en": entry.name_en,
        "definition": entry.definition_fr,
        "reason": None if sheet.totals else entry.no_value_reason_fr,
        "unit": sheet.unit_fr,
        "headline": latest and _headline(latest),
        "no_headline": sheet.no_headline_fr,
        "chart": charts.main and {"svg": charts.main.svg, "caption": charts.main.caption_fr},
        "progress": [
            {"light": it.light, "status": it.status_name_fr, "text": it.sentence_fr(sheet.unit_fr)}
            for it in sheet.progress
        ],
        "values": [
            [v.period_name_fr, v.value_fr, v.notion_fr, v.obs_status_name_fr, v.origin_name_fr,
             v.said_by_fr, v.dated_fr]
            for v in sheet.totals
        ],
        "pivots": [
            {"title": it.title_fr, "periods": it.periods_fr,
             "rows": [[part, *(cell or "…" for cell in cells)] for part, cells in it.rows]}
            for it in sheet.pivots
        ],
        "others": [
            [v.period_name_fr, v.value_fr, v.notion_fr, v.said_by_fr, v.dated_fr, v.set_aside_fr]
            for v in sheet.others
        ],
        "projected": [
            {
                "title": f"{it.series.name_fr} : projection calculée", "chart": chart,
                "caption": it.caption_fr,
                "years": [
                    [year.period_code, year.value_fr, year.interval_80_fr, year.interval_95_fr]
                    for year in it.years
                ],
                "said": f"{it.series.verdict_fr} {it.series.backtest_fr}",
            }
            for it, chart in zip(sheet.projected, charts.projections, strict=True)
        ],
        "not_projected": [
            {"said": it.sentence_fr, "trials": it.backtests_fr} for it in sheet.not_projected
        ],
        "facts": sheet.facts,
        "comparisons": [
            [it.comparison_fr, it.period_name_fr, it.declared_value_fr, it.computed_value_fr, it.verdict_fr]
            for it in sheet.comparisons
        ],
        "identities": [[it.title_fr, it.reading_fr, it.verdict_fr] for it in sheet.identities],
        "checks": sheet.checks_fr,
        "revisions": [
            [it.period_name_fr, it.series_fr, it.kind_fr, it.old_value_fr, it.new_value_fr, it.unit_fr,
             f"{it.old_edition} → {it.new_edition}", it.published_on_fr]
            for it in sheet.revisions
        ],
        "evidence": [
            {
                "title": it.title_fr, "name": it.file.file_name, "sha256": it.file.sha256[:12],
                "address": it.file.address,
                "readings": [
                    {"what": row.what_fr, "literal": row.literal_fr, "locator": row.locator or ""}
                    for row in it.readings
                ],
            }
            for it in sheet.evidence_files
        ],
    }  # fmt: skip


def _headline(value: Value) -> dict[str, Any]:
    said = [value.recomputed_fr, value.when_fr, value.source_fr]
    return {"value": value.value_fr, "said": [line for line in said if line]}
