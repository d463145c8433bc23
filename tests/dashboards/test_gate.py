"""The offline gate: it passes on the files as they are, and finds each kind of fault put into a copy."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from superset_dashboards import assets, gate, marts

COLUMNS = marts.columns()


def _changed(kind: str, change: Callable[[dict[str, Any]], object]) -> list[assets.Asset]:
    """The assets with the first of a kind changed."""
    loaded = assets.load()
    place = next(place for place, asset in enumerate(loaded) if asset.kind == kind)
    body = copy.deepcopy(loaded[place].body)
    change(body)
    loaded[place] = replace(loaded[place], body=body)
    return loaded


def _without_first_chart() -> list[assets.Asset]:
    first = next(asset for asset in assets.load() if asset.kind == "charts")
    return [asset for asset in assets.load() if asset is not first and asset.path != first.path]


def test_files_agree_with_each_other_and_with_dbt():
    loaded = assets.load()
    assert len(assets.of_kind(loaded, "charts")) >= 8
    assert gate.problems(loaded, COLUMNS) == []


@pytest.mark.parametrize(
    ("faulty", "said"),
    [
        (_changed("charts", lambda body: body.update(description="")), "no description"),
        (_changed("charts", lambda body: body["params"].update(groupby=["no_such"])), "no_such is neither"),
        (_changed("charts", lambda body: body.update(dataset_uuid="x")), "has no file"),
        (_changed("charts", lambda body: body.update(uuid="another")), "on no dashboard"),
        (_changed("datasets", lambda body: body["columns"].append({"column_name": "x"})), "no French label"),
        (
            _changed("datasets", lambda body: body["columns"].append(
                {"column_name": "x", "verbose_name": "X"})),
            "has no column x",
        ),
        (_changed("datasets", lambda body: body.update(table_name="no_such")), "no model no_such"),
        (_changed("databases", lambda body: body.update(sqlalchemy_uri="postgresql://a:b@c/d")), "password"),
        (_changed("dashboards", lambda body: body.update(slug="another")), "no role sees another"),
        (
            _changed("dashboards", lambda body: body["metadata"]["native_filter_configuration"][0].update(
                targets=[{"datasetUuid": "x", "column": {"name": "y"}}])),
            "on a column no data set has",
        ),
        (
            _changed("dashboards", lambda body: body["metadata"]["native_filter_configuration"][1].update(
                controlValues={"creatable": False, "sortMetric": "no_such"})),
            "sorted by what is no metric",
        ),
        (
            _changed("dashboards", lambda body: body["metadata"]["native_filter_configuration"][0].update(
                controlValues={})),
            "takes what is in no list",
        ),
        (_without_first_chart(), "which no file describes"),
        ([replace(assets.load()[0], text="# by hand")], "make format"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_fault_is_one_line(faulty: list[assets.Asset], said: str):
    assert any(said in problem for problem in gate.problems(faulty, COLUMNS))


def test_a_file_that_is_no_yaml_is_named_with_its_line(tmp_path: Path):
    charts = tmp_path / "charts"
    charts.mkdir()
    (charts / "a.yaml").write_text("slice_name: A\ndescription: Effectifs : une colonne: deux\n")
    with pytest.raises(assets.UnreadableAssetError, match=r"^charts/a\.yaml, line 2: .* quotes"):
        assets.load(tmp_path)


def test_a_column_renamed_in_dbt_is_found():
    renamed = {**COLUMNS, "rpt_key_figures": COLUMNS["rpt_key_figures"] - {"value_fr"}}
    assert gate.problems(assets.load(), renamed) == [
        "datasets/rpt_key_figures.yaml: dbt's rpt_key_figures has no column value_fr"
    ]


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("select a, b.c, f(d, e) as g from t", {"a", "c", "g"}),
        ("with x as (select p from q) select x.p as r, (select 1 from s) as u from x", {"r", "u"}),
        (
            "-- select z\nselect {{ macro('a, b') }} as m, concat('from, ', n) as o\nfrom {{ ref('t') }}",
            {"m", "o"},
        ),
        ("select 1 as one", {"one"}),
    ],
)
def test_columns_are_those_of_the_last_select(sql: str, columns: set[str]):
    assert marts.selected(sql) == columns


def test_roles_are_a_closed_schema():
    from pydantic import ValidationError

    from superset_dashboards import access

    with pytest.raises(ValidationError, match="permission"):
        access.Access.model_validate(
            {"roles": [{"name": "x", "description": "y", "permission": {}}], "users": []}
        )
