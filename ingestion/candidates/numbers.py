"""The numbers of a text, in digits, in words or both, and what is doubtful about how they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingestion.candidates.patterns import DURATION, HIDDEN, MAGNITUDE, PERCENT, S
from ingestion.candidates.units import unit_after
from ingestion.french import NotAsExpected, format_number, parse_number, parse_quantity, words_to_number

_GROUPED = rf"(?:[1-9]\d{{0,2}}(?:{S}{{1,2}}\d{{3}})+|\d+)(?:[.,]\d+)?"
_NUMBER = re.compile(rf"(?<![\w.,])(?<!\d{S})(?:[-−]{S}?)?{_GROUPED}(?!\d)(?![.,]\d)(?!{S}{{1,2}}\d)")
_CLUSTER = re.compile(rf"(?<![\w.,])\d[\d.,]*(?:{S}{{1,2}}\d[\d.,]*)+")
_RANGE = re.compile(
    rf"(?:(?P<open>entre|de){S}+)?(?<![\w.,])(?<!\d{S})(?P<low>{_GROUPED}){S}*(?P<to>à|et|-|–){S}*(?P<high>{_GROUPED})"
    rf"(?!\d)(?!{S}{{1,2}}\d)",
    re.IGNORECASE,
)
_MOVED = re.compile(r"\b(?:pass|port|augment|évolu|progress|baiss|chut|recul)\w*\W+$", re.IGNORECASE)
_WORD = (
    r"(?:une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente"
    r"|quarante|cinquante|soixante|cents?|mille|millions?|milliards?)"
)
_WORDS = re.compile(rf"(?<![\w-]){_WORD}(?:(?:[\s-]+et)?[\s-]+{_WORD})*(?![\w-])", re.IGNORECASE)
_IN_BRACKETS = re.compile(rf"(?:{S}+[^\s\d().,;:¤]+){{0,3}}{S}*\({S}*(?P<digits>\d[\d\s.,]*?){S}*\)")


@dataclass(frozen=True, slots=True)
class Found:
    """A number seen in a paragraph: where, and how it was printed."""

    start: int
    end: int
    remark: str | None = None
    is_doubtful: bool = False
    """Its value is for an officer to decide."""
    in_words: bool = False


def numbers(visible: str) -> list[Found]:
    """Find ranges, then numbers with their words, then digits, then words; none twice."""
    found: list[Found] = []

    def take(these: Iterable[Found]) -> None:
        nonlocal visible
        for one in these:
            if HIDDEN not in visible[one.start : one.end]:
                found.append(one)
                visible = visible[: one.start] + HIDDEN * (one.end - one.start) + visible[one.end :]

    take(_ranges(visible))
    take(_with_words(visible))
    take(_malformed(visible))
    take(_digits(visible))
    take(_words_alone(visible))
    return sorted(found, key=lambda one: one.start)


def _ranges(visible: str) -> Iterator[Found]:
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
            yield Found(start, match.end(), remark, is_doubtful=True)


def _ends_in_unit(match: re.Match[str]) -> bool:
    after = match.string[match.end() :]
    return bool(PERCENT.match(after) or MAGNITUDE.match(after)) or unit_after(after, words=1) is not None


def _with_words(visible: str) -> Iterator[Found]:
    """« trois cents soixante seize (376) », « vingt pays (20) »: words and digits held against each other."""
    for words in _WORDS.finditer(visible):
        brackets = _IN_BRACKETS.match(visible, words.end())
        if brackets is None or _WORDS.search(visible, words.end(), brackets.start("digits")):
            continue
        try:
            parse_quantity(visible[words.start() : brackets.end()])
        except NotAsExpected:
            remark = f"lettres et chiffres en désaccord : « {words[0]} » et « {brackets['digits']} »"
            yield Found(words.start(), brackets.end(), remark, is_doubtful=True)
        else:
            yield Found(words.start(), brackets.end(), in_words=True)


def _malformed(visible: str) -> Iterator[Found]:
    for match in _CLUSTER.finditer(visible):
        printed = match[0].rstrip(".,")
        if not re.fullmatch(_GROUPED, printed):
            end = match.start() + len(printed)
            yield Found(match.start(), end, f"chiffres mal groupés : « {printed} »", is_doubtful=True)


def _digits(visible: str) -> Iterator[Found]:
    for match in _NUMBER.finditer(visible):
        remark = None
        if re.fullmatch(r"\d{1,3}\.\d{3}", match[0]):
            remark = f"point décimal ou séparateur de milliers : « {match[0]} »"
        start, end = match.span()
        if visible[start - 1 : start] == "(" and visible[end : end + 1] == ")":
            start, end = start - 1, end + 1
        yield Found(start, end, remark)


def _words_alone(visible: str) -> Iterator[Found]:
    """Numbers in words only. Small ones are seldom figures: they count when what they count is known."""
    for match in _WORDS.finditer(visible):
        if re.match(r"(?:une?|millions?|milliards?)$", match[0], re.IGNORECASE):
            continue
        after = visible[match.end() :]
        try:
            number = words_to_number(match[0])
        except NotAsExpected:
            continue
        is_known = number >= 10 or MAGNITUDE.match(after) or unit_after(after) is not None
        if is_known and not DURATION.match(after):
            yield Found(match.start(), match.end(), in_words=True)
