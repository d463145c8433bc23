"""The reader of delimited text, in French and in English dress."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingestion.french import agreeing, parse_number
from ingestion.read import Record, UnreadableDelivery
from ingestion.read import csv as csv_reader
from ingestion.read import text as texts
from ingestion.read.csv import Totals, Wide, read

WIDE = Wide(header=r"\d{4}", into="period_code", value="value")
WORLD_BANK: dict[str, Any] = {
    "columns": {"Country Code": "area_code", "Indicator Code": "series_code"},
    "ignored": ("Country Name",),
    "wide": WIDE,
    "preamble_lines": 4,
    "decimal": ".",
    "missing": ("", ".."),
}


def records(tmp_path: Path, content: bytes, **options: Any) -> list[Record]:
    path = tmp_path / "figures.csv"
    path.write_bytes(content)
    return list(read(path, **options))


def test_the_world_bank_dress_years_in_columns_under_a_preamble(tmp_path: Path) -> None:
    content = (
        '\ufeff"Data Source","World Development Indicators",\r\n\r\n"Last Updated Date","2025-06-30",\r\n\r\n'
        '"Country Name","Country Code","Indicator Code","2015","2016",\r\n'
        '"Mali","MLI","NY.GDP","1,234,567.8","..",\r\n'
    ).encode()
    found = records(tmp_path, content, **WORLD_BANK)
    assert found == [
        Record(
            "l.6 c.2015",
            "data",
            {"area_code": "MLI", "series_code": "NY.GDP", "period_code": "2015", "value": "1234567.8"},
            "1,234,567.8",
        ),
        Record(
            "l.6 c.2016",
            "data",
            {"area_code": "MLI", "series_code": "NY.GDP", "period_code": "2016", "value": None},
            "..",
        ),
    ]


def test_the_french_dress_one_record_per_row(tmp_path: Path) -> None:
    content = "Pays;Année;Valeur\nCôte d’Ivoire;2016;1\u00a0234,5\n\nMali;2016;n.d.\n".encode("cp1252")
    columns = {"pays": "area_code", "ANNEE": "period_code", "Valeur": "value"}
    note, *found = records(tmp_path, content, columns=columns, delimiter=";", missing=("n.d.",))
    assert (note.kind, note.literal) == ("note", "Lu en cp1252, séparateur ';', trouvés dans le fichier.")
    assert [(record.locator, record.values["area_code"], record.values["value"]) for record in found] == [
        ("l.2", "Côte d’Ivoire", "1\u00a0234,5"),
        ("l.4", "Mali", None),
    ]
    assert [record.literal for record in found] == ["1\u00a0234,5", "n.d."]


def test_totals_are_kept_apart(tmp_path: Path) -> None:
    totals = Totals(column="area_code", labels=("TOTAL",))
    found = records(
        tmp_path, b"geo,2024\nTOTAL,9\nCIV,9\n", columns={"geo": "area_code"}, wide=WIDE, totals=totals
    )
    assert [(record.kind, record.values["area_code"]) for record in found] == [
        ("total", "_T"),
        ("data", "CIV"),
    ]


def test_a_row_of_another_width_is_one_faulty_record(tmp_path: Path) -> None:
    cut = b"geo,2020,2024\nCIV,1,2\nFRA,3\n"
    *good, bad = records(tmp_path, cut, columns={"geo": "area_code"}, wide=WIDE)
    assert len(good) == 2
    assert (bad.locator, bad.fault, bad.literal) == ("l.3", "3 cellules comme l’en-tête, et non 2", "FRA | 3")


@pytest.mark.parametrize(
    ("content", "options", "found", "expected"),
    [
        (b"", {}, "aucune ligne d’en-tête", "un en-tête"),
        (b"pays,2024\nCIV,1\n", {}, "la colonne « pays »", "geo"),
        (b"geo,2024,note\nCIV,1,x\n", {}, "la colonne « note »", "geo"),
        (b"geo,geo,2024\nCIV,FRA,1\n", {}, "deux colonnes « geo »", "un nom par colonne"),
        (b"2024\n1\n", {}, "« 2024 »", "geo"),
        (b"geo\nCIV\n", {}, "« geo »", "des colonnes"),
        (b"geo,2024\nC\xd4TE,1\n", {"encodings": ("utf-8",)}, "un codage inconnu", "utf-8"),
        (b"g\x00e\x00o\x00", {}, "un fichier binaire", "texte"),
        (b'geo,2024\n"' + b"x" * 200_000 + b'",1\n', {}, "une ligne illisible", "des champs"),
        (b'geo,2024\n"CIV,1\n', {}, "illisible (guillemets mal placés", "des champs"),
    ],
    ids=[
        "empty",
        "renamed",
        "new column",
        "column twice",
        "key missing",
        "no years",
        "encoding",
        "utf-16",
        "endless field",
        "quote",
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, content: bytes, options: dict[str, Any], found: str, expected: str
) -> None:
    with pytest.raises(UnreadableDelivery) as refusal:
        records(tmp_path, content, columns={"geo": "area_code"}, wide=WIDE, **options)
    assert found in refusal.value.found
    assert expected in refusal.value.expected


FRENCH = {"columns": {"Pays": "area_code", "Année": "period_code", "Valeur": "value"}, "delimiter": None}


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_a_dress_that_nobody_declared_is_found_and_said(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    lines = (["Pays", "Année", "Valeur"], ["Côte d'Ivoire", "2016", "12"])
    text = "".join(f"{delimiter.join(line)}\r\n" for line in lines)
    note, record = records(tmp_path, text.encode(encoding), **FRENCH)
    assert note.kind == "note"
    assert f"séparateur {delimiter!r}" in (note.literal or "")
    assert (note.literal or "").startswith(f"Lu en {'cp1252' if encoding == 'latin-1' else encoding}")
    assert record.values == {"area_code": "Côte d'Ivoire", "period_code": "2016", "value": "12"}


def test_bytes_that_cp1252_does_not_define_are_latin_1(tmp_path: Path) -> None:
    note, record = records(tmp_path, b"Pays;Ann\xe9e;Valeur\nX\x81;2016;1\n", **FRENCH)
    assert (note.literal or "").startswith("Lu en cp1252 et latin-1,")
    assert record.values["area_code"] == "X\x81"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("decimal", [",", "."])  # in blocks, and line by line
def test_lines_of_two_encodings_are_each_decoded_by_themselves(
    tmp_path: Path, mark: bytes, decimal: str
) -> None:
    areas = ["Côte d’Ivoire", "Sénégal", "Bénin", "Égypte", "Mali"]
    # « ÉlÉ» » holds two bytes of cp1252 that would be one letter in UTF-8; its line is not UTF-8.
    areas.append("Él\u00c9\u00bb")
    encodings = ["utf-8", "cp1252", "utf-8", "cp1252", "utf-8", "cp1252"]
    lines = [
        f"{area};2016;{n}\n".encode(of) for n, (area, of) in enumerate(zip(areas, encodings, strict=True))
    ]
    content = mark + b"".join(["Pays;Année;Valeur\n".encode(), *lines])
    note, *found = records(tmp_path, content, **FRENCH, decimal=decimal)
    assert (note.literal or "").startswith(
        "Lu en utf-8, sauf 3 lignes en cp1252 (l.3, l.5, l.7), séparateur ';'"
    )
    assert [(one.locator, one.values["area_code"], one.values["value"]) for one in found] == [
        (f"l.{n + 2}", area, str(n)) for n, area in enumerate(areas)
    ]
    with pytest.raises(UnreadableDelivery, match="un codage inconnu"):
        records(tmp_path, content, **FRENCH, encodings=("utf-8",))


@pytest.mark.parametrize(("lines", "width"), [(30_000, 1), (20, 200_000)])
def test_a_text_that_is_not_utf_8_is_not_held_in_memory(tmp_path: Path, lines: int, width: int) -> None:
    file = tmp_path / "publication.csv"
    file.write_bytes("é\n".encode() + ("é" * width + "\n").encode("cp1252") * lines)
    tracemalloc.start()
    try:
        said = texts.said_of_lines(file)
        with texts.opened(file, texts.LINE_BY_LINE) as stream:
            read_lines = sum(1 for _ in stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert said == f"utf-8, sauf {agreeing(lines, 'lignes')} en cp1252 (l.2, l.3, l.4, l.5, l.6…)"
    assert read_lines == lines + 1
    assert peak < 700_000 + 8 * width


def test_a_comma_in_the_text_does_not_make_it_the_delimiter(tmp_path: Path) -> None:
    text = "Relevé, à titre d'information, de 2017\nPays;Année;Valeur\nMali;2016;1,5\n"
    _, record = records(tmp_path, text.encode(), **FRENCH, preamble_lines=None)
    assert record.values["value"] == "1,5"


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u2009"])
def test_any_space_separates_thousands(tmp_path: Path, space: str) -> None:
    text = f"Pays;Année;Valeur\nMali;2016;1{space}234{space}567,8\n"
    [record] = records(tmp_path, text.encode(), **{**FRENCH, "delimiter": ";"})
    assert parse_number(record.values["value"] or "") == Decimal("1234567.8")


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("1,234,567.8", "1234567.8"),
        ("1.878E+10", "18780000000"),
        ("-3.5", "-3.5"),
        ("12.345", "12,345"),
        ("12%", "12%"),
        ("1,5", None),
        ("1 234", None),
        ("12,34,567", None),
    ],
)
def test_an_english_number_is_read_or_refused_never_guessed(
    tmp_path: Path, printed: str, value: str | None
) -> None:
    [record] = records(
        tmp_path, f'geo,2024\nCIV,"{printed}"\n'.encode(), columns={"geo": "g"}, wide=WIDE, decimal="."
    )
    assert record.values["value"] == value
    assert record.fault == (None if value else "un nombre à l’anglaise : 1,234.5")
    assert record.fault_column == (None if value else "value")
    assert record.literal == printed


EUROSTAT: dict[str, Any] = {
    "columns": {"geo": "area_code", "TIME": "period_code", "Value": "value", "Flag": "flag"},
    "flag": "flag",
    "missing": ("", ":"),
    "decimal": ".",
}


@pytest.mark.parametrize(
    ("printed", "column", "value", "flag"),
    [
        ("385 d", "", "385", "d"),
        ("12.5b", "", "12.5", "b"),
        ('"3,720 ep"', "", "3720", "ep"),
        (":", "c", None, "c"),
        (": c", "", None, "c"),
        (":", "", None, None),
        ("385", "p", "385", "p"),
        ("385 d", "p", "385", "p"),
    ],
)
def test_flags_stand_behind_the_value_or_in_their_column(
    tmp_path: Path, printed: str, column: str, value: str | None, flag: str | None
) -> None:
    content = f"geo,TIME,Value,Flag\nFR,2016,{printed},{column}\n".encode()
    [record] = records(tmp_path, content, **EUROSTAT)
    assert (record.values["value"], record.values["flag"], record.fault) == (value, flag, None)
    assert record.literal == printed.strip('"')


def test_columns_of_figures_by_name_take_their_codes(tmp_path: Path) -> None:
    wide = Wide(
        codes={"Refugees under UNHCR's mandate": "REF", "Asylum-seekers": "ASY"}, into="p", value="value"
    )
    content = "Year,Refugees under UNHCR’s mandate,Asylum-seekers\n2016,1,2\n".encode()
    found = records(tmp_path, content, columns={"Year": "year"}, wide=wide)
    assert [(one.values["p"], one.values["value"]) for one in found] == [("REF", "1"), ("ASY", "2")]
    assert found[0].locator == "l.2 c.Refugees under UNHCR’s mandate"
    with pytest.raises(UnreadableDelivery) as refusal:
        records(tmp_path, b"Year,Asylum-seekers\n2016,2\n", columns={"Year": "year"}, wide=wide)
    assert "refugees under unhcr" in refusal.value.expected


def test_a_total_may_keep_its_own_code(tmp_path: Path) -> None:
    totals = Totals(column="area_code", labels=("EU27",), code=None)
    found = records(tmp_path, b"geo,2024\nEU27,9\n", columns={"geo": "area_code"}, wide=WIDE, totals=totals)
    assert [(one.kind, one.values["area_code"]) for one in found] == [("total", "EU27")]


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("03/25/2021", "2021-03-25"),
        ("Fri, 01/02/2026 - 12:00", "2026-01-02"),
        ("25/03/2021", "25/03/2021 (date anglaise)"),
        ("13-Jan-20", "2020-01-13"),
        ("March 5, 2021", "2021-03-05"),
        ("n/a", "n/a (date anglaise)"),
        ("2021-03-25", "2021-03-25"),
        ("", None),
    ],
)
def test_english_dates(tmp_path: Path, printed: str, value: str | None) -> None:
    content = f'ID,Reported Date,Dead\n1,"{printed}",2\n'.encode()
    columns = {"ID": "id", "Reported Date": "day", "Dead": "value"}
    [record] = records(tmp_path, content, columns=columns, english_dates=("day",))
    assert record.values["day"] == value


def test_packed_keys_are_taken_apart(tmp_path: Path) -> None:
    content = b"freq,citizen,geo\\TIME_PERIOD\t2015 \t2016 \nA,ML,FR\t1570 \t: \nA,ML,ES\t565 b\t220 \n"
    found = records(
        tmp_path,
        content,
        columns={"citizen": "c", "geo": "g"},
        ignored=("freq",),
        wide=WIDE,
        packed=True,
        delimiter="\t",
        flag="flag",
        missing=(":",),
        decimal=".",
    )
    assert [(one.values["g"], one.values["period_code"], one.values["value"]) for one in found] == [
        ("FR", "2015", "1570"),
        ("FR", "2016", None),
        ("ES", "2015", "565"),
        ("ES", "2016", "220"),
    ]
    assert found[2].values["flag"] == "b"


def test_a_line_that_does_not_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDelivery, match="million"):
        records(tmp_path, b"geo,2024\n" + b"x" * 1_100_000, columns={"geo": "g"}, wide=WIDE)


def test_a_preamble_of_any_length_is_passed_over(tmp_path: Path) -> None:
    content = b'"Data Source"\n\n\n"Updated","2025"\nremark\n"geo","2024"\n"CIV","1"\n'
    [record] = records(tmp_path, content, columns={"geo": "g"}, wide=WIDE, preamble_lines=None)
    assert (record.locator, record.values["value"]) == ("l.7 c.2024", "1")


# --- blocks cut at every separator, against csv alone --------------------------------------------------

_nasty = st.sampled_from(
    (
        *(
            '"',
            '""',
            ";",
            "\n",
            "\r\n",
            "\r",
            " ",
            "\u00a0",
            "\ufeff",
            "\x85",
            "\u2028",
            "\x1f",
            "\x1e",
            "\t",
            "",
        ),
        *(
            "\x00",
            "é",
            "à",
            "Ménages",
            "1\u202f234,5",
            "n.d.",
            "a;b;c\n",
            ";;\n",
            '"a;b";c;d\n',
            "x;y;z\r\n",
            "0",
        ),
    )
)
_contents = st.lists(_nasty, max_size=40).map("".join)


def _outcome(path: Path, encoding: str) -> object:
    try:
        return list(
            read(path, columns={"A": "a", "B": "b"}, ignored=("C",), evidence="b", delimiter=";",
                 encodings=(encoding,), missing=("", "n.d."))
        )  # fmt: skip
    except UnreadableDelivery as refused:
        return str(refused)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=400)
@given(
    content=_contents,
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1252")),
    block=st.sampled_from((1, 7, 40, 1 << 20)),
    rows=st.integers(0, 3),
)
@example(content="\ufeffMali;1;x\n", encoding="utf-8", block=1, rows=1)  # no mark, in the middle
def test_blocks_say_what_csv_alone_says(
    content: str, encoding: str, block: int, rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "nasty.csv"
    text = "A;B;C\n" + "Mali;1;x\n" * rows + content
    path.write_bytes(text.encode(encoding, errors="ignore"))
    with monkeypatch.context() as patched:
        patched.setattr(csv_reader, "plain_cells", lambda *_: None)
        alone = _outcome(path, encoding)
    monkeypatch.setattr(csv_reader, "_BLOCK", block)
    assert _outcome(path, encoding) == alone
