"""The query that Superset's browser code makes of a chart's settings, for the kinds of chart that we use.

Superset only builds it in the browser; with it, a chart is run without one.
"""

from __future__ import annotations

import json
from typing import Any


def query_context(form_data: dict[str, Any], result_format: str = "json") -> dict[str, Any]:
    """The body of `POST /api/v1/chart/data` for a chart seen on the dashboard `form_data["dashboardId"]`."""
    dataset_id, dataset_type = form_data["datasource"].split("__")
    return {
        "datasource": {"id": int(dataset_id), "type": dataset_type},
        "force": True,
        "queries": [_query(form_data)],
        "form_data": form_data,
        "result_format": result_format,
        "result_type": "full",
    }


def _query(form_data: dict[str, Any]) -> dict[str, Any]:
    raw = form_data.get("query_mode") == "raw"
    return {
        "columns": form_data["all_columns"] if raw else _axis(form_data) + form_data.get("groupby", []),
        "metrics": None if raw else form_data["metrics"],
        "filters": [_filter(condition) for condition in form_data.get("adhoc_filters", [])],
        "orderby": [json.loads(order) for order in form_data.get("order_by_cols", [])],
        "row_limit": form_data["row_limit"],
    }


def _axis(form_data: dict[str, Any]) -> list[Any]:
    name = form_data["x_axis"]
    if "time_grain_sqla" not in form_data:
        return [name]
    return [
        {
            "columnType": "BASE_AXIS",
            "expressionType": "SQL",
            "label": name,
            "sqlExpression": name,
            "timeGrain": form_data["time_grain_sqla"],
        }
    ]


def _filter(condition: dict[str, Any]) -> dict[str, Any]:
    return {"col": condition["subject"], "op": condition["operator"], "val": condition["comparator"]}
