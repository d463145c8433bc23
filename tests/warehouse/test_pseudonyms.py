"""Pseudonyms: one per person and key, never of two keys at once, and never a name where it was misplaced.

The persons are SYNTHÉTIQUE.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ingestion import contracts, decisions, deliveries, load, settings, staging
from ingestion.db import Connection
from ingestion.decisions import ImpossibleDecisionError
from ingestion.pseudonyms import MASKED, MASKED_NOTE, PseudonymKeyError, Pseudonyms
from tests.warehouse.demo import Demo, contract_document, write_contract

PERSONS = "demo.persons"
AWA, SEKOU = "SYNTHÉTIQUE Awa", "SYNTHÉTIQUE Sékou"
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
        "personal": {"purpose": "Un essai", "legal_basis": "Aucune", "retention": "Un essai"},
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
def test_an_unsafe_key_is_refused_and_not_repeated(persons: Demo, content: str, mode: int) -> None:
    key = settings.pseudonym_key()
    key.write_text(content)
    key.chmod(mode)
    with pytest.raises(PseudonymKeyError) as refused:
        persons.load(f"data;EDU;2020;1;{AWA}\n", "2021-01-31", PERSONS)
    assert content not in str(refused.value)


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
