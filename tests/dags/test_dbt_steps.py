"""How dbt is run and what is kept of it, with a library in its place that says what a test wants."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import expectations
from infra import transform
from infra.publications.manifest import publications
from ingestion import contracts, fetch
from ingestion.db import Connection
from ingestion.load import load
from tests.conftest import Warehouse
from tests.unit.test_infra_dbt import stand_in

DATASET = "international.undesa_migrant_stock"

STAND_IN = """
import json, pathlib
from types import SimpleNamespace as Said

class Node(dict):
    unique_id = property(lambda self: self["unique_id"])
    def to_dict(self, omit_none):
        return dict(self)

class dbtRunner:
    def __init__(self, manifest=None):
        pass

    def invoke(self, arguments):
        if {{"parse", "--exclude"}} & set(arguments):
            return Said(success=True, exception=None, result=Said(unit_tests={{}}, macros={{}}))
        print("dbt says", *arguments)
        said = json.loads(pathlib.Path({answers!r}).read_text())
        step = next(name for name, selectors in {steps!r}.items() if selectors[0] in arguments)
        answer = said.get(step, {{"status": 0, "results": []}})
        if answer["status"] == 2:
            return Said(success=False, exception=ValueError("no project"), result=None)
        results = [
            Said(execution_time=0, **{{"failures": None}} | one | {{"node": Node(one["node"])}})
            for one in answer["results"]
        ]
        built = Said(elapsed_time=0, results=results)
        return Said(success=not answer["status"], exception=None, result=built)
"""


@pytest.fixture
def dbt_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a library in dbt's place (step → exit status and results), and one in that of the methods."""
    answers = tmp_path / "answers.json"
    selectors = {step: work for step, work in transform.STEPS.items() if isinstance(work, tuple)}
    stand_in(tmp_path / "library", STAND_IN.format(answers=str(answers), steps=selectors))
    method = SimpleNamespace(main=lambda connection: f"method as {connection.info.user}")
    for work in transform.STEPS.values():
        if isinstance(work, transform.Method):
            monkeypatch.setitem(sys.modules, work.module, method)
    monkeypatch.setenv("PONAM_DBT_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "library"))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))

    def says(**steps: dict[str, Any]) -> None:
        answers.write_text(json.dumps(steps), encoding="utf-8")

    says()
    return says


def model(name: str, status: str = "success") -> dict[str, Any]:
    node = {
        "unique_id": f"model.ponam.{name}",
        "name": name,
        "resource_type": "model",
        "config": {},
        "depends_on": {"nodes": []},
    }
    return {"status": status, "message": status, "node": node}


def check(name: str, status: str, severity: str = "ERROR", failures: int = 0) -> dict[str, Any]:
    node = {
        "unique_id": f"test.ponam.{name}",
        "name": name,
        "resource_type": "test",
        "attached_node": "model.ponam.fct_indicator_values",
        "column_name": "value",
        "config": {"severity": severity, "meta": {"who_fixes": "statistics team"}},
    }
    return {"status": status, "message": None, "failures": failures, "node": node}


def accepted(db: Connection, tmp_path: Path, name: str = "2024-07-01_stock.csv", **replaced: str) -> int:
    [publication] = [one for one in publications() if one.dataset == DATASET]
    text = publication.file.read_text(encoding="utf-8")
    for old, new in replaced.items():
        text = text.replace(old.removeprefix("v"), new)
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    delivery_id = fetch.receive_file(contracts.load(DATASET), file, db).delivery_id
    load(delivery_id, db)
    assert expectations.judge(delivery_id, db).accepted
    return delivery_id


@pytest.mark.usefixtures("warehouse")
def test_a_run_is_recorded_and_makes_the_next_one_needless(
    db: Connection, dbt_says: Callable[..., None], tmp_path: Path
) -> None:
    delivery_id = accepted(db, tmp_path)
    assert transform.waiting_deliveries("international") == [delivery_id]
    assert transform.waiting_deliveries("bceao") == []
    dbt_says(
        marts={
            "status": 0,
            "results": [model("dim_area"), check("held", "pass"), check("odd", "warn", "WARN", 2)],
        }
    )
    report = transform.run()
    assert report is not None
    assert (report.complete, report.models, report.checks_passed, report.checks_failed) == (True, 1, 1, 1)
    assert db.execute(
        """select check_name, subject, passed, severity, observed, who_fixes
             from meta.check_results where checker = 'dbt' order by check_name"""
    ).fetchall() == [
        ("held", "fct_indicator_values.value", True, "error", "aucune ligne en défaut", "statistics team"),
        ("odd", "fct_indicator_values.value", False, "warning", "lignes en défaut : 2", "statistics team"),
    ]
    assert transform.is_up_to_date()
    assert transform.waiting_deliveries("international") == []
    assert transform.run() is None


def test_a_failing_test_ends_the_run_and_leaves_the_deliveries_waiting(
    db: Connection, dbt_says: Callable[..., None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    delivery_id = accepted(db, tmp_path)
    dbt_says(
        intermediate={"status": 1, "results": [model("int_figures"), check("broken", "fail", failures=3)]}
    )
    with caplog.at_level(logging.INFO):
        report = transform.run()
    assert report is not None
    assert not report.complete
    assert [result.name for result in report.problems] == ["broken"]
    assert "dbt says --no-use-colors" in caplog.text
    assert "build --select path:models/intermediate" in caplog.text
    assert db.execute("select succeeded, checks_failed from meta.transform_runs").fetchall() == [(False, 1)]
    assert not transform.is_up_to_date()
    assert transform.waiting_deliveries("international") == [delivery_id]


def test_a_step_that_dies_before_it_ran_anything_says_so(
    db: Connection, dbt_says: Callable[..., None], tmp_path: Path
) -> None:
    accepted(db, tmp_path)
    dbt_says(seeds_and_staging={"status": 2, "results": None})
    start = transform.begin()
    assert start is not None
    with pytest.raises(transform.TransformError, match="seeds_and_staging: dbt ended with status 2"):
        transform.build("seeds_and_staging", start)
    assert not transform.record(start).complete


def test_a_verdict_that_falls_while_dbt_runs_waits_for_the_next_run(
    db: Connection, dbt_says: Callable[..., None], tmp_path: Path
) -> None:
    accepted(db, tmp_path)
    start = transform.begin()
    assert start is not None
    for step in transform.STEPS:
        transform.build(step, start)
    missed = accepted(db, tmp_path, "2025-07-01_stock.csv", v1292519="1292520")
    assert transform.record(start).complete
    assert transform.waiting_deliveries("international") == [missed]
    assert not transform.is_up_to_date()


def test_a_run_by_hand_takes_no_report_from_the_run_beside_it(
    db: Connection, dbt_says: Callable[..., None], tmp_path: Path
) -> None:
    accepted(db, tmp_path)
    dbt_says(seeds_and_staging={"status": 0, "results": [model("axes")]})
    of_the_dag = transform.begin()
    assert of_the_dag is not None
    transform.build("seeds_and_staging", of_the_dag)
    dbt_says(seeds_and_staging={"status": 1, "results": [model("areas", "error")]})
    by_hand = transform.run()
    assert by_hand is not None
    assert [result.name for result in by_hand.results] == ["areas"]
    assert [result.name for result in transform.record(of_the_dag).results] == ["axes"]


def test_a_failed_step_of_an_earlier_run_is_not_counted_again(
    db: Connection, dbt_says: Callable[..., None], tmp_path: Path
) -> None:
    accepted(db, tmp_path)
    dbt_says(marts={"status": 1, "results": [check("broken", "fail", failures=1)]})
    assert transform.run() is not None
    dbt_says(seeds_and_staging={"status": 1, "results": [model("axes", "error")]})
    report = transform.run()
    assert report is not None
    assert [result.name for result in report.results] == ["axes"]


def test_a_method_writes_as_the_transformer_all_or_nothing_and_its_failure_is_the_runs(
    warehouse: Warehouse,
    dbt_says: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    dbt_says()

    def writes(connection: Connection) -> str:
        connection.execute("create table if not exists intermediate.written as select current_user as who")
        return "written"

    def writes_and_fails(connection: Connection) -> str:
        connection.execute("delete from intermediate.written")
        raise ValueError("no forecast of nothing")

    monkeypatch.setitem(transform.STEPS, "projections", transform.Method("a_method"))
    monkeypatch.setitem(sys.modules, "a_method", SimpleNamespace(main=writes))
    start = transform.begin()
    assert start is not None
    with caplog.at_level(logging.INFO):
        report = transform.build("projections", start)
    assert (report.complete, report.models, report.checks_passed, "written" in caplog.text) == (
        True,
        0,
        0,
        True,
    )

    monkeypatch.setitem(sys.modules, "a_method", SimpleNamespace(main=writes_and_fails))
    with pytest.raises(transform.TransformError, match="projections"):
        transform.build("projections", start)
    with warehouse.connect("ponam_transformer") as db:
        assert db.execute("select who from intermediate.written").fetchall() == [("ponam_transformer",)]
    recorded = transform.record(start)
    assert not recorded.complete
    assert [(it.name, it.message) for it in recorded.problems] == [
        ("projections", "ValueError: no forecast of nothing")
    ]


def test_a_changed_project_asks_for_a_new_run_and_only_it_for_the_unit_tests(
    db: Connection,
    dbt_says: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "models" / "a.sql").write_text("select 1", encoding="utf-8")
    monkeypatch.setattr(transform, "PROJECT", project)
    caplog.set_level(logging.INFO)
    assert transform.run() is not None
    assert transform.is_up_to_date()
    assert "dbt says" in caplog.text
    assert "unit_test" not in caplog.text

    accepted(db, tmp_path)
    assert transform.run() is not None
    assert caplog.text.count("--exclude-resource-type unit_test") == 4

    (project / "target").mkdir()
    (project / "target" / "manifest.json").write_text("{}", encoding="utf-8")
    assert transform.is_up_to_date(), "what dbt writes is no part of the project"

    (project / "models" / "a.sql").write_text("select 2", encoding="utf-8")
    assert not transform.is_up_to_date()
    caplog.clear()
    assert transform.run() is not None
    assert "dbt says" in caplog.text
    assert "unit_test" not in caplog.text
