"""The offline gate: dashboard → chart → data set → mart, and what a reviewer would else have to look for.

A column renamed in dbt, a chart nobody shows, a filter on nothing: each is one line, found without any
service.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from superset_dashboards import access
from superset_dashboards.assets import Asset, dump, of_kind

_TEMPLATE_NAME = re.compile(r"this\.(\w+)")


def problems(assets: list[Asset], mart_columns: Mapping[str, set[str]]) -> list[str]:
    """Everything that does not hold, one line each; empty when the files agree with each other and with dbt.

    `mart_columns`: columns by model name, as `marts.columns()` reads them.
    """
    return [
        *_texts(assets),
        *_identities(assets),
        *_dashboards(assets),
        *_charts(assets),
        *_datasets(assets, mart_columns),
        *_databases(assets),
        *_openings(assets),
    ]


def _texts(assets: list[Asset]) -> Iterator[str]:
    for asset in assets:
        if asset.text != dump(asset.body):
            yield f"{asset.path}: not written as Superset's edits are pulled back: run `make format`"


def _identities(assets: list[Asset]) -> Iterator[str]:
    for uuid, count in Counter(asset.uuid for asset in assets).items():
        if count > 1:
            yield f"{uuid}: the same UUID in {count} files"


def _dashboards(assets: list[Asset]) -> Iterator[str]:
    charts, datasets = of_kind(assets, "charts"), of_kind(assets, "datasets")
    shown: set[str] = set()
    for dashboard in of_kind(assets, "dashboards").values():
        for uuid in charts_shown(dashboard):
            shown.add(uuid)
            if uuid not in charts:
                yield f"{dashboard.path}: shows chart {uuid}, which no file describes"
        for native_filter in dashboard.body["metadata"].get("native_filter_configuration", []):
            for target in native_filter["targets"]:
                dataset = datasets.get(target["datasetUuid"])
                if dataset is None or target["column"]["name"] not in _columns(dataset):
                    yield f"{dashboard.path}: filter {native_filter['name']} is on a column no data set has"
                elif native_filter.get("controlValues", {}).get("sortMetric") not in {
                    None,
                    *_metrics(dataset),
                }:
                    yield f"{dashboard.path}: filter {native_filter['name']} is sorted by what is no metric"
            if native_filter.get("controlValues", {}).get("creatable") is not False:
                yield f"{dashboard.path}: filter {native_filter['name']} takes what is in no list (creatable)"
    for uuid in charts.keys() - shown:
        yield f"{charts[uuid].path}: on no dashboard"


def charts_shown(dashboard: Asset) -> list[str]:
    """UUIDs of the charts a dashboard lays out, in the order of its file."""
    return [
        block["meta"]["uuid"]
        for block in dashboard.body["position"].values()
        if isinstance(block, dict) and block["type"] == "CHART"
    ]


def _charts(assets: list[Asset]) -> Iterator[str]:
    datasets = of_kind(assets, "datasets")
    for chart in of_kind(assets, "charts").values():
        if not chart.body.get("description"):
            yield f"{chart.path}: no description: what it shows and where its source is named"
        dataset = datasets.get(chart.body["dataset_uuid"])
        if dataset is None:
            yield f"{chart.path}: data set {chart.body['dataset_uuid']} has no file"
            continue
        known = _columns(dataset) | _metrics(dataset)
        for name in sorted(names_used(chart.body["params"]) - known):
            yield f"{chart.path}: {name} is neither a column nor a metric of {dataset.path}"


def names_used(params: dict[str, Any]) -> set[str]:
    """Columns and metrics that a chart's settings name; what is written ad hoc would be found as unknown."""
    names: set[str] = set()
    for setting in (
        "all_columns",
        "columns",
        "groupby",
        "metrics",
        "metric",
        "x_axis",
        "timeseries_limit_metric",
    ):
        value = params.get(setting) or []
        names |= {str(name) for name in (value if isinstance(value, list) else [value])}
    names |= {condition["subject"] for condition in params.get("adhoc_filters", [])}
    names |= {json.loads(order)[0] for order in params.get("order_by_cols", [])}
    return names | set(_TEMPLATE_NAME.findall(params.get("handlebarsTemplate", "")))


def _datasets(assets: list[Asset], marts: Mapping[str, set[str]]) -> Iterator[str]:
    databases = of_kind(assets, "databases")
    for dataset in of_kind(assets, "datasets").values():
        body = dataset.body
        if body["database_uuid"] not in databases:
            yield f"{dataset.path}: database {body['database_uuid']} has no file"
        for entry in [*body["columns"], *body["metrics"]]:
            if not entry.get("verbose_name"):
                name = entry.get("column_name") or entry.get("metric_name")
                yield f"{dataset.path}: {name} has no French label"
        if body["table_name"] not in marts:
            yield f"{dataset.path}: dbt has no model {body['table_name']}"
            continue
        for name in sorted(_columns(dataset) - marts[body["table_name"]]):
            yield f"{dataset.path}: dbt's {body['table_name']} has no column {name}"


def _databases(assets: list[Asset]) -> Iterator[str]:
    for database in of_kind(assets, "databases").values():
        if re.search(r"://[^/@]*:", database.body["sqlalchemy_uri"]) or database.body.get("password"):
            yield f"{database.path}: holds a password"


def _openings(assets: list[Asset]) -> Iterator[str]:
    slugs = {dashboard.body["slug"] for dashboard in of_kind(assets, "dashboards").values()}
    opened = {slug for role in access.load().roles for slug in role.dashboards}
    for slug in sorted(opened - slugs):
        yield f"roles.yaml: no dashboard has the slug {slug}"
    for slug in sorted(slugs - opened):
        yield f"roles.yaml: no role sees {slug}"


def _columns(dataset: Asset) -> set[str]:
    return {column["column_name"] for column in dataset.body["columns"]}


def _metrics(dataset: Asset) -> set[str]:
    return {metric["metric_name"] for metric in dataset.body["metrics"]}
