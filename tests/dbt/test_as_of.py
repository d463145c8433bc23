"""What was known on a day: revisions, withdrawals, late arrivals and refusals, from the file to the marts."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest

from ingestion import archive, cli, contracts, decisions, deliveries, load
from ingestion.db import Connection
from ingestion.ledger import Provenance
from tests.dbt.conftest import dbt
from tests.warehouses import Warehouse, Warehouses

UNDESA = "international.undesa_migrant_stock"


def deliver(stocks: str, published: str, db: Connection) -> int:
    """A complete edition of the United Nations' stocks, invented for this test, received and loaded."""
    with archive.incoming() as stream:
        stream.write(f'"Données inventées pour un essai"\n\ngeo,2020,2024\n{stocks}'.encode())
        provenance = Provenance(
            "stock.csv", "essai", published, datetime.date.fromisoformat(published), "contract"
        )
        number = deliveries.receive(contracts.load(UNDESA), stream, provenance, db).delivery_id
    load.load(number, db)
    return number


@pytest.fixture(scope="module")
def revised(built: Warehouse, warehouses: Warehouses) -> Iterator[Warehouse]:
    """A filled warehouse where later editions came, one late, one refused; then built again in place."""
    with warehouses.filled() as warehouse, warehouse.in_environment():
        with warehouse.connect() as db:
            # In the order of arrival: Gabon is withdrawn, what was published in March comes after June's, and
            # at last Gabon comes back.
            deliveries.accept(deliver("FRA,106194,130000\nCIV,400977,403646\n", "2025-06-30", db), db)
            deliveries.accept(
                deliver("FRA,106194,125000\nCIV,400977,403646\nGAB,1,59837\n", "2025-03-31", db), db
            )
            deliveries.refuse(deliver("FRA,9,9\n", "2025-09-30", db), "essai", db)
            newest = deliver(
                "FRA,106194,130000\nCIV,400977,403646\nGAB,1,60000\nESP,1,1.5\n", "2025-12-31", db
            )
            deliveries.accept(newest, db)
            [rejected] = db.execute(
                "select rejection_id from meta.rejections where delivery_id = %s", [newest]
            ).fetchall()
            decisions.decide(
                rejected[0], "correct", db, author="A. Diarra", comment="essai", corrections={"value": "15"}
            )
            deliveries.reread(newest, db)
        dbt("run")
        yield warehouse


@pytest.mark.parametrize(
    ("day", "france", "gabon"),
    [
        ("2024-12-30", None, None),
        ("2024-12-31", 120393, 59837),  # the edition of 2024, on its day
        ("2025-03-30", 120393, 59837),
        ("2025-03-31", 125000, 59837),  # arrived after the next one, known from its own day all the same
        ("2025-06-29", 125000, 59837),
        ("2025-06-30", 130000, None),  # withdrawn: the complete edition lacks it
        ("2025-10-01", 130000, None),  # the refused edition of September is known to nobody
        ("2025-12-31", 130000, 60000),
    ],
)
def test_the_values_of_a_day_are_those_published_by_then(
    revised: Warehouse, day: str, france: int | None, gabon: int | None
) -> None:
    with revised.connect("ponam_reader") as marts:
        found = dict(
            marts.execute(
                """select counterpart_area_code, value from marts.indicator_values_as_of(%s)
                    where indicator_code = 'PON-6-01' and concept_code = 'BORN_IN_MALI' and is_current
                      and period_code = '2024' and counterpart_area_code in ('FRA', 'GAB')""",
                [day],
            ).fetchall()
        )
    assert (found.get("FRA"), found.get("GAB")) == (france, gabon)


def test_every_step_of_the_history_is_a_revision(revised: Warehouse) -> None:
    with revised.connect("ponam_reader") as marts:
        found = marts.execute(
            """select kind, old_value, new_value, delta, old_published_on::text, published_on::text
                 from marts.revisions
                where dataset_code = %s and period_code = '2024' and series_key in ('FRA', 'GAB')
                order by series_key, published_on""",
            [UNDESA],
        ).fetchall()
    assert found == [
        ("replaced", 120393, 125000, 4607, "2024-12-31", "2025-03-31"),
        ("replaced", 125000, 130000, 5000, "2025-03-31", "2025-06-30"),
        ("withdrawn", 59837, None, None, "2024-12-31", "2025-06-30"),
        ("restored", None, 60000, None, "2025-06-30", "2025-12-31"),
    ]


def test_a_corrected_figure_says_who_decided_what_and_why(
    revised: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    with revised.in_environment():
        assert cli.main(["evidence", "PON-6-01", "2024"]) == 0
    said = capsys.readouterr().out
    assert 'correct {"value": "15"} · A. Diarra : essai' in said and "│ 1.5 " in said


def test_building_again_moves_no_value_but_those_that_the_deliveries_moved(
    built: Warehouse, revised: Warehouse
) -> None:
    def values(warehouse: Warehouse) -> set[tuple[str, str]]:
        with warehouse.connect("ponam_reader") as marts:
            rows = marts.execute("select indicator_code, v::text from marts.fct_indicator_values as v")
            return set(rows.fetchall())

    before, after = values(built), values(revised)
    assert len(before) > 500
    # Migrants by country, and the indicator that counts what indicators had a value when.
    assert {indicator for indicator, _ in before ^ after} == {"PON-6-01", "PON-6-03"}


def test_the_function_and_the_fact_agree_on_today(revised: Warehouse) -> None:
    with revised.connect("ponam_reader") as marts:
        differing = marts.execute(
            """select count(*) from (
                   select indicator_code, period_code, counterpart_area_code, concept_code, origin, value
                     from marts.fct_indicator_values where is_current and published_on <= current_date
                   except
                   select indicator_code, period_code, counterpart_area_code, concept_code, origin, value
                     from marts.indicator_values_as_of(current_date) where is_current) as differing"""
        ).fetchone()
    assert differing == (0,)
