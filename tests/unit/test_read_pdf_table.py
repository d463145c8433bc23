"""The reader of printed tables, on transcripts and on PDFs made here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fpdf import FPDF
from fpdf.enums import EncryptionMethod

from ingestion.french import parse_number
from ingestion.read import Record, UnreadableDelivery, apart, limits, pdf_plain
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
        (GDP_TEXT.replace("(Milliards de FCFA)", "") + BALANCE_TEXT, "aucune ligne d’unité"),
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


def drawn(
    path: Path,
    *,
    times: int = 1,
    turned: int = 0,
    page_turned: int = 0,
    margin: bool = False,
    encryption: EncryptionMethod | None = None,
    password: str | None = None,
) -> Path:
    """A small table, drawn several times over, turned on its page, beside a margin that runs upwards."""
    document = FPDF()
    if encryption is not None:
        document.set_encryption("owner", password, encryption)
    document.add_page()
    document.set_font("helvetica", size=9)
    lines = [
        [(10, "Transferts de fonds")],
        [(10, "(Milliards de FCFA)")],
        [(10, "LIBELLE"), (100, "2016"), (140, "2017")],
        [(10, "Reçus"), (100, "483,3"), (140, "497,7")],
        [(10, "Source : BCEAO")],
    ]
    with document.rotation(turned, 105, 105):  # which stays on the page
        for number, line in enumerate(lines * times):
            for left, text in line:
                document.text(left, 20 + 6 * (number % len(lines)), text)
    if margin:
        with document.rotation(90, 190, 100):
            document.text(150, 100, "Bulletin 2016 12 345")
        with document.rotation(45, 100, 150):
            document.set_font("helvetica", size=40)
            document.text(60, 40, "PROVISOIRE")
    document.output(str(path))
    if page_turned:
        page = b"/Type /Page\n"
        content = path.read_bytes()
        assert content.count(page) == 1
        path.write_bytes(content.replace(page, b"%s/Rotate %d\n" % (page, page_turned)))
    return path


@pytest.mark.parametrize(
    "look",
    [
        {"times": 2},
        {"margin": True},
        {"turned": 90, "page_turned": 90},
        *(
            {"encryption": cipher}
            for cipher in EncryptionMethod
            if cipher is not EncryptionMethod.NO_ENCRYPTION
        ),
    ],
    ids=lambda look: " ".join(map(str, look.values())),
)
def test_what_a_printer_does_to_a_page_changes_no_figure(tmp_path: Path, look: dict[str, Any]) -> None:
    found = read(drawn(tmp_path / "x.pdf", **look), tables=(ALONE,))
    assert [(one.locator, one.values["value"]) for one in found] == [
        ("p.1 l.4 c.2016", "483,3"),
        ("p.1 l.4 c.2017", "497,7"),
    ]


def test_an_encrypted_pdf_is_bounded_as_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drawn(tmp_path / "x.pdf", times=400, encryption=EncryptionMethod.AES_256)
    monkeypatch.setattr(limits, "LARGEST_UNPACKED", 100_000)
    limits.require(path, "pdf_table")  # which cannot see how large it grows
    with pytest.raises(UnreadableDelivery, match="une fois décompressé ; attendu au plus 100"):
        list(read(path, tables=(ALONE,)))


@pytest.mark.parametrize(
    ("password", "limit", "said"),
    [
        ("secret", None, "protégé par un mot de passe"),
        (None, (pdf_plain, "_MEMORY", 2**20), "démesuré"),
        (None, (apart, "SECONDS", 0.01), "trop long"),
    ],
    ids=["password", "memory", "time"],
)
def test_an_encrypted_pdf_that_cannot_be_opened_within_bounds_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    password: str | None,
    limit: tuple[ModuleType, str, float] | None,
    said: str,
) -> None:
    path = drawn(tmp_path / "x.pdf", encryption=EncryptionMethod.RC4, password=password)
    if limit:
        monkeypatch.setattr(*limit)
    with pytest.raises(UnreadableDelivery, match=said):
        list(read(path, tables=(ALONE,)))


def test_a_page_that_lies_on_its_side_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDelivery, match="aucun des tableaux"):
        list(read(drawn(tmp_path / "x.pdf", turned=90), tables=(ALONE,)))


@pytest.mark.parametrize("last", ["(3,2)", "n.s.", "1 23", "3,2 a"])
def test_a_row_that_does_not_end_with_a_figure_is_faulty_and_not_lost(tmp_path: Path, last: str) -> None:
    text = GDP_TEXT.replace("14 059,5", last) + BALANCE_TEXT.replace("-435,1", last)
    found = records(tmp_path, text)
    assert [(one.literal or "").split()[-1] for one in found if one.fault] == [last.split()[-1]] * 2
    assert len(found) == 2 * 3 + 1 + 3 * 3 + 1


def white(document: FPDF, text: str) -> None:
    document.set_text_color(255, 255, 255)
    document.text(140, 35, text)


def unpainted(document: FPDF, text: str) -> None:
    with document.local_context(text_mode="INVISIBLE"):
        document.text(140, 35, text)


def transparent(document: FPDF, text: str) -> None:
    with document.local_context(fill_opacity=0):
        document.text(140, 35, text)


def covered(document: FPDF, text: str) -> None:
    document.text(140, 35, text)
    document.set_fill_color(255, 255, 255)
    document.rect(139, 30, 30, 7, style="F")


def minute(document: FPDF, text: str) -> None:
    document.set_font("helvetica", size=1)
    document.text(140, 35, text)


@pytest.mark.parametrize("hide", [white, unpainted, transparent, covered, minute])
def test_a_figure_that_the_page_does_not_show_is_none_and_that_is_said(
    tmp_path: Path, hide: Callable[[FPDF, str], None]
) -> None:
    document = FPDF()
    document.add_page()
    document.set_font("helvetica", size=8)
    rows = (
        (15, [(20, "Transferts de fonds")]),
        (20, [(20, "(Milliards de FCFA)")]),
        (25, [(20, "LIBELLE"), (100, "2016"), (140, "2017")]),
        (35, [(20, "Reçus"), (100, "483,3")]),
        (40, [(20, "Émis"), (100, "51,1"), (140, "2,0")]),
        (45, [(20, "Source : BCEAO")]),
    )
    for top, cells in rows:
        for left, text in cells:
            document.text(left, top, text)
    document.set_fill_color(0, 0, 0)
    document.rect(100, 48, 30, 6, style="F")
    document.set_text_color(255, 255, 255)
    document.text(102, 52, "99,9")  # white on black is seen
    document.set_text_color(0, 0, 0)
    hide(document, "497,7")
    document.output(str(tmp_path / "x.pdf"))
    found = list(read(tmp_path / "x.pdf", tables=(ALONE,)))
    said = "497," if hide is minute else "497,7"  # so small that its letters are taken for one another
    assert [(one.kind, one.literal, one.fault) for one in found] == [
        ("data", "Reçus 483,3", "un libellé puis 2 valeurs"),
        ("data", "51,1", None),
        ("data", "2,0", None),
        ("note", f"Texte que la page ne montre pas, non lu : « {said} »", None),
    ]
    assert found[-1].locator == "p.1"


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


# --- Layouts of other publications, set by fpdf2 ----------------------------------------------------------

FLOWS = Table(
    table_code="flux",
    publication="rapport",
    starts=r"^Tableau 4",
    ends=r"^Lecture",
    periods="columns",
    area="MLI",
    negative_in_parentheses=True,
)


class Page:
    """A PDF with words set where a test wants them, right-aligned figures and raised marks."""

    def __init__(self) -> None:
        self.pdf = FPDF(unit="mm", format="A4")
        self.pdf.set_auto_page_break(False)
        self.open()

    def open(self) -> None:
        self.pdf.add_page()
        self.pdf.set_font("helvetica", "", 9)
        self.y = 20.0

    def line(self, label: str, figures: Sequence[str] = (), indent: float = 0, right: float = 110) -> None:
        self.pdf.set_font_size(9)
        self.pdf.text(15 + indent, self.y, label)
        for number, figure in enumerate(figures):
            text, _, raised = figure.partition("^")
            at = right + 25 * number
            self.pdf.set_font_size(9)
            self.pdf.text(at - self.pdf.get_string_width(text), self.y, text)
            if raised:
                self.pdf.set_font_size(5.5)
                self.pdf.text(at + 0.1, self.y - 1.1, raised)
        self.y += 5

    def records(self, tmp_path: Path, table: Table = FLOWS) -> list[Record]:
        path = tmp_path / "rapport.pdf"
        self.pdf.output(str(path))
        return list(read(path, tables=(table,)))


def figures(found: Sequence[Record]) -> dict[tuple[str | None, str | None], str | None]:
    assert [record.fault for record in found if record.fault] == []
    return {(one.values["item_label"], one.values["period_code"]): one.values["value"] for one in found}


def test_raised_footnote_marks_are_no_digits(tmp_path: Path) -> None:
    page = Page()
    page.line("Tableau 4. Flux")
    page.line("(Milliards de FCFA)")
    page.line("Poste", ["2022", "2023^(1)", "2024^*"])
    page.line("Aides^", ["583,5^1", "1 228,4^(2)", "12^*"])
    page.line("Lecture : (*) Estimations")
    found = page.records(tmp_path)
    assert figures(found) == {
        ("Aides^", "2022"): "583,5",
        ("Aides^", "2023"): "1 228,4",
        ("Aides^", "2024"): "12",
    }
    assert [one.literal for one in found] == ["583,5(1)", "1 228,4(2)", "12(*)"]
    assert [one.values["obs_status"] for one in found] == ["A", "A", "E"]


@pytest.mark.parametrize(
    ("printed", "value", "status"),
    [
        ("583,5(1)", "583,5", "A"),
        ("583,5¹", "583,5", "A"),
        ("583,5 (p)", "583,5", "P"),
        ("583,5(e)", "583,5", "E"),
        ("583,5*", "583,5", "E"),
        ("(1 228,4)", "-1 228,4", "A"),
        ("− 1 228,4", "− 1 228,4", "A"),
        ("–1 228,4", "–1 228,4", "A"),
        ("1\u202f228,4", "1\u202f228,4", "A"),
        ("1\u2009228\u2009400", "1\u2009228\u2009400", "A"),
        ("nd", None, "A"),
    ],
)
def test_what_may_stand_in_a_cell(tmp_path: Path, printed: str, value: str | None, status: str) -> None:
    header = "Tableau 4\n(Milliards)\nPoste                2022     2023\n"
    text = f"{header}Aides      {printed}        7\nLecture : -\n"
    path = tmp_path / "rapport.txt"
    path.write_text(text, encoding="utf-8")
    first, second = read(path, tables=(FLOWS,))
    typed = first.values["value"]
    assert typed is None if value is None else parse_number(typed or "") == parse_number(value)
    assert (first.values["obs_status"], second.values["value"]) == (status, "7")


def test_a_table_over_two_pages_repeats_its_title_its_header_and_numbers_its_pages(tmp_path: Path) -> None:
    page = Page()
    for number in (1, 2):
        page.line(f"Rapport annuel, page courante {number}")
        page.line("Tableau 4. Flux" + (" (suite)" if number == 2 else ""))
        page.line("(Milliards de FCFA)")
        page.line("Poste", ["2022", "2023"])
        page.line(f"Aides {number}", ["1", "2"])
        if number == 2:
            page.line("Lecture : rien")
        page.y = 280
        page.line("", [f"{number + 41}"] if number == 1 else ["- 43 -"], right=105)
        if number == 1:
            page.open()
    assert figures(page.records(tmp_path)) == {
        ("Aides 1", "2022"): "1",
        ("Aides 1", "2023"): "2",
        ("Aides 2", "2022"): "1",
        ("Aides 2", "2023"): "2",
    }


def test_a_label_printed_on_two_lines_is_one_label(tmp_path: Path) -> None:
    page = Page()
    page.line("Tableau 4. Flux")
    page.line("(Milliards de FCFA)")
    page.line("Poste", ["2022", "2023"])
    page.line("Pour mémoire")
    page.line("Aide au retour volontaire des migrants")
    page.line("et à leur famille", ["1", "2"], indent=3)
    page.line("Réinsertion par la création", ["3", "4"])
    page.line("d'entreprise", indent=3)
    page.line("a- Solde", ["5", "6"])
    page.line("Lecture : rien")
    assert set(figures(page.records(tmp_path))) == {
        (label, year)
        for label in (
            "Aide au retour volontaire des migrants et à leur famille",
            "Réinsertion par la création d'entreprise",
            "a- Solde",
        )
        for year in ("2022", "2023")
    }


def test_quarters_stand_under_the_year_that_spans_them(tmp_path: Path) -> None:
    page = Page()
    page.line("Tableau 4. Flux")
    page.line("(Milliards de FCFA)")
    page.pdf.text(98, page.y, "2024")
    page.pdf.text(147, page.y, "2025 (*)")
    page.line("Poste")
    page.line("", ["T3", "T4", "T1", "T2"], right=95)
    page.line("Aides", ["1", "2", "3", "4"], right=95)
    page.line("Lecture : (*) Estimations")
    found = page.records(tmp_path)
    assert figures(found) == {
        ("Aides", "2024-Q3"): "1",
        ("Aides", "2024-Q4"): "2",
        ("Aides", "2025-Q1"): "3",
        ("Aides", "2025-Q2"): "4",
    }
    assert [one.values["obs_status"] for one in found] == ["A", "A", "E", "E"]


def test_rows_of_quarters_belong_to_the_last_year_printed(tmp_path: Path) -> None:
    rates = Table(
        table_code="9.3",
        publication="taux",
        starts=r"^Tableau 9\.3",
        periods="rows",
        item="Taux",
        areas={"Dollar": "USA", "Livre": "GBR"},
    )
    page = Page()
    page.line("Tableau 9.3 Taux de change")
    page.line("(unités de FCFA)")
    page.line("", ["Dollar", "Livre"])
    for label, values in (
        ("2024", ["606,3477", "774,9286"]),
        ("2024 T1", ["604,1712", "766,1203"]),
        ("T2", ["609,2732", "769,1274"]),
        ("2026 T1 (*)", ["560,3782", "755,4524"]),
    ):
        page.line(label, values)
    page.line("Sources : BCEAO, (*) Données provisoires")
    found = page.records(tmp_path, rates)
    assert [(one.values["period_code"], one.values["obs_status"], one.values["value"]) for one in found][
        ::2
    ] == [
        ("2024", "A", "606,3477"),
        ("2024-Q1", "A", "604,1712"),
        ("2024-Q2", "A", "609,2732"),
        ("2026-Q1", "P", "560,3782"),
    ]
