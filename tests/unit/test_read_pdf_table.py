"""The reader of printed tables, on transcripts and on PDFs made here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from fpdf import FPDF

from ingestion.read import Record, UnreadableDelivery
from ingestion.read.pdf_table import Table, read

REAL = Path(__file__).parents[3] / "shared" / "real" / "bulletin_2026T1_tableaux_8.2_9.3_10.3.5.txt"

GDP = Table(
    table_code="8.2",
    publication="bulletin",
    starts=r"^Tableau 8\.2\b",
    periods="rows",
    item="PIB",
    areas={"Côte d'Ivoire": "CIV", "Guinée-Bissau": "GNB", "Mali": "MLI"},
)
BALANCE = Table(
    table_code="10.3.5", publication="bulletin", starts=r"^Tableau 10\.3\.5\b", periods="columns", area="MLI"
)
ALONE = Table(table_code="x", publication="autre", starts=r"^Transferts", periods="columns", area="MLI")

GDP_TEXT = """\
Bulletin, page 12
Tableau 8.2 Produit Intérieur Brut
(Milliards de FCFA)
                  Côte          Guinée-
                d'Ivoire         Bissau          Mali

2022            44 238,8        1 159,9      14 059,5
2023 (*)        48 293,9\u00a0(1)    nd           15\u202f029,6
2026 (**)       62 364,0        1 588,1      19 036,3
Sources : INS, BCEAO        (*) Estimations        (**) Prévisions
"""
BALANCE_TEXT = """\
Tableau 10.3.5 MALI- Balance des Paiements
(En milliards de FCFA, sauf indication contraire)

LIBELLE POSTE                        2021       2022      2025*
   1- Biens et services           -1 228,4   − 1 501,5    -435,1
   - Autres secteurs                 534,3      564,4      499,9
Pour mémoire
   - Autres secteurs                  21,4      31,6*       43,6
Balance courante/PIB (%)              -7,8       -6,7       -1,5
Source : BCEAO. (*) : Estimations
"""


def records(tmp_path: Path, text: str, *tables: Table) -> list[Record]:
    path = tmp_path / "bulletin.pdf"
    path.write_text(text, encoding="utf-8")
    return list(read(path, tables=tables or (GDP, BALANCE)))


def pdf(path: Path, pages: Sequence[Sequence[Sequence[tuple[float, str]]]]) -> Path:
    """Write pages of lines of texts, each at its place from the left in millimetres."""
    document = FPDF()
    for page in pages:
        document.add_page()
        document.set_font("helvetica", size=8)
        for number, line in enumerate(page):
            for left, text in line:
                document.text(left, 20 + 5 * number, text)
    document.output(str(path))
    return path


def test_a_table_with_a_period_per_row(tmp_path: Path) -> None:
    found = records(tmp_path, GDP_TEXT, GDP)
    assert found[0] == Record(
        "l.7 c.CIV",
        "data",
        {
            "table_code": "8.2",
            "unit_label": "Milliards de FCFA",
            "item_label": "PIB",
            "item_rank": "1",
            "period_code": "2022",
            "obs_status": "A",
            "area_code": "CIV",
            "value": "44 238,8",
        },
        "44 238,8",
    )
    assert [(record.values["period_code"], record.values["obs_status"]) for record in found[::3]] == [
        ("2022", "A"),
        ("2023", "E"),
        ("2026", "F"),
    ]


def test_a_footnote_mark_is_parted_from_its_number_and_a_missing_value_is_kept(tmp_path: Path) -> None:
    marked, missing, narrow = records(tmp_path, GDP_TEXT, GDP)[3:6]
    assert (marked.values["value"], marked.literal) == ("48 293,9", "48 293,9 (1)")
    assert (missing.values["value"], missing.literal) == (None, "nd")
    assert narrow.values["value"] == "15 029,6"


def test_a_table_with_a_period_per_column(tmp_path: Path) -> None:
    found = records(tmp_path, BALANCE_TEXT, BALANCE)
    assert found[1].values == {
        "table_code": "10.3.5",
        "unit_label": "En milliards de FCFA",
        "item_label": "1- Biens et services",
        "item_rank": "1",
        "area_code": "MLI",
        "period_code": "2022",
        "obs_status": "A",
        "value": "− 1 501,5",
    }
    assert [record.values["obs_status"] for record in found[:3]] == ["A", "A", "E"]


def test_repeated_labels_are_ranked_and_a_mark_counts_for_its_own_figure(tmp_path: Path) -> None:
    again = records(tmp_path, BALANCE_TEXT, BALANCE)[6:9]
    assert {record.values["item_rank"] for record in again} == {"2"}
    assert [(record.values["value"], record.values["obs_status"]) for record in again] == [
        ("21,4", "A"),
        ("31,6", "E"),
        ("43,6", "E"),
    ]


def test_a_row_in_per_cent_has_its_own_unit(tmp_path: Path) -> None:
    assert {record.values["unit_label"] for record in records(tmp_path, BALANCE_TEXT, BALANCE)[-3:]} == {"%"}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("1 159,9 ", "        ", "l.7"),
        ("2026 (**)", "Total    ", "l.9"),
        ("19 036,3", "19 036,3     7", "l.9"),
    ],
    ids=["a value short", "no period", "a value too many"],
)
def test_a_row_of_another_shape_is_one_faulty_record(tmp_path: Path, old: str, new: str, line: str) -> None:
    found = records(tmp_path, GDP_TEXT.replace(old, new), GDP)
    [faulty] = [record for record in found if record.fault]
    assert (faulty.locator, faulty.fault) == (line, "une période puis 3 valeurs")
    assert len(found) == 7


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bulletin\n", "aucun des tableaux"),
        (GDP_TEXT, "0 fois le tableau 10.3.5"),
        (GDP_TEXT + GDP_TEXT + BALANCE_TEXT, "2 fois le tableau 8.2"),
        (GDP_TEXT.partition("Sources")[0] + BALANCE_TEXT, "un tableau interrompu"),
        (GDP_TEXT + BALANCE_TEXT.partition("Source :")[0], "un tableau interrompu"),
        (GDP_TEXT.replace("(Milliards de FCFA)", "") + BALANCE_TEXT, "aucune ligne d'unité"),
        (
            GDP_TEXT.replace("Bissau          Mali", "Bissau         Niger") + BALANCE_TEXT,
            "la colonne « Niger »",
        ),
        (
            GDP_TEXT + BALANCE_TEXT.replace("2021       2022      2025*", "un         deux       trois"),
            "aucune ligne",
        ),
    ],
    ids=[
        "no table",
        "one lacks",
        "one twice",
        "never closed",
        "cut",
        "no unit",
        "renamed column",
        "no periods",
    ],
)
def test_what_is_not_as_agreed_is_refused(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(UnreadableDelivery) as refusal:
        records(tmp_path, text)
    assert found in refusal.value.found


def test_tables_of_another_publication_are_not_expected(tmp_path: Path) -> None:
    assert len(records(tmp_path, GDP_TEXT + BALANCE_TEXT, GDP, BALANCE, ALONE)) == 9 + 12


def test_a_pdf_is_read_line_by_line_over_its_pages(tmp_path: Path) -> None:
    header = [(20.0, "LIBELLE"), (100.0, "2016"), (130.0, "2017 (**)")]
    first = [
        [(20, "Transferts de fonds")],
        [(20, "(Milliards de FCFA)")],
        header,
        [(20, "Reçus"), (98, "- 483,3"), (130, "1 497,7")],
    ]
    second = [
        [(20, "Transferts de fonds (suite)")],
        header,
        [(20, "Émis"), (100, "51,1"), (130, "2,0 (2)")],
        [(20, "Source : BCEAO (**) Projections")],
    ]
    path = pdf(tmp_path / "x", [first, second])
    found = list(read(path, tables=(ALONE,)))
    assert [
        (r.locator, r.values["item_label"], r.values["obs_status"], r.values["value"]) for r in found
    ] == [
        ("p.1 l.4 c.2016", "Reçus", "A", "- 483,3"),
        ("p.1 l.4 c.2017", "Reçus", "F", "1 497,7"),
        ("p.2 l.3 c.2016", "Émis", "A", "51,1"),
        ("p.2 l.3 c.2017", "Émis", "F", "2,0"),
    ]


def test_a_pdf_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDelivery, match="pages numérisées"):
        list(read(pdf(tmp_path / "x", [[]]), tables=(ALONE,)))


@pytest.mark.parametrize("content", [b"%PDF-1.7\nnothing else", b"PK\x03\x04rest", b"\x00\x01\x02"])
def test_what_is_no_document_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(content)
    with pytest.raises(UnreadableDelivery):
        list(read(path, tables=(ALONE,)))


def test_a_truncated_pdf_is_refused(tmp_path: Path) -> None:
    path = pdf(tmp_path / "x.pdf", [[[(20, "Transferts de fonds")]]])
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(UnreadableDelivery):
        list(read(path, tables=(ALONE,)))


def test_the_real_bulletin_is_read_by_the_contract_of_its_dataset() -> None:
    if not REAL.exists():
        pytest.skip("the real publications are not beside this clone")
    from ingestion import contracts

    found = list(read(REAL, **contracts.reader_options(contracts.load("bceao.bulletin"))))
    assert not [record for record in found if record.fault]
    assert Counter(record.values["table_code"] for record in found) == {"8.2": 10 * 9, "10.3.5": 44 * 5}
    remittances = {
        record.values["period_code"]: (record.values["value"], record.values["obs_status"])
        for record in found
        if record.values["item_label"] == "Dont transferts de fonds des migrants"
    }
    assert remittances["2021"] == ("586,1", "A")
    assert remittances["2025"] == ("619,7", "E")
