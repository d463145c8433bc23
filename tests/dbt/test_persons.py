"""Persons, from the workbook to the marts: no name on the way, no small count at its end.

Every person here is SYNTHÉTIQUE, as every name says.
"""

from __future__ import annotations

import datetime
import html
import io
import logging
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from dbt_project.methods import disclosure
from expectations import intake
from ingestion import contracts, decisions, deliveries, fetch, ledger
from ingestion.db import Connection
from ingestion.pseudonyms import MASKED
from tests.conftest import Warehouse, Warehouses
from tests.dbt.conftest import dbt
from tests.warehouse.test_templates import fill

RETURNS, EXPERTS = "ofii.returned_migrants", "tokten.experts"
PLANTED = "SYNTHÉTIQUE"  # in each name, number, address and structure
COUNTS = ("int_ofii__returned_migrant_counts", "int_tokten__mission_counts")

Row = list[Any]


def person(number: int, *, day: str, **changes: Any) -> Row:
    row = {
        "name": f"{PLANTED} Personne {number}",
        "document": f"{PLANTED}-{number:06}",
        "sex": ("Femmes", "Hommes")[number % 2],
        "birth_year": 1980 + number % 20,
        "country": "France",
        "region": "Région de Kayes",
        "cercle": "Cercle de Kayes",
        "is_assisted": "oui",
        "has_project": "non",
        "returned_on": datetime.date.fromisoformat(day),
    }
    return [*(row | changes).values()]


FEBRUARY = [
    *(person(n, day="2021-01-15") for n in range(90)),
    *(person(n, day="2021-01-20", country="Libye") for n in range(100, 130)),
    *(person(n, day="2021-01-21", region="Région de Sikasso", cercle=None) for n in range(200, 203)),
    *(person(n, day="2021-01-22", region="Région de Ségou", cercle=None) for n in range(300, 320)),
    # Faulty, each with something that names somebody where it should not be.
    person(900, day="2021-01-15", birth_year=f"{PLANTED} né en 1990"),
    person(901, day="2021-01-15", region=f"{PLANTED} rue 12"),
    person(902, day="2021-01-15", cercle=f"{PLANTED} cercle", is_assisted=f"{PLANTED}"),
    person(903, day="2021-01-15", sex=None),
    person(5, day="2021-01-15", birth_year=1950),  # the document of another, on the same day
    [f"Source : dossier de {PLANTED} Personne 7"],
]
# In March one is corrected (Kayes → Bafoulabé) and two are new.
MARCH = [
    person(0, day="2021-01-15", cercle="Cercle de Bafoulabé"),
    *(person(n, day="2021-02-10", country="Algérie") for n in (400, 401)),
]
# Published between the two, received after both: March's correction of the first ends this one's row.
LATE = [person(n, day="2021-01-15", country="Libye") for n in (0, 1)]
MISSIONS = [
    [f"{PLANTED} Expert {n}", f"{PLANTED}{n}@exemple.test", "Éducation", "France", f"{PLANTED} École",
     datetime.date(2021, 3, 20), datetime.date(2021, 3, 1 + n)]
    for n in range(12)
]  # fmt: skip


def send(dataset: str, file: Path, db: Connection) -> int:
    number = fetch.receive_file(contracts.load(dataset), file, db).delivery_id
    try:
        intake.finish(dataset, db)
    except intake.UnreadableDeliveriesError:
        assert ledger.find(number, db).status == "failed"
    return number


def protect(warehouse: Warehouse) -> str:
    with warehouse.connect("ponam_transformer") as db, db.transaction():
        return disclosure.main(db)


@pytest.fixture(scope="module")
def said() -> Iterator[list[str]]:
    """Every line that the fixtures below log."""
    lines: list[str] = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(scope="module")
def counted(
    warehouses: Warehouses, said: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    """A filled warehouse to which persons were sent: good and bad rows, a revision, a broken file."""
    folder = tmp_path_factory.mktemp("workbooks")
    broken = fill(RETURNS, folder / f"2021-04-05_{PLANTED}.xlsx", {"Retours": FEBRUARY})
    with warehouses.filled() as warehouse, warehouse.in_environment():
        with warehouse.connect() as db:
            number = send(
                RETURNS, fill(RETURNS, folder / f"2021-02-05_{PLANTED}.xlsx", {"Retours": FEBRUARY}), db
            )
            assert ledger.find(number, db).status == "accepted"
            [rejected] = db.execute(
                """select rejection_id from meta.rejections
                    where delivery_id = %s and column_name = 'sex_code'""",
                [number],
            ).fetchall()
            decisions.decide(
                rejected[0], "correct", db, author="essai", comment="essai",
                corrections={"sex_code": "Femmes", "name": f"{PLANTED} Corrigée"},
            )  # fmt: skip
            deliveries.reread(number, db)
            send(EXPERTS, fill(EXPERTS, folder / f"2021-04-01_{PLANTED}.xlsx", {"Missions": MISSIONS}), db)
            send(RETURNS, fill(RETURNS, folder / f"2021-03-05_{PLANTED}.xlsx", {"Retours": MARCH}), db)
            dbt("build", "--select", *COUNTS)
            protect(warehouse)
            late = send(RETURNS, fill(RETURNS, folder / f"2021-02-20_{PLANTED}.xlsx", {"Retours": LATE}), db)
            assert ledger.find(late, db).status == "accepted"
            # As a person would spoil it: a sheet renamed, the headers overwritten by a row.
            broken.write_bytes(_without_headers(broken))
            failed = send(RETURNS, broken, db)
            assert ledger.find(failed, db).status == "failed"
        dbt("build", "--select", *COUNTS)
        said.append(protect(warehouse))
        dbt(
            "build",
            "--select",
            "path:models/published",
            "rpt_reliability",
            "dim_delivery",
            "--exclude",
            "*projection*",
        )
        yield warehouse


def _without_headers(file: Path) -> bytes:
    from openpyxl import load_workbook

    workbook = load_workbook(file)
    sheet = workbook["Retours"]
    for column in range(1, 11):
        sheet.cell(4, column, f"{PLANTED} {column}")
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def published(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with warehouse.connect("ponam_reader") as db:
        return db.execute(query).fetchall()  # type: ignore[arg-type]


# --- no name -------------------------------------------------------------------------------------------


def test_no_table_but_the_custodians_has_a_name(counted: Warehouse) -> None:
    with counted.connect() as loader, counted.connect("ponam_transformer") as transformer:
        tables = loader.execute(
            """select table_schema, table_name from information_schema.tables
                where table_schema in ('staging', 'meta') union all
               select schemaname, tablename from pg_tables where schemaname in ('intermediate', 'marts')"""
        ).fetchall()
        assert len(tables) > 60
        for schema, table in tables:
            whole = sql.SQL("select count(*) from {} as t where t::text ilike any(%s)").format(
                sql.Identifier(schema, table)
            )
            db = loader if schema in ("staging", "meta") else transformer
            found = db.execute(whole, [[f"%{PLANTED}%", "%synth_tique.%", "%SYNTH%TIQUE%"]]).fetchone()
            assert found == (0,), f"{schema}.{table}"
    with counted.connect("ponam_custodian") as custodian:
        kept = custodian.execute(
            "select count(*) from confidential.identities where column_name = 'document_number'"
        ).fetchone()
        assert kept == (149,)


def test_a_file_in_the_inbox_is_named_to_who_must_find_it_and_to_no_table(
    counted: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    folder = counted.inbox / RETURNS
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"2999-01-01_{PLANTED}.xlsx"
    file.write_bytes(b"x")
    with counted.connect() as db:
        [error] = fetch.inbox.empty(contracts.load(RETURNS), db)
        assert PLANTED in error
        kept = db.execute("select address, error from meta.fetches order by fetch_id desc").fetchall()
    file.unlink()
    assert "2999-01-01" in kept[0][1]
    assert not [said for said in kept if PLANTED in str(said) or "SYNTH_TIQUE" in str(said)]
    assert PLANTED not in caplog.text


def test_the_marts_say_nothing_of_the_file_that_brought_persons(counted: Warehouse) -> None:
    said = published(
        counted,
        """select dataset_code in ('ofii.returned_migrants', 'tokten.experts'),
                  count(*), count(file_name), count(byte_size), count(address)
             from marts.dim_delivery group by 1 order by 1""",
    )
    assert [(is_of_persons, *counts) for is_of_persons, _, *counts in said] == [
        (False, *[said[0][1]] * 3),
        (True, 0, 0, 0),
    ]
    assert said[1][1] >= 5


def test_no_log_and_nothing_sent_back_has_a_name(counted: Warehouse, said: list[str]) -> None:
    assert any("protected anew" in line for line in said)
    assert not any(PLANTED in line for line in said)
    workbooks = sorted((counted.state / "outbox").rglob("*.xlsx"))
    assert len(workbooks) >= 2
    for workbook in workbooks:
        with zipfile.ZipFile(workbook) as parts:
            content = html.unescape("".join(parts.read(part).decode() for part in parts.namelist()))
            assert PLANTED not in content
            assert "Retours" in content and MASKED in content  # and yet it says where
    texts = [file for file in counted.state.rglob("*") if file.is_file() and "archive" not in file.parts]
    assert not [file for file in texts if PLANTED.encode() in file.read_bytes()]


def test_what_was_sent_is_kept_for_its_owner_alone(counted: Warehouse) -> None:
    kept = [file for file in (counted.archive / RETURNS).rglob("*") if file.is_file()]
    assert len(kept) == 4
    assert {file.stat().st_mode & 0o777 for file in kept} == {0o400}
    assert (counted.state / "pseudonym.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "role", ["ponam_loader", "ponam_transformer", "ponam_reader", "ponam_superset", "ponam_airflow"]
)
def test_only_the_custodian_reads_names(counted: Warehouse, role: str) -> None:
    with pytest.raises(psycopg.Error) as refused, counted.connect(role) as db:
        db.execute("select name from confidential.identities")
    assert "permission denied" in str(refused.value)


@pytest.mark.parametrize(
    "table",
    [
        "deliveries",
        "rejections",
        "check_results",
        "loads",
        "decisions",
        "decision_outcomes",
        "workbooks_returned",
        "verdicts",
    ],
)
def test_the_reader_sees_no_delivery_of_persons_and_all_others(counted: Warehouse, table: str) -> None:
    count = sql.SQL("select count(*) from meta.{}").format(sql.Identifier(table))
    with counted.connect("ponam_transformer") as db:
        [there] = db.execute(count).fetchall()
    with counted.connect("ponam_reader") as db:
        [seen] = db.execute(count).fetchall()
        persons = db.execute(
            "select records_read, rows_staged from marts.rpt_deliveries where dataset_code = %s", [RETURNS]
        ).fetchall()
        others = {row[0] for row in db.execute("select dataset_code from meta.deliveries").fetchall()}
        reasons = db.execute(
            "select distinct status_reason from marts.rpt_deliveries where status = 'failed'"
        ).fetchall()
        said = db.execute("select explanation_fr from marts.rpt_reliability where place = 7").fetchall()
        read = db.execute("select sum(records_read), sum(rows_rejected) from meta.deliveries").fetchall()
    assert seen < there
    assert persons == [(None, None)] * 4
    # A sum over all deliveries would give the persons' rows away, by subtracting those of the others.
    numbers = [int(number.replace("\u202f", "")) for number in re.findall(r"\d[\d\u202f]*", said[0][0])]
    assert numbers == [*map(int, read[0])]
    assert reasons == [("Données sur des personnes : le motif est dit à l’institution seule.",)]
    assert "ofii.reintegration_projects" in others and not others & {RETURNS, EXPERTS}


# --- no small count ------------------------------------------------------------------------------------


def test_counts_by_delivery_are_the_rows_in_service(counted: Warehouse) -> None:
    """Though one came late, between two that were counted and that correct each other."""
    in_service = """select to_char(returned_on, 'YYYY-MM-01')::date, counterpart_area_code,
                           coalesce(cercle_code, '_U'), count(*)
                      from staging.ofii__returned_migrants join meta.deliveries using (delivery_id)
                     where status = 'accepted' and ended_by_delivery_id is null and record_kind = 'data'
                     group by 1, 2, 3 order by 1, 2, 3"""
    by_delivery = """select month_start, counterpart_area_code, cercle_code, sum(persons)
                       from intermediate.int_ofii__returned_migrant_counts
                      group by 1, 2, 3 having sum(persons) <> 0 order by 1, 2, 3"""
    with counted.connect("ponam_transformer") as db:
        expected = db.execute(in_service).fetchall()
        assert db.execute(by_delivery).fetchall() == expected
        assert sum(row[-1] for row in expected) == 145


def test_cells_are_shown_unless_small_or_needed_to_hide_a_small_one(counted: Warehouse) -> None:
    shown = {
        row[0:5]: row[5:]
        for row in published(
            counted,
            """select period_code, region_code, cercle_code, sex_code, counterpart_area_code,
                      persons, conf_status
                 from marts.fct_person_counts where family_code = 'returned_migrants'""",
        )
    }
    # 122 in Kayes and 20 in Ségou; three in Sikasso, and two of February: neither can be had by subtracting.
    assert shown["2021", "_T", "_T", "_T", "_T"] in ((145, "F"), (None, "C"))
    assert shown["2021", "ML-3", "_T", "_T", "_T"] == (None, "C")
    assert shown["2021-02", "_T", "_T", "_T", "_T"] == (None, "C")
    hidden = Counter(status for _, status in shown.values())
    assert hidden["F"] and hidden["C"]
    total, regions = shown["2021", "_T", "_T", "_T", "_T"][0], ("ML-1", "ML-3", "ML-4")
    unknown = [r for r in regions if shown["2021", r, "_T", "_T", "_T"][0] is None]
    assert total is None or len(unknown) > 1
    assert all(persons is None or persons >= 5 for persons, _ in shown.values())
    missions = published(
        counted,
        """select sector_code, counterpart_area_code, persons from marts.fct_person_counts
            where family_code = 'tokten_missions' order by 1, 2""",
    )
    assert ("EDU", "FRA", 12) in missions


def test_a_planner_reads_regions_and_cercles_and_no_zero_that_nobody_declared(counted: Warehouse) -> None:
    rows = published(
        counted,
        """select territory_code, state_fr, value, reason_fr is not null, division
             from marts.rpt_territory_values
            where series_code = 'returned_migrants' and period_code = '2021'""",
    )
    states = {row[0]: row[1:] for row in rows}
    assert states["ML-1"][:2] == ("valeur", 122) or states["ML-1"][0] == "confidentiel"
    assert states["ML-3"][:3] == ("confidentiel", None, True)
    # Nobody was declared for Kidal, and nobody declared that none came: that is no zero.
    assert states["ML-8"] == ("pas de donnée", None, True, "10 régions et Bamako")
    assert states["ML_C_YELIMANE"][:3] == ("pas de donnée", None, True)
    assert "zéro" not in {state for state, *_ in states.values()}
    assert states["ML_C_SIKASSO"][:3] == ("pas de donnée", None, True)  # three of Sikasso named no cercle
    assert len({row[0] for row in rows}) == len(rows)


def test_nothing_changed_protects_nothing_anew(counted: Warehouse) -> None:
    assert protect(counted).startswith("0 of 2 ")
