"""Figure candidates: what an archived article seems to count, proposed as a transcription sheet to complete.

Nothing here is a figure yet. A number of the text is proposed with what stands around it (unit, magnitude,
qualifier, period, place) and with what is doubtful about it; an officer strikes out, completes and signs.
What only looks like a number (dates, telephone and article numbers, ordinals, years) is not proposed.
"""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion import archived, code_lists, contracts, ledger
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.french import (
    NotAsExpected,
    fold,
    format_number,
    magnitude_of,
    parse_number,
    parse_period,
    parse_quantity,
    split_qualifier,
    words_to_number,
)
from ingestion.read.transcription import check_literal, find_literal

_INSTRUCTION = (
    "Supprimez les lignes qui ne sont pas à relever, complétez les autres, puis numérotez la première "
    "colonne de 1 à n. « Observation » dit ce qui est à décider."
)
PROPOSED, CONTEXT, REMARK = "Mesure proposée", "Contexte", "Observation"

# --- What only looks like a number ---------------------------------------------------------------------

_S = r"[^\S\n]"
_MONTH = (
    r"(?:janv(?:ier)?|f[ée]vr?(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[uû]t|sept(?:embre)?|oct(?:obre)?"
    r"|nov(?:embre)?|d[ée]c(?:embre)?)\b\.?"
)
_DAY = r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])(?:er)?(?!\d)"
_YEAR = r"(?<!\d)(?:19|20)\d\d(?!\d)"
_DATE = rf"{_DAY}{_S}+{_MONTH}(?:{_S}+{_YEAR})?"
_TO = rf"{_S}*(?:\b(?:au|à|et)\b|[-–])?{_S}*(?:le{_S}+)?"
_PERIODS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_DAY}(?:{_S}*,{_S}*{_DAY})+{_S}+et{_S}+{_DATE}",
        rf"(?:\bdu{_S}+)?{_DAY}(?:{_S}+{_MONTH})?(?:{_S}+{_YEAR})?{_TO}{_DATE}",
        _DATE,
        r"(?<![\d/])\d{1,2}[/.]\d{1,2}[/.](?:(?:19|20)\d\d|\d\d)(?![\d/])",
        r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)",
        rf"(?:1er|[234](?:e|ème)){_S}+trimestre(?:{_S}+de)?{_S}+{_YEAR}|\bT[1-4]{_S}+{_YEAR}",
        rf"\b{_MONTH}{_S}+{_YEAR}(?:{_S}*(?:à|au|-|–){_S}*{_MONTH}{_S}+{_YEAR})?",
        rf"(?:\b(?:de|entre){_S}+)?{_YEAR}{_S}*(?:[-–/]|\b(?:à|au|et)\b){_S}*{_YEAR}",
    )
)
_YEAR_ALONE = re.compile(rf"(?<![\d.,]){_YEAR}(?![.,]\d)(?!{_S}{{1,2}}\d{{3}}(?!\d))(?!{_S}*%)")
_VAGUE = re.compile(
    rf"\b(?:ces|des|les|aux?){_S}+(?:[\w-]+{_S}+){{0,2}}(?:derni[eè]re?s?|prochaine?s?){_S}+(?:[\w-]+{_S}+)?"
    rf"(?:années?|ans?|mois)\b|\b(?:l['’]année|le{_S}+mois){_S}+(?:dernière?|passée?|écoulée?|en{_S}+cours)\b"
    rf"|\b(?:cette{_S}+année|à{_S}+ce{_S}+jour)\b"
    rf"|\bla{_S}+(?:même{_S}+)?période(?:{_S}+sous{_S}+revue)?(?!{_S}+(?:de{_S}+|du{_S}+)?\d)",
    re.IGNORECASE,
)
_REFERENCE = (
    r"articles?|art\.|n[°ºo]s?\.?|numéros?|paragraphes?|chapitres?|annexes?|tableaux?|pages?|pp?\.|figures?|points?"
    r"|alinéas?|résolutions?|ordonnances?|lois?|décrets?|arrêtés?|b\.?p\.?|axes?|niveaux?|section|édition"
)
_NO_FIGURES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"https?://\S+|\bwww\.\S+|\S+@\S+|@\w+",
        rf"\b(?:t[ée]l(?:[ée]phones?)?|fax|contacts?|whatsapp)\b\.?{_S}*:?{_S}*[+(]?\d[\d\s().+/–-]{{5,}}\d",
        rf"(?:\+|(?<!\d)(?<!\d{_S})00)[1-9]\d[\d\s().-]{{6,}}\d",
        rf"(?<!\d)(?<!\d{_S})\d\d(?:[\s.-]\d\d){{3,}}(?!\d)(?!{_S}\d)",
        rf"(?<!\d)\d{{1,2}}{_S}?h(?:{_S}?\d\d)?\b|(?<!\d)\d{{1,2}}:\d\d(?!\d)",
        (
            rf"(?:\b(?:{_REFERENCE})|§){_S}*(?:n[°ºo]{_S}*)?\d+(?:[./-]\d+)*(?:/[\w-]+)?"
            rf"(?:{_S}*(?:,|et|à){_S}*\d+(?!{_S}?[%\d]))*(?!{_S}?[%\d])"
        ),
        rf"(?<!\w)\d+{_S}?(?:ers?|[èe]res?|ndes?|nds?|i?[èe]mes?|es?|[ᵉº°])(?!\w)",
        r"^\W*\d{1,2}(?:\.\d{1,2})*[^\S\n]*[-–.)/°][-–.)/°\s]*(?=[^\W\d])",
        r"(?<!\d)(?<![\d.,])[^\W\d_]+[-–]?\d+(?:\w|[.-]\d)*",
        r"(?<!\w)\d+(?!f\b|fcfa\b|km\b|ha\b|m²|kg\b)[a-zà-ÿ]\w*",
    )
)

# --- What a figure is made of --------------------------------------------------------------------------

_GROUPED = rf"(?:[1-9]\d{{0,2}}(?:{_S}{{1,2}}\d{{3}})+|\d+)(?:[.,]\d+)?"
_NUMBER = re.compile(rf"(?<![\w.,])(?<!\d{_S})(?:[-−]{_S}?)?{_GROUPED}(?!\d)(?![.,]\d)(?!{_S}{{1,2}}\d)")
_CLUSTER = re.compile(rf"(?<![\w.,])\d[\d.,]*(?:{_S}{{1,2}}\d[\d.,]*)+")
_RANGE = re.compile(
    rf"(?:(?P<open>entre|de){_S}+)?(?<![\w.,])(?<!\d{_S})(?P<low>{_GROUPED}){_S}*(?P<to>à|et|-|–){_S}*(?P<high>{_GROUPED})"
    rf"(?!\d)(?!{_S}{{1,2}}\d)",
    re.IGNORECASE,
)
_MOVED = re.compile(r"\b(?:pass|port|augment|évolu|progress|baiss|chut|recul)\w*\W+$", re.IGNORECASE)
_WORD = (
    r"(?:une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente"
    r"|quarante|cinquante|soixante|cents?|mille|millions?|milliards?)"
)
_WORDS = re.compile(rf"(?<![\w-]){_WORD}(?:(?:[\s-]+et)?[\s-]+{_WORD})*(?![\w-])", re.IGNORECASE)
_IN_BRACKETS = re.compile(rf"(?:{_S}+[^\s\d().,;:¤]+){{0,3}}{_S}*\({_S}*(?P<digits>\d[\d\s.,]*?){_S}*\)")
_MAGNITUDE = re.compile(rf"{_S}*(?:de{_S}+|d['’])?(?:milliers?|millions?|milliards?|mds?)\b", re.IGNORECASE)
_CURRENCIES = (
    ("XOF", re.compile(rf"{_S}*(?:de{_S}+|d['’])?(?:f{_S}?cfa|francs?{_S}+cfa)\b", re.IGNORECASE)),
    ("EUR", re.compile(rf"{_S}*(?:de{_S}+|d['’])?(?:euros?\b|€)", re.IGNORECASE)),
    ("USD", re.compile(rf"{_S}*(?:de{_S}+|d['’])?(?:dollars?\b|usd\b|\$)", re.IGNORECASE)),
)
_MONEY = ("XOF", "EUR", "USD", "BN_XOF", "M_XOF", "M_EUR", "M_USD")
_PREFIX_OF = {10**9: "BN", 10**6: "M"}
_PERCENT = re.compile(rf"{_S}*(?:%|pour{_S}+cent\b)")
_DURATION = re.compile(rf"{_S}*(?:jours?|semaines?|mois|ans?|années?|heures?|minutes?)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.;!?](?=\s)|\n")
# fmt: off
_PEOPLE = frozenset((
    "agent", "beneficiaire", "cadre", "candidat", "cas", "compatriote", "consultant", "delegue", "enfant",
    "expert", "expulse", "femme", "homme", "jeune", "malien", "migrant", "mort", "noye", "participant",
    "rapatrie", "refugie", "representant", "retourne", "stagiaire", "travailleur",
))
# fmt: on
_PAPERS = frozenset(("cic", "carte", "passeport", "demande", "document", "titre"))
_HIDDEN = "¤"  # stands for each character of what is no figure
_UNIT_WITHIN = 4  # words after a number
_STEM = 5
_NEAR = 25  # characters on each side of a number
_LIKELY = 0.6  # share of a measure's words
_CATEGORIES = ("sectors", "funders")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One number of an article that may be a figure."""

    paragraph: int
    start: int
    """First character of the literal in its paragraph, from 0."""
    end: int
    literal: str
    value: Decimal | None
    """In `unit_code`: 483.3 for « 483,3 milliards de FCFA » in BN_XOF; None when an officer has to decide."""
    magnitude: int
    """What the word after the number multiplies it by."""
    unit_code: str | None
    qualifier: str
    period_code: str | None
    obs_status: str | None
    context: str
    """The sentence it stands in."""
    measure_code: str | None = None
    """A suggestion, never an assignment."""
    remarks: tuple[str, ...] = ()
    """In French, what is doubtful."""
    label: str = ""
    """The words printed just before it, as in a list or a table: « autres secteurs et administrations »."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article, numbered from 1, under its section's title."""

    number: int
    text: str
    section: str | None = None


@dataclass(frozen=True, slots=True)
class _Period:
    start: int
    end: int
    code: str | None
    """None for one that says no dates: « ces trois dernières années »."""
    printed: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A number seen in a paragraph: where, and how it was printed."""

    start: int
    end: int
    remark: str | None = None
    is_doubtful: bool = False
    """Its value is for an officer to decide."""
    in_words: bool = False


def propose(paragraphs: Iterable[Paragraph]) -> list[Candidate]:
    """Give the candidates of an article in reading order, each sentence repeated word for word once."""
    proposed: list[Candidate] = []
    seen: set[tuple[object, ...]] = set()
    for paragraph in paragraphs:
        for candidate in _in_paragraph(paragraph):
            # The same figure with the same words around it, in this paragraph or in a repeated passage.
            said = (candidate.value, candidate.unit_code, fold(candidate.literal))
            here = (*said, candidate.period_code, candidate.paragraph)
            anywhere = (*said, fold(candidate.context))
            if here in seen and candidate.value is not None and not candidate.literal.startswith("("):
                continue
            if anywhere in seen:
                continue
            seen |= {here, anywhere}
            proposed.append(candidate)
    return _with_other_labels(proposed)


# --- One paragraph -------------------------------------------------------------------------------------


def _in_paragraph(paragraph: Paragraph) -> Iterator[Candidate]:
    text = paragraph.text
    visible, periods = _hide(text)
    previous: Candidate | None = None
    for found in _numbers(visible):
        candidate = _candidate(found, paragraph, visible, periods, previous)
        if candidate is not None:
            yield candidate
            previous = candidate


def _hide(text: str) -> tuple[str, list[_Period]]:
    """Hide what is no figure; give the text without it, and the periods that it names."""
    periods: list[_Period] = []
    visible = text

    def hide(match: re.Match[str]) -> str:
        return _HIDDEN * len(match[0])

    def note(match: re.Match[str]) -> str:
        periods.append(_Period(match.start(), match.end(), _code_of(match[0]), match[0].strip()))
        return hide(match)

    def note_year(match: re.Match[str]) -> str:
        return match[0] if _counts(text, match) else note(match)

    visible = _VAGUE.sub(note, visible)
    for pattern in _NO_FIGURES[:4]:
        visible = pattern.sub(hide, visible)
    for pattern in _PERIODS:
        visible = pattern.sub(note, visible)
    for pattern in _NO_FIGURES[4:]:
        visible = pattern.sub(hide, visible)
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
    return _qualified(before, year[0])[1] != "=" or _unit_after(after, words=1) is not None


def _numbers(visible: str) -> list[_Found]:
    """Find ranges, then numbers with their words, then digits, then words; none twice."""
    found: list[_Found] = []

    def take(these: Iterable[_Found]) -> None:
        nonlocal visible
        for one in these:
            if _HIDDEN not in visible[one.start : one.end]:
                found.append(one)
                visible = visible[: one.start] + _HIDDEN * (one.end - one.start) + visible[one.end :]

    take(_ranges(visible))
    take(_with_words(visible))
    take(_malformed(visible))
    take(_digits(visible))
    take(_words_alone(visible))
    return sorted(found, key=lambda one: one.start)


def _ranges(visible: str) -> Iterator[_Found]:
    for match in _RANGE.finditer(visible):
        opened, to = (match["open"] or "").lower(), match["to"].lower()
        moved = _MOVED.search(visible[: match.start()]) or (opened == "de" and to != "à")
        if (
            moved
            or (to == "et" and opened != "entre")
            or (to == "à" and not opened and not _ends_in_unit(match))
        ):
            continue
        try:
            low, high = parse_number(match["low"]), parse_number(match["high"])
        except NotAsExpected:
            continue
        if low < high:
            remark = f"intervalle de {format_number(low)} à {format_number(high)} : à décider"
            start = match.start("low") if opened == "de" else match.start()
            yield _Found(start, match.end(), remark, is_doubtful=True)


def _ends_in_unit(match: re.Match[str]) -> bool:
    after = match.string[match.end() :]
    return bool(_PERCENT.match(after) or _MAGNITUDE.match(after)) or _unit_after(after, words=1) is not None


def _with_words(visible: str) -> Iterator[_Found]:
    """« trois cents soixante seize (376) », « vingt pays (20) »: words and digits held against each other."""
    for words in _WORDS.finditer(visible):
        brackets = _IN_BRACKETS.match(visible, words.end())
        if brackets is None or _WORDS.search(visible, words.end(), brackets.start("digits")):
            continue
        try:
            parse_quantity(visible[words.start() : brackets.end()])
        except NotAsExpected:
            remark = f"lettres et chiffres en désaccord : « {words[0]} » et « {brackets['digits']} »"
            yield _Found(words.start(), brackets.end(), remark, is_doubtful=True)
        else:
            yield _Found(words.start(), brackets.end(), in_words=True)


def _malformed(visible: str) -> Iterator[_Found]:
    for match in _CLUSTER.finditer(visible):
        printed = match[0].rstrip(".,")
        if not re.fullmatch(_GROUPED, printed):
            end = match.start() + len(printed)
            yield _Found(match.start(), end, f"chiffres mal groupés : « {printed} »", is_doubtful=True)


def _digits(visible: str) -> Iterator[_Found]:
    for match in _NUMBER.finditer(visible):
        remark = None
        if re.fullmatch(r"\d{1,3}\.\d{3}", match[0]):
            remark = f"point décimal ou séparateur de milliers : « {match[0]} »"
        start, end = match.span()
        if visible[start - 1 : start] == "(" and visible[end : end + 1] == ")":
            start, end = start - 1, end + 1
        yield _Found(start, end, remark)


def _words_alone(visible: str) -> Iterator[_Found]:
    """Numbers in words only. Small ones are seldom figures: they count when what they count is known."""
    for match in _WORDS.finditer(visible):
        if re.match(r"(?:une?|millions?|milliards?)$", match[0], re.IGNORECASE):
            continue
        after = visible[match.end() :]
        try:
            number = words_to_number(match[0])
        except NotAsExpected:
            continue
        is_known = number >= 10 or _MAGNITUDE.match(after) or _unit_after(after) is not None
        if is_known and not _DURATION.match(after):
            yield _Found(match.start(), match.end(), in_words=True)


# --- What stands around a number -----------------------------------------------------------------------


def _candidate(
    found: _Found,
    paragraph: Paragraph,
    visible: str,
    periods: Sequence[_Period],
    previous: Candidate | None,
) -> Candidate | None:
    text, remarks = paragraph.text, [found.remark] if found.remark else []
    start, qualifier, doubt = _with_qualifier(text, found)
    remarks += [doubt] if doubt else []
    magnitude_word = _MAGNITUDE.match(text, found.end)
    end = magnitude_word.end() if magnitude_word else found.end
    first, last = _sentence(text, found.start, end)
    magnitude = _magnitude(text[found.start : end])
    unit, unit_end, unit_remark = _unit(text, visible, end, magnitude, first, found.start, previous)
    remarks += [unit_remark] if unit_remark else []
    if _DURATION.match(text, end) and not found.is_doubtful and unit is None:
        remarks.append("durée")
    period, period_remark = _period(periods, found.start, max(end, unit_end), first, last, text)
    remarks += [period_remark] if period_remark else []
    value = None if found.is_doubtful else _value(text[start:end], unit)
    start, end = _quotable(text, start, end, is_bracketed=text[found.start] == "(")
    literal = text[start:end]
    if value is not None and not _says(literal, value, unit, qualifier):
        remarks.append("littéral à compléter")
    candidate = Candidate(
        paragraph=paragraph.number,
        start=start,
        end=end,
        literal=literal,
        value=value,
        magnitude=magnitude,
        unit_code=unit,
        qualifier=qualifier,
        period_code=period,
        obs_status=_status(text[first : found.start]),
        context=text[first:last].strip(),
        remarks=tuple(remarks),
        label=_label(visible[first : found.start]),
    )
    closely = text[max(first, found.start - _NEAR) : min(last, max(end, unit_end) + _NEAR)]
    return replace(candidate, measure_code=_measure(candidate, paragraph.section, closely))


def _with_qualifier(text: str, found: _Found) -> tuple[int, str, str | None]:
    """Give where the literal begins, its qualifier, and a doubt about it."""
    start, qualifier = _qualified(text[: found.start], text[found.start : found.end])
    before = fold(text[: found.start])
    if re.search(r"\bau (?:moins|plus)$", before):
        return found.start, "=", f"« {before[-8:].strip()} » : qualificatif à décider"
    return start, qualifier, None


def _qualified(before: str, number: str) -> tuple[int, str]:
    """Give where the qualifier of a number begins, and the qualifier: `=` when nothing qualifies it."""
    words = list(re.finditer(r"\S+", before))[-3:]
    for word in words:
        sign, rest = split_qualifier(f"{before[word.start() :]}{number}")
        if sign != "=" and rest == number:
            return word.start(), sign
    return len(before), "="


def _magnitude(printed: str) -> int:
    try:
        return parse_quantity(printed).magnitude
    except NotAsExpected:
        return magnitude_of(re.sub(r"^.*[\d)]", "", printed))


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    before = [match.end() for match in _SENTENCE_END.finditer(text, 0, start)]
    after = _SENTENCE_END.search(text, end)
    return (before[-1] if before else 0), (after.end() if after else len(text))


def _unit(
    text: str, visible: str, end: int, magnitude: int, first: int, start: int, previous: Candidate | None
) -> tuple[str | None, int, str | None]:
    """Give the unit, where its words end, and a doubt about it."""
    for currency, pattern in _CURRENCIES:
        if match := pattern.match(text, end):
            return _unit_of_currency(currency, magnitude), match.end(), None
    if match := _PERCENT.match(text, end):
        return "PCT", match.end(), None
    within = [unit for word in re.findall(r"[^\W\d_]+", text[start:end]) if (unit := _unit_of_word(word))]
    if within:
        return within[-1], end, None
    if found := _unit_after(visible[end:]):
        return found[0], end + found[1], None
    if magnitude == 10**9:
        return "BN_XOF", end, "monnaie non dite, FCFA supposé"
    if before := _unit_before(visible[max(first, start - 80) : start]):
        return before, end, "unité lue avant le nombre"
    if previous and previous.start >= first and magnitude == 1 and previous.unit_code not in (None, *_MONEY):
        return previous.unit_code, end, "unité reprise du chiffre précédent"
    return None, end, None


def _unit_of_currency(currency: str, magnitude: int) -> str:
    code = f"{_PREFIX_OF[magnitude]}_{currency}" if magnitude in _PREFIX_OF else currency
    return code if code in code_lists.load("units").codes else currency


def _unit_after(after: str, words: int = _UNIT_WITHIN) -> tuple[str, int] | None:
    """Give the unit named by one of the first words after a number, and where that word ends."""
    for match in list(re.finditer(r"[^\W\d_]+|[^\w\s'’-]", after))[:words]:
        if not match[0][0].isalpha():
            return None
        if unit := _unit_of_word(match[0]):
            return unit, match.end()
    return None


def _unit_before(before: str) -> str | None:
    words = re.findall(r"[^\W\d_]+", before.rpartition(_HIDDEN)[2])
    return next((unit for word in reversed(words) if (unit := _unit_of_word(word))), None)


@functools.cache
def _unit_of_word(word: str) -> str | None:
    folded = fold(word)
    if folded.removesuffix("s") in _PEOPLE or folded.removesuffix("es") in _PEOPLE:
        return "PERSONS"
    if folded.removesuffix("s") in _PAPERS:
        return "DOCUMENTS"
    unit = code_lists.load("units").code_of(word) if len(word) > 2 else None
    # Money is read with its magnitude.
    return None if unit in _MONEY else unit


def _value(printed: str, unit: str | None) -> Decimal | None:
    """Give the value in its unit: 483.3 in BN_XOF, 4 000 000 in PERSONS for « quatre millions »."""
    try:
        quantity = parse_quantity(printed)
    except NotAsExpected:
        return None
    scaled = unit is not None and unit.partition("_")[0] in _PREFIX_OF.values()
    return quantity.number if scaled else quantity.value


def _period(
    periods: Sequence[_Period], start: int, end: int, first: int, last: int, text: str
) -> tuple[str | None, str | None]:
    """Give the period of a figure: the one that follows it closely, else the last before, else the next."""
    close = (p for p in periods if p.start >= end and re.fullmatch(r"[^\d.,;:()]{0,25}", text[end : p.start]))
    before = [p for p in periods if first <= p.start < start]
    after = [p for p in periods if end <= p.start < last]
    earlier = [p for p in periods if p.start < first]
    chosen = next(close, None) or next(iter(before[-1:] or after or earlier[-1:]), None)
    if chosen is None:
        return None, None
    if chosen.code is None:
        return None, f"période ambiguë : « {chosen.printed} »"
    return chosen.code, "période d’une phrase précédente" if chosen.start < first else None


def _status(before: str) -> str | None:
    clause = fold(before)[-60:]
    if re.search(r"\b(?:projection|projete|prevision|prevu)", clause):
        return "F"
    return "E" if re.search(r"\b(?:estim)", clause) else None


def _quotable(text: str, start: int, end: int, *, is_bracketed: bool) -> tuple[int, int]:
    """Lengthen a literal until it stands once in its paragraph: left of brackets, else to the right."""
    at, to = start, end
    for _ in range(8):
        try:
            find_literal(text[at:to], text)
        except NotAsExpected:
            neighbour = re.search(r"\S+\s*$", text[:at]) if is_bracketed else re.match(r"\s*\S+", text[to:])
            if neighbour is None:
                break
            at, to = (neighbour.start(), to) if is_bracketed else (at, to + neighbour.end())
        else:
            return at, to
    return start, end


def _says(literal: str, value: Decimal, unit: str | None, qualifier: str) -> bool:
    try:
        check_literal(literal, format_number(value), unit or "", qualifier)
    except NotAsExpected:
        return False
    return True


# --- One category, several labels ----------------------------------------------------------------------


def _with_other_labels(proposed: Sequence[Candidate]) -> list[Candidate]:
    """Remark where the article calls a category otherwise elsewhere, with both places."""
    places: dict[str, dict[str, Candidate]] = {}
    for candidate in proposed:
        if category := _category(candidate.label):
            places.setdefault(category, {}).setdefault(fold(candidate.label), candidate)
    return [_with_other_label(one, places.get(_category(one.label) or "", {})) for one in proposed]


def _with_other_label(candidate: Candidate, of_category: dict[str, Candidate]) -> Candidate:
    others = [one for label, one in of_category.items() if label != fold(candidate.label)]
    if not others:
        return candidate
    said = ", ".join(f"« {one.label} » (§{one.paragraph})" for one in others)
    remark = f"« {candidate.label} » : même catégorie que {said}"
    return replace(candidate, remarks=(*candidate.remarks, remark))


def _label(before: str) -> str:
    """Give the last words before a figure, other figures of the same row passed over."""
    parts = re.split(rf"[,;:.|()\d{_HIDDEN}]", before)
    words = next((part.strip() for part in reversed(parts) if part.strip()), "")
    return re.sub(r"^(?:et|ou|dont)\s+", "", words)


def _category(label: str) -> str | None:
    """Give what a label of several words stands for in one of the lists; a short name is no other label."""
    if len(label.split()) < 2:
        return None
    known = ((name, code_lists.load(name).code_of(label)) for name in _CATEGORIES)
    return next((f"{name} {code}" for name, code in known if code), None)


# --- A measure that fits -------------------------------------------------------------------------------


def _measure(candidate: Candidate, section: str | None, closely: str) -> str | None:
    """Suggest the measure whose French name shares most words with the sentence, if one stands out.

    Of two that share as many, the one that says more of the words close to the number.
    """
    said, near = _stems(f"{section or ''} {candidate.context}"), _stems(closely)
    scores = sorted(
        (
            (len(stems & said) / len(stems), len(stems & near) / len(stems), code)
            for code, unit, stems in _measures()
            if candidate.unit_code is None or _same_family(unit, candidate.unit_code)
        ),
        reverse=True,
    )
    if not scores or scores[0][0] < _LIKELY or (len(scores) > 1 and scores[1][:2] == scores[0][:2]):
        return None
    return scores[0][2]


def _same_family(unit: str, other: str) -> bool:
    return unit == other or {unit, other} <= {"XOF", "M_XOF", "BN_XOF"}


@functools.cache
def _measures() -> tuple[tuple[str, str, frozenset[str]], ...]:
    with (code_lists.SEEDS / "measures.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(
            (row["code"], row["unit_code"], _stems(row["label_fr"])) for row in csv.DictReader(stream)
        )


def _stems(text: str) -> frozenset[str]:
    words = re.findall(r"[a-z]{4,}", fold(text).replace("'", " "))
    return frozenset(word[:_STEM] for word in words if word not in ("dans", "pour", "avec", "leur", "sont"))


# --- The sheet -----------------------------------------------------------------------------------------


def write(delivery_id: int, file: Path, db: Connection) -> int:
    """Write the sheet of an archived article; give how many figures it proposes.

    UnknownDatasetError when the delivery is no article, or no dataset of its source transcribes such ones.
    """
    delivery = ledger.find(delivery_id, db)
    article = contracts.load(delivery.dataset_code)
    transcribing = _transcribing(article)
    records = list(archived.records_of(delivery, article))
    paragraphs = [
        Paragraph(
            int(record.values["paragraph_number"] or 0), record.literal or "", record.values["section_title"]
        )
        for record in records
        if record.kind == "data"
    ]
    proposed = propose(paragraphs)
    code = next(record.values["article_code"] or "" for record in records)
    file.write_text(sheet(code, proposed, transcribing), encoding="utf-8-sig", newline="")
    return len(proposed)


def _transcribing(article: Contract) -> Contract:
    """The contract of the sheets that are verified against such articles."""
    for contract in contracts.of_source(article.source):
        if contract.verification and contract.verification.dataset == article.dataset:
            return contract
    raise contracts.UnknownDatasetError(f"no dataset transcribes the figures of {article.dataset}")


def sheet(article_code: str, proposed: Sequence[Candidate], contract: Contract) -> str:
    """Give the transcription sheet that the contract's reader reads, as CSV: what is known is filled in."""
    options: dict[str, Any] = contracts.reader_options(contract)
    column_of: dict[str, str] = options["columns"]
    evidence = options.get("evidence", "Littéral")
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Fiche de transcription proposée par l’entrepôt, à compléter par un agent"])
    writer.writerow(["Article", article_code])
    writer.writerow(["Consigne", _INSTRUCTION])
    writer.writerow([])
    writer.writerow([*column_of, evidence, REMARK, PROPOSED, CONTEXT])
    for number, candidate in enumerate(proposed, 1):
        known = _known(number, candidate)
        cells = [known.get(column, "") for column in column_of.values()]
        # The literal is what stands in the article; the context opens with a mark, so that nothing runs.
        remarks = " ; ".join(candidate.remarks)
        context = f"… {candidate.context[:300]}"
        writer.writerow([*cells, candidate.literal, remarks, candidate.measure_code or "", context])
    return written.getvalue()


def _in_cp1252(value: Decimal) -> str:
    """Print a value without the narrow space: like « ≈ », a sheet saved in cp1252 makes « ? » of it."""
    return format_number(value).replace("\u202f", "\u00a0")


def _known(number: int, candidate: Candidate) -> dict[str, str]:
    return {
        "figure_number": str(number),
        "period_code": candidate.period_code or "",
        "value": "" if candidate.value is None else _in_cp1252(candidate.value),
        "unit_code": candidate.unit_code or "",
        "qualifier": {"=": "", "≈": "environ"}.get(candidate.qualifier, candidate.qualifier),
        "obs_status": candidate.obs_status or "",
        "paragraph_number": str(candidate.paragraph),
    }
