"""Verdicts on loaded deliveries: recorded once, decided once, and never passed half-way."""

from __future__ import annotations

import gc
import logging
import time
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

import expectations
from expectations import NotJudgeableError, cli, intake, report, results
from infra.publications.manifest import publications
from ingestion import contracts, deliveries, fetch, ledger
from ingestion.db import Connection
from ingestion.load import LoadReport, load

DATASET = "international.undesa_migrant_stock"


@pytest.fixture
def publication() -> str:
    """The text of a real publication, for tests to spoil."""
    [found] = [one for one in publications() if one.dataset == DATASET]
    return found.file.read_text(encoding="utf-8")


def received(text: str, folder: Path, db: Connection, name: str = "2024-07-01_stock.csv") -> int:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return fetch.receive_file(contracts.load(DATASET), file, db).delivery_id


def loaded(text: str, folder: Path, db: Connection, name: str = "2024-07-01_stock.csv") -> int:
    delivery_id = received(text, folder, db, name)
    load(delivery_id, db)
    return delivery_id


def spoiled(publication: str, lines: int) -> str:
    """The publication with a value that is no number on each of the last lines."""
    head, tail = publication.splitlines()[:-lines], publication.splitlines()[-lines:]
    return "\n".join([*head, *(f"{line.rpartition(',')[0]},illisible" for line in tail)]) + "\n"


def test_judging_again_changes_nothing(publication: str, tmp_path: Path, db: Connection) -> None:
    delivery_id = loaded(publication, tmp_path, db)
    first = expectations.judge(delivery_id, db)
    recorded = db.execute("select * from meta.check_results order by 1").fetchall()
    judged_at = ledger.find(delivery_id, db).judged_at

    assert first.accepted
    assert expectations.judge(delivery_id) == first, "without a connection, the judge opens its own"
    assert db.execute("select * from meta.check_results order by 1").fetchall() == recorded
    assert ledger.find(delivery_id, db).judged_at == judged_at


def test_a_judgement_cut_off_before_its_verdict_is_made_again(
    publication: str, tmp_path: Path, db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery_id = loaded(publication, tmp_path, db)
    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(deliveries, "accept", interrupt)
        expectations.judge(delivery_id, db)
    assert ledger.find(delivery_id, db).status == "loaded"

    verdict = expectations.judge(delivery_id, db)
    assert results.recorded(delivery_id, db) == verdict.outcomes
    assert ledger.find(delivery_id, db).status == "accepted"


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_few_rejections_are_lived_with_and_many_refuse(
    publication: str, tmp_path: Path, db: Connection
) -> None:
    few = expectations.judge(loaded(spoiled(publication, 1), tmp_path, db, "2024-07-01_a.csv"), db)
    many = expectations.judge(loaded(spoiled(publication, 30), tmp_path, db, "2024-08-01_b.csv"), db)
    assert few.accepted
    assert not many.accepted
    assert "l’envoi : constaté 30 rejets sur 360 valeurs ; attendu au plus 5 %" in many.reason
    assert ledger.find(many.delivery_id, db).status_reason == many.reason


def test_a_judgement_leaves_no_session_open(publication: str, tmp_path: Path, db: Connection) -> None:
    others = """select count(*) from pg_stat_activity
                 where datname = current_database() and pid != pg_backend_pid()
                   and backend_type = 'client backend'"""
    gc.disable()  # what is only closed when it is collected stays open for as long as it pleases
    try:
        expectations.judge(loaded(publication, tmp_path, db), db)
        deadline = time.monotonic() + 10
        while (left := db.execute(others).fetchone()) != (0,) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert left == (0,)
    finally:
        gc.enable()


def test_great_expectations_says_nothing_of_itself() -> None:
    expectations.warm_up()
    names = [name for name in logging.root.manager.loggerDict if name.startswith("great_expectations")]
    assert len(names) > 10
    assert [name for name in names if logging.getLogger(name).isEnabledFor(logging.INFO)] == []


def test_only_what_is_loaded_can_be_judged(publication: str, tmp_path: Path, db: Connection) -> None:
    delivery_id = received(publication, tmp_path, db)
    with pytest.raises(NotJudgeableError, match="is received"):
        expectations.judge(delivery_id, db)
    with pytest.raises(ledger.UnknownDeliveryError):
        expectations.judge(delivery_id + 1, db)


def test_a_complete_delivery_is_judged_with_the_rows_that_it_repeats(
    publication: str, tmp_path: Path, db: Connection
) -> None:
    loaded(publication, tmp_path, db, "2024-07-01_a.csv")
    without_ivory_coast = "\n".join(line for line in publication.splitlines() if not line.startswith("CIV"))
    received(without_ivory_coast + "\n", tmp_path, db, "2025-07-01_b.csv")
    first, second = intake.finish(DATASET, db)
    assert first.accepted
    assert {outcome.check_name for outcome in second.outcomes if outcome.refuses} == {"is_present"}
    rows = next(outcome for outcome in second.outcomes if outcome.check_name == "rows_in_band")
    assert rows.observed == "352", "352 rows unchanged, none stored again"


def test_a_later_delivery_waits_for_the_verdict_on_an_earlier_one(
    publication: str, tmp_path: Path, db: Connection
) -> None:
    later = received(publication, tmp_path, db, "2025-07-01_later.csv")
    earlier = received(publication.replace("1292519", "1292518"), tmp_path, db, "2024-07-01_earlier.csv")
    assert [verdict.delivery_id for verdict in intake.finish(DATASET, db)] == [earlier, later]
    assert ledger.find(later, db).rows_staged == 1


def test_what_breaks_at_one_delivery_stops_no_other(
    publication: str, tmp_path: Path, db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = received(publication, tmp_path, db, "2024-07-01_first.csv")
    unreadable = received("no table at all", tmp_path, db, "2024-08-01_unreadable.csv")
    last = received(publication.replace("1292519", "1292518"), tmp_path, db, "2025-07-01_last.csv")

    def faulty(delivery_id: int, db: Connection) -> LoadReport:
        if delivery_id == first:
            raise ZeroDivisionError("a fault of ours")
        return load(delivery_id, db)

    with monkeypatch.context() as broken, pytest.raises(intake.UnfinishedDeliveriesError) as caught:
        broken.setattr(intake, "load", faulty)
        intake.finish(DATASET, db)
    assert f"delivery {first} (2024-07-01_first.csv): ZeroDivisionError: " in str(caught.value)
    assert f"delivery {unreadable} (2024-08-01_unreadable.csv): " in str(caught.value)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    states = [ledger.find(one, db).status for one in (first, unreadable, last)]
    assert states == ["received", "failed", "accepted"]

    assert [verdict.delivery_id for verdict in intake.finish(DATASET, db)] == [first]
    assert ledger.find(last, db).rows_staged == 1, "laid again on the one that came late"


def test_what_a_killed_judge_left_is_dropped_by_the_next(
    publication: str, tmp_path: Path, db: Connection
) -> None:
    tables = "select tablename from pg_tables where schemaname = 'staging' and tablename like 'judged%'"
    with psycopg.connect(db.info.dsn, password=db.info.password, autocommit=True) as at_work:
        alive = f"judged_{at_work.info.backend_pid}"
        for name in (alive, "judged_999999999", "judged_by_hand"):
            db.execute(sql.SQL("create table staging.{} ()").format(sql.Identifier(name)))
        expectations.judge(loaded(publication, tmp_path, db), db)
        assert {name for (name,) in db.execute(tables)} == {alive, "judged_by_hand"}


def test_the_page_of_results_is_french_and_needs_no_network(
    publication: str, tmp_path: Path, db: Connection
) -> None:
    hostile = publication.replace("403646", "<script>alert(1)</script>")
    delivery_id = loaded(hostile, tmp_path, db)
    expectations.judge(delivery_id, db)
    page = report.page(delivery_id, db)
    assert '<html lang="fr">' in page
    assert "acceptée" in page
    assert "conforme" in page
    assert "Lignes rejetées" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "http:" not in page
    assert "https:" not in page


def test_the_command_line_says_what_was_decided(
    publication: str, tmp_path: Path, db: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    good = loaded(publication, tmp_path, db, "2024-07-01_good.csv")
    bad = loaded(spoiled(publication, 40), tmp_path, db, "2025-07-01_bad.csv")
    page = tmp_path / "page.html"
    assert cli.main(["judge", str(good)]) == 0
    assert cli.main(["judge", str(good), str(bad)]) == 1
    assert cli.main(["judge", "999"]) == 2
    assert cli.main(["report", str(bad), "--out", str(page)]) == 0
    printed = capsys.readouterr()
    assert ": accepted" in printed.out
    assert ": refused" in printed.out
    assert "999" in printed.err
    assert "illisible" in page.read_text(encoding="utf-8")
