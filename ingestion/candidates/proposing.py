"""The candidates of an article: each number with what stands around it, and what is doubtful about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from ingestion.candidates.candidate import Candidate, Paragraph
from ingestion.candidates.categories import label_of, with_other_labels
from ingestion.candidates.hiding import Period, hide
from ingestion.candidates.measures import measure_of
from ingestion.candidates.numbers import Found, numbers
from ingestion.candidates.patterns import DURATION, MAGNITUDE
from ingestion.candidates.qualifiers import qualifier_of
from ingestion.candidates.units import unit_of, value_in
from ingestion.french import NotAsExpected, fold, format_number, magnitude_of, parse_quantity
from ingestion.read.transcription import check_literal, find_literal

_SENTENCE_END = re.compile(r"[.;!?](?=\s)|\n")
_NEAR = 25  # characters on each side of a number


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
    return with_other_labels(proposed)


def _in_paragraph(paragraph: Paragraph) -> Iterator[Candidate]:
    text = paragraph.text
    visible, periods = hide(text)
    previous: Candidate | None = None
    for found in numbers(visible):
        previous = _candidate(found, paragraph, visible, periods, previous)
        yield previous


def _candidate(
    found: Found,
    paragraph: Paragraph,
    visible: str,
    periods: Sequence[Period],
    previous: Candidate | None,
) -> Candidate:
    text, remarks = paragraph.text, [found.remark] if found.remark else []
    start, qualifier, doubt = qualifier_of(text, found.start, found.end)
    remarks += [doubt] if doubt else []
    magnitude_word = MAGNITUDE.match(text, found.end)
    end = magnitude_word.end() if magnitude_word else found.end
    first, last = _sentence(text, found.start, end)
    magnitude = _magnitude(text[found.start : end])
    unit, unit_end, unit_remark = unit_of(text, visible, end, magnitude, first, found.start, previous)
    remarks += [unit_remark] if unit_remark else []
    if DURATION.match(text, end) and not found.is_doubtful and unit is None:
        remarks.append("durée")
    period, period_remark = _period(periods, found.start, max(end, unit_end), first, last, text)
    remarks += [period_remark] if period_remark else []
    value = None if found.is_doubtful else value_in(text[start:end], unit)
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
        label=label_of(visible[first : found.start]),
    )
    closely = text[max(first, found.start - _NEAR) : min(last, max(end, unit_end) + _NEAR)]
    return replace(candidate, measure_code=measure_of(candidate, paragraph.section, closely))


def _magnitude(printed: str) -> int:
    try:
        return parse_quantity(printed).magnitude
    except NotAsExpected:
        return magnitude_of(re.sub(r"^.*[\d)]", "", printed))


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    before = [match.end() for match in _SENTENCE_END.finditer(text, 0, start)]
    after = _SENTENCE_END.search(text, end)
    return (before[-1] if before else 0), (after.end() if after else len(text))


def _period(
    periods: Sequence[Period], start: int, end: int, first: int, last: int, text: str
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
