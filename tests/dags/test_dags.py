"""What every DAG owes to whoever operates it, and what parsing the DAG files may cost."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from infra import transform
from ingestion import contracts
from tests.dags.conftest import ROOT

INGESTION = ("ingest_bceao", "ingest_ministry", "ingest_ofii", "ingest_tokten", "ingest_international")
DAGS = (*INGESTION, "transform", "release_calendar")

PARSE = """
import json, sys, time
import airflow.sdk
from airflow.dag_processing.dagbag import DagBag
began = time.process_time()  # a busy machine is not slow code
bag = DagBag(sys.argv[1])
slow = ["great_expectations", "pandas", "scipy", "statsmodels", "pdfplumber", "openpyxl", "lxml"]
print(json.dumps({
    "seconds": time.process_time() - began,
    "dags": sorted(bag.dags),
    "errors": bag.import_errors,
    "slow": [name for name in slow if name in sys.modules],
}))
"""


def test_the_dags_are_exactly_these(dags: dict[str, Any]) -> None:
    assert set(dags) == set(DAGS)


@pytest.mark.usefixtures("airflow")
def test_the_dag_files_are_read_quickly_and_import_nothing_slow() -> None:
    command = [sys.executable, "-c", PARSE, str(ROOT / "dags")]
    finished = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    read = json.loads(finished.stdout.splitlines()[-1])
    assert read["errors"] == {}
    assert read["dags"] == sorted(DAGS)
    assert read["slow"] == []
    assert read["seconds"] < 2


@pytest.mark.parametrize("dag_id", DAGS)
def test_a_dag_says_whose_it_is_and_how_to_run_it_again(dags: dict[str, Any], dag_id: str) -> None:
    dag = dags[dag_id]
    assert {task.owner for task in dag.tasks} == {"statistics team"}
    assert "### How to re-run" in dag.doc_md
    assert dag.tags
    assert dag.max_active_runs == 1
    assert dag.catchup is False


@pytest.mark.parametrize("dag_id", INGESTION)
def test_an_ingestion_dag_collects_then_takes_each_dataset_then_publishes(
    dags: dict[str, Any], dag_id: str
) -> None:
    dag = dags[dag_id]
    datasets = contracts.of_source(dag_id.removeprefix("ingest_"))
    taking = {f"load_and_judge.{contract.dataset.partition('.')[2]}" for contract in datasets}
    assert taking
    assert set(dag.task_ids) == {"collect", *taking, "publish", "any_failure"}
    assert dag.get_task("publish").upstream_task_ids == taking
    assert dag.get_task("any_failure").upstream_task_ids == {"collect", *taking, "publish"}
    assert [asset.name for asset in dag.get_task("publish").outlets] == [
        f"staging/{dag_id.removeprefix('ingest_')}"
    ]


def test_a_dataset_waits_for_those_it_depends_on(dags: dict[str, Any]) -> None:
    figures = dags["ingest_ministry"].get_task("load_and_judge.figures")
    assert contracts.load("ministry.figures").delivery.depends_on == ("ministry.articles",)
    assert figures.upstream_task_ids == {"collect", "load_and_judge.articles"}


def test_only_what_fails_for_a_while_is_tried_again() -> None:
    """Read from the files: a fixture of these tests takes the retries of the loaded DAGs away."""
    source = (ROOT / "dags" / "ingest.py").read_text(encoding="utf-8")
    assert source.count("retries=") == 1
    assert source.index("retries=2") < source.index("def collect(")


@pytest.mark.parametrize("dag_id", INGESTION)
def test_every_task_that_works_has_a_time_limit(dags: dict[str, Any], dag_id: str) -> None:
    working = [task for task in dags[dag_id].tasks if task.task_id != "any_failure"]
    assert all(task.execution_timeout is not None for task in working)


def test_the_transformation_follows_any_source(dags: dict[str, Any]) -> None:
    from airflow.sdk import AssetAny

    condition = dags["transform"].timetable.asset_condition
    assert isinstance(condition, AssetAny)
    assert {asset.name for asset in condition.objects} == {
        f"staging/{source}" for source in contracts.sources()
    }


def test_the_steps_of_the_transformation_stand_between_its_start_and_its_record(dags: dict[str, Any]) -> None:
    order = [task.task_id for task in dags["transform"].topological_sort()]
    assert order == ["changed_since_last_run", *transform.STEPS, "record_results"]
    assert dags["transform"].get_task("record_results").trigger_rule == "all_done"


def test_the_steps_select_every_model_and_seed_exactly_once() -> None:
    selectors = [
        selector for step in transform.STEPS.values() if isinstance(step, tuple) for selector in step
    ]
    folders = {selector.removeprefix("path:") for selector in selectors if selector.startswith("path:")}
    models = ROOT / "dbt_project" / "models"
    assert folders == {f"models/{folder.name}" for folder in models.iterdir() if folder.is_dir()}
    assert not list(models.glob("*.sql"))
    assert "resource_type:seed" in selectors
    assert len(selectors) == len(set(selectors))


def test_no_model_reads_what_a_later_step_builds() -> None:
    """On a warehouse that was built before it would go unseen; a first run would fail."""
    models = ROOT / "dbt_project" / "models"
    order = {
        folder: number
        for number, work in enumerate(transform.STEPS.values())
        if isinstance(work, tuple)
        for folder in (selector.removeprefix("path:models/") for selector in work)
    }
    step = {file.stem: order[file.relative_to(models).parts[0]] for file in models.rglob("*.sql")}
    read = {
        (file.stem, name)
        for file in models.rglob("*.sql")
        for name in re.findall(r"ref\('(\w+)'\)", file.read_text(encoding="utf-8"))
    }
    assert ("rpt_projections", "projection_verdicts") in read
    assert [pair for pair in sorted(read) if step.get(pair[1], 0) > step[pair[0]]] == []
