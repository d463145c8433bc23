"""Which rows of the other tables differ between two builds: by key, as far as both have the columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from infra.table_changes import COMPARED, Compared, Row, compare_tables
from infra.value_changes import compare

LIGHTS = Compared("lights", "Lights", ("indicator_code", "area_code"), ("light", "pace"))


@dataclass
class Built:
    """The tables of one build, by name."""

    tables: dict[str, list[Row]]

    def columns(self, table: str) -> set[str]:
        return set().union(*self.tables.get(table, ()))

    def rows(self, table: str, columns: Sequence[str]) -> Iterable[Row]:
        return [{name: row[name] for name in columns} for row in self.tables[table]]


def light(code: str, light: str, pace: Decimal | None, area: str = "MLI") -> Row:
    return {"indicator_code": code, "area_code": area, "light": light, "pace": pace}


BASE = Built({"lights": [light("PON-1-01", "red", Decimal("0.5")), light("PON-1-02", "grey", None)]})


def test_rows_come_go_and_change() -> None:
    mine = Built(
        {"lights": [light("PON-1-01", "green", Decimal("0.50")), light("PON-1-03", "grey", None, "ML-1")]}
    )
    [found] = compare_tables(BASE, mine, [LIGHTS])
    assert [change.cells for change in found.changes] == [
        ("PON-1-01", "changed", "light red", "light green"),
        ("PON-1-02", "removed", "light grey", ""),
        ("PON-1-03 · ML-1", "added", "", "light grey"),
    ]
    assert found.counts == ("Lights", "2", "1", "1", "1")
    changes = compare([], [], (found,))
    assert changes
    said = changes.markdown()
    assert said.index("| Lights | 2 | 1 | 1 | 1 |") < said.index(
        "| PON-1-01 | changed | light red | light green |"
    )


def test_a_value_that_goes_is_said_to_be_none() -> None:
    [found] = compare_tables(
        BASE, Built({"lights": [light("PON-1-01", "red", None), BASE.tables["lights"][1]]}), [LIGHTS]
    )
    assert found.changes[0].cells == ("PON-1-01", "changed", "pace 0.5", "pace —")


def test_equal_tables_change_nothing_and_are_counted() -> None:
    [found] = compare_tables(BASE, BASE, [LIGHTS])
    assert not found and found.counts == ("Lights", "2", "0", "0", "0")
    assert not compare([], [], (found,))


def test_a_column_that_one_build_lacks_is_not_compared_and_that_is_said() -> None:
    newer = replace(LIGHTS, said=("light", "pace", "status"))
    [found] = compare_tables(
        BASE, Built({"lights": [row | {"status": "x"} for row in map(dict, BASE.tables["lights"])]}), [newer]
    )
    assert (found.changes, found.unknown) == ((), ("status",))
    assert "Not compared, for one of the two lacks them: status." in compare([], [], (found,)).markdown()


def test_all_of_a_table_that_only_one_build_has_is_added() -> None:
    [found] = compare_tables(Built({}), BASE, [LIGHTS])
    assert found.counts == ("Lights", "2", "2", "0", "0")


def test_a_cell_of_the_changelog_is_one_cell() -> None:
    [found] = compare_tables(BASE, Built({"lights": [light("PON-1-01", "a | b", None)]}), [LIGHTS])
    assert r"light a \| b" in compare([], [], (found,)).markdown()


def test_every_table_is_compared_once_by_its_key() -> None:
    assert len({one.table for one in COMPARED}) == len(COMPARED)
    assert all(set(one.key).isdisjoint(one.said) for one in COMPARED)
