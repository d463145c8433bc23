"""Loading: every record is staged, unchanged or rejected, and counted; what is rejected is kept whole."""

from __future__ import annotations

import io
import itertools
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import deliveries, incoming, labels, ledger, load, read, staging
from ingestion.read import Record, UnreadableDelivery, deadline, limits
from ingestion.settings import archive as archive_folder
from tests.warehouse.demo import Demo, contract_document, write_contract


@pytest.fixture(params=["small", "large"], autouse=True)
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything here holds for both ways into staging: beside it, and straight into an empty table."""
    if request.param == "large":
        monkeypatch.setattr(incoming, "LARGE_BYTES", 0)


def test_rows_are_typed_and_carry_their_evidence(demo: Demo) -> None:
    report = demo.accept("data;Éducation;2016;1 234,50;Écoles\ntotal;Total;2016;12,5\n", "2017-01-31")
    assert (report.records_read, report.rows_staged, report.status) == (2, 2, "loaded")
    assert demo.db.execute(
        """select record_kind, record_locator, record_literal, sector_code, period_code, value, label
             from staging.demo__projects order by row_id"""
    ).fetchall() == [
        ("data", "l.1", "1 234,50", "EDU", "2016", Decimal("1234.50"), "Écoles"),
        ("total", "l.2", "12,5", "_T", "2016", Decimal("12.5"), None),
    ]


def test_notes_are_staged_as_such_and_repeated_ones_are_unchanged(demo: Demo) -> None:
    demo.accept("data;EDU;2016;1\nnote;Source : la DNPD\n", "2017-01-31")
    report = demo.accept("data;EDU;2016;2\nnote;Source : la DNPD\n", "2018-01-31")
    assert (report.rows_staged, report.rows_unchanged) == (1, 1)
    assert demo.one(
        "select record_literal, value, ended_by_delivery_id from staging.demo__projects"
        " where record_kind = 'note'"
    ) == ("Source : la DNPD", None, None)


@pytest.mark.parametrize(
    ("line", "column", "found", "expected"),
    [
        ("data;Sport;2016;1", "sector_code", "Sport", "de la liste « sectors »"),
        ("data;;2016;1", "sector_code", "", "une valeur"),
        ("data;EDU;l'an passé;1", "period_code", "l'an passé", "une période"),
        ("data;EDU;2016;beaucoup", "value", "beaucoup", "un nombre"),
        ("data;EDU;2016;-1", "value", "-1", "entre 0 et 1"),
        ("data;EDU;2016;" + "9" * 50, "value", "9" * 40 + "…", "au plus 40 chiffres"),
        ("data;EDU;2016;1;a\x00b", "label", "a␀b", "caractère de contrôle"),
        ("data;EDU;2016;1;a\x1fb", "label", "a␟b", "caractère de contrôle"),
        ("remark;EDU;2016;1", None, "remark", "une nature parmi"),
        ("note;", None, None, "le texte de la note"),
        ("fault;huit cellules, et non\x00deux", None, None, "huit cellules, et non␀deux"),
    ],
)
def test_a_record_that_breaks_its_contract_is_kept_with_the_reason(
    demo: Demo, line: str, column: str | None, found: str | None, expected: str
) -> None:
    report = demo.load(f"data;HEA;2016;1\n{line}\n", "2017-01-31")
    assert (report.records_read, report.rows_staged, report.rows_rejected) == (2, 1, 1)
    ((locator, rejected_column, rejected_found, rejected_expected, record),) = demo.rejections(
        report.delivery_id
    )
    assert (locator, rejected_column, rejected_found) == ("l.2", column, found)
    assert expected in rejected_expected
    assert record["locator"] == "l.2"
    assert record["kind"] == line.partition(";")[0].replace("fault", "data")


def test_the_rejected_record_is_kept_as_received(demo: Demo) -> None:
    report = demo.load("data;Sport;L'an 2016;1 234,5;Le « sport »\n", "2017-01-31")
    assert demo.rejections(report.delivery_id)[0][4] == {
        "locator": "l.1",
        "kind": "data",
        "literal": "1 234,5",
        "values": {
            "sector_code": "Sport",
            "period_code": "L'an 2016",
            "value": "1 234,5",
            "label": "Le « sport »",
        },
    }


def test_bytes_that_are_no_text_are_rejected_and_the_rest_loads(demo: Demo) -> None:
    report = demo.load(b"data;EDU;2016;1;\xff\xfe\ndata;HEA;2016;2\n", "2017-01-31")
    assert (report.rows_staged, report.rows_rejected) == (1, 1)
    assert demo.rejections(report.delivery_id)[0][2] == "\ufffd\ufffd"


@pytest.mark.parametrize("value", ["1", "beaucoup"], ids=["staged", "rejected"])
def test_no_text_is_taken_for_a_mark_of_the_copy(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    odd = ["\\N", "\\.", r"C:\\temp\\new", "\\", "deux\nlignes", "une\r\nautre", "une\ttable", '"', "", None]
    records = [
        Record(f"l.{at}", "data", {"sector_code": "EDU", "period_code": str(2000 + at), "value": value}, text)
        for at, text in enumerate(odd)
    ]
    monkeypatch.setattr(read, "READERS", {"lines": lambda _: iter(records)})
    demo.load("odd", "2017-01-31", "demo.series")
    kept = {
        "1": "select record_literal from staging.demo__series order by row_id",
        "beaucoup": "select record ->> 'literal' from meta.rejections order by rejection_id",
    }
    assert [text for (text,) in demo.db.execute(kept[value]).fetchall()] == odd


def test_records_that_contradict_each_other_are_all_rejected(demo: Demo) -> None:
    report = demo.load("data;EDU;2016;1\ndata;HEA;2016;5\ndata;Éducation;2016;2\n", "2017-01-31")
    assert (report.rows_staged, report.rows_rejected) == (1, 2)
    assert [row[:4] for row in demo.rejections(report.delivery_id)] == [
        ("l.1", None, "même clé qu’à l.3", "une seule valeur par clé"),
        ("l.3", None, "même clé qu’à l.1", "une seule valeur par clé"),
    ]


def test_of_records_that_say_the_same_the_first_is_kept(demo: Demo) -> None:
    report = demo.load("data;EDU;2016;1\ndata;EDU;2016;1,0\n", "2017-01-31")
    assert (report.rows_staged, report.rows_rejected) == (1, 1)
    assert demo.rejections(report.delivery_id)[0][:4] == (
        "l.2",
        None,
        "même clé qu’à l.1",
        "une ligne donnée une seule fois",
    )


def test_loading_twice_gives_what_loading_once_gives(demo: Demo) -> None:
    first = demo.load("data;EDU;2016;1\ndata;Sport;2016;1\n", "2017-01-31")
    before = demo.history()
    assert load.load(first.delivery_id, demo.db) == first
    assert demo.history() == before
    assert len(demo.rejections(first.delivery_id)) == 1


def test_an_empty_file_is_said_to_be_empty(demo: Demo) -> None:
    report = demo.load("", "2017-01-31")
    assert (report.status, report.records_read) == ("failed", 0)
    assert "« file.txt » : trouvé un fichier vide (0 octet)" in (report.reason or "")


def test_an_unreadable_file_fails_with_the_place_and_keeps_what_is_in_service(demo: Demo) -> None:
    demo.accept("data;EDU;2016;1\n", "2017-01-31")
    report = demo.load("data;EDU;2016;2\nILLISIBLE\n", "2018-01-31")
    assert (report.status, report.records_read, report.rows_staged) == ("failed", 0, 0)
    assert report.reason == "ligne 2 : trouvé ILLISIBLE ; attendu une ligne"
    assert demo.in_service() == {"EDU 2016": "1"}
    assert (
        demo.one("select count(*) from staging.demo__projects where delivery_id = %s", report.delivery_id)
        == 0
    )


def test_a_failed_delivery_is_read_again_by_a_better_reader(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = demo.load("ILLISIBLE\n", "2017-01-31")
    better = {"lines": lambda path: iter([Record("l.1", "note", {}, path.read_text().strip())])}
    monkeypatch.setattr(read, "READERS", better)
    report = load.load(failed.delivery_id, demo.db)
    assert (report.status, report.rows_staged, report.reason) == ("loaded", 1, None)


def test_a_hostile_file_fails_by_name_is_kept_and_harms_nobody(demo: Demo) -> None:
    demo.accept("data;EDU;2016;1\n", "2017-01-31")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for number in range(limits.MOST_PARTS + 1):
            package.writestr(str(number), b"")
    report = demo.load(packed.getvalue(), "2018-01-31")
    assert (report.status, report.rows_staged) == ("failed", 0)
    assert report.reason == "le fichier « file.txt » : trouvé 2\u202f001 parties ; attendu au plus 2\u202f000"
    assert len(list(archive_folder().rglob("*__file.txt"))) == 2
    assert demo.in_service() == {"EDU 2016": "1"}
    assert demo.accept("data;EDU;2016;2\n", "2019-01-31").status == "loaded"


def _lost(path: Path) -> Iterator[Record]:
    yield Record("l.1", "note", {}, path.read_text().strip())
    with suppress(Exception):  # a library that goes on after any fault
        while True:
            pass


def _endless(path: Path) -> Iterator[Record]:
    for number in itertools.count():
        time.sleep(0.001)
        yield Record(f"l.{number}", "note", {}, path.read_text().strip())


@pytest.mark.parametrize("reader", [_lost, _endless])
def test_a_file_in_which_its_reader_gets_lost_is_refused_in_time(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, reader: Callable[[Path], Iterator[Record]]
) -> None:
    demo.accept("data;EDU;2016;1\n", "2017-01-31")
    with monkeypatch.context() as patched:
        patched.setattr(deadline, "MOST_SECONDS", 1.0)
        patched.setattr(read, "READERS", {"lines": reader})
        started = time.monotonic()
        report = demo.load("sans fin\n", "2018-01-31")
        assert time.monotonic() - started < 20
        with pytest.raises(UnreadableDelivery, match="plus de 1 seconde"):
            labels.inconsistent(ledger.find(report.delivery_id, demo.db), demo.contract())
        patched.setattr(limits, "LARGEST_FILE", {"lines": 3})
        with pytest.raises(UnreadableDelivery, match="9 octets ; attendu au plus 3"):
            labels.inconsistent(ledger.find(report.delivery_id, demo.db), demo.contract())
    assert report.status == "failed"
    assert report.reason == (
        "le fichier « file.txt » : trouvé une lecture de plus de 1 seconde ; attendu au plus 1"
    )
    assert demo.in_service() == {"EDU 2016": "1"}
    assert demo.accept("data;EDU;2016;2\n", "2019-01-31").rows_staged == 1


def _hoarding(path: Path) -> Iterator[Record]:
    held = []
    while True:
        held.append(bytes(2**20))
        yield Record(f"l.{len(held)}", "note", {}, path.read_text().strip())


def test_a_file_whose_reader_takes_too_much_memory_is_refused(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(deadline, "MOST_MEMORY", 200 * 2**20)
        patched.setattr(read, "READERS", {"lines": _hoarding})
        report = demo.load("sans fin\n", "2018-01-31")
    assert report.status == "failed"
    assert report.reason is not None
    assert report.reason.endswith(
        "plus de 209\u202f715\u202f200 octets de mémoire ; attendu au plus 209\u202f715\u202f200"
    )
    assert demo.accept("data;EDU;2019;2\n", "2019-01-31").rows_staged == 1


def test_an_archived_file_that_changed_or_is_gone_is_not_loaded(demo: Demo) -> None:
    delivery_id = demo.receive("data;EDU;2016;1\n", "2017-01-31")
    (file,) = (file for file in archive_folder().rglob("*__file.txt"))
    assert file.stat().st_mode & 0o222 == 0, "archived files are read-only"
    file.chmod(0o644)
    file.write_text("data;EDU;2016;2\n", encoding="utf-8")
    report = load.load(delivery_id, demo.db)
    assert (report.status, "modifié" in (report.reason or "")) == ("failed", True)
    file.unlink()
    assert "introuvable" in (load.load(delivery_id, demo.db).reason or "")
    assert demo.receive("data;EDU;2016;1\n", "2017-01-31") == delivery_id
    assert load.load(delivery_id, demo.db).status == "loaded"
    file.chmod(0o644)
    file.write_text("data;EDU;2016;2\n", encoding="utf-8")
    assert demo.receive("data;EDU;2016;1\n", "2017-01-31") == delivery_id
    assert file.read_text(encoding="utf-8") == "data;EDU;2016;1\n", "altered, it is put back like one lost"
    assert deliveries.reread(delivery_id, demo.db).rows_staged == 1


def test_a_count_that_does_not_close_stops_the_load(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery_id = demo.receive("data;EDU;2016;1\n", "2017-01-31")
    monkeypatch.setattr(incoming, "_lines", lambda _: b"")
    with pytest.raises(load.CountDoesNotCloseError, match="1 records read, but 0 staged"):
        load.load(delivery_id, demo.db)
    assert demo.one("select status from meta.deliveries where delivery_id = %s", delivery_id) == "received"


def test_the_ledger_itself_refuses_a_count_that_does_not_close(demo: Demo) -> None:
    delivery_id = demo.receive("data;EDU;2016;1\n", "2017-01-31")
    for counts in ((2, 1, 0, 0), (1, None, 0, 0)):
        with pytest.raises(psycopg.errors.CheckViolation, match="the_count_closes"):
            demo.db.execute(
                """update meta.deliveries
                      set status = 'loaded', records_read = %s, rows_staged = %s, rows_unchanged = %s,
                          rows_rejected = %s
                    where delivery_id = %s""",
                [*counts, delivery_id],
            )


def test_a_load_inside_a_transaction_is_refused(demo: Demo) -> None:
    delivery_id = demo.receive("data;EDU;2016;1\n", "2017-01-31")
    with demo.db.transaction(), pytest.raises(ValueError, match="outside any transaction"):
        load.load(delivery_id, demo.db)


def test_a_judged_delivery_is_left_as_it_is(demo: Demo) -> None:
    accepted = demo.accept("data;EDU;2016;1\n", "2017-01-31")
    assert load.load(accepted.delivery_id, demo.db).status == "accepted"
    deliveries.accept(accepted.delivery_id, demo.db)
    with pytest.raises(deliveries.WrongStateError, match="is accepted; expected loaded"):
        deliveries.refuse(accepted.delivery_id, "trop tard", demo.db)
    assert demo.in_service() == {"EDU 2016": "1"}


# --- keys and contents, for any content ----------------------------------------------------------------

_texts = st.none() | st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=1_500)


def _french(number: Decimal) -> str:
    return str(number).replace(".", ",")


_contents = st.fixed_dictionaries(
    {
        "sector_code": st.sampled_from(("EDU", "HEA")),
        "period_code": st.sampled_from(("2016", "2016-Q1", "2013/2016")),
        "value": st.none() | st.decimals(0, 10**6, allow_nan=False, places=3).map(_french),
        "label": _texts.map(lambda text: (text or "").strip() or None),
    }
)


def _given(monkeypatch: pytest.MonkeyPatch, content: dict[str, str | None]) -> None:
    monkeypatch.setattr(read, "READERS", {"lines": lambda _: iter([Record("l.1", "data", content, None)])})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(first=_contents, second=_contents, is_same=st.booleans())
def test_a_record_is_unchanged_exactly_when_it_says_the_same(
    demo: Demo,
    monkeypatch: pytest.MonkeyPatch,
    first: dict[str, str | None],
    second: dict[str, str | None],
    is_same: bool,
) -> None:
    if is_same:  # but for how the number is written
        second = {**first, "value": first["value"] and first["value"] + "0"}
    demo.empty()
    _given(monkeypatch, first)
    demo.accept("first", "2016-01-31", "demo.series")
    _given(monkeypatch, second)
    report = demo.load("second", "2017-01-31", "demo.series")
    keys = [(one["sector_code"], one["period_code"]) for one in (first, second)]
    rest = [
        (one["value"] and Decimal(one["value"].replace(",", ".")), one["label"]) for one in (first, second)
    ]
    assert report.rows_unchanged == (keys[0] == keys[1] and rest[0] == rest[1])
    assert {demo.one("select min(record_key) from staging.demo__series")} <= set(map("\x1f".join, keys))


def test_keys_do_not_depend_on_settings_of_the_session(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    document = contract_document("demo.projects")
    day = {"name": "day", "type": "date", "required": True}
    changed = {**document, "columns": [*document["columns"], day], "key": [*document["key"], "day"]}
    write_contract({**changed, "version": 2})
    staging.migrate(demo.db)
    for number, style in enumerate(("ISO, DMY", "German", "SQL, MDY")):
        demo.db.execute(f"set datestyle = '{style}'")
        demo.db.execute(
            """insert into staging.demo__projects
                   (delivery_id, record_kind, record_locator, sector_code, period_code, day)
               values (%s, 'data', 'l.1', 'EDU', '2016', date '2016-12-31')""",
            [number],
        )
    assert demo.one("select count(distinct record_key) from staging.demo__projects") == 1
