"""What is pulled back from Superset: only what a reviewer has to read."""

from __future__ import annotations

import pytest

from superset_dashboards import assets, pull


@pytest.mark.parametrize("asset", [a for a in assets.load() if a.kind in pull.PULLED], ids=lambda a: a.path)
def test_files_are_already_in_the_form_they_are_pulled_in(asset: assets.Asset):
    assert assets.dump(pull.like(asset.body, pull.normalised(asset.kind, asset.body))) == asset.text


def test_what_only_an_installation_knows_is_left_out():
    exported = {
        "slice_name": "Étrangers",
        "description": None,
        "params": {"datasource": "3__table", "slice_id": 7, "row_limit": 5, "annotation_layers": []},
        "query_context": "{}",
        "uuid": "u",
    }
    assert pull.normalised("charts", exported) == {
        "slice_name": "Étrangers", "params": {"row_limit": 5}, "uuid": "u"
    }  # fmt: skip


def test_the_order_of_the_file_is_kept_and_what_is_new_comes_after():
    model = {"b": 1, "a": 2, "columns": [{"column_name": "z"}, {"column_name": "y"}]}
    value = {
        "a": 3,
        "b": 4,
        "c": 5,
        "columns": [{"column_name": "n"}, {"column_name": "y"}, {"column_name": "z"}],
    }
    kept = pull.like(model, value)
    assert list(kept) == ["b", "a", "columns", "c"]
    assert [column["column_name"] for column in kept["columns"]] == ["z", "y", "n"]


def test_charts_are_numbered_by_their_uuid():
    position = {name: {"type": "CHART", "meta": {"uuid": name, "chartId": 99}} for name in ("b", "a")}
    body = pull.normalised("dashboards", {"metadata": {}, "position": position, "slug": "s"})
    assert {name: block["meta"]["chartId"] for name, block in body["position"].items()} == {"a": 1, "b": 2}


def test_a_new_chart_gets_a_file_named_after_its_title():
    assert (
        pull.file_name("charts", {"slice_name": "Maliens à l’étranger : 2024"})
        == "maliens_a_letranger_2024.yaml"
    )
