"""The reader of delimited text, in French and in English dress."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingestion.read import Record, UnreadableDelivery
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
    assert (bad.locator, bad.fault, bad.literal) == ("l.3", "3 cellules comme l'en-tête, et non 2", "FRA | 3")


@pytest.mark.parametrize(
    ("content", "options", "found", "expected"),
    [
        (b"", {}, "aucune ligne d'en-tête", "un en-tête"),
        (b"pays,2024\nCIV,1\n", {}, "la colonne « pays »", "geo"),
        (b"geo,2024,note\nCIV,1,x\n", {}, "la colonne « note »", "geo"),
        (b"2024\n1\n", {}, "« 2024 »", "geo"),
        (b"geo\nCIV\n", {}, "« geo »", "des colonnes"),
        (b"geo,2024\nC\xd4TE,1\n", {"encodings": ("utf-8",)}, "un codage inconnu", "utf-8"),
        (b"g\x00e\x00o\x00", {}, "un fichier binaire", "texte"),
        (b'geo,2024\n"' + b"x" * 200_000 + b'",1\n', {}, "une ligne illisible", "des champs"),
        (b'geo,2024\n"CIV,1\n', {}, "une ligne illisible", "des champs"),
    ],
    ids=[
        "empty",
        "renamed",
        "new column",
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
