"""The sheets and their index as HTML: each page is one file that asks for nothing else, by its own policy."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import jinja2

from infra.fiches.chart import Charts
from infra.fiches.content import Catalogue, Sheet

TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """Renders the pages of one catalogue."""

    def __init__(self, catalogue: Catalogue, *, with_dbt: bool) -> None:
        """`with_dbt`: dbt's own documentation stands beside the index as `dbt.html`."""
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["integrity"] = _integrity
        environment.globals.update(
            catalogue=catalogue,
            with_dbt=with_dbt,
            style=(TEMPLATES / "style.css").read_text(encoding="utf-8"),
            script=(TEMPLATES / "search.js").read_text(encoding="utf-8"),
        )
        self._environment = environment

    def index(self) -> str:
        """The index: every indicator under its axis, with its latest value, and a search."""
        return self._environment.get_template("index.html.j2").render()

    def sheet(self, sheet: Sheet, charts: Charts) -> str:
        """The page of one indicator."""
        return self._environment.get_template("sheet.html.j2").render(
            sheet=sheet, chart=charts.main, projections=charts.projections
        )


def _integrity(text: str) -> str:
    """The name under which a content security policy lets an inline text in."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
