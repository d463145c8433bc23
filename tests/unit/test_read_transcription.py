"""Transcription sheets, and each literal held against its paragraph."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.french import NotAsExpected, format_number
from ingestion.read import Record, UnreadableDelivery
from ingestion.read.transcription import check_literal, find_literal, located, read

COLUMNS = {"N°": "figure_number", "Valeur": "value", "Unité": "unit_code", "Paragraphe": "paragraph_number"}
SHEET = """Fiche de transcription
Article : ;218-bilan

N°;Valeur;Unité;Paragraphe;Littéral;Observation
1;483,3;BN_XOF;3; 483,3\u00a0milliards ;citée
2;;BN_XOF;3;;
"""


def records(tmp_path: Path, content: bytes) -> list[Record]:
    path = tmp_path / "fiche.csv"
    path.write_bytes(content)
    return list(read(path, columns=COLUMNS, ignored=("Observation",)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_sheet_gives_one_record_per_figure(tmp_path: Path, encoding: str) -> None:
    first, second = records(tmp_path, SHEET.encode(encoding))
    assert first == Record(
        "l.5",
        "data",
        {
            "article_code": "218-bilan",
            "figure_number": "1",
            "value": "483,3",
            "unit_code": "BN_XOF",
            "paragraph_number": "3",
        },
        "483,3\u00a0milliards",
    )
    assert (second.values["value"], second.literal) == (None, None)


@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_sheet_saved_under_another_language_is_the_same_sheet(tmp_path: Path, separator: str) -> None:
    figures = '1;"483,3";BN_XOF;3;" 483,3\u00a0milliards ";citée'
    other = SHEET.replace("1;483,3;BN_XOF;3; 483,3\u00a0milliards ;citée", figures).replace(";", separator)
    assert records(tmp_path, other.encode()) == records(tmp_path, SHEET.encode())


def test_a_row_of_another_width_is_one_faulty_record(tmp_path: Path) -> None:
    *_, cut = records(tmp_path, (SHEET + "3;12").encode())
    assert (cut.locator, cut.fault, cut.literal) == ("l.7", "6 cellules comme l’en-tête, et non 2", "3;12")


def test_a_cell_keeps_its_line_end_and_only_a_line_end_ends_a_row(tmp_path: Path) -> None:
    cells = {"l.5": "483,3\u00a0milliards\u2028de FCFA", "l.7": "31\x0bprojets\nde retour"}
    sheet = SHEET.replace(" 483,3\u00a0milliards ", cells["l.5"]).replace("3;;\n", f'3;"{cells["l.7"]}";\n')
    assert {one.locator: one.literal for one in records(tmp_path, sheet.encode())} == cells
    assert {one.locator: one.literal for one in records(tmp_path, sheet.encode("utf-16"))} == cells
    windows = records(tmp_path, SHEET.replace("\n", "\r\n").encode())
    assert windows == records(tmp_path, SHEET.encode())


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("Article : ;218-bilan", "", "aucun article"),
        ("Littéral", "Citation", "aucune ligne d’en-tête"),
        ("Valeur", "Montant", "la colonne « Montant »"),
        (";Valeur", "", "N°, Unité"),
        ("citée", '"citée', "illisible (guillemets mal placés"),
    ],
    ids=["no article", "no evidence", "renamed", "missing", "quote left open"],
)
def test_a_sheet_that_is_not_as_agreed_is_refused(tmp_path: Path, old: str, new: str, found: str) -> None:
    with pytest.raises(UnreadableDelivery) as refusal:
        records(tmp_path, SHEET.replace(old, new).encode())
    assert found in refusal.value.found


PARAGRAPH = (
    "Au total 129 projets et 29\u00a0000 FCFA, dont 29 en 2016 (14.81%), "
    "300\u00a0601 889 FCFA ; 19\u00a0120 titres."
)


@pytest.mark.parametrize(
    "literal", ["29", "129 projets", "14.81%", "300 601 889 FCFA", "300\u202f601\u00a0889", "19 120"]
)
def test_a_literal_is_found_where_it_stands_alone_whatever_its_spaces(literal: str) -> None:
    start, end = find_literal(literal, PARAGRAPH)
    assert "".join(PARAGRAPH[start:end].split()) == "".join(literal.split())


@pytest.mark.parametrize(
    "literal", ["9", "29 projets", "601 889", "000", "19", "14", "FCFA", "120 titres", "30"]
)
def test_a_part_of_a_number_is_not_found_nor_what_stands_twice(literal: str) -> None:
    with pytest.raises(NotAsExpected):
        find_literal(literal, PARAGRAPH)


@given(
    st.integers(0, 10**9),
    st.text(alphabet="abc é,;:()", max_size=20),
    st.text(alphabet="abc é;:()", max_size=20),
)
def test_a_printed_number_is_found_at_its_span(number: int, before: str, after: str) -> None:
    literal = format_number(number)
    paragraph = f"{before} {literal} {after}"
    start, end = find_literal(literal, paragraph)
    assert paragraph[start:end] == literal


@pytest.mark.parametrize(
    ("literal", "value", "unit", "qualifier"),
    [
        ("483,3 milliards", "483,3", "BN_XOF", "="),
        ("483,3 milliards", "483,3", "milliards de FCFA", None),
        ("483,3 milliards de francs", "483 300 000 000", "XOF", "="),
        ("3,5 millions", "3 500 000", "PERSONS", "="),
        ("737 millions d'euros", "737", "M_EUR", "="),
        ("trois cents soixante seize (376)", "376", "PERSONS", "="),
        ("plus cinquante (50) pays", "50", "COUNTRIES", ">"),
        ("près de 8000", "8 000", "PERSONS", "≈"),
        ("14.81%", "14,81", "PCT", "="),
        ("4.774 adultes", "4 774", "PERSONS", "="),
        ("4.774", "4,774", "PERSONS", "="),
        ("près de 8000", "8 000", "PERSONS", "environ"),
    ],
)
def test_a_literal_that_says_the_value(literal: str, value: str, unit: str, qualifier: str | None) -> None:
    check_literal(literal, value, unit, qualifier)


@pytest.mark.parametrize(
    ("literal", "value", "unit", "qualifier", "expected"),
    [
        ("483,3 milliards", "483,3", "XOF", "=", "la valeur 483,3"),
        ("8515", "8 151", "DOCUMENTS", "=", "la valeur 8 151"),
        ("près de 8000", "8 000", "PERSONS", "=", "qualifié par « = »"),
        ("8000", "8 000", "PERSONS", "≈", "qualifié par « ≈ »"),
        ("trois cents sept (370)", "370", "DWELLINGS", "=", "en lettres et en chiffres"),
        ("beaucoup", "1", "PERSONS", "=", "un nombre"),
        ("12", "douze", "PERSONS", "=", "un nombre"),
    ],
)
def test_a_literal_that_does_not_say_the_value(
    literal: str, value: str, unit: str, qualifier: str, expected: str
) -> None:
    with pytest.raises(NotAsExpected) as refusal:
        check_literal(literal, value, unit, qualifier)
    assert expected in refusal.value.expected


def figure(
    literal: str = "300 601 889 FCFA",
    value: str = "300 601 889",
    unit_code: str = "XOF",
    period_code: str = "2013-2016",
    area_code: str = "MLI",
) -> Record:
    values: dict[str, str | None] = {
        "value": value,
        "unit_code": unit_code,
        "qualifier": "=",
        "period_code": period_code,
        "area_code": area_code,
        "paragraph_number": "12",
    }
    return Record("l.5", "data", values, literal)


def test_a_figure_that_stands_in_its_paragraph_gets_its_place_and_the_article_s_own_spaces() -> None:
    found = located(figure(), PARAGRAPH)
    start = PARAGRAPH.index("300")
    assert found.fault is None
    assert found.locator == f"§12 [{start}:{start + 16}]"
    assert (found.values["span_start"], found.values["span_end"]) == (str(start), str(start + 16))
    assert found.literal == "300\u00a0601 889 FCFA"


@pytest.mark.parametrize(
    ("record", "paragraph", "fault"),
    [
        (figure(), None, "un paragraphe de l’article accepté, et non le n° 12"),
        (figure(), "Rien de tel.", "absent du paragraphe"),
        (figure(value="300"), PARAGRAPH, "la valeur 300"),
        (figure(literal=""), PARAGRAPH, "un littéral"),
    ],
)
def test_a_figure_that_does_not_stand_there_is_faulty(
    record: Record, paragraph: str | None, fault: str
) -> None:
    assert fault in (located(record, paragraph).fault or "")


def test_what_is_wrong_with_a_figure_is_said_once() -> None:
    assert "trouvé" not in str(located(figure(value="300"), PARAGRAPH).fault)
    assert str(located(figure(value="3OO"), PARAGRAPH).fault).endswith("trouvé « 3OO »")
    assert located(figure(value=None), PARAGRAPH).fault is None, "its column says that a value is required"


def test_a_record_that_is_faulty_already_keeps_its_fault() -> None:
    cut = Record("l.5", "data", {}, "3;12", "6 cellules")
    assert located(cut, PARAGRAPH) == cut


def test_a_number_in_words_and_in_digits_keeps_both_readings() -> None:
    record = figure(value="307", unit_code="DWELLINGS", literal="trois cents sept logements (307)")
    values = located(record, "Dont trois cents sept logements (307).").values
    assert (values["words_value"], values["digits_value"]) == ("307", "307")
    assert "words_value" not in located(figure(), PARAGRAPH).values


def test_words_and_digits_that_disagree_are_kept_for_a_decision() -> None:
    literal = "quatre cents milliards (400 000 000 0000)"
    found = located(figure(value="400", unit_code="BN_XOF", literal=literal), f"Soit {literal} en tout.")
    assert found.fault is not None
    assert (found.values["words_value"], found.values["digits_value"]) == ("400000000000", "4000000000000")


def test_the_literal_of_an_event_says_its_date() -> None:
    event = figure(
        value="1", unit_code="EVENTS", period_code="15/06/2017-17/06/2017", literal="15, 16 et 17 juin 2017"
    )
    assert located(event, "Les 15, 16 et 17 juin 2017, à Bamako.").fault is None
    other = figure(value="1", unit_code="EVENTS", period_code="2016", literal="15, 16 et 17 juin 2017")
    assert "la date 2016" in (located(other, "Les 15, 16 et 17 juin 2017.").fault or "")


@pytest.mark.parametrize(
    ("area", "literal", "is_named"),
    [
        ("ML_C_YELIMANE", "Yelimane", True),  # as the ministry prints it, without an accent
        ("Cercle de Kita", "Kita", True),
        ("ML_C_ABEIBARA", "Abeïbara", True),
        ("ML_C_KITA", "Kayes", False),
        ("ML_C_DIOILA", "la", False),  # the end of a word names nothing
        ("nowhere", "Kita", False),
    ],
)
def test_the_literal_of_a_place_that_is_named_is_its_name(area: str, literal: str, is_named: bool) -> None:
    place = figure(value="1", unit_code="CERCLES", area_code=area, literal=literal)
    found = located(place, "Les cercles de Yelimane, Kita, Abeïbara, la ville de Kayes.")
    assert (found.fault is None) is is_named
    counted = figure(value="2", unit_code="CERCLES", area_code=area, literal=literal)
    assert located(counted, "Les cercles de Yelimane, Kita, Abeïbara, la ville de Kayes.").fault
