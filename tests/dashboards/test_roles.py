"""Who may do what: the decision-maker sees dashboards and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from .queries import query_context
from .running import SLUG, RunningSuperset
from .visitor import Visitor

# Method, path, body: everything that is more than looking at a dashboard.
FORBIDDEN: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/api/v1/database/", None),
    ("GET", "/api/v1/dataset/", None),
    ("GET", "/api/v1/dataset/1", None),
    ("GET", "/api/v1/explore/?slice_id=1", None),
    ("GET", "/api/v1/query/", None),
    ("GET", "/api/v1/saved_query/", None),
    ("GET", "/api/v1/sqllab/", None),
    ("GET", "/api/v1/log/", None),
    ("GET", "/api/v1/assets/export/", None),
    ("GET", "/api/v1/dashboard/export/?q=!(1)", None),
    ("GET", "/api/v1/security/users/", None),
    ("GET", "/api/v1/security/roles/", None),
    ("POST", "/api/v1/sqllab/execute/", {"database_id": 1, "sql": "select 1"}),
    ("POST", "/api/v1/chart/", {"slice_name": "x", "datasource_id": 1, "datasource_type": "table"}),
    ("POST", "/api/v1/dashboard/", {"dashboard_title": "x"}),
    ("PUT", "/api/v1/dashboard/1", {"dashboard_title": "x"}),
    ("DELETE", "/api/v1/dashboard/1", None),
    (
        "POST",
        "/api/v1/explore/form_data",
        {"datasource_id": 1, "datasource_type": "table", "form_data": "{}"},
    ),
    ("POST", "/api/v1/database/", {"database_name": "x"}),
]
PAGES = (
    "/sqllab/",
    "/explore/?slice_id=1",
    "/tablemodelview/list/",
    "/databaseview/list/",
    "/users/",
)


@pytest.mark.parametrize(("method", "path", "body"), FORBIDDEN, ids=lambda value: str(value)[:40])
def test_decision_maker_is_refused(
    decision_maker: Visitor, method: str, path: str, body: dict[str, Any] | None
):
    answer = decision_maker.request(method, path, json=body)
    assert answer.status_code == 403, f"{answer.status_code} {answer.text[:200]}"


@pytest.mark.parametrize("path", PAGES)
def test_pages_other_than_dashboards_send_the_decision_maker_away(decision_maker: Visitor, path: str):
    answer = decision_maker.get(path)
    assert answer.status_code in (302, 403)
    assert "/login/" in answer.headers.get("location", "/login/")


def test_decision_maker_lists_no_chart_and_the_three_dashboards(decision_maker: Visitor):
    assert decision_maker.result("/api/v1/chart/") == []
    listed = {dashboard["slug"] for dashboard in decision_maker.result("/api/v1/dashboard/")}
    assert listed == {SLUG, "ponam-provenance-et-qualite", "ponam-cibles-et-comparaisons"}
    assert all(decision_maker.get(f"/superset/dashboard/{slug}/").status_code == 200 for slug in listed)


def test_decision_maker_lands_on_the_overview(decision_maker: Visitor):
    assert decision_maker.get("/superset/welcome/").headers["location"].endswith(f"/dashboard/{SLUG}/")
    assert decision_maker.get(f"/superset/dashboard/{SLUG}/").status_code == 200


def test_data_open_through_the_dashboard_only(decision_maker: Visitor, charts: dict[str, dict[str, Any]]):
    form_data = charts["Chiffres clés"]
    through = query_context(form_data)
    assert decision_maker.post("/api/v1/chart/data", json=through).status_code == 200
    for direct in ({}, {"slice_id": form_data["slice_id"]}):
        assert (
            decision_maker.post("/api/v1/chart/data", json=through | {"form_data": direct}).status_code == 403
        )


def test_nobody_sees_anything_without_logging_in(superset: RunningSuperset):
    import httpx

    with httpx.Client(base_url=superset.address, trust_env=False) as stranger:
        assert "/login/" in stranger.get(f"/superset/dashboard/{SLUG}/").headers["location"]
        assert stranger.get(f"/api/v1/dashboard/{SLUG}").status_code in (401, 404)
        assert stranger.post("/api/v1/chart/data", json={}).status_code == 401


def test_statistician_writes_queries_on_the_marts_and_cannot_write_data(statistician: Visitor):
    database = statistician.result("/api/v1/database/")[0]
    assert database["database_name"] == "PONAM"

    def execute(sql: str) -> Any:
        question = {"database_id": database["id"], "sql": sql, "schema": "marts", "runAsync": False}
        return statistician.post("/api/v1/sqllab/execute/", json=question)

    counted = execute("select count(*) as n from marts.fct_indicator_values")
    assert counted.status_code == 200, counted.text[:300]
    assert counted.json()["data"][0]["n"] > 0
    assert execute("delete from marts.fct_indicator_values").status_code >= 400


def test_statistician_does_not_administer(statistician: Visitor):
    assert statistician.get("/api/v1/security/users/").status_code == 403
    assert statistician.request("DELETE", "/api/v1/database/1").status_code == 403
