"""The bulletins of BCEAO as digital PDFs: tables laid out as the bank prints them."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from typing import Literal

from fpdf import FPDF

_FONT = "helvetica"
_LEADING = 1.45
_MARGIN = 15.0
Row = dict[str, str]


def quarterly_bulletin(gdp: list[Row], balance: list[Row], citation: str) -> bytes:
    """Compose the quarterly bulletin's tables 8.2 (a row per year) and 10.3.5 (a column per year)."""
    page = _Pages("BCEAO - Bulletin trimestriel de statistiques, premier trimestre 2026", citation)
    page.open("landscape", size=8.5)
    page.line(["Tableau 8.2 Produit Intérieur Brut nominal aux prix du marché"], [_MARGIN])
    page.line(["(Milliards de FCFA)"], [_MARGIN])
    page.gap()
    countries = list(gdp[0])[1:]
    edges = [62 + 24.5 * n for n in range(len(countries))]
    # « Guinée-Bissau » is printed on two lines, and the others beside the second.
    page.line([name.split("-")[0] + "-" if "-" in name else "" for name in countries], edges, align="right")
    page.line([name.split("-")[-1] for name in countries], edges, align="right")
    page.gap()
    for row in gdp:
        page.line(list(row.values()), [_MARGIN, *edges], align="label")
    page.line(
        ["Sources : INS, BCEAO", "(*) Estimations", "(**) Prévisions"], [_MARGIN, _MARGIN + 90, _MARGIN + 150]
    )

    page.open("portrait", size=7.5)
    page.line(["Tableau 10.3.5 MALI- Balance des Paiements"], [_MARGIN])
    page.line(["(En milliards de FCFA, sauf indication contraire)"], [_MARGIN])
    page.gap()
    years = list(balance[0])[2:]
    edges = [122 + 18.0 * n for n in range(len(years))]
    page.line(["LIBELLE POSTE", *years], [_MARGIN, *edges], align="label")
    for row in balance:
        indent, label, *values = row.values()
        page.line([label, *values], [_MARGIN + int(indent) * 0.9, *edges], align="label")
    page.line(["Source : BCEAO. (*) : Estimations"], [_MARGIN])
    return page.bytes()


def formal_transfers(figures: list[Row], citation: str) -> bytes:
    """Compose the table of what migrants send through formal financial services."""
    page = _Pages("BCEAO - Transferts de fonds des migrants, 2016 et 2017", citation)
    page.open("portrait", size=10)
    title = "Transferts de fonds des migrants par les services financiers formels - Mali"
    page.line([title], [_MARGIN])
    page.line(["(Milliards de FCFA)"], [_MARGIN])
    page.gap()
    years = list(figures[0])[1:]
    edges = [110 + 40.0 * n for n in range(len(years))]
    page.line(["LIBELLE", *years], [_MARGIN, *edges], align="label")
    for row in figures:
        page.line(list(row.values()), [_MARGIN, *edges], align="label")
    page.line(["Source : BCEAO", "(**) Projections"], [_MARGIN, _MARGIN + 70])
    return page.bytes()


class _Pages:
    """Pages of lines set at given places; every page says at its foot who composed it and from what."""

    def __init__(self, title: str, citation: str) -> None:
        self._pdf = FPDF(unit="mm", format="A4")
        # The same bytes every time: no clock, no compression library, no version in the file.
        self._pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
        self._pdf.set_compression(False)
        self._pdf.set_producer("PONAM")
        self._pdf.set_title(title)
        self._pdf.set_auto_page_break(False)
        self._title = title
        self._foot = f"Document composé par le projet PONAM d'après : {citation}"
        self._y = 0.0
        self._size = 8.0

    def open(self, orientation: Literal["portrait", "landscape"], size: float) -> None:
        """Open a page with its head and foot; `size` is that of its table, in points."""
        self._pdf.add_page(orientation=orientation)
        self._pdf.set_font(_FONT, "B", 10)
        self._pdf.text(_MARGIN, _MARGIN, self._title)
        self._pdf.set_font(_FONT, "", 7)
        for number, text in enumerate(textwrap.wrap(self._foot, 130)):
            self._pdf.text(_MARGIN, self._pdf.h - 14 + 3.2 * number, text)
        self._size, self._y = size, _MARGIN + 10
        self._pdf.set_font(_FONT, "", size)

    def line(
        self, texts: list[str], places: list[float], align: Literal["left", "right", "label"] = "left"
    ) -> None:
        """Print one line: texts that begin at their places, or end there; `label` only begins the first."""
        for number, (text, place) in enumerate(zip(texts, places, strict=True)):
            begins = align == "left" or (align == "label" and number == 0)
            x = place if begins else place - self._pdf.get_string_width(text)
            if text:
                self._pdf.text(x, self._y, text)
        self._y += self._size * _LEADING / self._pdf.k

    def gap(self) -> None:
        """Leave half a line."""
        self._y += self._size * _LEADING / self._pdf.k / 2

    def bytes(self) -> bytes:
        """Give the document."""
        return bytes(self._pdf.output())
