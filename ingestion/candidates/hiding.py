"""What only looks like a number is hidden, and the periods that a text names are noted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingestion.candidates.patterns import HIDDEN, S
from ingestion.candidates.qualifiers import qualified
from ingestion.candidates.units import unit_after
from ingestion.french import NotAsExpected, parse_period

_MONTH = (
    r"(?:janv(?:ier)?|f[ée]vr?(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[uû]t|sept(?:embre)?|oct(?:obre)?"
    r"|nov(?:embre)?|d[ée]c(?:embre)?)\b\.?"
)
_DAY = r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])(?:er)?(?!\d)"
_YEAR = r"(?<!\d)(?:19|20)\d\d(?!\d)"
_DATE = rf"{_DAY}{S}+{_MONTH}(?:{S}+{_YEAR})?"
_TO = rf"{S}*(?:\b(?:au|à|et)\b|[-–])?{S}*(?:le{S}+)?"
_PERIODS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_DAY}(?:{S}*,{S}*{_DAY})+{S}+et{S}+{_DATE}",
        rf"(?:\bdu{S}+)?{_DAY}(?:{S}+{_MONTH})?(?:{S}+{_YEAR})?{_TO}{_DATE}",
        _DATE,
        r"(?<![\d/])\d{1,2}[/.]\d{1,2}[/.](?:(?:19|20)\d\d|\d\d)(?![\d/])",
        r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)",
        rf"(?:1er|[234](?:e|ème)){S}+trimestre(?:{S}+de)?{S}+{_YEAR}|\bT[1-4]{S}+{_YEAR}",
        rf"\b{_MONTH}{S}+{_YEAR}(?:{S}*(?:à|au|-|–){S}*{_MONTH}{S}+{_YEAR})?",
        rf"(?:\b(?:de|entre){S}+)?{_YEAR}{S}*(?:[-–/]|\b(?:à|au|et)\b){S}*{_YEAR}",
    )
)
_YEAR_ALONE = re.compile(rf"(?<![\d.,]){_YEAR}(?![.,]\d)(?!{S}{{1,2}}\d{{3}}(?!\d))(?!{S}*%)")
_VAGUE = re.compile(
    rf"\b(?:ces|des|les|aux?){S}+(?:[\w-]+{S}+){{0,2}}(?:derni[eè]re?s?|prochaine?s?){S}+(?:[\w-]+{S}+)?"
    rf"(?:années?|ans?|mois)\b|\b(?:l['’]année|le{S}+mois){S}+(?:dernière?|passée?|écoulée?|en{S}+cours)\b"
    rf"|\b(?:cette{S}+année|à{S}+ce{S}+jour)\b"
    rf"|\bla{S}+(?:même{S}+)?période(?:{S}+sous{S}+revue)?(?!{S}+(?:de{S}+|du{S}+)?\d)",
    re.IGNORECASE,
)
_REFERENCE = (
    r"articles?|art\.|n[°ºo]s?\.?|numéros?|paragraphes?|chapitres?|annexes?|tableaux?|pages?|pp?\.|figures?|points?"
    r"|alinéas?|résolutions?|ordonnances?|lois?|décrets?|arrêtés?|b\.?p\.?|axes?|niveaux?|section|édition"
)
_CONTACTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"https?://\S+|\bwww\.\S+|\S+@\S+|@\w+",
        rf"\b(?:t[ée]l(?:[ée]phones?)?|fax|contacts?|whatsapp)\b\.?{S}*:?{S}*[+(]?\d[\d\s().+/–-]{{5,}}\d",
        rf"(?:\+|(?<!\d)(?<!\d{S})00)[1-9]\d[\d\s().-]{{6,}}\d",
        rf"(?<!\d)(?<!\d{S})\d\d(?:[\s.-]\d\d){{3,}}(?!\d)(?!{S}\d)",
    )
)
_NO_FIGURES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d)\d{{1,2}}{S}?h(?:{S}?\d\d)?\b|(?<!\d)\d{{1,2}}:\d\d(?!\d)",
        (
            rf"(?:\b(?:{_REFERENCE})|§){S}*(?:n[°ºo]{S}*)?\d+(?:[./-]\d+)*(?:/[\w-]+)?"
            rf"(?:{S}*(?:,|et|à){S}*\d+(?!{S}?[%\d]))*(?!{S}?[%\d])"
        ),
        rf"(?<!\w)\d+{S}?(?:ers?|[èe]res?|ndes?|nds?|i?[èe]mes?|es?|[ᵉº°])(?!\w)",
        r"^\W*\d{1,2}(?:\.\d{1,2})*[^\S\n]*[-–.)/°][-–.)/°\s]*(?=[^\W\d])",
        r"(?<!\d)(?<![\d.,])[^\W\d_]+[-–]?\d+(?:\w|[.-]\d)*",
        r"(?<!\w)\d+(?!f\b|fcfa\b|km\b|ha\b|m²|kg\b)[a-zà-ÿ]\w*",
    )
)


@dataclass(frozen=True, slots=True)
class Period:
    """A period named in a text, from `start` to `end`."""

    start: int
    end: int
    code: str | None
    """None for one that says no dates: « ces trois dernières années »."""
    printed: str


def hide(text: str) -> tuple[str, list[Period]]:
    """Hide what is no figure; give the text without it, and the periods that it names."""
    periods: list[Period] = []
    visible = text

    def mask(match: re.Match[str]) -> str:
        return HIDDEN * len(match[0])

    def note(match: re.Match[str]) -> str:
        periods.append(Period(match.start(), match.end(), _code_of(match[0]), match[0].strip()))
        return mask(match)

    def note_year(match: re.Match[str]) -> str:
        return match[0] if _counts(text, match) else note(match)

    visible = _VAGUE.sub(note, visible)
    for pattern in _CONTACTS:
        visible = pattern.sub(mask, visible)
    for pattern in _PERIODS:
        visible = pattern.sub(note, visible)
    for pattern in _NO_FIGURES:
        visible = pattern.sub(mask, visible)
    visible = _YEAR_ALONE.sub(note_year, visible)
    return visible, sorted(periods, key=lambda period: period.start)


def _code_of(printed: str) -> str | None:
    try:
        return parse_period(printed)
    except NotAsExpected:
        return None


def _counts(text: str, year: re.Match[str]) -> bool:
    """Whether four digits that could be a year count something: « plus de 2000 personnes »."""
    before, after = text[: year.start()], text[year.end() :]
    if re.search(
        r"\b(?:en|depuis|dès|fin|courant|année|édition|de l['’]an|exercice)\W*$", before, re.IGNORECASE
    ):
        return False
    return qualified(before, year[0])[1] != "=" or unit_after(after, words=1) is not None
