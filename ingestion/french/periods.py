"""Periods: years, quarters, months, days and ranges of them, read into codes and printed from them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date

from ingestion.french.errors import NotAsExpected
from ingestion.french.typography import SPACE, fold

# fmt: off
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)
_SHORT_MONTHS = {  # as EDEN prints them, French and English in one file
    "jan": 1, "janv": 1, "fev": 2, "fevr": 2, "feb": 2, "mar": 3, "avr": 4, "apr": 4, "may": 5, "jun": 6,
    "jui": 7, "juil": 7, "jul": 7, "aou": 8, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}
# fmt: on
_MONTH_OF = {fold(name): number for number, name in enumerate(_MONTHS, 1)} | _SHORT_MONTHS
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH_WORD = r"(?P<month_word>[a-z]{3,9})\.?"
_DAY = r"(?P<day>\d{1,2})(?:er)?"
_POINTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}",
        rf"{_YEAR}[-/ ]?[qt](?P<quarter>[1-4])",
        rf"[qt](?P<quarter>[1-4])[-/ ]?{_YEAR}",
        rf"trim(?:estre)?[ .]?(?P<quarter>[1-4])[-/ ]?{_YEAR}",
        rf"(?P<quarter>[1-4])(?:er|e|eme) trimestre(?: de)? {_YEAR}",
        rf"{_YEAR}-(?P<month>\d\d)",
        rf"(?P<month>\d{{1,2}})/{_YEAR}",
        rf"{_MONTH_WORD}[- ]?{_YEAR}",
        rf"{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)",
        rf"{_DAY}/(?P<month>\d{{1,2}})/{_YEAR}",
        rf"{_DAY} {_MONTH_WORD} {_YEAR}",
    )
)
# « 2013 à 2016 » are four years, « 2013 et 2016 » two.
_RANGE_WORDS = (
    re.compile(r"(?:du|de|entre) (.+?) (?:au|a|et) (?:le )?(.+)"),
    re.compile(r"(.+?) (?:au|a) (?:le )?(.+)"),
)
_DAYS_LISTED = re.compile(
    r"(?:les )?(?P<days>\d{1,2}(?:(?:, ?| et | ?- ?)\d{1,2})+) (?P<rest>[a-z]{3,9}\.? \d{4})"
)
_EXPECTED_PERIOD = "une période : 2016, 2016-T1, mars 2016, 31/12/2016 ou 2013-2016"


def parse_period(text: str) -> str:
    """Read a period and give its code: 2016, 2016-Q1, 2016-03, 2016-12-31 or 2013/2016.

    A range of whole years is coded by its years; any other keeps its two ends (2015-03-19/2015-03-23).

    >>> parse_period("AOU2023"), parse_period("Trim1-2020"), parse_period("31/12/2020")
    ('2023-08', '2020-Q1', '2020-12-31')
    >>> parse_period("Du 1er janvier 2013 au 31 décembre 2016"), parse_period("2013-2016")
    ('2013/2016', '2013/2016')
    >>> parse_period("15, 16 et 17 juin 2017")
    '2017-06-15/2017-06-17'
    """
    # Two spaces may stand for a lost dash (« 19  23 mars 2015 »): they are not folded away.
    if re.search(rf"\d{SPACE}{{2,}}\d", text):
        raise NotAsExpected(text, _EXPECTED_PERIOD)
    plain = re.sub(r"[\u2010-\u2015]", "-", fold(text))
    plain = re.sub(r"^(?:au|le|en) ", "", plain)
    code = _point(plain) or _range(plain) or _enumeration(plain)
    if code is None:
        raise NotAsExpected(text, _EXPECTED_PERIOD)
    return code


def _point(text: str) -> str | None:
    for pattern in _POINTS:
        match = pattern.fullmatch(text)
        code = _code_of(match.groupdict()) if match else None
        if code is not None:
            return code
    return None


def _code_of(parts: Mapping[str, str]) -> str | None:
    year = int(parts["year"])
    if "quarter" in parts:
        return f"{year}-Q{parts['quarter']}"
    month = _MONTH_OF.get(parts["month_word"]) if "month_word" in parts else int(parts.get("month", 0))
    if month == 0:
        return str(year)
    try:
        day = date(year, month or 0, int(parts.get("day", 1)))
    except ValueError:
        return None
    return f"{day:%Y-%m-%d}" if "day" in parts else f"{day:%Y-%m}"


def _range(text: str) -> str | None:
    ends = [match.groups() for pattern in _RANGE_WORDS if (match := pattern.fullmatch(text))]
    # Which of the dashes and slashes parts the two ends (2015-03-19/2015-03-23) is seen by trying.
    ends += [(text[: sign.start()], text[sign.end() :]) for sign in re.finditer(r" ?[-/] ?", text)]
    return next((code for first, last in ends if (code := _range_between(first, last))), None)


def _range_between(first_text: str, last_text: str) -> str | None:
    first, last = _point(first_text) or _point(_completed(first_text, last_text)), _point(last_text)
    if first is None or last is None:
        return None
    if first.endswith("-01-01") and last.endswith("-12-31"):
        first, last = first[:4], last[:4]
    if len(first) != len(last) or first > last:
        return None
    return first if first == last else f"{first}/{last}"


def _enumeration(text: str) -> str | None:
    """« 15, 16 et 17 juin 2017 »: days that follow one another are a range."""
    match = _DAYS_LISTED.fullmatch(text)
    if match is None:
        return None
    days = [int(day) for day in re.findall(r"\d+", match["days"])]
    if days != list(range(days[0], days[-1] + 1)):
        return None
    return _range_between(f"{days[0]} {match['rest']}", f"{days[-1]} {match['rest']}")


def _completed(first: str, last: str) -> str:
    """Give the first end of a range the month or year that only its last end says: « 19-23 mars 2015 »."""
    words = last.split()
    missing = 2 if first.removesuffix("er").isdigit() else 1
    return " ".join([first, *words[-missing:]])


def period_bounds(code: str) -> tuple[date, date]:
    """Give the first and the last day of a period code.

    >>> period_bounds("2016-Q1")
    (datetime.date(2016, 1, 1), datetime.date(2016, 3, 31))
    """
    if "/" in code:
        first, last = code.split("/")
        return period_bounds(first)[0], period_bounds(last)[1]
    year, *rest = code.split("-")
    if not rest:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    if len(rest) == 2:
        day = date.fromisoformat(code)
        return day, day
    first_month, last_month = (int(rest[0]), int(rest[0])) if rest[0].isdigit() else _quarter_months(rest[0])
    last_day = calendar.monthrange(int(year), last_month)[1]
    return date(int(year), first_month, 1), date(int(year), last_month, last_day)


def _quarter_months(quarter: str) -> tuple[int, int]:
    last = 3 * int(quarter.removeprefix("Q"))
    return last - 2, last


def format_period(code: str) -> str:
    """Print a period code in French.

    >>> format_period("2016-12-31"), format_period("2013/2016"), format_period("2016-Q1")
    ('31 décembre 2016', '2013–2016', 'T1 2016')
    >>> format_period("2016-03/2016-05"), format_period("2015-12-08/2015-12-10")
    ('mars à mai 2016', 'du 8 au 10 décembre 2015')
    """
    if "/" in code:
        return _format_range(*map(format_period, code.split("/")))
    year, *rest = code.split("-")
    if not rest:
        return year
    if rest[0].startswith("Q"):
        return f"T{rest[0][1:]} {year}"
    month = f"{_MONTHS[int(rest[0]) - 1]} {year}"
    if len(rest) == 1:
        return month
    return f"{'1er' if rest[1] == '01' else int(rest[1])} {month}"


def _format_range(first: str, last: str) -> str:
    if first.isdigit():
        return f"{first}–{last}"
    # What both ends have in common is said once.
    own, shared = first.split(), last.split()
    while own[1:] and own[-1] == shared[-1]:
        del own[-1], shared[-1]
    start = " ".join(own)
    return f"du {start} au {last}" if last[0].isdigit() else f"{start} à {last}"
