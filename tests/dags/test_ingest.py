"""The ingestion DAGs on real publications, and on what goes wrong with them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expectations import results
from infra.publications.manifest import publications
from ingestion import contracts
from tests.dags.conftest import Run
from tests.warehouses import Warehouse, published

Runner = Callable[[str], Run]


def ledger(warehouse: Warehouse, source: str) -> list[tuple[Any, ...]]:
    """Dataset, edition or file, state and whether the count closes, of each delivery of a source."""
    with warehouse.connect() as db:
        return db.execute(
            """select dataset_code, status, records_read = rows_staged + rows_unchanged + rows_rejected
                 from meta.deliveries join meta.datasets using (dataset_code)
                where source_code = %s order by delivery_id""",
            [source],
        ).fetchall()


def test_an_article_and_its_figures_are_taken_in_order(open_warehouse: Warehouse, run: Runner) -> None:
    first = run("ingest_ministry")
    assert first.state == "success"
    assert first.tasks == {
        "collect": "success",
        "load_and_judge.articles": "success",
        "load_and_judge.figures": "success",
        "load_and_judge.remittance_citations": "success",
        "load_and_judge.returns": "skipped",  # its workbooks are for the ministry to send
        "load_and_judge.consular_documents": "skipped",
        "publish": "success",
        "any_failure": "skipped",
    }
    taken = ledger(open_warehouse, "ministry")
    assert {(status, closes) for _, status, closes in taken} == {("accepted", True)}
    in_order = [code for code, _, _ in taken if code in ("ministry.articles", "ministry.figures")]
    assert in_order == sorted(in_order)
    assert len(set(in_order)) == 2

    again = run("ingest_ministry")
    assert again.state == "success"
    assert again.tasks["load_and_judge.articles"] == "skipped"
    assert again.tasks["publish"] == "success", "nothing was transformed yet: the announcement is repeated"
    assert ledger(open_warehouse, "ministry") == taken


def test_two_editions_are_judged_one_after_the_other(open_warehouse: Warehouse, run: Runner) -> None:
    assert run("ingest_international").state == "success"
    with open_warehouse.connect() as db:
        editions = db.execute(
            """select edition, status, rows_unchanged > 0 from meta.deliveries
                where dataset_code = 'international.world_bank' order by judged_at"""
        ).fetchall()
    assert editions == [("2023-05", "accepted", False), ("2025-06", "accepted", True)]


def test_a_refused_workbook_leaves_the_run_green_and_the_last_one_in_service(
    open_warehouse: Warehouse, run: Runner
) -> None:
    run("ingest_ofii")
    [accepted] = deliveries(open_warehouse, "ofii.reintegration_projects")
    sent = open_warehouse.inbox / "ofii.reintegration_projects" / "2018-08-31_projets.xlsx"
    write_workbook_with_a_wrong_total(open_warehouse, accepted["archive_path"], sent)

    refusing = run("ingest_ofii")
    assert refusing.state == "success"
    assert refusing.tasks["load_and_judge.reintegration_projects"] == "success"
    before, after = deliveries(open_warehouse, "ofii.reintegration_projects")
    assert (before["status"], after["status"]) == ("accepted", "refused")
    assert "attendu chaque total égal à la somme de ses lignes par « Financeur »" in after["status_reason"]
    with open_warehouse.connect() as db:
        in_service = db.execute(
            """select sum(value) from staging.ofii__reintegration_projects
                where delivery_id = %s and ended_by_delivery_id is null
                  and record_kind = 'data' and measure_code = 'reintegration_amount'""",
            [before["delivery_id"]],
        ).fetchone()
        assert in_service == (901_304_460,)
        refusals = [outcome for outcome in results.recorded(after["delivery_id"], db) if outcome.refuses]
    assert [outcome.who_fixes for outcome in refusals] == ["institution"]


def test_an_unreadable_workbook_makes_the_run_red_and_is_kept(open_warehouse: Warehouse, run: Runner) -> None:
    shutil.rmtree(open_warehouse.inbox / "tokten.activities")
    (open_warehouse.inbox / "tokten.activities").mkdir()
    (open_warehouse.inbox / "tokten.activities" / "2018-01-31_tokten.xlsx").write_bytes(b"PK no workbook")
    unreadable = run("ingest_tokten")
    assert unreadable.state == "failed"
    assert unreadable.tasks == {
        "collect": "success",
        "load_and_judge.activities": "failed",
        "load_and_judge.experts": "skipped",
        "publish": "skipped",
        "any_failure": "failed",
    }
    [kept] = deliveries(open_warehouse, "tokten.activities")
    assert kept["status"] == "failed"
    assert (open_warehouse.archive / kept["archive_path"]).read_bytes() == b"PK no workbook"
    assert run("ingest_tokten").state == "success", "the same file is not read again by the same reader"


def test_an_address_that_does_not_answer_makes_the_run_red_after_the_rest_was_loaded(
    warehouse: Warehouse, run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with published(warehouse) as environment:
        environment.setenv("PONAM_HTTP_ATTEMPTS", "1")
        environment.setenv(
            "PONAM_ADDRESS_INTERNATIONAL", f"{os.environ['PONAM_ADDRESS_INTERNATIONAL']}/moved"
        )
        sent = warehouse.inbox / "international.undesa_migrant_stock"
        sent.mkdir(parents=True)
        shutil.copy(bundled("undesa/migrant_stock_2024.csv"), sent / "2024-07-01_undesa.csv")
        cut_off = run("ingest_international")
        assert cut_off.state == "failed"
        others = {one.dataset for one in contracts.of_source("international")}
        assert cut_off.tasks == {
            **{f"load_and_judge.{code.partition('.')[2]}": "skipped" for code in others},
            "collect": "failed",
            "load_and_judge.undesa_migrant_stock": "success",
            "publish": "success",
            "any_failure": "failed",
        }


def test_figures_wait_for_an_article_that_could_not_be_fetched(warehouse: Warehouse, run: Runner) -> None:
    with published(warehouse) as environment:
        there = os.environ["PONAM_ADDRESS_MINISTRY"]
        environment.setenv("PONAM_HTTP_ATTEMPTS", "1")
        environment.setenv("PONAM_ADDRESS_MINISTRY", f"{there}/moved")
        cut_off = run("ingest_ministry")
        assert cut_off.state == "failed"
        assert cut_off.tasks["load_and_judge.figures"] == "upstream_failed"
        waiting = [one for one in ledger(warehouse, "ministry") if one[0] == "ministry.figures"]
        assert {(status, closes) for _, status, closes in waiting} == {("received", None)}

        environment.setenv("PONAM_ADDRESS_MINISTRY", there)
        assert run("ingest_ministry").state == "success"
        assert {status for _, status, _ in ledger(warehouse, "ministry")} == {"accepted"}


def bundled(path: str) -> Path:
    """A bundled publication, by the path below its source's address."""
    [found] = [one.file for one in publications() if one.path.endswith(path)]
    return found


def deliveries(warehouse: Warehouse, dataset: str) -> list[dict[str, Any]]:
    from ingestion.db import rows

    with warehouse.connect() as db:
        return rows(
            db, "select * from meta.deliveries where dataset_code = %s order by delivery_id", [dataset]
        )


def write_workbook_with_a_wrong_total(warehouse: Warehouse, archived: str, target: Any) -> None:
    """The workbook that was accepted, with another figure in the first cell that holds an amount."""
    import openpyxl

    workbook = openpyxl.load_workbook(warehouse.archive / archived)
    amounts = [cell for row in workbook["Projets"] for cell in row if "300" in str(cell.value)]
    amounts[0].value = "300 601 890"
    workbook.save(target)
