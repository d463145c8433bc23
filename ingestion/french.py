"""Numbers, periods, qualifiers and status marks as French publications print them.

Everything here is pure: text in, value out, and a `NotAsExpected` that says in French what was found and
what was expected, because the institution that wrote the text reads it.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

NARROW_NO_BREAK_SPACE = "\u202f"

# Space, tab, no-break space and every typographic width; never a line end.
_SPACE = "[ \\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
_MINUS = "[-\u2010-\u2015\u2212\ufe63\uff0d]"
_SPACES = re.compile(f"{_SPACE}+")


class NotAsExpected(ValueError):  # noqa: N818 - read where it is caught: "not as expected"
    """A text that does not read as what it should be."""

    def __init__(self, found: str, expected: str) -> None:
        self.found, self.expected = found, expected
        super().__init__(f"trouvé « {found} », attendu {expected}")


def fold(text: str) -> str:
    """Give a text in the form in which labels are compared: no accents, no case, one kind of space and quote.

    >>> fold("  Côte d’Ivoire ")
    "cote d'ivoire"
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.replace("’", "'").casefold().split())


# --- Numbers -------------------------------------------------------------------------------------------

# Thousands are separated by one or two spaces of any kind, each group of exactly three digits, or not at all:
# « 19  23 mars » is two days, never the number 1923.
_INTEGER = f"(?:[1-9][0-9]{{0,2}}(?:{_SPACE}{{1,2}}[0-9]{{3}})+|[0-9]+)"
_DECIMALS = "(?:[.,](?P<decimals>[0-9]+))?"
_NUMBER = re.compile(f"(?P<sign>(?:{_MINUS}|[+])?){_SPACE}*(?P<integer>{_INTEGER}){_DECIMALS}")
_PERCENT = re.compile(f"{_SPACE}*%$")
# A point that may separate thousands; 0.125 and 1234.567 can only be decimals.
_TWO_WAYS = re.compile(rf"(?<![0-9.,])(?<![0-9]{_SPACE})([1-9][0-9]{{0,2}})\.([0-9]{{3}})(?![0-9])")


def parse_number(text: str) -> Decimal:
    """Read one number, alone in its text: a cell of a table.

    The decimal mark is a comma or one point; a percent sign is read over (14,81 % is 14.81). Raises
    `NotAsExpected` for anything else: words, a date, two numbers, a badly grouped one, and 1.234, which is
    1234 for one person and 1,234 for another.

    >>> parse_number("300\u00a0601 889"), parse_number("14.81%")
    (Decimal('300601889'), Decimal('14.81'))
    >>> parse_number("− 1 228,4"), parse_number("02")
    (Decimal('-1228.4'), Decimal('2'))
    """
    match = _NUMBER.fullmatch(_PERCENT.sub("", text.strip()))
    if match is None:
        raise NotAsExpected(text, "un nombre, par exemple 1 234,5")
    if _TWO_WAYS.search(match[0]):
        raise NotAsExpected(
            text, "un nombre sans équivoque, 1 234 ou 1,234 : le point se lit des deux façons"
        )
    digits = _SPACES.sub("", match["integer"])
    number = Decimal(f"{digits}.{match['decimals']}" if match["decimals"] else digits)
    return -number if match["sign"] not in ("", "+") else number


def readings_of(text: str) -> list[str]:
    """Give a text as it can be read, without a point that nobody can tell from a decimal one.

    >>> readings_of("4.774 adultes"), readings_of("14.81 %")
    (['4 774 adultes', '4,774 adultes'], ['14.81 %'])
    """
    return list(dict.fromkeys(_TWO_WAYS.sub(rf"\1{mark}\2", text) for mark in (" ", ",")))


def is_number(text: str) -> bool:
    """Say whether `parse_number` reads the text.

    >>> is_number("1 058,1"), is_number("19  23 mars 2015")
    (True, False)
    """
    try:
        parse_number(text)
    except NotAsExpected:
        return False
    return True


def format_number(number: Decimal | int, decimals: int | None = None) -> str:
    """Print a number in French form, thousands separated by narrow no-break spaces.

    Without `decimals`, every significant decimal is kept; with it, the number is rounded half to even.

    >>> format_number(Decimal("483.30")), format_number(901304460)
    ('483,3', '901\u202f304\u202f460')
    """
    number = Decimal(number)
    printed = f"{number:,f}" if decimals is None else f"{number:,.{decimals}f}"
    if decimals is None and "." in printed:
        printed = printed.rstrip("0").rstrip(".")
    return printed.replace(",", NARROW_NO_BREAK_SPACE).replace(".", ",")


def agreeing(count: int, plural: str) -> str:
    """Print a number and what it counts, in the singular below two.

    >>> agreeing(1, "lignes conformes"), agreeing(0, "rejets"), agreeing(2, "rejets")
    ('1 ligne conforme', '0 rejet', '2 rejets')
    """
    words = plural if count > 1 else re.sub(r"s\b", "", plural)
    return f"{format_number(count)} {words}"


# --- Numbers in words ----------------------------------------------------------------------------------

# fmt: off
_UNITS = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
    "onze", "douze", "treize", "quatorze", "quinze", "seize",
)
# fmt: on
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}
_SINGULAR = {"cents": "cent", "vingts": "vingt", "une": "un", "millions": "million", "milliards": "milliard"}
_VALUES = {fold(word): n for n, word in enumerate(_UNITS)} | {word: n for n, word in _TENS.items()}
_SCALES = {"milliard": 10**9, "million": 10**6}
_NUMBER_WORDS = frozenset({*_VALUES, *_SINGULAR, *_SCALES, "et", "cent", "mille"})


def number_in_words(number: int) -> str:
    """Write an integer from 0 to 999 999 999 999 in French words.

    >>> number_in_words(376), number_in_words(400_000_000_000)
    ('trois cent soixante-seize', 'quatre cents milliards')
    """
    if not 0 <= number < 10**12:
        raise ValueError(f"{number}: only numbers from 0 to 999 999 999 999 are written in words")
    words: list[str] = []
    rest = number
    for name, scale in _SCALES.items():
        count, rest = divmod(rest, scale)
        if count:
            words += [_below_a_thousand(count, plural=True), name if count == 1 else f"{name}s"]
    thousands, rest = divmod(rest, 1000)
    if thousands > 1:
        words.append(_below_a_thousand(thousands, plural=False))
    if thousands:
        words.append("mille")
    if rest or number == 0:
        words.append(_below_a_thousand(rest, plural=True))
    return " ".join(words)


def _below_a_thousand(number: int, *, plural: bool) -> str:
    """Write 0 to 999; « cents » and « quatre-vingts » take their s only when `plural` and nothing follows."""
    hundreds, rest = divmod(number, 100)
    words = []
    if hundreds > 1:
        words.append(_UNITS[hundreds])
    if hundreds:
        words.append("cents" if hundreds > 1 and rest == 0 and plural else "cent")
    if rest or not hundreds:
        words.append("quatre-vingts" if rest == 80 and plural else _below_a_hundred(rest))
    return " ".join(words)


def _below_a_hundred(number: int) -> str:
    if number < len(_UNITS):
        return _UNITS[number]
    if number < 20:
        return f"dix-{_UNITS[number - 10]}"
    if number >= 80:
        return "quatre-vingt" if number == 80 else f"quatre-vingt-{_below_a_hundred(number - 80)}"
    ten = 60 if number >= 60 else number // 10 * 10
    rest = number - ten
    if rest == 0:
        return _TENS[ten]
    return f"{_TENS[ten]}{' et ' if rest in (1, 11) else '-'}{_below_a_hundred(rest)}"


def words_to_number(text: str) -> int:
    """Read a number written in words; hyphens, plurals and « et » may be forgotten, as they often are.

    >>> words_to_number("trois cents soixante seize"), words_to_number("vingt quatre")
    (376, 24)
    """
    words = _bare_words(text)
    if not _NUMBER_WORDS.issuperset(words) or not words:
        raise NotAsExpected(text, "un nombre en lettres, par exemple « trois cent sept »")
    number = _add_up(words)
    # Writing the result again and comparing refuses what is no French number, such as « vingt trente ».
    if number >= 10**12 or _bare_words(number_in_words(number)) != words:
        raise NotAsExpected(text, "un nombre en lettres bien formé, par exemple « trois cent sept »")
    return number


def _add_up(words: list[str]) -> int:
    total, thousands, below = 0, 0, 0
    for word in words:
        if word == "cent":
            below = below - below % 100 + max(below % 100, 1) * 100
        elif word == "mille":
            thousands, below = max(below, 1) * 1000, 0
        elif word in _SCALES:
            total, thousands, below = total + (thousands + below) * _SCALES[word], 0, 0
        elif word == "vingt" and below % 100 == 4:  # quatre-vingt
            below += 76
        else:
            below += _VALUES[word]
    return total + thousands + below


def _bare_words(text: str) -> list[str]:
    """The words without what is often forgotten: hyphens, plurals, « et »."""
    words = (word for word in re.split(r"[\s-]+", fold(text)) if word not in ("et", ""))
    return [_SINGULAR.get(word, word) for word in words]


# --- Quantities in prose -------------------------------------------------------------------------------

_OF = r"d(?:e\b|['’])"
_QUALIFIERS = {
    "≈": rf"(?:pr[eè]s|autour) {_OF}|(?:environ|presque|quelques?|[aà] peu pr[eè]s)\b|[≈~]",
    ">": rf"plus(?: {_OF}|\b)|au(?:-| )del[aà] {_OF}|sup[eé]rieure?s? [aà]\b|>",
    "<": rf"moins(?: {_OF}|\b)|au(?:-| )dessous {_OF}|inf[eé]rieure?s? [aà]\b|<",
}
_QUALIFIER_OF = {
    sign: re.compile(phrases.replace(" ", f"{_SPACE}+"), re.IGNORECASE)
    for sign, phrases in _QUALIFIERS.items()
}
_MAGNITUDES = {"mille": 10**3, "millier": 10**3, "million": 10**6, "milliard": 10**9, "md": 10**9}
_IN_BRACKETS = re.compile(rf"\({_SPACE}*([^()]*[0-9][^()]*?){_SPACE}*\)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in prose with what stands around it."""

    number: Decimal
    """As printed: 483.3 for « 483,3 milliards »."""
    magnitude: int
    """What the word after it multiplies it by: 10**9 for « milliards », otherwise 1."""
    qualifier: str
    """=, ≈, > or <: a code of the list `qualifiers`."""

    @property
    def value(self) -> Decimal:
        """The number in full: 483 300 000 000 for « 483,3 milliards »."""
        return self.number * self.magnitude


def parse_quantity(text: str) -> Quantity:
    """Read a figure as prose prints it: qualifier, number in digits, words or both, magnitude, unit.

    Words and digits that disagree are refused.

    >>> parse_quantity("près de 8000"), parse_quantity("483,3 milliards de franc CFA").value
    (Quantity(number=Decimal('8000'), magnitude=1, qualifier='≈'), Decimal('483300000000.0'))
    >>> parse_quantity("trois cents sept logements (307)").number
    Decimal('307')
    """
    qualifier, rest = split_qualifier(text)
    in_brackets = _IN_BRACKETS.search(rest)
    digits = parse_number(in_brackets[1]) if in_brackets else None
    if in_brackets:
        rest = f"{rest[: in_brackets.start()]} {rest[in_brackets.end() :]}".strip()
    read = _leading_digits(rest) or _leading_words(rest)
    if read is None and digits is None:
        raise NotAsExpected(text, "un nombre en chiffres ou en lettres")
    if read is None or digits is None:
        number, magnitude = read or (digits or Decimal(0), 1)
        return Quantity(number, magnitude, qualifier)
    number, magnitude = read
    if digits not in (number, number * magnitude):
        raise NotAsExpected(text, "le même nombre en lettres et en chiffres")
    return Quantity(number, magnitude, qualifier)


def words_and_digits(text: str) -> tuple[Decimal | None, Decimal | None]:
    """Read a figure printed in words and in digits twice over, without holding one against the other.

    Spaces between the digits are passed over, however they group them. A reading that is not there is None.

    >>> words_and_digits("plus cinquante (50) pays"), words_and_digits("264 projets")
    ((Decimal('50'), Decimal('50')), (None, None))
    >>> words_and_digits("quatre cents milliards (400 000 000 0000)")
    (Decimal('400000000000'), Decimal('4000000000000'))
    """
    _, rest = split_qualifier(text)
    in_brackets = _IN_BRACKETS.search(rest)
    if in_brackets is None:
        return None, None
    try:
        read = _leading_words(f"{rest[: in_brackets.start()]} {rest[in_brackets.end() :]}".strip())
        digits = parse_number(_SPACES.sub("", in_brackets[1]))
    except NotAsExpected:
        return None, None
    if read is None:
        return None, None
    number, magnitude = read
    return (number if digits == number else number * magnitude), digits


def _leading_digits(text: str) -> tuple[Decimal, int] | None:
    match = _NUMBER.match(text)
    if match is None or re.match(f"[0-9]|[.,][0-9]|{_SPACE}{{1,2}}[0-9]", text[match.end() :]):
        return None
    return parse_number(match[0]), magnitude_of(text[match.end() :])


def _leading_words(text: str) -> tuple[Decimal, int] | None:
    words = re.split(r"[\s-]+", fold(text))
    length = next((n for n, word in enumerate(words) if word not in _NUMBER_WORDS), len(words))
    if length > 1 and _SINGULAR.get(words[length - 1], words[length - 1]) in _SCALES:
        length -= 1  # « quatre millions » is printed as 4 with a magnitude, like « 4 millions »
    if length == 0:
        return None
    return Decimal(words_to_number(" ".join(words[:length]))), magnitude_of(" ".join(words[length:]))


def split_qualifier(text: str) -> tuple[str, str]:
    """Part a figure from what qualifies it; the qualifier of a plain figure is `=`.

    >>> split_qualifier("plus de 300 participants"), split_qualifier("264")
    (('>', '300 participants'), ('=', '264'))
    """
    text = text.strip()
    for sign, phrases in _QUALIFIER_OF.items():
        match = phrases.match(text)
        if match:
            return sign, text[match.end() :].strip()
    return "=", text


def magnitude_of(text: str) -> int:
    """Give what the first word of a text multiplies a number by: of a unit line, of what follows a number.

    >>> magnitude_of("Milliards de FCFA"), magnitude_of("de millions"), magnitude_of("logements")
    (1000000000, 1000000, 1)
    """
    first = re.match(r"(?:de |d')?([a-z]+)", fold(text))
    return _MAGNITUDES.get(first[1].removesuffix("s"), 1) if first else 1


# --- Periods -------------------------------------------------------------------------------------------

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
    if re.search(rf"\d{_SPACE}{{2,}}\d", text):
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
    ('31 décembre 2016', '2013-2016', '1er trimestre 2016')
    """
    if "/" in code:
        first, last = code.split("/")
        return f"{first}-{last}" if len(first) == 4 else f"du {format_period(first)} au {format_period(last)}"
    year, *rest = code.split("-")
    if not rest:
        return year
    if rest[0].startswith("Q"):
        number = rest[0][1:]
        return f"{number}{'er' if number == '1' else 'e'} trimestre {year}"
    month = f"{_MONTHS[int(rest[0]) - 1]} {year}"
    if len(rest) == 1:
        return month
    return f"{'1er' if rest[1] == '01' else int(rest[1])} {month}"


# --- Status marks --------------------------------------------------------------------------------------

# What a mark means where no legend says it; SDMX: A actual, P provisional, E estimated, F forecast.
STATUS_OF_MARK = {"*": "E", "**": "F", "e": "E", "est": "E", "p": "P", "prov": "P", "f": "F", "proj": "F"}
_MARK = re.compile(rf"(.*?[0-9%)]){_SPACE}*(?:\(([^()]{{1,5}})\)|(\*{{1,3}}|[ep]|[¹²³⁰⁴-⁹]{{1,2}}))")
_LEGEND = re.compile(rf"\(?(?P<mark>\*+|[a-z]{{1,4}})\)?{_SPACE}*[:=]?{_SPACE}*(?:donnees )?(?P<word>[a-z]+)")
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
