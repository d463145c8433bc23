"""Brings what was edited in Superset back into these files: `python -m superset_dashboards.pull`.

Every dashboard that a file describes is exported with its charts and data sets, stripped of what only this
installation knows (numeric ids, defaults, empty settings), put in the order of the file it replaces, and
written: what remains is the difference a reviewer has to read. The database connection and the roles are
never pulled.

Runs in the bi environment, with the environment variables of `superset_dashboards.deploy`.
"""

from __future__ import annotations

import contextlib
import re
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

import yaml

from superset_dashboards import assets

PULLED = ("datasets", "charts", "dashboards")
# What Superset adds when saving and finds again by itself.
_INSTALLATION_PARAMS = {
    "datasource",
    "slice_id",
    "dashboards",
    "dashboardId",
    "url_params",
    "extra_form_data",
}
_INSTALLATION_METADATA = {
    "chart_configuration", "global_chart_configuration", "map_label_colors", "shared_label_colors",
    "color_scheme_domain", "default_filters", "filter_scopes",
}  # fmt: skip
_DEFAULTS: dict[str, Any] = {
    "is_active": True,
    "offset": 0,
    "normalize_columns": False,
    "always_filter_main_dttm": False,
    "is_managed_externally": False,
}


def main() -> int:
    """Write the files anew; say which changed."""
    before = assets.load()
    after = {**_kept(before), **_pulled(before)}
    changed = [path for path, text in after.items() if {a.path: a.text for a in before}.get(path) != text]
    gone = [asset.path for asset in before if asset.path not in after]
    for path in changed:
        (assets.FOLDER / path).write_text(after[path], encoding="utf-8")
    for path in gone:
        (assets.FOLDER / path).unlink()
    for line in [*(f"written: {path}" for path in changed), *(f"removed: {path}" for path in gone)]:
        print(line)  # noqa: T201
    if not changed and not gone:
        print("the files already say what Superset shows")  # noqa: T201
    return 0


def _kept(before: list[assets.Asset]) -> dict[str, str]:
    return {asset.path: asset.text for asset in before if asset.kind not in PULLED}


def _pulled(before: list[assets.Asset]) -> dict[str, str]:
    by_uuid = {asset.uuid: asset for asset in before}
    texts: dict[str, str] = {}
    for kind, body in _export([asset.uuid for asset in before if asset.kind == "dashboards"]):
        known = by_uuid.get(str(body["uuid"]))
        path = known.path if known else f"{kind}/{file_name(kind, body)}"
        texts[path] = assets.dump(like(known.body if known else {}, normalised(kind, body)))
    return texts


def _export(dashboards: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What Superset exports of those dashboards, by kind, bodies parsed."""
    with contextlib.redirect_stdout(sys.stderr):  # Superset says there that it found its settings
        from superset.app import create_app

        application = create_app()
    with application.app_context():
        from superset import db, security_manager
        from superset.commands.dashboard.export import ExportDashboardsCommand
        from superset.models.dashboard import Dashboard
        from superset.utils.core import override_user

        ids = [found.id for found in db.session.query(Dashboard).filter(Dashboard.uuid.in_(dashboards))]
        with override_user(security_manager.find_user(username="admin")):
            for name, content in ExportDashboardsCommand(ids).run():
                kind = name.split("/")[0]
                if kind in PULLED:
                    yield kind, yaml.safe_load(content())


def file_name(kind: str, body: dict[str, Any]) -> str:
    """A file name for what has no file yet: from its French title, without accents."""
    title = {"datasets": "table_name", "charts": "slice_name", "dashboards": "slug"}[kind]
    plain = unicodedata.normalize("NFKD", body[title]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60] + ".yaml"


def normalised(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body without what is empty, what is Superset's default, and what only this installation knows."""
    body = _said(body)
    if kind == "charts":
        body.pop("query_context", None)
        body["params"] = _said(_without(body["params"], _INSTALLATION_PARAMS))
    elif kind == "datasets":
        for part in ("columns", "metrics"):
            body[part] = [_said(entry) for entry in body.get(part, [])]
    elif kind == "dashboards":
        body["metadata"] = _without(body.get("metadata", {}), _INSTALLATION_METADATA)
        numbers = _number_charts(body["position"])
        for native_filter in body["metadata"].get("native_filter_configuration", []):
            for installation_only in ("chartsInScope", "tabsInScope"):
                native_filter.pop(installation_only, None)
            scope = native_filter["scope"]
            scope["excluded"] = sorted(numbers[chart] for chart in scope["excluded"] if chart in numbers)
    return body


def like(model: Any, value: Any) -> Any:
    """The value, its mappings and lists of named things in the model's order; what is new comes after."""
    if isinstance(value, dict):
        known = model if isinstance(model, dict) else {}
        keys = [key for key in known if key in value] + sorted(value.keys() - known.keys())
        return {key: like(known.get(key), value[key]) for key in keys}
    if isinstance(value, list) and all(isinstance(entry, dict) and _name(entry) for entry in value):
        known_entries = {_name(entry): entry for entry in model or [] if isinstance(entry, dict)}
        places = {name: place for place, name in enumerate(known_entries)}
        ordered = sorted(value, key=lambda entry: (places.get(_name(entry), len(places)), _name(entry)))
        return [like(known_entries.get(_name(entry)), entry) for entry in ordered]
    if isinstance(value, list) and isinstance(model, list) and len(value) == len(model):
        return [like(known, entry) for known, entry in zip(model, value, strict=True)]
    return value


def _name(entry: dict[str, Any]) -> str:
    """What a column or a metric is called; empty for anything else."""
    return str(entry.get("column_name") or entry.get("metric_name") or "")


def _number_charts(position: dict[str, Any]) -> dict[int, int]:
    """Number the charts 1, 2, 3… by UUID: only UUIDs mean anything, Superset wants numbers. New by old."""
    charts = [
        block["meta"] for block in position.values() if isinstance(block, dict) and block["type"] == "CHART"
    ]
    numbers = {}
    for number, meta in enumerate(sorted(charts, key=lambda meta: str(meta["uuid"])), start=1):
        numbers[meta["chartId"]] = number
        meta["chartId"] = number
    return numbers


def _said(mapping: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in mapping.items()
        if value not in (None, [], {}, "") and not (key in _DEFAULTS and _DEFAULTS[key] == value)
    }


def _without(mapping: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key not in keys}


if __name__ == "__main__":
    sys.exit(main())
