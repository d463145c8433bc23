"""Periods and numbers in SQL, asked of PostgreSQL without dbt: printed as `ingestion/french` does it."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import jinja2
import psycopg

from infra.dsn import Server
from ingestion import french
from ingestion.french import NotAsExpected, periods

MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros"
# Each way to print a period that is no range, twice or more.
PRINTED = (
    "2016", "2018", "2016-T1", "2016-T3", "T2 2016", "T4 2016", "Trim1-2020", "Trim2-2020",
    "1er trimestre 2020", "3e trimestre 2020", "2016-02", "2016-05", "3/2016", "12/2016", "mars 2015",
    "août 2016", "2015-12-08", "2015-12-10", "30/11/2015", "01/12/2015", "1er mars 2016", "29 février 2016",
)  # fmt: skip
NUMBERS = [
    (Decimal(number), decimals)
    for number in ("0", "-8.785", "-52", "901304460", "-1228.4", "534.25", "0.04", "-0.04", "999999.995")
    for decimals in (0, 1, 2)
]


def ask(server: Server, query: str, **said: Any) -> list[tuple[Any, ...]]:
    """The answer to a query that is written with the macros."""
    macros = "".join((MACROS / name).read_text(encoding="utf-8") for name in ("french.sql", "periods.sql"))
    with psycopg.connect(server.admin_url("postgres")) as db:
        return db.execute(jinja2.Template(macros + query).render(said).encode()).fetchall()


def codes() -> set[str]:
    """Every form that `parse_period` gives: of each of the printed periods, and of each range of two."""
    found = {french.parse_period(text) for text in PRINTED}
    for first, last in permutations(PRINTED, 2):
        with suppress(NotAsExpected):  # of different lengths, or in the wrong order
            found.add(french.parse_period(f"du {first} au {last}"))
    return found


def test_every_way_to_print_a_period_is_tried() -> None:
    tried = [french.fold(text) for text in PRINTED]
    assert [way.pattern for way in periods._POINTS if not any(map(way.fullmatch, tried))] == []


def test_every_code_has_in_sql_the_bounds_and_the_name_that_it_has_in_python(postgres: Server) -> None:
    query = """
        select code, {{ period_start('code') }}, {{ period_end('code') }}, {{ french_period('code') }}
          from unnest(string_to_array('{{ codes | join(' ') }}', ' ')) as code
    """
    found = {code: tuple(said) for code, *said in ask(postgres, query, codes=codes())}
    assert {"2016-02/2016-05", "2016-Q1/2016-Q3", "2016-02/2016-Q2", "2015-11-30/2015-12-01"} <= set(found)
    assert found == {code: (*french.period_bounds(code), french.format_period(code)) for code in codes()}


def test_a_number_is_printed_in_sql_as_it_is_in_python(postgres: Server) -> None:
    query = """
        select {{ french_number('number', 'decimals') }}
          from (values {% for one in numbers %}{{ one }}{{ ',' if not loop.last }}{% endfor %})
            as given (number, decimals)
    """
    rows = ask(postgres, query, numbers=[f"({number}, {decimals})" for number, decimals in NUMBERS])
    assert [said for (said,) in rows] == [french.format_number(*given) for given in NUMBERS]
    assert ("−8,79",) in rows
