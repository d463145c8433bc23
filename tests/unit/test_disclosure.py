"""Disclosure control, attacked: somebody who adds up everything published recovers no small count of persons.

Every table here is SYNTHÉTIQUE: generated, of no real person.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from dbt_project.methods.disclosure import TOTAL, Cell, Status, deducible, protect, tables_of

THRESHOLD = 5
YEAR = "2031"
REGIONS = ("SYNTHÉTIQUE-1", "SYNTHÉTIQUE-2", "SYNTHÉTIQUE-3")

Person = tuple[str, str, str, str, str]
"""Month, region, cercle, sex, country of return."""


def cells_of(persons: Mapping[Person, int]) -> dict[Cell, int]:
    """Every published count of some persons: written apart from the SQL and from the method."""
    counts: Counter[Cell] = Counter()
    for (month, region, cercle, sex, country), count in persons.items():
        shown = {
            *(Cell(YEAR, *area, TOTAL, s, TOTAL) for area in _areas(region, cercle) for s in (sex, TOTAL)),
            *(Cell(YEAR, r, TOTAL, TOTAL, TOTAL, c) for r in (region, TOTAL) for c in (country, TOTAL)),
            *(Cell(p, r) for p in (month, YEAR) for r in (region, TOTAL)),
        }
        for cell in shown:
            counts[cell] += count
    return {cell: count for cell, count in counts.items() if count}


def _areas(region: str, cercle: str) -> list[tuple[str, str]]:
    return [(region, cercle), (region, TOTAL), (TOTAL, TOTAL)]


persons = st.dictionaries(
    st.tuples(
        st.sampled_from([f"{YEAR}-01", f"{YEAR}-02"]),
        st.sampled_from(REGIONS),
        st.sampled_from(["c1", "c2", "c3"]),
        st.sampled_from(["F", "M"]),
        st.sampled_from(["DZA", "FRA", "LBY"]),
    ),
    st.one_of(st.integers(1, 4), st.integers(1, 12), st.integers(20, 900)),
    min_size=1,
    max_size=25,
)


class Attacker:
    """Adds up what is published, across all tables at once; knows that a hidden cell is no empty one."""

    def __init__(self, counts: Mapping[Cell, int], hidden: Iterable[Cell]) -> None:
        self.hidden = sorted(hidden)
        at = {cell: n for n, cell in enumerate(self.hidden)}
        left, right = [], []
        for total, parts in _sums(counts):
            row, known = np.zeros(len(at)), 0.0
            for cell, sign in ((total, -1), *((part, 1) for part in parts)):
                if cell in at:
                    row[at[cell]] += sign
                else:
                    known -= sign * counts[cell]
            left.append(row)
            right.append(known)
        self.knowledge = LinearConstraint(np.array(left).reshape(len(left), len(at)), right, right)
        self.bounds = Bounds(1, 10 * max(counts.values()) + 1000)

    def interval(self, cell: Cell, *, are_whole: bool) -> tuple[float, float]:
        """The least and the most that a hidden cell can be; `are_whole`: knowing that persons come whole."""
        ends = []
        for sign in (1, -1):
            objective = np.zeros(len(self.hidden))
            objective[self.hidden.index(cell)] = sign
            solved = milp(
                objective,
                integrality=np.full(len(self.hidden), are_whole),
                bounds=self.bounds,
                constraints=self.knowledge,
            )
            assert solved.success, solved.message
            ends.append(sign * solved.fun)
        return ends[0], ends[1]


def _sums(counts: Mapping[Cell, int]) -> list[tuple[Cell, list[Cell]]]:
    """Every published total with the published cells that make it: all pairs that differ in one part."""
    found = []
    for total in counts:
        for part in ("region_code", "cercle_code", "sex_code", "counterpart_area_code", "sector_code"):
            if getattr(total, part) == TOTAL:
                made = [
                    c for c in counts if getattr(c, part) != TOTAL and c._replace(**{part: TOTAL}) == total
                ]
                if made:
                    found.append((total, made))
        if total.period_code == YEAR:
            months = [c for c in counts if c.period_code != YEAR and c._replace(period_code=YEAR) == total]
            if months:
                found.append((total, months))
    return found


def protected(counts: dict[Cell, int], family: str = "returned_migrants") -> dict[Cell, Status]:
    return protect(counts, tables_of(family, YEAR, counts), THRESHOLD)


def attack(counts: dict[Cell, int], statuses: dict[Cell, Status]) -> None:
    assert statuses.keys() == counts.keys()
    small = {cell for cell, count in counts.items() if count < THRESHOLD}
    assert {cell for cell, status in statuses.items() if status == "C"} == small
    attacker = Attacker(counts, (cell for cell, status in statuses.items() if status != "F"))
    for cell in attacker.hidden:
        for are_whole in (False, True):
            least, most = attacker.interval(cell, are_whole=are_whole)
            assert least - 1e-6 <= counts[cell] <= most + 1e-6, "an attacker who is wrong proves nothing"
            assert most - least >= THRESHOLD - 1e-6, (cell, counts[cell], least, most, are_whole)


@settings(max_examples=25, deadline=None)
@given(persons)
def test_no_hidden_count_is_deduced_to_less_than_the_threshold(people: dict[Person, int]) -> None:
    counts = cells_of(people)
    attack(counts, protected(counts))


def test_the_attacker_finds_what_primary_suppression_alone_leaves_to_find() -> None:
    people = {(f"{YEAR}-01", "SYNTHÉTIQUE-1", "c1", sex, "FRA"): n for sex, n in (("F", 3), ("M", 40))}
    counts = cells_of(people)
    hidden = [cell for cell, count in counts.items() if count < THRESHOLD]
    attacker = Attacker(counts, hidden)
    assert {attacker.interval(cell, are_whole=False) for cell in hidden} == {(3.0, 3.0)}
    attack(counts, protected(counts))


def test_what_is_large_everywhere_is_shown_whole() -> None:
    people = {
        (f"{YEAR}-{month:02}", region, cercle, sex, "FRA"): 5
        for month in range(1, 13)
        for region in REGIONS
        for cercle in ("c1", "c2")
        for sex in ("F", "M")
    }
    assert set(protected(cells_of(people)).values()) == {"F"}


def test_missions_are_protected_by_sector_and_country() -> None:
    missions = {
        ("EDU", "FRA"): 40,
        ("EDU", "USA"): 2,
        ("HEA", "FRA"): 30,
        ("HEA", "USA"): 9,
        ("AGR", "FRA"): 12,
    }
    counts: Counter[Cell] = Counter()
    for (sector, country), count in missions.items():
        for s in (sector, TOTAL):
            for c in (country, TOTAL):
                counts[Cell(YEAR, sector_code=s, counterpart_area_code=c)] += count
    statuses = protected(counts, "tokten_missions")
    attack(counts, statuses)
    # The two in education go with nine and four large enough to hide them; all margins stay.
    assert {cell.sector_code for cell, status in statuses.items() if status != "F"} == {"EDU", "HEA"}
    assert statuses[Cell(YEAR)] == "F"


def test_a_sparse_year_of_real_size_is_protected_in_seconds() -> None:
    """Twenty regions, eight cercles each, thirty countries: most cells are small, as in a real year."""
    chance = np.random.default_rng(2031)
    people: Counter[Person] = Counter()
    for region, cercle, sex, country, month in zip(
        *(np.floor(n * chance.random(2_000) ** 2).astype(int) for n in (20, 8, 2, 30, 12)), strict=True
    ):
        people[
            f"{YEAR}-{month + 1:02}", f"SYNTHÉTIQUE-{region}", f"{region}.{cercle}", "FM"[sex], f"{country}"
        ] += 1
    counts = cells_of(people)
    began = time.process_time()
    statuses = protected(counts)
    assert time.process_time() - began < 30
    hidden = {cell for cell, status in statuses.items() if status != "F"}
    narrow = [
        b - a
        for a, b in deducible(
            counts, tables_of("returned_migrants", YEAR, counts), hidden, THRESHOLD
        ).values()
    ]
    assert min(narrow) >= THRESHOLD - 1e-6
    assert len(hidden) < 1.5 * sum(status == "C" for status in statuses.values())
