"""The Superset that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from infra.processes import Program
from infra.settings import Settings
from superset_dashboards import assets

from .visitor import Visitor

SLUG = "ponam-vue-d-ensemble"
# Title of each chart, by the slug of the dashboard that shows it.
TITLES: dict[str, list[str]] = {
    dashboard.body["slug"]: [
        block["meta"]["sliceName"]
        for block in dashboard.body["position"].values()
        if isinstance(block, dict) and block["type"] == "CHART"
    ]
    for dashboard in assets.of_kind(assets.load(), "dashboards").values()
}


@dataclass(frozen=True)
class RunningSuperset:
    """Where it answers, how to log in, and how to run something beside it."""

    settings: Settings
    passwords: dict[str, str]
    deploy: Program
    run: Callable[[Program], None]

    @property
    def address(self) -> str:
        return self.settings.superset_address

    def visitor(self, account: str) -> Visitor:
        return Visitor(self.address, account, self.passwords[account])
