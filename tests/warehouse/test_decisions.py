"""Decisions on rejected records: they come back by decision, counted, and nothing is edited in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

import expectations
from expectations import checks, suites
from ingestion import (
    cli,
    code_lists,
    contracts,
    decisions,
    deliveries,
    evidence,
    ledger,
    load,
    read,
    settings,
)
from ingestion.db import Connection
from ingestion.fetch import receive_file
from ingestion.read import Record
from tests.warehouse.demo import Demo, contract_document, read_lines, write_contract


def rejection(demo: Demo, delivery_id: int, locator: str | None = None) -> int:
    number = demo.one(
        "select min(rejection_id) from meta.rejections"
        " where delivery_id = %s and record_locator = coalesce(%s, record_locator)",
        delivery_id,
        locator,
    )
    assert isinstance(number, int)
    return number


def decide(demo: Demo, number: int, action: decisions.Action, **corrections: str) -> int:
    return decisions.decide(
        number, action, demo.db, author="A. Diarra", comment="vu avec l'OFII", corrections=corrections
    )


def loads(demo: Demo, delivery_id: int) -> list[tuple[Any, ...]]:
    return demo.db.execute(
        """select records_read, rows_staged, rows_unchanged, rows_rejected, records_decided
             from meta.loads where delivery_id = %s order by load_id""",
        [delivery_id],
    ).fetchall()


def test_a_corrected_record_comes_back_and_the_history_of_the_counts_is_kept(demo: Demo) -> None:
    report = demo.accept("data;EDU;2016;1\ndata;Sport;2016;7\n", "2017-01-31")
    number = decide(demo, rejection(demo, report.delivery_id), "correct", sector_code="Santé")
    assert demo.in_service() == {"EDU 2016": "1"}  # a decision alone moves nothing
    again = deliveries.reread(report.delivery_id, demo.db)
    assert (again.status, again.records_read, again.rows_staged, again.rows_rejected) == ("accepted", 2, 2, 0)
    assert demo.in_service() == {"EDU 2016": "1", "HEA 2016": "7"}
    assert loads(demo, report.delivery_id) == [(2, 1, 0, 1, 0), (2, 2, 0, 0, 1)]
    assert demo.rejections(report.delivery_id) == []
    assert demo.one(
        """select outcome, outcome.record_locator, value::integer
             from meta.decision_outcomes as outcome join staging.demo__projects using (row_id)
            where decision_id = %s""",
        number,
    ) == ("staged", "l.2", 7)
    decided, undecided = (evidence.of_row(report.delivery_id, place, demo.db)[0] for place in ("l.2", "l.1"))
    said = 'correct {"sector_code": "Santé"} · A. Diarra : vu avec l\'OFII'
    assert (decided["decision_id"], decided["decision"]) == (number, said)
    assert (undecided["decision_id"], undecided["decision"]) == (None, None)


def test_a_record_accepted_as_it_is_passes_the_bounds_that_it_broke(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suites, "builder", lambda _: checks.suite)
    first = demo.load("data;EDU;2016;-3\n", "2017-01-31")
    assert not expectations.judge(first.delivery_id, demo.db).accepted, "one of one record is rejected"
    number = rejection(demo, first.delivery_id)
    decide(demo, number, "accept")
    again = deliveries.reread(first.delivery_id, demo.db)
    assert (again.status, again.rows_staged, again.rows_rejected) == ("loaded", 1, 0)  # still to be judged
    assert expectations.judge(first.delivery_id, demo.db).accepted
    assert demo.in_service() == {"EDU 2016": "-3"}
    # A later delivery that repeats it needs its own decision, and is then judged by the row that it repeats.
    later = demo.load("data;EDU;2016;-3\ndata;HEA;2016;1\n", "2018-01-31")
    decide(demo, rejection(demo, later.delivery_id), "accept")
    assert deliveries.reread(later.delivery_id, demo.db).rows_unchanged == 1
    assert expectations.judge(later.delivery_id, demo.db).accepted
    assert demo.in_service() == {"EDU 2016": "-3", "HEA 2016": "1"}


def test_what_was_refused_decided_and_accepted_keeps_each_verdict(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(suites, "builder", lambda _: checks.suite)
    number = demo.load("data;EDU;2016;-3\n", "2017-01-31").delivery_id
    refused = expectations.judge(number, demo.db)
    decide(demo, rejection(demo, number), "accept")
    deliveries.reread(number, demo.db)
    assert expectations.judge(number, demo.db).accepted
    deliveries.reread(number, demo.db)
    failed = demo.load("ILLISIBLE\n", "2018-01-31")
    kept = demo.db.execute(
        """select verdict_id, delivery_id, load_id, status, reason, jsonb_path_query_array(
                      failed_checks, '$[*] ? (@.severity == "error").check_name')
             from meta.verdicts order by verdict_id"""
    ).fetchall()
    assert kept == [
        (1, number, 1, "refused", refused.reason, ["few_rejections", "rows_in_band"]),
        (2, number, None, "received", None, None),
        (3, number, 2, "accepted", None, []),
        (4, number, 3, "accepted", None, None),
        (5, failed.delivery_id, None, "failed", failed.reason, None),
    ]
    assert demo.one(
        "select bool_and(deliveries.judged_at = verdicts.judged_at) from meta.verdicts"
        " join meta.deliveries using (delivery_id) where verdict_id = 4"
    )
    assert cli.main(["verdicts", "--delivery", str(number)]) == 0
    said = capsys.readouterr().out
    assert "few_rejections" in said and "ILLISIBLE" not in said
    for statement in ("update meta.verdicts set reason = 'x'", "delete from meta.verdicts"):
        with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
            demo.db.execute(statement)


def test_bounds_that_no_decision_waived_are_judged(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Staged under a contract without them, and judged under one that has them."""
    monkeypatch.setattr(suites, "builder", lambda _: checks.suite)
    document = contract_document("demo.projects")
    boundless = [{k: v for k, v in column.items() if k != "range"} for column in document["columns"]]
    write_contract({**document, "columns": boundless})
    report = demo.load("data;EDU;2016;-3\ndata;HEA;2016;1\n", "2017-01-31")
    write_contract(document)
    verdict = expectations.judge(report.delivery_id, demo.db)
    assert [outcome.check_name for outcome in verdict.outcomes if outcome.refuses] == ["in_range"]


def test_a_refused_record_stays_rejected_and_says_by_whom(demo: Demo) -> None:
    report = demo.accept("data;Sport;2016;7\n", "2017-01-31")
    number = decide(demo, rejection(demo, report.delivery_id), "refuse")
    again = deliveries.reread(report.delivery_id, demo.db)
    assert (again.rows_staged, again.rows_rejected) == (0, 1)
    assert demo.one("select outcome from meta.decision_outcomes where decision_id = %s", number) == "rejected"
    ((_, _, _, expected, record),) = demo.rejections(report.delivery_id)
    assert f"décision n° {number} (A. Diarra)" in expected
    assert record["values"]["sector_code"] == "Sport"


def test_refusing_one_of_two_contradicting_records_lets_the_other_in(demo: Demo) -> None:
    report = demo.accept("data;EDU;2016;1\ndata;EDU;2016;2\n", "2017-01-31")
    assert report.rows_rejected == 2
    first = rejection(demo, report.delivery_id, "l.1")
    with pytest.raises(decisions.ImpossibleDecisionError, match="refuse the one that is wrong"):
        decide(demo, first, "accept")
    decide(demo, first, "refuse")
    deliveries.reread(report.delivery_id, demo.db)
    assert demo.in_service() == {"EDU 2016": "2"}


def test_the_newest_decision_counts_and_none_is_ever_changed(demo: Demo) -> None:
    report = demo.accept("data;Sport;2016;7\n", "2017-01-31")
    number = rejection(demo, report.delivery_id)
    decide(demo, number, "refuse")
    decide(demo, number, "correct", sector_code="AGR")
    deliveries.reread(report.delivery_id, demo.db)
    assert demo.in_service() == {"AGR 2016": "7"}
    assert [outcome for _, _, outcome in decision_outcomes(demo)] == ["staged"], "the older one is no loss"
    for statement in ("update meta.decisions set author = 'x'", "delete from meta.decisions"):
        with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
            demo.db.execute(statement)


def reading(monkeypatch: pytest.MonkeyPatch, change: Callable[[Record], Record]) -> None:
    """Install a newer reader, which gives each record otherwise than before."""
    monkeypatch.setattr(read, "READERS", {"lines": lambda path: map(change, read_lines(path))})


def with_values(record: Record, **values: str) -> Record:
    return replace(record, values={**record.values, **values})


def test_a_decision_outlives_a_newer_reader_of_the_other_columns(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = demo.accept("data;Sport;2016;7\ndata;HEA;2016;-1\ndata;EDU;2015;1\n", "2017-01-31")
    corrected = decide(demo, rejection(demo, report.delivery_id, "l.1"), "correct", sector_code="EDU")
    accepted = decide(demo, rejection(demo, report.delivery_id, "l.2"), "accept")
    reading(monkeypatch, lambda record: with_values(record, label="une constante"))
    deliveries.reread(report.delivery_id, demo.db)
    assert demo.in_service() == {"EDU 2016": "7", "HEA 2016": "-1", "EDU 2015": "1"}
    assert decision_outcomes(demo) == [(corrected, "l.1", "staged"), (accepted, "l.2", "staged")]


@pytest.mark.parametrize(
    "change",
    [
        lambda record: replace(record, locator=f"feuille 1 {record.locator}"),
        lambda record: with_values(record, sector_code="Danse"),
    ],
    ids=["another place", "another value there"],
)
def test_a_decision_that_no_record_meets_any_more_is_told(
    demo: Demo,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Record], Record],
) -> None:
    report = demo.accept("data;Sport;2016;7\ndata;EDU;2016;1\n", "2017-01-31")
    number = decide(demo, rejection(demo, report.delivery_id), "correct", sector_code="HEA")
    deliveries.reread(report.delivery_id, demo.db)
    reading(monkeypatch, lambda record: change(record) if record.locator == "l.1" else record)
    deliveries.reread(report.delivery_id, demo.db)
    assert demo.in_service() == {"EDU 2016": "1"}
    assert decision_outcomes(demo) == [(number, "l.1", "staged"), (number, "l.1", "not met")]
    assert f"decision {number} on l.1 is met by no record any more" in caplog.text
    assert cli.main(["decisions"]) == 0
    assert "not met" in capsys.readouterr().out
    assert loads(demo, report.delivery_id)[-1][-1] == 0, "no record was decided"


def decision_outcomes(demo: Demo) -> list[tuple[Any, ...]]:
    return demo.db.execute(
        """select decision_id, record_locator, outcome from meta.decision_outcomes
            order by load_id, decision_id"""
    ).fetchall()


def test_a_decided_record_is_replaced_by_a_later_delivery_like_any_other(demo: Demo) -> None:
    first = demo.accept("data;Sport;2016;7\n", "2017-01-31")
    demo.accept("data;EDU;2016;9\n", "2018-01-31")
    decide(demo, rejection(demo, first.delivery_id), "correct", sector_code="EDU")
    deliveries.reread(first.delivery_id, demo.db)
    assert demo.as_of("2017-06-30") == {"EDU 2016": "7"}
    assert demo.in_service() == {"EDU 2016": "9"}


def test_reading_again_without_a_decision_changes_no_row(demo: Demo) -> None:
    first = demo.accept("data;EDU;2016;1\ndata;HEA;2016;5\n", "2017-01-31")
    demo.accept("data;EDU;2016;2\n", "2018-01-31")
    before, ledger_before = demo.history(), demo.ledger()
    deliveries.reread(first.delivery_id, demo.db)
    assert demo.history() == before
    assert demo.ledger() == ledger_before


@pytest.mark.parametrize("is_accepted", [True, False])
def test_a_newer_code_list_reads_what_an_older_one_rejected(demo: Demo, is_accepted: bool) -> None:
    first = demo.load("data;EDU;2016;1\ndata;Pêche;2016;7\ndata;PECHE;2017;9\n", "2017-01-31")
    if is_accepted:
        deliveries.accept(first.delivery_id, demo.db)
        demo.accept("data;EDU;2016;2\n", "2018-01-31")
    assert first.rows_rejected == 2
    sectors = code_lists.SEEDS / "sectors.csv"
    with sectors.open("a", encoding="utf-8") as seed:
        seed.write("FIS,Pêche\n")
    again = deliveries.reread(first.delivery_id, demo.db)
    assert (again.rows_staged, again.rows_rejected) == (3, 0)
    assert again.status == ("accepted" if is_accepted else "loaded")
    assert demo.rejections(first.delivery_id) == []
    if is_accepted:
        # As it was known then, and replaced by what came later as if it had been read so at once.
        known = {"EDU 2016": "1", "FIS 2016": "7", "FIS 2017": "9"}
        assert demo.as_of("2017-12-31") == known
        assert demo.in_service() == {"EDU 2016": "2"}


def test_a_newer_contract_reads_what_an_older_one_rejected(demo: Demo) -> None:
    report = demo.accept("data;EDU;2016;-3\n", "2017-01-31")
    assert report.rows_rejected == 1
    columns = [dict(column) for column in contract_document("demo.projects")["columns"]]
    for column in columns:
        column.pop("range", None)
    write_contract(contract_document("demo.projects", version=2, columns=columns))
    assert deliveries.reread(report.delivery_id, demo.db).rows_rejected == 0
    assert demo.in_service() == {"EDU 2016": "-3"}


@pytest.mark.parametrize(
    ("action", "corrections", "message"),
    [
        ("accept", {}, "rejected again: sector_code"),
        ("correct", {"sector_code": "Danse"}, "rejected again: sector_code"),
        ("correct", {"secteur": "EDU"}, "no column secteur"),
        ("correct", {}, "at least one column"),
        ("refuse", {"sector_code": "EDU"}, "at least one column"),
    ],
)
def test_a_decision_without_effect_is_refused(
    demo: Demo, action: decisions.Action, corrections: dict[str, str], message: str
) -> None:
    report = demo.load("data;Sport;2016;7\n", "2017-01-31")
    with pytest.raises(decisions.ImpossibleDecisionError, match=message):
        decide(demo, rejection(demo, report.delivery_id), action, **corrections)
    assert demo.one("select count(*) from meta.decisions") == 0


def test_the_command_line_lists_decides_and_reads_again(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    report = demo.accept("data;Sport;2016;7\n", "2017-01-31")
    number = str(rejection(demo, report.delivery_id))
    signed = ["--author", "A. Diarra", "--comment", "faute de frappe"]
    corrected = ["--column", "sector_code", "--value", "EDU"]
    for command in (
        ["rejections"],
        ["decide", number, "correct", *signed, *corrected],
        ["rejections"],
        ["reread", str(report.delivery_id)],
        ["decisions", "--delivery", str(report.delivery_id)],
    ):
        assert cli.main(command) == 0, command
    said = capsys.readouterr().out
    reread = f"reread {report.delivery_id}"
    for expected in ("decision 1", reread, "correct, A. Diarra", "1 staged", "faute de frappe"):
        assert expected in said
    assert cli.main(["decide", "999", "refuse", *signed]) == 1
    said = capsys.readouterr().err
    assert "no rejection 999: numbers are given anew" in said
    assert "`rejections --delivery`" in said


def test_evidence_says_when_the_archived_file_is_no_longer_what_was_received(demo: Demo) -> None:
    report = demo.accept("data;EDU;2016;1\n", "2017-01-31")
    facts = evidence.of_row(report.delivery_id, "l.1", demo.db)[0]
    assert (facts["file now"], facts["record_literal"]) == (evidence.INTACT, "1")
    [archived] = [path for path in settings.archive().rglob("*.txt") if path.is_file()]
    archived.chmod(0o600)
    archived.write_bytes(b"autre chose")
    assert "modifié" in evidence.of_row(report.delivery_id, "l.1", demo.db)[0]["file now"]


ARTICLE = """<html><head><link rel="canonical" href="/articles/budget.html"></head><body>
<p>Coût du plan : quatre cents milliards (400 000 000 0000) de francs.
Disparus : 2018, puis 2019, 2020 et 2021 personnes.</p></body></html>"""
FIGURE = {
    "N°": "1",
    "Mesure": "action_plan_cost",
    "Concept": "PLANNED",
    "Période": "2017",
    "Valeur": "400",
    "Unité": "BN_XOF",
    "Statut": "F",
    "Littéral": "quatre cents milliards (400 000 000 0000)",
    "Paragraphe": "1",
}


def figure(number: int, **changes: str) -> dict[str, str]:
    """Another figure of the article: so many persons, printed there once."""
    said = {"N°": str(number), "Valeur": str(2017 + number), "Littéral": str(2017 + number)}
    return {**FIGURE, "Mesure": "deaths_mediterranean", "Unité": "PERSONS", **said, **changes}


def sheet(*figures: dict[str, str]) -> str:
    """A transcription sheet of the article, in the columns of the contract."""
    header = [*contracts.load("ministry.figures").form.options["columns"], "Littéral"]
    lines = [";".join(one.get(name, "") for name in header) for one in figures]
    return "\n".join(["Article;budget", ";".join(header), *lines, ""])


@pytest.fixture
def loaded_figures(db: Connection, tmp_path: Path) -> Callable[..., int]:
    """Loads a sheet, its article accepted."""

    def received(dataset: str, name: str, text: str) -> int:
        (tmp_path / name).write_text(text, encoding="utf-8")
        delivery_id = receive_file(contracts.load(dataset), tmp_path / name, db).delivery_id
        load.load(delivery_id, db)
        return delivery_id

    deliveries.accept(received("ministry.articles", "2017-04-30_budget.html", ARTICLE), db)
    return lambda *figures: received("ministry.figures", "2017-04-30_fiche.csv", sheet(*figures))


def decide_first(db: Connection, delivery_id: int, action: decisions.Action) -> None:
    """Decide of the first rejected record and read the delivery again."""
    query = "select min(rejection_id) from meta.rejections where delivery_id = %s"
    [(number,)] = db.execute(query, [delivery_id]).fetchall()
    decisions.decide(number, action, db, author="A. Diarra", comment="vu avec l’auteur")
    deliveries.reread(delivery_id, db)


def test_words_and_digits_that_disagree_wait_for_a_decision_and_stay_visible(
    db: Connection, loaded_figures: Callable[..., int]
) -> None:
    """Printed so in a newspaper of 2017: the words and the digits are ten times apart."""
    figures = loaded_figures(FIGURE)
    assert ledger.find(figures, db).rows_rejected == 1
    decide_first(db, figures, "accept")
    assert expectations.judge(figures, db).accepted
    assert db.execute(
        "select value, words_value, digits_value from staging.ministry__figures"
    ).fetchall() == [(400, 400_000_000_000, 4_000_000_000_000)]


def test_a_figure_accepted_although_its_article_does_not_print_it_is_in_service(
    db: Connection, loaded_figures: Callable[..., int]
) -> None:
    figures = loaded_figures(figure(1, Littéral="quelque 2018"))
    decide_first(db, figures, "accept")
    assert expectations.judge(figures, db).accepted
    assert db.execute("select value, span_start from staging.ministry__figures").fetchall() == [(2018, None)]


@pytest.mark.parametrize(
    ("numbers", "refusals"),
    [
        ((1, 2, 3), []),
        ((1, 2, 4), ["numbered_without_gap"]),  # a line was lost, whatever was decided of the second
        ((1, 1, 3), ["numbered_without_gap"]),  # as here: the first stands twice, once set aside
    ],
)
def test_a_figure_that_a_decision_set_aside_is_no_line_lost(
    db: Connection, loaded_figures: Callable[..., int], numbers: tuple[int, ...], refusals: list[str]
) -> None:
    first, aside, last = numbers
    figures = loaded_figures(figure(first), figure(aside, Littéral="nulle part"), figure(last))
    decide_first(db, figures, "refuse")
    verdict = expectations.judge(figures, db)
    assert [outcome.check_name for outcome in verdict.outcomes if outcome.refuses] == refusals
    [few] = [outcome for outcome in verdict.outcomes if outcome.check_name == "few_rejections"]
    assert few.observed == "0 rejet sur 3 valeurs, 1 de plus par décision"
