"""BCEAO's EDEN portal, asked as its own web form asks: which sub-sectors, which series, then the export.

Three POST requests to pages below the base address of the source: `secteursDAO.php` lists the sub-sectors of
a sector, `variablesDAO.php` the series that a sub-sector has for a country and a frequency,
`exportRapport.php` gives some of them as text. The portal says nothing of its changes: a sub-sector or a
series that a contract names and the portal no longer offers is an error, never an empty file.
"""

from __future__ import annotations

import datetime
import functools
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

import httpx
from lxml import etree, html

from ingestion import settings
from ingestion.contracts import Contract, EdenExport
from ingestion.db import Connection
from ingestion.fetch.http import FAILURES, Answer, RefusedAnswerError, client_of, download, failed, take
from ingestion.settings import HttpLimits

# How many series one export asks for: the portal answers a long list slowly, and daily series are wide.
_SERIES_AT_ONCE = {"A": 60, "M": 35, "T": 40, "J": 8}
# Ends of a window of years, by frequency: a month, a quarter or a day stands before its year.
_WINDOWS = {"A": ("{}", "{}"), "M": ("1;{}", "12;{}"), "T": ("1;{}", "4;{}"), "J": ("1;1;{}", "31;12;{}")}


def pull(contract: Contract, db: Connection) -> list[str]:
    """Make every export of a contract; return what went wrong, one line per export."""
    base = settings.base_address(contract.source)
    limits = settings.http_limits()
    with client_of(contract.source, base, limits) as client:
        portal = _Portal(base, client, limits, settings.pause_seconds())
        errors = [_pull_one(contract, export, portal, db) for export in contract.delivery.exports]
    return [error for found in errors for error in found]


def _pull_one(contract: Contract, export: EdenExport, portal: _Portal, db: Connection) -> list[str]:
    address = f"{portal.base}/exportRapport.php#{export.name.replace(' ', '-')}"
    try:
        offered = portal.series(export)
    except FAILURES as error:
        return [failed(contract, address, error, db)]
    wanted = offered if export.series == "all" else export.series
    size = _SERIES_AT_ONCE[export.frequency]
    errors = []
    for number, start in enumerate(range(0, len(wanted), size), 1):
        suffix = "" if number == 1 else f" {number}"
        fill = functools.partial(portal.export, export, wanted[start : start + size])
        file_name = f"eden_{export.name}{suffix}.csv".replace(" ", "_")
        errors.append(
            take(contract, file_name, f"{address}{suffix}", fill, db, part=f"{export.name}{suffix}")
        )
    return [error for error in errors if error]


@dataclass
class _Portal:
    """The portal's pages, asked one after the other and never faster than one request per pause."""

    base: str
    client: httpx.Client
    limits: HttpLimits
    pause: float
    _last: float = float("-inf")

    def series(self, export: EdenExport) -> list[str]:
        """Give the tokens that the portal offers; RefusedAnswerError when a wanted one is gone."""
        sectors = self._page("secteursDAO.php", idSecteur=export.sector)
        subsectors = sectors.xpath("//*[@name='groupe_soussecteurs']/@value")
        _refuse_absent("secteursDAO.php", "sub-sector", [export.subsector], subsectors)
        variables = self._page(
            "variablesDAO.php",
            idSousSecteur=export.subsector,
            idLocalite=f";{export.country}",
            idFrequence=export.frequency,
        )
        offered = [str(token) for token in variables.xpath("//option/@value") if token]
        wanted = offered[:1] if export.series == "all" else export.series
        _refuse_absent("variablesDAO.php", "series", wanted or ["(any)"], offered)
        return offered

    def export(self, export: EdenExport, tokens: Sequence[str], target: IO[bytes]) -> Answer:
        """Write the text of some series into `target`; RefusedAnswerError when one of them is not in it."""
        last_year = export.last_year or datetime.datetime.now(datetime.UTC).year
        first, last = _WINDOWS[export.frequency]
        window = f"{first.format(export.first_year)}*{last.format(last_year)}"
        request = self._request(
            "exportRapport.php",
            paysUemoa=export.country,
            frequence=export.frequency,
            export="xcl",
            # 1: with the columns of metadata; l: one line per series.
            parametre=f"{export.frequency}*{';'.join(tokens)}*{window}*1*l",
        )
        answer = download(self.client, request, target, self.limits)
        _refuse_absent("exportRapport.php", "series", tokens, _codes(target))
        return answer

    def _page(self, name: str, **fields: str) -> html.HtmlElement:
        page = io.BytesIO()
        download(self.client, self._request(name, **fields), page, self.limits)
        # An empty answer is how the portal says that it has nothing.
        try:
            return html.document_fromstring(page.getvalue().strip() or b"<html></html>")
        except etree.LxmlError as error:
            raise RefusedAnswerError(f"{name} answered no page: {error}", 200) from error

    def _request(self, name: str, **fields: str) -> httpx.Request:
        time.sleep(max(0.0, self._last + self.pause - time.monotonic()))
        self._last = time.monotonic()
        return self.client.build_request("POST", f"{self.base}/{name}", data=fields)


def _refuse_absent(page: str, what: str, wanted: Sequence[str], offered: Sequence[str]) -> None:
    if absent := [one for one in wanted if one not in offered]:
        known = ", ".join([*offered[:8], "…"] if len(offered) > 8 else offered) or "none"
        raise RefusedAnswerError(f"{page} has no {what} {', '.join(absent)}; it offers {known}", 200)


def _codes(stream: IO[bytes]) -> list[str]:
    """The first cell of each line, among which stand the codes of the exported series."""
    stream.seek(0)
    return [line.partition(b";")[0].strip().decode("latin-1") for line in stream]
