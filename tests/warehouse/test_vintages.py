"""Vintages: each version of a record once, with what brought and ended it, in whatever order files arrive."""

from __future__ import annotations

import csv
import functools
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from random import Random

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from ingestion import archive, cli, code_lists, deliveries, gate, ledger, load, vintages
from ingestion.db import Connection, dataset_transaction
from ingestion.text import would_run
from tests.warehouse.demo import Demo, contract_document, write_contract
from tests.warehouses import Warehouse


def lines(**values: int) -> str:
    return "".join(f"data;{sector};2016;{value}\n" for sector, value in values.items())


def test_an_unchanged_delivery_stores_nothing(demo: Demo) -> None:
    demo.accept(lines(EDU=1, HEA=2), "2017-01-31")
    before = demo.history()
    report = demo.accept(lines(HEA=2, EDU=1), "2018-01-31")
    assert (report.records_read, report.rows_staged, report.rows_unchanged) == (2, 0, 2)
    assert demo.history() == before


def test_only_what_changed_is_stored_and_the_former_value_stays_readable(demo: Demo) -> None:
    demo.accept(lines(EDU=1, HEA=2), "2017-01-31")
    report = demo.accept(lines(EDU=1, HEA=3), "2018-01-31")
    assert (report.rows_staged, report.rows_unchanged) == (1, 1)
    assert demo.in_service() == {"EDU 2016": "1", "HEA 2016": "3"}
    assert demo.as_of("2017-12-31") == {"EDU 2016": "1", "HEA 2016": "2"}
    assert demo.as_of("2016-12-31") == {}


def test_a_complete_delivery_withdraws_what_it_lacks(demo: Demo) -> None:
    demo.accept(lines(EDU=1, HEA=2), "2017-01-31")
    demo.accept(lines(EDU=1), "2018-01-31")
    assert demo.in_service() == {"EDU 2016": "1"}
    assert demo.as_of("2017-12-31") == {"EDU 2016": "1", "HEA 2016": "2"}
    assert (
        demo.one("select distinct end_reason from staging.demo__projects where end_reason <> ''")
        == "withdrawn"
    )


def test_nobody_reads_a_watermark_while_a_verdict_is_half_way(demo: Demo, warehouse: Warehouse) -> None:
    judged = demo.accept(lines(EDU=1), "2017-01-31").delivery_id
    loaded = demo.load(lines(EDU=2), "2018-01-31").delivery_id
    verdicts: list[Callable[[Connection], object]] = [
        lambda db: deliveries.refuse(loaded, "essai", db),
        lambda db: deliveries.accept(loaded, db),
        lambda db: deliveries.reread(judged, db),  # dated anew
    ]
    with warehouse.connect() as judge, warehouse.connect() as other_judge, warehouse.connect() as reader:
        shut_out = functools.partial(pytest.raises, psycopg.errors.LockNotAvailable)
        with judge.transaction(force_rollback=True), other_judge.transaction(force_rollback=True):
            for at_work, number in ((judge, judged), (other_judge, loaded)):
                ledger.move(number, "accepted", at_work)
            reader.execute("set lock_timeout = '100ms'")
            with shut_out(), gate.settled(reader):
                pytest.fail("the gate stood open")
        judge.execute("set lock_timeout = '100ms'")
        for verdict in verdicts:
            with gate.settled(reader), shut_out():
                verdict(judge)


def test_an_additional_delivery_withdraws_nothing(demo: Demo) -> None:
    demo.accept(lines(EDU=1, HEA=2), "2017-01-31", "demo.series")
    demo.accept(lines(EDU=5), "2018-01-31", "demo.series")
    assert demo.in_service("demo.series") == {"EDU 2016": "5", "HEA 2016": "2"}


def test_a_value_that_comes_back_is_a_new_version(demo: Demo) -> None:
    for year, value in ((2017, 1), (2018, 2), (2019, 1)):
        demo.accept(f"note;Édition {year}\n{lines(EDU=value)}", f"{year}-01-31")
    assert [demo.as_of(f"{year}-12-31")["EDU 2016"] for year in (2017, 2018, 2019)] == ["1", "2", "1"]


def test_a_rejected_record_is_not_an_absent_one(demo: Demo) -> None:
    demo.accept(lines(EDU=1, HEA=2, AGR=3), "2017-01-31")
    demo.accept("data;EDU;2016;plusieurs\ndata;AGR;2016;3\n", "2018-01-31")
    assert demo.in_service() == {"EDU 2016": "1", "AGR 2016": "3"}


def test_nothing_is_withdrawn_while_a_record_cannot_be_identified(demo: Demo) -> None:
    demo.accept(lines(EDU=1, HEA=2), "2017-01-31")
    report = demo.accept("data;Educassion;2016;1\ndata;HEA;2016;4\n", "2018-01-31")
    assert report.rows_rejected == 1
    assert demo.in_service() == {"EDU 2016": "1", "HEA 2016": "4"}


def test_a_refused_delivery_stays_invisible_and_a_later_one_loads_as_if_it_had_not_been(demo: Demo) -> None:
    demo.accept(lines(EDU=1, HEA=2), "2017-01-31")
    refused = demo.load(lines(EDU=9), "2018-01-31")
    deliveries.refuse(refused.delivery_id, "volume en chute", demo.db)
    assert demo.in_service() == {"EDU 2016": "1", "HEA 2016": "2"}
    assert demo.one(
        "select status, status_reason from meta.deliveries where delivery_id = %s", refused.delivery_id
    ) == ("refused", "volume en chute")
    report = demo.accept(lines(EDU=9, HEA=2), "2019-01-31")
    assert (report.rows_staged, report.rows_unchanged) == (1, 1)
    assert demo.in_service() == {"EDU 2016": "9", "HEA 2016": "2"}


def test_a_refused_delivery_can_be_taken_back_and_accepted(demo: Demo) -> None:
    report = demo.load(lines(EDU=1), "2017-01-31")
    deliveries.refuse(report.delivery_id, "par erreur", demo.db)
    deliveries.reset(report.delivery_id, demo.db)
    assert demo.history() == set()
    assert load.load(report.delivery_id, demo.db).rows_staged == 1
    deliveries.accept(report.delivery_id, demo.db)
    assert demo.in_service() == {"EDU 2016": "1"}


def test_what_is_in_service_cannot_be_reset(demo: Demo) -> None:
    report = demo.accept(lines(EDU=1), "2017-01-31")
    with pytest.raises(deliveries.WrongStateError, match="is accepted"):
        deliveries.reset(report.delivery_id, demo.db)


def test_a_delivery_that_was_not_loaded_cannot_be_judged(demo: Demo) -> None:
    delivery_id = demo.receive(lines(EDU=1), "2017-01-31")
    with pytest.raises(deliveries.WrongStateError, match="is received; expected loaded"):
        deliveries.accept(delivery_id, demo.db)


def test_an_older_delivery_arriving_late_is_history_and_ends_nothing_newer(demo: Demo) -> None:
    demo.accept(lines(EDU=1), "2017-01-31")
    demo.accept(lines(EDU=1, HEA=2), "2019-01-31")
    demo.accept(lines(EDU=7, AGR=3), "2018-01-31")
    assert demo.as_of("2017-12-31") == {"EDU 2016": "1"}
    assert demo.as_of("2018-12-31") == {"EDU 2016": "7", "AGR 2016": "3"}
    assert demo.in_service() == demo.as_of("2019-12-31") == {"EDU 2016": "1", "HEA 2016": "2"}
    assert demo.ledger() == [
        ("2017-01-31", "accepted", 1, 1, 0, 0),
        ("2018-01-31", "accepted", 2, 2, 0, 0),
        ("2019-01-31", "accepted", 2, 2, 0, 0),
    ]


def test_a_clock_that_is_set_back_changes_no_rows(demo: Demo) -> None:
    """What an earlier delivery said is withdrawn by the later one that was loaded before it was judged."""
    later = demo.load(lines(EDU=1), "2018-01-31")
    demo.db.execute("update meta.deliveries set loaded_at = loaded_at + interval '1 day'")
    earlier = demo.accept(lines(EDU=1, HEA=2), "2017-01-31")
    deliveries.accept(later.delivery_id, demo.db)
    assert demo.in_service() == {"EDU 2016": "1"}
    assert demo.as_of("2017-12-31") == {"EDU 2016": "1", "HEA 2016": "2"}
    assert ledger.find(later.delivery_id, demo.db).rows_unchanged == 1
    order = demo.db.execute("select delivery_id from meta.deliveries order by judged_at").fetchall()
    assert order == [(earlier.delivery_id,), (later.delivery_id,)]


def test_a_revision_is_recorded_and_replaces(demo: Demo) -> None:
    first = demo.accept(lines(EDU=1), "2017-01-31")
    second = demo.accept(lines(EDU=2), "2017-01-31")
    assert ledger.find(second.delivery_id, demo.db).revision_of == first.delivery_id
    assert [row[0] for row in demo.db.execute("select outcome from meta.fetches order by fetch_id")] == [
        "new",
        "revision",
    ]
    assert demo.in_service() == {"EDU 2016": "2"}


def test_what_changes_in_others_that_are_laid_anew_is_told(
    demo: Demo, caplog: pytest.LogCaptureFixture
) -> None:
    for year, values in ((2017, {"EDU": 1, "HEA": 2}), (2018, {"EDU": 1, "HEA": 5, "AGR": 3})):
        demo.accept(lines(**values) + "data;Sport;2016;7\n", f"{year}-01-31")
    demo.load(lines(EDU=1, HEA=5, AGR=3), "2019-01-31")
    seed = code_lists.SEEDS / "sectors.csv"
    seed.write_text(seed.read_text(encoding="utf-8").replace("HEA,Santé\n", ""), encoding="utf-8")

    def told() -> list[str]:
        caplog.clear()
        with caplog.at_level("INFO"):
            assert cli.main(["reread", "1"]) == 0
        return [line for line in caplog.messages if line.startswith("delivery")]

    assert told() == [
        "delivery 1, laid anew: 2 staged, 0 unchanged, 1 rejected → 1 staged, 0 unchanged, 2 rejected",
        "delivery 2, laid anew: 2 staged, 1 unchanged, 1 rejected → 1 staged, 1 unchanged, 2 rejected",
        "delivery 3, laid anew: 0 staged, 3 unchanged, 0 rejected → 0 staged, 2 unchanged, 1 rejected",
        *(
            f"delivery {number}: 1 rejected where nothing was before, so out of service now (l.2); "
            f"see `rejections --delivery {number}`"
            for number in (1, 2)
        ),
    ]
    assert told() == []


def test_two_deliveries_loaded_before_either_is_judged(demo: Demo) -> None:
    demo.accept(lines(EDU=1), "2017-01-31")
    second = demo.load(lines(EDU=2), "2018-01-31")
    third = demo.load("note;Édition 2019\n" + lines(EDU=1), "2019-01-31")
    assert third.rows_unchanged == 1
    deliveries.accept(second.delivery_id, demo.db)
    deliveries.accept(third.delivery_id, demo.db)
    assert demo.in_service() == {"EDU 2016": "1"}
    assert demo.as_of("2018-12-31") == {"EDU 2016": "2"}


def test_a_crash_between_load_and_verdict_leaves_a_delivery_that_is_found_and_finished(
    demo: Demo, warehouse: Warehouse
) -> None:
    demo.accept(lines(EDU=1, HEA=2), "2017-01-31")
    crashed = demo.load(lines(EDU=4), "2018-01-31")
    demo.db.close()
    with warehouse.connect() as db:
        again = Demo(db)
        (waiting,) = ledger.unfinished(again.contract(), db)
        assert (waiting.delivery_id, waiting.status) == (crashed.delivery_id, "loaded")
        assert load.load(waiting.delivery_id, db) == crashed
        deliveries.accept(waiting.delivery_id, db)
        assert again.in_service() == {"EDU 2016": "4"}
        assert again.as_of("2017-12-31") == {"EDU 2016": "1", "HEA 2016": "2"}


def test_a_failed_delivery_waits_again_once_the_contract_has_a_new_version(demo: Demo) -> None:
    failed = demo.load("ILLISIBLE\n", "2017-01-31")
    assert ledger.unfinished(demo.contract(), demo.db) == []
    write_contract(contract_document("demo.projects", version=2))
    assert [waiting.delivery_id for waiting in ledger.unfinished(demo.contract(), demo.db)] == [
        failed.delivery_id
    ]
    assert load.load(failed.delivery_id, demo.db).status == "failed"
    assert ledger.unfinished(demo.contract(), demo.db) == [], "one attempt per version"
    delivery = ledger.find(failed.delivery_id, demo.db)
    assert (delivery.contract_version, ledger.first_version(delivery, demo.db)) == (2, 1)


def test_a_second_load_of_the_dataset_waits_for_the_first_and_says_so(
    demo: Demo, warehouse: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    delivery_id = demo.receive(lines(EDU=1), "2017-01-31")
    other = demo.receive(lines(EDU=1), "2017-01-31", "demo.series")
    with warehouse.connect() as db, ThreadPoolExecutor() as pool:
        with dataset_transaction(demo.db, "demo.projects"):
            second = pool.submit(load.load, delivery_id, db)
            while "waiting for it to end" not in caplog.text:
                with pytest.raises(TimeoutError):
                    second.result(timeout=0.05)
            with warehouse.connect() as elsewhere:
                assert load.load(other, elsewhere).status == "loaded"
            assert not second.done()
        assert second.result(timeout=10).status == "loaded"


# --- any content, any order ----------------------------------------------------------------------------

_content = st.dictionaries(st.sampled_from(("EDU", "HEA", "AGR")), st.integers(1, 3), min_size=1)


@st.composite
def _arrivals(draw: st.DrawFn) -> tuple[list[dict[str, int]], list[tuple[str, int]]]:
    """Contents in order of publication, and the order in which each is loaded and, later, accepted."""
    contents = draw(st.lists(_content, min_size=2, max_size=4))
    steps: list[tuple[str, int]] = []
    waiting = draw(st.permutations(range(len(contents))))
    loaded: list[int] = []
    while waiting or loaded:
        if waiting and (not loaded or draw(st.booleans())):
            loaded.append(waiting.pop(0))
            steps.append(("load", loaded[-1]))
        else:
            steps.append(("accept", loaded.pop(draw(st.integers(0, len(loaded) - 1)))))
    return contents, steps


@pytest.mark.parametrize("dataset", ["demo.projects", "demo.series"])
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
)
@given(arrivals=_arrivals())
def test_rows_are_those_of_an_orderly_run_whatever_the_order_of_arrival(
    demo: Demo, dataset: str, arrivals: tuple[list[dict[str, int]], list[tuple[str, int]]]
) -> None:
    contents, steps = arrivals
    # A comment line makes equal contents different bytes: each is a delivery of its own.
    files = [f"note;{place}\n{lines(**content)}" for place, content in enumerate(contents)]
    days = [f"20{10 + place}-01-31" for place in range(len(files))]

    demo.empty()
    for file, day in zip(files, days, strict=True):
        demo.accept(file, day, dataset)
    orderly, orderly_ledger = demo.history(dataset), demo.ledger()
    known: dict[str, str] = {}
    for content, day in zip(contents, days, strict=True):
        said = {f"{sector} 2016": str(value) for sector, value in content.items()}
        known = said if dataset == "demo.projects" else {**known, **said}
        assert demo.as_of(day, dataset) == known

    demo.empty()
    delivery_ids: dict[int, int] = {}
    for step, place in steps:
        if step == "load":
            delivery_ids[place] = demo.load(files[place], days[place], dataset).delivery_id
        else:
            deliveries.accept(delivery_ids[place], demo.db)
    assert demo.history(dataset) == orderly
    assert demo.ledger() == orderly_ledger


# --- the content of any delivery -----------------------------------------------------------------------

# The same value printed in two ways, and an empty one.
_printed = st.sampled_from(("1", "1,0", "2", "2,50", "2,5", ""))
_files = st.dictionaries(st.sampled_from(("EDU", "HEA", "AGR")), _printed, min_size=1)


def content(demo: Demo, delivery_id: int) -> dict[str, str | None]:
    """`sector` → literal of every data row that a delivery says."""
    delivery = ledger.find(delivery_id, demo.db)
    query = vintages.content(delivery, demo.contract(delivery.dataset_code), demo.db)
    said: dict[str, str | None] = {}
    for row in demo.db.cursor(row_factory=dict_row).execute(query):
        if row["record_kind"] == "data":
            printed = row["record_literal"]
            assert row["value"] == (Decimal(printed.replace(",", ".")) if printed else None)
            assert said.setdefault(row["sector_code"], printed) == printed
    return said


@pytest.mark.parametrize("dataset", ["demo.projects", "demo.series"])
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
)
@given(
    files=st.lists(_files, min_size=2, max_size=6),
    verdicts=st.lists(st.sampled_from(("accept", "accept", "refuse", "wait")), min_size=6, max_size=6),
    order=st.randoms(use_true_random=False),
    reread=st.integers(0, 5),
)
def test_the_content_of_any_delivery_is_what_its_file_held(
    demo: Demo, dataset: str, files: list[dict[str, str]], verdicts: list[str], order: Random, reread: int
) -> None:
    """Whatever came before and after it, in whatever order, judged in whatever way."""
    demo.empty()
    held: dict[int, dict[str, str | None]] = {}
    for place in order.sample(range(len(files)), len(files)):
        rows = "".join(f"data;{sector};2016;{printed}\n" for sector, printed in files[place].items())
        delivery_id = demo.load(f"note;{place}\n{rows}", f"20{10 + place}-01-31", dataset).delivery_id
        held[delivery_id] = {sector: printed or None for sector, printed in files[place].items()}
        if verdicts[place] == "accept":
            deliveries.accept(delivery_id, demo.db)
        elif verdicts[place] == "refuse":
            deliveries.refuse(delivery_id, "essai", demo.db)
    assert {delivery_id: content(demo, delivery_id) for delivery_id in held} == held
    again = sorted(held)[reread % len(held)]
    if ledger.find(again, demo.db).status == "accepted":
        deliveries.reread(again, demo.db)
    assert {delivery_id: content(demo, delivery_id) for delivery_id in held} == held


def test_content_of_which_repeated_rows_are_gone_is_not_given(
    demo: Demo, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    first = demo.accept(lines(EDU=1, HEA=2), "2017-01-31")
    refused = demo.load(lines(EDU=1, HEA=2, AGR=3), "2018-01-31")
    deliveries.refuse(refused.delivery_id, "essai", demo.db)
    delivery = ledger.find(refused.delivery_id, demo.db)
    archived = archive.verified(delivery.archive_path, delivery.sha256)
    held = archived.read_bytes()
    archived.unlink()
    deliveries.reread(first.delivery_id, demo.db)
    assert "it keeps the rows that it brought, those that it repeats may be gone" in caplog.text
    assert cli.main(["content", str(refused.delivery_id)]) == 1
    assert "repeats 2 known rows, and 0 of them are there" in capsys.readouterr().err
    archived.write_bytes(held)
    deliveries.reread(refused.delivery_id, demo.db)
    assert content(demo, refused.delivery_id) == {"EDU": "1", "HEA": "2", "AGR": "3"}


def test_the_content_of_a_delivery_as_csv_runs_nothing(
    demo: Demo, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = demo.accept("data;EDU;2016;1,50;=cmd|'/C calc'!A0\n", "2017-01-31", "demo.series")
    second = demo.accept(
        "data;EDU;2016;1,5;=cmd|'/C calc'!A0\ndata;HEA;2016;2\n", "2018-01-31", "demo.series"
    )
    assert cli.main(["content", str(second.delivery_id), "--out", str(tmp_path / "content.csv")]) == 0
    header, repeated, brought = (tmp_path / "content.csv").read_text("utf-8-sig").splitlines()
    assert header.split(";")[1:6] == [
        "brought_by",
        "record_kind",
        "record_locator",
        "record_literal",
        "record_key",
    ]
    assert repeated.split(";")[1:5] == [str(first.delivery_id), "data", "l.1", "1,5"]
    assert repeated.endswith(";1.50;'=cmd|'/C calc'!A0")
    assert brought.split(";")[1] == str(second.delivery_id)
    assert cli.main(["content", str(first.delivery_id)]) == 0
    assert "1,50" in capsys.readouterr().out
    demo.accept("data;EDU;2016;3;réf,=cmd|'/c calc'!A1,\uff0b1\n", "2019-01-31", "demo.series")
    assert cli.main(["content", "3", "--out", str(tmp_path / "third.csv")]) == 0
    written = (tmp_path / "third.csv").read_text("utf-8-sig")
    assert "réf,'=cmd|'/c calc'!A1,'\uff0b1" in written
    for delimiter in ",;\t":
        cells = [cell for row in csv.reader(written.splitlines(), delimiter=delimiter) for cell in row]
        assert not any(would_run(cell) for cell in cells), delimiter
    reading, writing = os.pipe()
    os.close(reading)  # as `head` does
    with os.fdopen(writing, "w") as stream, monkeypatch.context() as piped:
        piped.setattr(sys, "stdout", stream)
        assert cli.main(["content", "3"]) == 0
    demo.db.execute("delete from meta.repeats")
    assert cli.main(["content", str(second.delivery_id)]) == 1, "as loaded before repeats were kept"
    assert "`reread` it" in capsys.readouterr().err
    for number in (second.delivery_id, 99):
        assert cli.main(["content", str(number), "--out", str(tmp_path / "content.csv")]) == 1
    assert (tmp_path / "content.csv").read_text("utf-8-sig").splitlines() == [header, repeated, brought]
    assert [file.name for file in tmp_path.glob("*content*")] == ["content.csv"]
    assert cli.main(["content", str(first.delivery_id), "--out", "/dev/null"]) == 0
    assert Path("/dev/null").is_char_device()
