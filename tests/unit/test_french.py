"""Numbers, periods, qualifiers and marks: the traps of French publications, and round trips."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import french
from ingestion.french import NotAsExpected, Quantity

SPACES = [" ", "\u00a0", "\u202f", "\u2009", "\u2007", "\t", "\u00a0 "]
MINUS_SIGNS = ["-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\ufe63", "\uff0d"]


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("300\u00a0601 889", "300601889"),  # two kinds of space inside one number
        ("901\u00a0304\u00a0460", "901304460"),
        ("9 025", "9025"),
        ("8515", "8515"),
        ("19\u00a0120", "19120"),
        ("14.81%", "14.81"),
        ("14,81 %", "14.81"),
        ("14,81\u202f%", "14.81"),
        ("02", "2"),
        ("0,0", "0.0"),
        ("-1 228,4", "-1228.4"),
        ("− 7,8", "-7.8"),
        ("–38,0", "-38.0"),
        ("+12", "12"),
        ("10689168016.261272", "10689168016.261272"),
        (" 483,3 ", "483.3"),
    ],
)
def test_a_number_as_printed(printed: str, number: str) -> None:
    assert french.parse_number(printed) == Decimal(number)


@pytest.mark.parametrize(
    "printed",
    [
        "19\u00a0 23",  # two days whose dash was lost, never 1923
        "19  23 mars 2015",
        "2015 376",
        "400 000 000 0000",
        "1 23",
        "1,234,567",
        "1.234.567",
        "10-12",
        "entre 10 à 12 %",
        "12,5,1",
        ",5",
        "5,",
        "1e6",
        "(02)",
        "٣",  # a digit, but not of this script
        "",
        "-",
        "NaN",
        "Infinity",
        "300\n601",
        "1.234",
        "-128.000 %",
    ],
)
def test_what_is_not_one_number_is_refused_with_what_was_found(printed: str) -> None:
    with pytest.raises(NotAsExpected) as refusal:
        french.parse_number(printed)
    assert refusal.value.found == printed
    assert refusal.value.expected.startswith("un nombre")
    assert not french.is_number(printed)


numbers = st.decimals(min_value=-(10**15), max_value=10**15, allow_nan=False, allow_infinity=False, places=4)


@given(numbers)
def test_a_number_printed_in_french_form_reads_as_itself(number: Decimal) -> None:
    assert french.parse_number(french.format_number(number)) == number


@given(
    numbers,
    st.lists(st.sampled_from(SPACES), min_size=6, max_size=6),
    st.sampled_from(MINUS_SIGNS),
    st.data(),
)
def test_a_number_reads_the_same_whatever_its_spaces_sign_and_decimal_mark(
    number: Decimal, spaces: list[str], minus: str, data: st.DataObject
) -> None:
    whole, _, decimals = f"{abs(number):,f}".partition(".")
    groups = whole.split(",")
    printed = groups[0] + "".join(space + group for space, group in zip(spaces, groups[1:], strict=False))
    is_two_ways = len(groups) == 1 and len(decimals) == 3 and whole != "0"  # 1.234
    printed += data.draw(st.sampled_from([","] if is_two_ways else [",", "."])) + decimals
    if number < 0:
        printed = minus + data.draw(st.sampled_from(["", " ", "\u00a0"])) + printed
    assert french.parse_number(printed) == number


@given(st.integers(1, 31), st.integers(1, 31), st.sampled_from(SPACES), st.sampled_from(SPACES))
def test_two_days_are_never_glued_into_a_number(first: int, last: int, one: str, other: str) -> None:
    with pytest.raises(NotAsExpected):
        french.parse_number(f"{first}{one}{other}{last}")


@pytest.mark.parametrize(
    ("number", "decimals", "printed"),
    [
        (Decimal("483.3"), None, "483,3"),
        (901304460, None, "901\u202f304\u202f460"),
        (Decimal("1E+3"), None, "1\u202f000"),
        (Decimal("2348452.257"), 0, "2\u202f348\u202f452"),
        (Decimal("19.73"), 1, "19,7"),
        (Decimal("534.25"), 1, "534,3"),
        (Decimal("-0.04"), 1, "0,0"),
        (Decimal("-1228.40"), None, "−1\u202f228,4"),
        (Decimal("0.00"), None, "0"),
        (100, None, "100"),
    ],
)
def test_a_number_in_french_form(number: Decimal | int, decimals: int | None, printed: str) -> None:
    assert french.format_number(number, decimals) == printed


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("trois cents soixante seize", 376),
        ("trois cent soixante-seize", 376),
        ("trois cents sept", 307),
        ("trois  cent", 300),
        ("vingt quatre", 24),
        ("quatorze", 14),
        ("Cinquante", 50),
        ("vingt et un", 21),
        ("soixante et onze", 71),
        ("soixante-dix-sept", 77),
        ("quatre-vingts", 80),
        ("quatre-vingt-dix-neuf", 99),
        ("cent", 100),
        ("mille", 1000),
        ("trois mille deux cents", 3200),
        ("quatre-vingt mille", 80_000),
        ("quatre cents milliards", 400 * 10**9),
        ("un million deux cent mille", 1_200_000),
        ("zéro", 0),
    ],
)
def test_a_number_in_words(words: str, number: int) -> None:
    assert french.words_to_number(words) == number


@pytest.mark.parametrize(
    "words", ["vingt trente", "deux trois", "cent cent", "logements", "", "un mille", "mille mille"]
)
def test_words_that_are_no_number_are_refused(words: str) -> None:
    with pytest.raises(NotAsExpected):
        french.words_to_number(words)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zéro"),
        (16, "seize"),
        (17, "dix-sept"),
        (61, "soixante et un"),
        (70, "soixante-dix"),
        (80, "quatre-vingts"),
        (81, "quatre-vingt-un"),
        (91, "quatre-vingt-onze"),
        (200, "deux cents"),
        (203, "deux cent trois"),
        (80_000, "quatre-vingt mille"),
        (3_000, "trois mille"),
        (200_000, "deux cent mille"),
        (1_001, "mille un"),
        (80_000_000, "quatre-vingts millions"),
    ],
)
def test_a_number_is_written_with_the_plurals_of_grammar(number: int, words: str) -> None:
    assert french.number_in_words(number) == words


@given(st.integers(0, 10**12 - 1))
def test_a_number_written_in_words_reads_as_itself(number: int) -> None:
    assert french.words_to_number(french.number_in_words(number)) == number


@pytest.mark.parametrize("number", [-1, 10**12])
def test_a_number_out_of_reach_of_words_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="only numbers from 0"):
        french.number_in_words(number)


@pytest.mark.parametrize(
    ("printed", "quantity"),
    [
        ("483,3 milliards de franc CFA", Quantity(Decimal("483.3"), 10**9, "=")),
        ("3,5\u00a0millions", Quantity(Decimal("3.5"), 10**6, "=")),
        ("plus de quatre millions", Quantity(Decimal(4), 10**6, ">")),
        ("plus de quatre de millions", Quantity(Decimal(4), 10**6, ">")),
        ("plus cinquante (50) pays", Quantity(Decimal(50), 1, ">")),
        ("plus de 300 participants", Quantity(Decimal(300), 1, ">")),
        ("près de 8000", Quantity(Decimal(8000), 1, "≈")),
        ("Pres de 800 emplois", Quantity(Decimal(800), 1, "≈")),
        ("environ 12 %", Quantity(Decimal(12), 1, "≈")),
        ("moins d’un million", Quantity(Decimal(1), 10**6, "<")),
        ("≈ 8 000", Quantity(Decimal(8000), 1, "≈")),
        ("> 50", Quantity(Decimal(50), 1, ">")),
        ("trois cents soixante seize (376) cas", Quantity(Decimal(376), 1, "=")),
        ("trois cents sept logements (307)", Quantity(Decimal(307), 1, "=")),
        ("vingt pays (20)", Quantity(Decimal(20), 1, "=")),
        ("vingt quatre pays", Quantity(Decimal(24), 1, "=")),
        ("quatre cents milliards (400 000 000 000)", Quantity(Decimal(400), 10**9, "=")),
        ("(12)", Quantity(Decimal(12), 1, "=")),
        ("02 premières études", Quantity(Decimal(2), 1, "=")),
        ("14.81%", Quantity(Decimal("14.81"), 1, "=")),
    ],
)
def test_a_quantity_in_prose(printed: str, quantity: Quantity) -> None:
    assert french.parse_quantity(printed) == quantity
    assert quantity.value == quantity.number * quantity.magnitude


@pytest.mark.parametrize(
    "printed",
    [
        "quatre cents milliards (400 000 000 0000)",  # printed so in 2017: ten times too much
        "quatre cents milliards (4 000 000 000 000)",
        "trois cents sept (370)",
        "entre 10 à 12 %",
        "19\u00a0 23 mars 2015",
        "plusieurs centaines",
        "",
    ],
)
def test_a_quantity_that_contradicts_itself_or_says_no_number_is_refused(printed: str) -> None:
    with pytest.raises(NotAsExpected):
        french.parse_quantity(printed)


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("2016", "2016"),
        ("JAN2023", "2023-01"),
        ("FEV1960", "1960-02"),
        ("MAI2023", "2023-05"),
        ("MAY2023", "2023-05"),
        ("AUG2023", "2023-08"),
        ("AOU2023", "2023-08"),
        ("DEC2024", "2024-12"),
        ("Trim1-2020", "2020-Q1"),
        ("2016-T1", "2016-Q1"),
        ("T3 2025", "2025-Q3"),
        ("1er trimestre 2020", "2020-Q1"),
        ("31/12/2020", "2020-12-31"),
        ("2016-12-31", "2016-12-31"),
        ("au 31 décembre 2012", "2012-12-31"),
        ("03/2016", "2016-03"),
        ("2015-12", "2015-12"),
        ("mars 2016", "2016-03"),
        ("Août 2016", "2016-08"),
        ("2013-2016", "2013/2016"),
        ("2013–2016", "2013/2016"),
        ("2013 / 2016", "2013/2016"),
        ("2015-2015", "2015"),
        ("de 2013 à 2016", "2013/2016"),
        ("2013 à 2016", "2013/2016"),
        ("Du 1er janvier 2013 au 31 décembre 2016", "2013/2016"),
        ("du 28 au 30 juillet 2016", "2016-07-28/2016-07-30"),
        ("19-23 mars 2015", "2015-03-19/2015-03-23"),
        ("du 30 novembre au 2 décembre 2015", "2015-11-30/2015-12-02"),
        ("les 15, 16 et 17 juin 2017", "2017-06-15/2017-06-17"),
        ("15 et 16 juin 2017", "2017-06-15/2017-06-16"),
    ],
)
def test_a_period_as_printed(printed: str, code: str) -> None:
    assert french.parse_period(printed) == code


@pytest.mark.parametrize(
    "printed",
    [
        "19\u00a0 23 mars 2015",
        "31/02/2016",
        "2016-13",
        "2016-2013",
        "2015-19",
        "Total",
        "",
        "1899",
        "36 mois",
        "20161",
        "15 et 17 juin 2017",
        "31, 32 et 33 mars 2017",
        "2013 et 2016",
    ],
)
def test_what_is_no_period_is_refused(printed: str) -> None:
    with pytest.raises(NotAsExpected, match="une période"):
        french.parse_period(printed)


years = st.integers(1900, 2099)
period_codes = st.one_of(
    years.map(str),
    st.builds("{}-Q{}".format, years, st.integers(1, 4)),
    st.builds("{}-{:02}".format, years, st.integers(1, 12)),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(str),
    st.builds(lambda first, years: f"{first}/{first + years}", st.integers(1900, 2049), st.integers(1, 50)),
    st.builds("{0}-Q{1}/{0}-Q{2}".format, years, st.integers(1, 2), st.integers(3, 4)),
    st.builds("{0}-{1:02}/{0}-{2:02}".format, years, st.integers(1, 6), st.integers(7, 12)),
    st.builds(
        lambda first, days: f"{first}/{first + timedelta(days)}",
        st.dates(date(1900, 1, 2), date(2098, 12, 1)),
        st.integers(1, 300),
    ),
)


@given(period_codes)
def test_a_period_code_and_its_french_form_read_as_the_code(code: str) -> None:
    assert french.parse_period(code) == code
    assert french.parse_period(french.format_period(code)) == code
    assert french.parse_period(french.format_period(code).upper()) == code


@given(period_codes)
def test_the_bounds_of_a_period_are_in_order_and_name_it(code: str) -> None:
    first, last = french.period_bounds(code)
    assert first <= last
    assert str(first.year) == code[:4]


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2016", date(2016, 1, 1), date(2016, 12, 31)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2016-Q3", date(2016, 7, 1), date(2016, 9, 30)),
        ("2016-12-31", date(2016, 12, 31), date(2016, 12, 31)),
        ("2013/2016", date(2013, 1, 1), date(2016, 12, 31)),
    ],
)
def test_the_bounds_of_a_period(code: str, first: date, last: date) -> None:
    assert french.period_bounds(code) == (first, last)


@pytest.mark.parametrize(
    ("printed", "text", "mark"),
    [
        ("2023 (*)", "2023", "*"),
        ("2026 (**)", "2026", "**"),
        ("2025*", "2025", "*"),
        ("583,5(1)", "583,5", "1"),
        ("2017 (p)", "2017", "p"),
        ("2023e", "2023", "e"),
        ("2024", "2024", None),
        ("1 228,4", "1 228,4", None),
        ("Balance/PIB (%)", "Balance/PIB (%)", None),
        ("Compte (1+2+3)", "Compte (1+2+3)", None),
    ],
)
def test_a_mark_is_parted_from_what_it_marks(printed: str, text: str, mark: str | None) -> None:
    assert french.split_mark(printed) == (text, mark)


@pytest.mark.parametrize(
    ("legend", "marks"),
    [
        ("Sources : INS, BCEAO     (*) Estimations     (**) Prévisions", {"*": "E", "**": "F"}),
        ("Source : BCEAO. (*) : Estimations", {"*": "E"}),
        ("Sources : AMAO, Banque de France, BCEAO, (*) Données provisoires", {"*": "P"}),
        ("Source : BCEAO (**) Projections", {"**": "F"}),
        ("(p) provisoire, (e) estimé", {"p": "P", "e": "E"}),
        ("Source : BCEAO", {}),
    ],
)
def test_what_a_legend_says_of_marks(legend: str, marks: dict[str, str]) -> None:
    assert french.marks_of_legend(legend) == marks
