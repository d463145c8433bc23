"""Pseudonyms: one per person and key, never of two keys at once, and never a name where it was misplaced.

The persons are SYNTHÉTIQUE.
"""

from __future__ import annotations

import datetime
import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra import by_hand
from infra.errors import InfraError
from ingestion import cli, contracts, decisions, deliveries, fetch, load, read, retention, settings, staging
from ingestion.db import Connection
from ingestion.decisions import ImpossibleDecisionError
from ingestion.fetch import inbox, whole
from ingestion.pseudonyms import MASKED, MASKED_NOTE, PseudonymKeyError, Pseudonyms
from ingestion.read import Record, deadline
from tests.warehouse.demo import Demo, contract_document, read_lines, write_contract
from tests.warehouses import Warehouse

PERSONS = "demo.persons"
AWA, SEKOU, MOUSSA = "SYNTHÉTIQUE Awa", "SYNTHÉTIQUE Sékou", "SYNTHÉTIQUE Moussa"
COLUMNS: list[dict[str, Any]] = [
    {"name": "sector_code", "type": "code", "code_list": "sectors", "required": True, "identifier": "quasi"},
    {"name": "period_code", "type": "period", "required": True},
    {"name": "value", "type": "number", "range": [0, 1000000]},
    {"name": "label", "type": "text", "required": True, "identifier": "direct"},
]


@pytest.fixture
def persons(demo: Demo) -> Demo:
    changes = {
        "columns": COLUMNS,
        "key": ["label", "period_code"],
        "delivery": {"mode": "additional", "by": "inbox"},
        "personal": {
            "purpose": "Un essai",
            "legal_basis": "Aucune",
            "retention": "Un an",
            "names_kept_months": 12,
        },
    }
    write_contract(contract_document(PERSONS, **changes))
    staging.migrate(demo.db)
    return demo


def labels(demo: Demo) -> list[str]:
    query = "select label from staging.demo__persons where ended_by_delivery_id is null order by row_id"
    return [row[0] for row in demo.db.execute(query).fetchall()]


def test_a_person_keeps_one_pseudonym_however_the_name_is_written(persons: Demo) -> None:
    persons.accept(f"data;EDU;2020;1;{AWA}\ndata;EDU;2020;1;{SEKOU}\n", "2021-01-31", PERSONS)
    report = persons.accept("data;EDU;2020;2;synthetique  AWA\n", "2021-02-28", PERSONS)
    assert (report.rows_staged, report.rows_rejected) == (1, 0)
    sekou, awa = labels(persons)
    assert {awa, sekou} == {Pseudonyms(contracts.load(PERSONS)).of("label", name) for name in (AWA, SEKOU)}
    assert awa != sekou


def test_a_misplaced_name_is_rejected_and_shown_nowhere(persons: Demo) -> None:
    lines = (
        f"data;{AWA};2020;1;{AWA}",
        f"data;EDU;{AWA};1;{SEKOU}",
        f"data;EDU;2020;{AWA};x",
        f"note;Dossier de {AWA}",
        "fault;cinq cellules",
    )
    report = persons.load("\n".join(lines), "2021-01-31", PERSONS)
    assert (report.rows_staged, report.rows_rejected) == (1, 4)
    assert persons.one("select record_literal from staging.demo__persons") == MASKED_NOTE
    rejected = persons.rejections(report.delivery_id)
    assert {found for _, column, found, *_ in rejected if column} == {MASKED}
    assert "Awa" not in str(rejected)


def test_a_file_that_cannot_be_read_is_refused_without_being_quoted(persons: Demo) -> None:
    report = persons.load("ILLISIBLE\n", "2021-01-31", PERSONS)
    assert report.status == "failed"
    assert report.reason == f"ligne 1 : trouvé {MASKED} ; attendu une ligne"


def test_the_log_and_the_ledger_do_not_repeat_how_a_file_on_persons_is_called(
    persons: Demo, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    file = warehouse.inbox / PERSONS / f"2021-01-31_{AWA}.txt"
    file.parent.mkdir(parents=True)
    file.write_text(f"data;EDU;2020;1;{AWA}\n", encoding="utf-8")

    def saved_anew(*arguments: Any) -> deliveries.Reception:
        file.write_text(f"data;EDU;2020;1;{SEKOU}\n", encoding="utf-8")
        return deliveries.receive(*arguments)

    def still_written(*_: object) -> None:
        raise whole.UnstableFileError

    for module, name, meanwhile in ((inbox, "receive", saved_anew), (whole, "wait", still_written)):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, meanwhile)
            fetch.collect(contracts.load(PERSONS), persons.db)
    assert "was saved anew" in caplog.text
    assert "still being written" in caplog.text
    kept = persons.db.execute("select file_name, fetches from meta.deliveries, meta.fetches").fetchall()
    assert "Awa" not in caplog.text + str(kept)


def test_keeping_the_names_apart_takes_no_longer_than_reading_may(
    persons: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = itertools.count()

    def slow_at_first(path: Path) -> Iterator[Record]:
        for _ in range(0 if next(passes) else 100):
            time.sleep(0.02)
        yield from read_lines(path)

    with monkeypatch.context() as patched:
        patched.setattr(deadline, "MOST_SECONDS", 0.4)
        patched.setattr(read, "READERS", {"lines": slow_at_first})
        report = persons.load(f"data;EDU;2020;1;{AWA}\n", "2021-01-31", PERSONS)
    assert report.status == "failed"
    assert "trouvé une lecture de plus de" in (report.reason or "")


def test_a_corrected_name_is_kept_as_a_pseudonym(persons: Demo) -> None:
    report = persons.load(f"data;SPORT;2020;1;{AWA}\n", "2021-01-31", PERSONS)
    number = persons.one("select rejection_id from meta.rejections")
    with pytest.raises(ImpossibleDecisionError):
        decisions.decide(number, "accept", persons.db, author="essai", comment="essai")
    given = {"sector_code": "EDU", "label": SEKOU}
    decisions.decide(number, "correct", persons.db, author="essai", comment="essai", corrections=given)
    assert "kou" not in str(persons.one("select corrections from meta.decisions"))
    assert deliveries.reread(report.delivery_id, persons.db).rows_staged == 1
    assert labels(persons) == [Pseudonyms(contracts.load(PERSONS)).of("label", SEKOU)]


def test_two_keys_are_never_mixed_and_a_new_one_lays_everything_anew(persons: Demo) -> None:
    first = persons.accept(f"data;EDU;2020;1;{AWA}\n", "2021-01-31", PERSONS)
    persons.accept(f"data;EDU;2021;1;{AWA}\n", "2021-02-28", PERSONS)
    before, key = labels(persons), settings.pseudonym_key()
    assert key.stat().st_mode & 0o777 == 0o600
    kept = key.read_text()
    key.unlink()  # lost: a new one is made, and refused beside rows of the former
    key.with_name(f".{key.name}.{os.getpid()}").touch()  # left by a killed process that had our number

    third = persons.receive(f"data;EDU;2022;1;{AWA}\n", "2021-03-31", PERSONS)
    with pytest.raises(PseudonymKeyError, match="Put the former key back") as refused:
        load.load(third, persons.db)
    assert kept.strip() not in str(refused.value)
    assert key.read_text().strip() not in str(refused.value)

    deliveries.reread(first.delivery_id, persons.db)
    load.load(third, persons.db)
    deliveries.accept(third, persons.db)
    after = labels(persons)
    assert len(before) == 2
    assert len(after) == 3
    assert len(set(after)) == 1
    assert not set(before) & set(after)


@pytest.mark.parametrize(("content", "mode"), [("00" * 32, 0o644), ("00" * 31, 0o600), ("secret", 0o600)])
def test_an_unsafe_key_is_refused_and_not_repeated(
    persons: Demo, tmp_path: Path, content: str, mode: int
) -> None:
    key = settings.pseudonym_key()
    key.write_text(content)
    key.chmod(mode)
    with pytest.raises(PseudonymKeyError) as refused:
        persons.load(f"data;EDU;2020;1;{AWA}\n", "2021-01-31", PERSONS)
    assert content not in str(refused.value)
    (file := tmp_path / "2021-02-28.txt").write_text(f"data;EDU;2020;2;{SEKOU}\n", encoding="utf-8")
    with pytest.raises(InfraError) as told:  # one line for whoever typed `make ingest`
        by_hand.ingest(PERSONS, file)
    assert str(told.value) == str(refused.value)


def test_a_pseudonym_links_no_two_columns_or_datasets(persons: Demo) -> None:
    of_persons = Pseudonyms(contracts.load(PERSONS))
    elsewhere = Pseudonyms(contracts.load(PERSONS).model_copy(update={"dataset": "demo.others"}))
    made = [p.of(column, AWA) for p in (of_persons, elsewhere) for column in ("label", "name")]
    assert len(set(made)) == 4
    assert all(one[:9] == other[:9] for one, other in itertools.pairwise(made))  # which key


def test_every_table_of_the_ledger_that_tells_of_a_delivery_is_closed_to_readers(db: Connection) -> None:
    """But for the attempts to fetch, which count no rows."""
    open_ones = db.execute(
        """select relname from pg_class join pg_attribute on attrelid = pg_class.oid
            where relnamespace = 'meta'::regnamespace and relkind = 'r' and not relrowsecurity
              and attname in ('delivery_id', 'load_id')"""
    ).fetchall()
    assert open_ones == [("fetches",)]


NAMES = "select name from confidential.identities order by 1"


def test_names_over_their_retention_are_told_without_being_read_and_erased_by_the_custodian(
    persons: Demo, warehouse: Warehouse, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = persons.accept(
        f"data;EDU;2020;1;{AWA}\ndata;EDU;2020;1;{SEKOU}\n", "2021-01-31", PERSONS
    ).delivery_id
    persons.accept(f"data;EDU;2021;1;{SEKOU}\ndata;EDU;2021;1;{MOUSSA}\n", "2021-02-28", PERSONS)
    assert retention.overdue(persons.db) == []
    monkeypatch.setenv("PONAM_CUSTODIAN_DSN", warehouse.dsn("ponam_custodian"))
    with warehouse.connect("ponam_custodian") as custodian:
        # Thirteen months go by for the first delivery, eleven for the second.
        persons.db.execute(
            "update meta.deliveries set fetched_at = now() - interval '13 months' where delivery_id = %s",
            [old],
        )
        custodian.execute(
            "update confidential.identities set kept_since = now()"
            " - case delivery_id when %s then interval '13 months' else interval '11 months' end",
            [old],
        )

        [told] = retention.overdue(persons.db)  # as the loader, who cannot read a name
        today = datetime.date.today()
        assert (told.dataset_code, told.delivery_id, told.names) == (PERSONS, old, 2)
        assert today - datetime.timedelta(days=45) < told.kept_until < today  # about a month ago
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            persons.db.execute(NAMES)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            retention.erase(persons.db, "loader")
        assert cli.main(["persons"]) == 0
        assert cli.main(["persons", "--erase"]) == 1  # nobody signs
        assert cli.main(["persons", "--erase", "--author", "  "]) == 1
        assert len(custodian.execute(NAMES).fetchall()) == 3

        assert cli.main(["persons", "--erase", "--author", "A. Gardien"]) == 0
        assert custodian.execute(NAMES).fetchall() == [(MOUSSA,)]
        assert retention.overdue(persons.db) == []
        ledger = (
            "select dataset_code, delivery_id, names, kept_until, erased_by, erased_as from meta.erasures"
        )
        line = (PERSONS, old, 2, told.kept_until, "A. Gardien", "ponam_custodian")
        assert persons.db.execute(ledger).fetchall() == [line]
        with warehouse.connect("ponam_reader") as reader:
            assert reader.execute(ledger).fetchall() == []  # how many, of persons, is nothing for readers

        # Reading the delivery again lays its rows anew and brings no name of its own back: the second one is
        # named in the later delivery too, which may be kept.
        deliveries.reread(old, persons.db)
        assert custodian.execute(NAMES).fetchall() == [(MOUSSA,), (SEKOU,)]
        assert len(labels(persons)) == 4
    said = capsys.readouterr()
    assert not any(name in said.out + said.err for name in (AWA, SEKOU, MOUSSA))
