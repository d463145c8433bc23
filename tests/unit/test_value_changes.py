"""Which values differ between two builds: pairing, deltas, and the changelog entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from infra.value_changes import Value, compare

JOBS = Value(
    indicator_code="PON-3-04", period_code="2013/2016", area_code="MLI", counterpart_area_code="_T",
    sector_code="_T", funder_code="_T", sex_code="_T", concept_code="_T", origin="declared",
    publisher_code="ministry", published_on=date(2017, 8, 31), delivery_id=3, value=Decimal(800),
    unit_code="JOBS", qualifier="≈", obs_status="A", is_current=True,
)  # fmt: skip


def test_equal_builds_change_no_number() -> None:
    changes = compare([JOBS], [replace(JOBS, value=Decimal("800.0"))])
    assert not changes
    assert changes.markdown().count("No value of an indicator changes.") == 2
    assert "| Current values | 1 | 0 | 0 | 0 |" in changes.markdown(), "what was compared is said"


def test_a_changed_value_is_told_with_its_difference() -> None:
    changes = compare([JOBS], [replace(JOBS, value=Decimal("812.5"))])
    [change] = changes.current
    assert (change.kind, change.delta) == ("changed", "+12.5")
    assert changes.vintages == ()
    assert (
        "| 2013/2016 | declared | changed | ≈ 800 JOBS (A) | ≈ 812.5 JOBS (A) | +12.5 |" in changes.markdown()
    )


def test_a_status_or_a_qualifier_is_a_change_too() -> None:
    assert [c.kind for c in compare([JOBS], [replace(JOBS, obs_status="E")]).current] == ["changed"]
    assert [c.kind for c in compare([JOBS], [replace(JOBS, qualifier="=")]).current] == ["changed"]


def test_two_units_have_no_difference() -> None:
    [change] = compare([JOBS], [replace(JOBS, unit_code="PERSONS")]).current
    assert (change.kind, change.delta) == ("changed", "")


def test_a_vintage_that_is_not_current_is_told_apart() -> None:
    old = replace(JOBS, is_current=False, published_on=date(2016, 1, 31), delivery_id=1)
    changes = compare([JOBS, old], [JOBS, replace(old, value=Decimal(790))])
    assert changes.current == ()
    assert [(c.kind, c.delta) for c in changes.vintages] == [("changed", "-10")]


def test_two_vintages_of_one_part_are_told_apart_by_their_publication() -> None:
    olds = [
        replace(JOBS, is_current=False, published_on=date(year, 1, 31), delivery_id=year - 2014)
        for year in (2015, 2016)
    ]
    said = compare([JOBS, *olds], [JOBS, *(replace(old, value=Decimal(790)) for old in olds)]).markdown()
    for of in ("ministry, 2015-01-31, delivery 1", "ministry, 2016-01-31, delivery 2"):
        assert f"| 2013/2016 | declared · {of} | changed | ≈ 800 JOBS (A) | ≈ 790 JOBS (A) | -10 |" in said


def test_values_come_and_go() -> None:
    women = replace(JOBS, indicator_code="PON-3-06", value=Decimal(100))
    changes = compare([JOBS], [women])
    assert [(c.value.indicator_code, c.kind) for c in changes.current] == [
        ("PON-3-04", "removed"),
        ("PON-3-06", "added"),
    ]


def test_another_vintage_that_speaks_is_a_changed_current_value_and_an_added_vintage() -> None:
    later = replace(JOBS, published_on=date(2018, 6, 30), delivery_id=9, value=Decimal(900))
    changes = compare([JOBS], [replace(JOBS, is_current=False), later])
    assert [(c.kind, c.delta) for c in changes.current] == [("changed", "+100")]
    assert [c.kind for c in changes.vintages] == ["added"]


def test_another_concept_that_speaks_is_one_change() -> None:
    formal, balance = replace(JOBS, concept_code="FORMAL"), replace(JOBS, concept_code="BOP_CREDIT")
    changes = compare([formal], [replace(formal, is_current=False), replace(balance, value=Decimal(790))])
    assert [(c.kind, c.delta, c.value.part) for c in changes.current] == [
        ("changed", "-10", "BOP_CREDIT · declared")
    ]
