"""BCEAO's EDEN portal on loopback: the three pages that its web form asks, answered from the bundled exports.

As on the portal: an unknown sub-sector has no series, an export of nothing is empty, and pages are HTML in
Latin-1. An export is the bundled file, cut down to the series and the years that were asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from infra.publications.manifest import Publication, publications

PAGES = ("secteursDAO.php", "variablesDAO.php", "exportRapport.php")
_YEAR = re.compile(r"(?:19|20)\d\d")
_METADATA = ("CODE", "LIBELLE", "UNITE DE MESURE", "MAGNITUDE", "SOURCE", "TYPE SERIE", "METHODE OBSERVATION")


@dataclass(frozen=True, slots=True)
class Page:
    """What the portal answers; `publication` is the one an export was cut from."""

    body: bytes
    content_type: str
    publication: Publication | None = None


def answer(page: str, fields: Mapping[str, str]) -> Page:
    """Answer one of PAGES; `fields` are those of the form."""
    if page == "secteursDAO.php":
        return _html(_sectors(fields.get("idSecteur", "")))
    if page == "variablesDAO.php":
        return _html(_variables(fields))
    return _export(fields)


def _sectors(sector: str) -> Iterator[str]:
    places = [one.eden for one in _exports() if one.eden]
    for code in sorted({place.subsector for place in places if place.sector == sector}):
        yield f"<input type='radio' value='{code}' name='groupe_soussecteurs'> {code}<br>"


def _variables(fields: Mapping[str, str]) -> Iterator[str]:
    for one in _exports():
        if one.eden and (one.eden.subsector, f";{one.eden.country}", one.eden.frequency) == (
            fields.get("idSousSecteur"),
            fields.get("idLocalite"),
            fields.get("idFrequence"),
        ):
            for code, label, unit in _series(one):
                shown = " ".join(f"[{escape(text)}]" for text in (code, label, unit))
                yield f"<option value='{escape(code)}'>{shown}</option>"


def _export(fields: Mapping[str, str]) -> Page:
    frequency, tokens, first, last, *_ = [*fields.get("parametre", "").split("*"), "", "", "", ""]
    wanted = set(tokens.split(";"))
    years = range(_year(first), _year(last) + 1)
    country = fields.get("paysUemoa")
    for one in _exports():
        if one.eden and (one.eden.country, one.eden.frequency) == (country, frequency):
            codes = {code for code, _, _ in _series(one)}
            if wanted & codes:
                return Page(_cut(one, codes - wanted, years), "application/vnd.ms-excel", one)
    return Page(b"", "application/vnd.ms-excel")


def _cut(publication: Publication, unwanted: set[str], years: range) -> bytes:
    """Leave out the lines of unwanted series and the columns of other years; the rest byte for byte."""
    lines = []
    kept: list[int] | None = None
    for line in publication.file.read_bytes().split(b"\n"):
        cells = line.split(b";")
        first = cells[0].decode("latin-1")
        if first == "CODE":
            kept = [n for n, cell in enumerate(cells) if _is_kept(cell.decode("latin-1"), years)]
        elif first in unwanted:
            continue
        is_series = kept is not None and len(cells) > 1
        lines.append(b";".join(cells[n] for n in kept or ()) if is_series else line)
    return b"\n".join(lines)


def _is_kept(header: str, years: range) -> bool:
    year = _YEAR.search(header)
    return year is None or int(year[0]) in years


def _year(window_end: str) -> int:
    year = _YEAR.search(window_end)
    return int(year[0]) if year else 0


def _series(publication: Publication) -> Iterator[tuple[str, str, str]]:
    """Give the code, the label and the unit of each series of an export."""
    header: list[str] = []
    for line in publication.file.read_bytes().splitlines():
        try:
            cells = line.decode().split(";")
        except UnicodeDecodeError:
            cells = line.decode("latin-1").split(";")
        if cells[0] == "CODE":
            header = cells
        elif header and len(cells) == len(header):
            row = dict(zip(header, cells, strict=True))
            code, label, unit = (row.get(name, "") for name in _METADATA[:3])
            yield code, label, unit


def _exports() -> list[Publication]:
    return [one for one in publications() if one.eden]


def _html(lines: Iterator[str]) -> Page:
    return Page("\n".join(lines).encode("latin-1", "xmlcharrefreplace"), "text/html; charset=ISO-8859-1")
