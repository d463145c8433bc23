"""The deployment: idempotent, quick when nothing changed, and what leaves the files leaves Superset."""

from __future__ import annotations

import os
import resource
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from infra.processes import Program
from infra.settings import ROOT
from superset_dashboards import assets

from .running import TITLES, RunningSuperset


def _seconds_of_children() -> float:
    """Processor time of the programs that have ended: a busy machine is not slow code."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _chart_titles(superset: RunningSuperset) -> set[str]:
    charts = superset.visitor("admin").result("/api/v1/chart/", params={"q": "(page_size:100)"})
    return {chart["slice_name"] for chart in charts}


def test_deploying_again_is_quick_and_changes_nothing(superset: RunningSuperset):
    before = _chart_titles(superset)
    log_size = superset.deploy.log.stat().st_size
    began = _seconds_of_children()
    superset.run(superset.deploy)
    assert _seconds_of_children() - began < 3  # Superset alone takes longer to import
    assert "already up to date" in superset.deploy.log.read_bytes()[log_size:].decode()
    assert _chart_titles(superset) == before


def test_a_chart_removed_from_the_files_disappears_and_comes_back_with_them(
    superset: RunningSuperset, tmp_path: Path
):
    removed = _copy_without_one_chart(tmp_path)
    try:
        superset.run(_in(tmp_path, superset.deploy))
        assert removed not in _chart_titles(superset)
    finally:
        superset.run(superset.deploy)
    assert removed in _chart_titles(superset)
    visitor = superset.visitor("decideur")
    shown = [chart for slug in TITLES for chart in visitor.result(f"/api/v1/dashboard/{slug}/charts")]
    assert removed in {chart["slice_name"] for chart in shown}


@pytest.mark.parametrize("fault", ["no_such_column"])
def test_files_that_disagree_are_not_deployed(superset: RunningSuperset, tmp_path: Path, fault: str):
    from infra.errors import InfraError

    _copy(tmp_path)
    chart = next((tmp_path / "superset_dashboards" / "charts").glob("*.yaml"))
    body = yaml.safe_load(chart.read_text(encoding="utf-8"))
    body["params"]["all_columns"] = [fault]
    chart.write_text(assets.dump(body), encoding="utf-8")
    with pytest.raises(InfraError, match=fault):
        superset.run(_in(tmp_path, superset.deploy))


def test_what_was_deployed_is_pulled_back_as_the_same_files(superset: RunningSuperset, tmp_path: Path):
    _copy(tmp_path)
    command = [part.replace(".deploy", ".pull") for part in superset.deploy.command]
    log = tmp_path / "pull.log"
    superset.run(_in(tmp_path, replace(superset.deploy, name="pull", command=command, log=log)))
    assert "the files already say what Superset shows" in log.read_text(encoding="utf-8")


def _in(folder: Path, program: Program) -> Program:
    """The same program, run from another tree: `python -m` looks in the working folder first."""
    return replace(
        program,
        command=["env", f"--chdir={folder}", *program.command],
        environment={**program.environment, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
    )


def _copy(folder: Path) -> None:
    """A tree with a superset_dashboards of its own, beside the project's dbt models."""
    shutil.copytree(
        ROOT / "superset_dashboards",
        folder / "superset_dashboards",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (folder / "dbt_project").symlink_to(ROOT / "dbt_project")


def _copy_without_one_chart(folder: Path) -> str:
    """The copy, without the first chart, in its file and on the dashboard; returns its title."""
    _copy(folder)
    copied = folder / "superset_dashboards"
    chart = next(asset for asset in assets.load(copied) if asset.kind == "charts")
    (copied / chart.path).unlink()
    for dashboard in assets.of_kind(assets.load(copied), "dashboards").values():
        position = dashboard.body["position"]
        blocks = [
            name
            for name, block in position.items()
            if isinstance(block, dict) and block.get("meta", {}).get("uuid") == chart.uuid
        ]
        for block in blocks:
            del position[block]
            for other in position.values():
                if isinstance(other, dict) and block in other.get("children", []):
                    other["children"].remove(block)
        (copied / dashboard.path).write_text(assets.dump(dashboard.body), encoding="utf-8")
    return str(chart.body["slice_name"])
