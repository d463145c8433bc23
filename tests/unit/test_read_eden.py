"""The EDEN reader, on files as ugly as the portal's."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ingestion.french import parse_period
from ingestion.read import READERS, Record, UnreadableDelivery
from ingestion.read.eden import read

REAL = Path(__file__).parents[3] / "shared" / "real" / "IPC_MENSUEL.xls"

UGLY = (
    b"\r\n\nPIB - PRODUIT INT\xc9RIEUR BRUT\n\n"  # a Latin-1 line
    + "MALI;\n"
    "CODE;LIBELLE;UNITE DE MESURE;MAGNITUDE;SOURCE;2015;2016;Trim1-2020;AOU2023;31/12/2020;\n"
    "DDDX1;Intérieur brut;FCFA;Milliards;INSTAT;7 747,69;8\u00a0311,92;-;ND;na;\n"
    "DDDX2;Intérieur brut;FCFA;Milliards;INSTAT;1;;3;4;5;\n"
    "\n"
    "SENEGAL;\n"
    "CODE;LIBELLE;2015;\n"
    "KKKX1;Brut;1,5;\n".encode()
    + b"GUINEE BISSAU;\nCODE;LIBELLE;2015\nSSSX1;Brut;-3;\n"
)


def records(tmp_path: Path, content: bytes) -> list[Record]:
    path = tmp_path / "export.xls"
    path.write_bytes(content)
    return list(read(path))


def test_an_export_gives_one_record_per_series_and_period(tmp_path: Path) -> None:
    found = records(tmp_path, UGLY)
    assert not [record for record in found if record.fault]
    first = found[1]
    assert first.locator == "l.7 c.2016"
    assert first.kind == "data"
    assert first.literal == "8\u00a0311,92"
    assert first.values == {
        "area_code": "MLI",
        "series_code": "DDDX1",
        "series_label": "Intérieur brut",
        "unit_label": "FCFA",
        "magnitude_label": "Milliards",
        "period_code": "2016",
        "value": "8\u00a0311,92",
    }
    assert [record.values["period_code"] for record in found[:5]] == [
        "2015",
        "2016",
        "Trim1-2020",
        "AOU2023",
        "31/12/2020",
    ]


def test_missing_values_are_kept_as_missing_with_what_was_printed(tmp_path: Path) -> None:
    missing = [
        record
        for record in records(tmp_path, UGLY)
        if "value" in record.values and not record.values["value"]
    ]
    assert [record.literal for record in missing] == ["-", "ND", "na", ""]


def test_each_block_has_its_country_and_its_own_header(tmp_path: Path) -> None:
    by_area = {record.values["area_code"]: record for record in records(tmp_path, UGLY)}
    assert list(by_area) == ["MLI", "SEN", "GNB"]
    assert by_area["SEN"].values["unit_label"] is None
    assert by_area["GNB"].values["value"] == "-3"


def test_a_row_of_another_width_is_one_faulty_record_and_the_rest_is_read(tmp_path: Path) -> None:
    cut = b"MALI;\nCODE;LIBELLE;2015;2016;\nDDDX1;Brut;1;\nDDDX2;Brut;1;2;\nDDDX3;Brut;1;2;3;\n"
    short, *good, long = records(tmp_path, cut)
    assert short.fault == "5 cellules comme l’en-tête, et non 4"
    assert short.literal == "DDDX1;Brut;1;"
    assert [record.fault for record in good] == [None, None]
    assert long.fault is not None


def test_a_file_cut_inside_its_last_line_says_so(tmp_path: Path) -> None:
    cut = b"MALI;\nCODE;LIBELLE;2015;2016;\nDDDX1;Brut;1;2;\nDDDX2;Brut;1;2"
    assert [record.fault is None for record in records(tmp_path, cut)] == [True, True, False]


def test_a_series_in_the_block_of_another_country_is_faulty(tmp_path: Path) -> None:
    [record] = records(tmp_path, b"SENEGAL;\nCODE;LIBELLE;2015;\nSSSX1;Brut;1;\n")  # S is Guinea-Bissau
    assert record.fault == "une série de SENEGAL : le code SSSX1 désigne GNB"


def test_an_export_that_names_no_country_goes_by_the_letter_of_its_codes(tmp_path: Path) -> None:
    content = b"Comptes nationaux\nCODE;LIBELLE;2015;\nDDDX1;Brut;1;\nKKKX1;Brut;2;\nX1;Brut;3;\n"
    found = records(tmp_path, content)
    assert [record.values["area_code"] for record in found] == ["MLI", "SEN", None]
    assert [record.fault for record in found] == [None, None, None]


def test_metadata_columns_that_the_warehouse_does_not_keep_are_passed_over(tmp_path: Path) -> None:
    header = "CODE;LIBELLE;UNITE DE MESURE;MAGNITUDE;SOURCE;TYPE SERIE;METHODE OBSERVATION;Trim1-2020;"
    [record] = records(tmp_path, f"MALI\n{header}\nDDDX1;Brut;FCFA;Millions;INSTAT;Flux;Fin;4,5;\n".encode())
    assert record.values["magnitude_label"] == "Millions"
    assert (record.values["period_code"], record.values["value"]) == ("Trim1-2020", "4,5")


def test_two_series_of_one_label_are_told_apart_by_their_codes(tmp_path: Path) -> None:
    found = records(tmp_path, b"MALI;\nCODE;LIBELLE;2015;\nDDDX1;Brut;1;\nDDDX2;Brut;2;\n")
    assert [(one.values["series_code"], one.values["value"]) for one in found] == [
        ("DDDX1", "1"),
        ("DDDX2", "2"),
    ]


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("2016", "2016"), ("JAN2023", "2023-01"), ("FEV2023", "2023-02"), ("AVR2023", "2023-04"),
        ("MAI2023", "2023-05"), ("MAY2023", "2023-05"), ("JUN2023", "2023-06"), ("JUL2023", "2023-07"),
        ("AUG2023", "2023-08"), ("AOU2023", "2023-08"), ("DEC2023", "2023-12"), ("Trim4-2020", "2020-Q4"),
        ("31/12/2020", "2020-12-31"),
    ],
)  # fmt: skip
def test_every_label_of_a_period_is_read_and_typed(tmp_path: Path, label: str, code: str) -> None:
    [record] = records(tmp_path, f"MALI;\nCODE;LIBELLE;{label};\nDDDX1;Brut;1;\n".encode())
    assert parse_period(record.values["period_code"] or "") == code


def test_an_unknown_country_is_left_for_the_code_list_to_refuse(tmp_path: Path) -> None:
    [record] = records(tmp_path, b"GHANA;\nCODE;LIBELLE;2015;\nGH1;Brut;1;\n")
    assert record.values["area_code"] == "GHANA"


@pytest.mark.parametrize(
    ("content", "place", "found"),
    [
        (b"", "le fichier", "aucune ligne CODE"),
        (b"IPC\n\nMALI;\n", "le fichier", "aucune ligne CODE"),
        (b"MALI;\nCODES;LIBELLE;2015;\nDDDX1;Brut;1;\n", "ligne 2", "CODES;LIBELLE;2015"),
        (b"MALI;\nCODE;NOM;2015;\nDDDX1;Brut;1;\n", "ligne 2", "CODE;NOM;2015"),
        (b"MALI;\nCODE;LIBELLE;AN1;\nDDDX1;Brut;1;\n", "ligne 2", "CODE;LIBELLE;AN1"),
        (b"PK\x03\x04whatever", "le début du fichier", "binaire"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "le début du fichier", "binaire"),
        (b"MALI;" + b";" * 1_000_000, "ligne 1", "million d’octets"),
    ],
    ids=[
        "empty",
        "no header",
        "renamed code",
        "renamed label",
        "no period",
        "xlsx",
        "xls",
        "endless",
    ],
)
def test_a_file_that_is_no_export_is_refused_with_place_and_reason(
    tmp_path: Path, content: bytes, place: str, found: str
) -> None:
    with pytest.raises(UnreadableDelivery) as refusal:
        records(tmp_path, content)
    assert refusal.value.place == place
    assert found in refusal.value.found


def test_the_missing_marks_are_an_option(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(b"MALI;\nCODE;LIBELLE;2015;2016;\nDDDX1;Brut;s.o.;-;\n")
    assert [record.values["value"] for record in READERS["eden"](path, missing=("s.o.",))] == [None, "-"]


def test_a_real_export_is_read_whole() -> None:
    if not REAL.exists():
        pytest.skip("the real publications are not beside this clone")
    found = list(read(REAL))
    assert len(found) == 9 * 13 * 780  # countries × series × months
    assert not [record for record in found if record.fault]
    assert set(Counter(record.values["area_code"] for record in found)) == {
        "CIV", "BEN", "BFA", "MLI", "NER", "SEN", "GNB", "TGO", "UEMOA",
    }  # fmt: skip
    [mali] = [
        r
        for r in found
        if r.values["series_code"] == "DDDSR3017M0BP" and r.values["period_code"] == "MAR2024"
    ]
    assert mali.values["series_label"] == "Ensemble"
    assert mali.literal == mali.values["value"]
