"""Every chart of the dashboard, run through the API as the decision-maker: it answers, not with nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from superset_dashboards import assets

from .running import SLUG
from .visitor import Visitor

TITLES = sorted(chart.body["slice_name"] for chart in assets.of_kind(assets.load(), "charts").values())

RunChart = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="session")
def charts(decision_maker: Visitor) -> dict[str, dict[str, Any]]:
    """Settings of each chart of the dashboard, by title, as the decision-maker's browser receives them."""
    found = decision_maker.result(f"/api/v1/dashboard/{SLUG}/charts")
    return {chart["slice_name"]: chart["form_data"] for chart in found}


def test_dashboard_shows_the_charts_of_the_files(charts: dict[str, dict[str, Any]]):
    assert sorted(charts) == TITLES


@pytest.mark.parametrize("title", TITLES)
def test_chart_answers_with_rows(title: str, charts: dict[str, dict[str, Any]], run_chart: RunChart):
    result = run_chart(charts[title])
    assert result["error"] is None
    assert result["data"], f"« {title} » is empty; its query: {result['query']}"


@pytest.mark.parametrize(
    ("title", "columns", "rows"),
    [
        (
            "Envois de fonds : valeurs et concepts",
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
            "Passeports et cartes consulaires : demandés et délivrés",
            ("valeur",),
            {(8515,), (19120,), (181708,), (73200,)},
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
    title = "Maliens vivant à l’étranger : quinze premiers pays d’accueil"
    data = run_chart(charts[title])["data"]
    by_country = {row["counterpart_area_name_fr"]: row["derniere_valeur"] for row in data}
    assert len(by_country) == 15
    assert max(by_country, key=lambda country: by_country[country]) == "Côte d’Ivoire"
    assert by_country["Côte d’Ivoire"] == 403646  # 2024, not an earlier year
