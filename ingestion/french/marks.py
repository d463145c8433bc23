"""Status marks: parted from what they stand at, and given a meaning by a legend."""

from __future__ import annotations

import re

from ingestion.french.typography import SPACE, fold

# What a mark means where no legend says it; SDMX: A actual, P provisional, E estimated, F forecast.
STATUS_OF_MARK = {"*": "E", "**": "F", "e": "E", "est": "E", "p": "P", "prov": "P", "f": "F", "proj": "F"}
_MARK = re.compile(rf"(.*?[0-9%)]){SPACE}*(?:\(([^()]{{1,5}})\)|(\*{{1,3}}|[ep]|[¹²³⁰⁴-⁹]{{1,2}}))")
_LEGEND = re.compile(rf"\(?(?P<mark>\*+|[a-z]{{1,4}})\)?{SPACE}*[:=]?{SPACE}*(?:donnees )?(?P<word>[a-z]+)")
_STATUS_OF_STEM = {"estim": "E", "previ": "F", "proje": "F", "provi": "P", "defin": "A", "reali": "A"}


def split_mark(text: str) -> tuple[str, str | None]:
    """Part a number or a period from the mark printed after it: status or footnote.

    >>> split_mark("2026 (**)"), split_mark("2025*"), split_mark("583,5(1)"), split_mark("2024")
    (('2026', '**'), ('2025', '*'), ('583,5', '1'), ('2024', None))
    """
    match = _MARK.fullmatch(text.strip())
    if match is None:
        return text.strip(), None
    return match[1], fold(match[2] or match[3])


def marks_of_legend(text: str) -> dict[str, str]:
    """Read what a table's last line says of its marks.

    >>> marks_of_legend("Sources : INS, BCEAO   (*) Estimations   (**) Prévisions")
    {'*': 'E', '**': 'F'}
    """
    meanings: dict[str, str] = {}
    for match in _LEGEND.finditer(fold(text)):
        status = _STATUS_OF_STEM.get(match["word"][:5])
        if status:
            meanings[match["mark"]] = status
    return meanings
