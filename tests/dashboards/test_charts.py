"""Every chart of the dashboards, run through the API as the decision-maker: it answers, not with nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .running import TITLES

RunChart = Callable[[dict[str, Any]], dict[str, Any]]


def test_dashboards_show_the_charts_of_the_files(charts: dict[str, dict[str, Any]]):
    assert len(TITLES) == 3
    assert sorted(charts) == sorted(title for titles in TITLES.values() for title in titles)


@pytest.mark.parametrize("title", [title for titles in TITLES.values() for title in titles])
def test_chart_answers_with_rows(title: str, charts: dict[str, dict[str, Any]], run_chart: RunChart):
    result = run_chart(charts[title])
    assert result["error"] is None
    assert result["data"], f"« {title} » is empty; its query: {result['query']}"


@pytest.mark.parametrize(
    ("title", "columns", "rows"),
    [
        (
            "Envois de fonds : valeurs, notions et sources",
            ("period_name_fr", "value_fr", "obs_status_name_fr"),
            {("2016", "483,3", "Réalisé"), ("2017", "497,7", "Projeté"), ("2021", "586,1", "Réalisé"),
             ("2023", "583,5", "Réalisé")},
        ),
        (
            "Chiffres clés",
            ("indicator_code", "value_fr", "recomputed_value_fr"),
            {("PON-3-02", "901\u202f304\u202f460", None), ("PON-1-03", "376", None),
             ("PON-1-11", "14,81", "19,73"), ("PON-4-12", "10\u202f248", None)},
        ),
        (
            "Montant des projets de réinsertion par financeur, en FCFA",
            ("funder_name_fr", "valeur"),
            {("OFII", 300601889), ("CTC", 410702571), ("BSI", 190000000)},
        ),
        (
            "Personnes formées par TOKTEN, par secteur",
            ("sector_name_fr", "valeur"),
            {("Éducation", 9025), ("Santé", 144), ("PME/PMI", 302), ("Agriculture", 305)},
        ),
        (
            "Morts et disparus en migration selon l’OIM",  # the edition of 2026 brings two lines only
            ("concept_name_fr", "latest_published_on_fr"),
            {("OIM : Sahara", "mai 2026"), ("OIM : route atlantique vers les Canaries", "juin 2025")},
        ),
        (
            "Tous les indicateurs : dernière valeur connue",
            ("indicator_code", "value_fr", "period_name_fr"),
            {("PON-4-05", "Zone euro 44,10 ; Reste du monde 36,90 ; UEMOA 19,00", "2021"),
             ("PON-4-01", "619,7", "2025")},
        ),
        (
            "Passeports et cartes consulaires : demandés et délivrés",
            ("valeur",),
            {(8515,), (19120,), (181708,), (73200,)},
        ),
        (
            "Envois de fonds de 2017 selon qui les annonce, en milliards de FCFA",
            ("said_by_fr", "choice_fr", "valeur"),
            {("BCEAO, d’après le ministère des Maliens de l’extérieur, projeté (2017)", "En vigueur", 497.7),
             ("Ministère des Maliens de l’extérieur, d’après Maliweb, réalisé (octobre 2020)",
              "Écartée", 538),
             ("BCEAO, d’après Financial Afrik, réalisé (21 février 2019)", "Écartée", 422.8)},
        ),
        (
            "Ce qui ne tombe pas juste : à corriger par qui ?",
            ("left_value_fr", "relation_fr", "right_value_fr", "verdict_fr", "who_fixes_fr"),
            {("19,73", "=", "14,81", "Fausse", "Ministère des Maliens de l’extérieur"),
             ("19\u202f120", "≤", "8\u202f515", "Invraisemblable",
              "Ministère des Maliens de l’extérieur")},
        ),
        (
            "Toutes les vérifications, avec leurs preuves",
            ("identity_code", "left_value_fr", "right_value_fr"),
            {("S0-37", "2002", "2003"), ("S0-39", "3 septembre 2014", "3 septembre 2014"),
             ("S3-21", "1\u202f461", "1\u202f461"), ("S3-28a", "24", None)},
        ),
        (
            "Révisions : ce qui a changé après coup",
            ("period_name_fr", "old_value_fr", "new_value_fr", "delta_fr"),
            {("2022", "1\u202f094\u202f400\u202f000", "1\u202f107\u202f000\u202f000",
              "12\u202f600\u202f000")},
        ),
        (
            "Par région et par cercle",
            ("series_name_fr", "shown_as_fr", "value_fr"),
            {("Cercles couverts par les campagnes de sensibilisation", "Région de Kayes", "7"),
             ("Cercles couverts par les campagnes de sensibilisation", "48 cercles", "pas de donnée")},
        ),
        (
            "Cibles : référence, dernière valeur, allure et année projetée",
            ("indicator_code", "status_name_fr", "distance_said_fr", "projected_year", "reason_fr"),
            {("PON-4-06", "Non calculable", "−1,24 point", None,
              "La dernière valeur, de 2020, est trop ancienne pour en tirer une allure."),
             ("PON-3-04", "Non calculable", "4\u202f200 emplois", None,
              "La dernière valeur, de 2016, est trop ancienne pour en tirer une allure.")},
        ),
        (
            "D’où viennent ces séries, ce qui les sépare de l’indicateur, et leur licence",
            ("publisher_name_fr", "licence"),
            {("Banque mondiale", "CC BY 4.0"), ("OIM", "CC BY 4.0"),
             ("HCR", "CC BY 4.0"), ("Frontex", "Réutilisation avec mention de la source (Frontex)"),
             ("Eurostat", "Réutilisation avec mention de la source (Eurostat)")},
        ),
    ],
)  # fmt: skip
def test_chart_shows_the_published_figures(
    title: str,
    columns: tuple[str, ...],
    rows: set[tuple[Any, ...]],
    charts: dict[str, dict[str, Any]],
    run_chart: RunChart,
):
    shown = {tuple(row[column] for column in columns) for row in run_chart(charts[title])["data"]}
    assert rows <= shown


def test_host_countries_are_ranked_by_their_latest_year(
    charts: dict[str, dict[str, Any]], run_chart: RunChart
):
    title = "Personnes nées au Mali vivant à l’étranger (ONU) : quinze premiers pays d’accueil"
    data = run_chart(charts[title])["data"]
    by_country = {row["counterpart_area_name_fr"]: row["derniere_valeur"] for row in data}
    assert len(by_country) == 15
    assert max(by_country, key=lambda country: by_country[country]) == "Côte d’Ivoire"
    assert by_country["Côte d’Ivoire"] == 403646  # 2024, not an earlier year


def test_what_sets_two_sources_apart_is_written_with_a_sign_no_spreadsheet_runs(
    charts: dict[str, dict[str, Any]], run_chart: RunChart
):
    title = "Des sources qui se contredisent : qui dit quoi, et pourquoi l’une est en vigueur"
    rows = [row for row in run_chart(charts[title])["data"] if row["period_name_fr"] == "2017"]
    apart = {row["source_fr"]: (row["difference_fr"], row["why_fr"]) for row in rows}
    kept = "BCEAO, d’après le ministère des Maliens de l’extérieur (2017)"
    assert apart["BCEAO (21 février 2019), d’après Financial Afrik"][0] == "−74,9"
    assert apart[kept][0] is None
    assert all(why.startswith("Retenu" if who == kept else "Écarté") for who, (_, why) in apart.items())


def test_indicators_stand_under_the_axes_of_the_division_chosen(
    charts: dict[str, dict[str, Any]], run_chart: RunChart
):
    form_data = charts["Les indicateurs par axe, dans le découpage choisi"]

    def axes(division: str) -> list[str]:
        chosen = {"subject": "division_name_fr", "operator": "==", "comparator": division}
        rows = run_chart(form_data | {"adhoc_filters": [chosen]})["data"]
        return [row["division_axis_name_fr"] for row in rows]

    assert len(axes("PONAM 2014")) == len(axes("Plan 2020-2024")) == 50
    assert {"Connaissance et données", "Dialogue et positionnement (à confirmer)"} <= set(axes("PONAM 2014"))
    assert set(axes("Révision 2025")) == {"Non rattaché (libellés non publiés)"}
