"""Protects the counts of persons: which cells are not shown, so that no adding up gives a small one away.

Cells under the threshold are suppressed. A reader knows the totals, so more have to go with them:

1. *Cycles.* A two-way table with its margins is a graph: rows and columns are nodes, cells that are not
   empty are edges. A suppressed cell can hide only on a cycle of suppressed cells, along which it may grow
   while every total that is shown stays true. The shortest path through the cheapest cells that can move by
   the threshold closes one in each table; what moves there must be able to move in the tables that share it.
2. *Audit.* For each suppressed cell a linear programme gives the least and the most that somebody can deduce
   who knows every cell and total shown, knows that empty cells are shown, so that a suppressed one is at
   least 1, and adds up across all the tables of a year at once. Where the interval is narrower than the
   threshold the smallest cell shown beside goes too, and step 1 follows.

The cells of one family and year are all the tables that a reader can relate, and are protected together.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import networkx as nx
import numpy as np
from psycopg import Connection
from scipy.optimize import linprog
from scipy.sparse import csr_array

Status = Literal["F", "C", "D"]
"""SDMX confidentiality: free, confidential, confidential to protect another."""
TOTAL = "_T"
_TOLERANCE = 1e-6


class Cell(NamedTuple):
    """What a count is about; TOTAL in a part is the total over it."""

    period_code: str
    region_code: str = TOTAL
    cercle_code: str = TOTAL
    sector_code: str = TOTAL
    sex_code: str = TOTAL
    counterpart_area_code: str = TOTAL


@dataclass(frozen=True)
class Table:
    """A two-way table with its margins, called TOTAL: the cells that are not empty, by row and column."""

    cells: Mapping[tuple[str, str], Cell]

    @functools.cached_property
    def places(self) -> dict[Cell, list[tuple[str, str]]]:
        """Where each cell stands."""
        found: dict[Cell, list[tuple[str, str]]] = {}
        for place, cell in self.cells.items():
            found.setdefault(cell, []).append(place)
        return found

    @functools.cached_property
    def lines(self) -> dict[tuple[int, str], dict[Cell, int]]:
        """The rows (0, row) and columns (1, column): what adds up to nothing, the margin counting as less."""
        found: dict[tuple[int, str], dict[Cell, int]] = {}
        for place, cell in self.cells.items():
            for axis in (0, 1):
                found.setdefault((axis, place[axis]), {})[cell] = -1 if place[1 - axis] == TOTAL else 1
        return found

    def lines_of(self, cell: Cell) -> Iterator[Mapping[Cell, int]]:
        """Give the rows and columns that a cell stands in."""
        for place in self.places.get(cell, ()):
            yield from (self.lines[axis, place[axis]] for axis in (0, 1))


def protect(counts: Mapping[Cell, int], tables: Iterable[Table], threshold: int) -> dict[Cell, Status]:
    """Say of each count of linked tables whether it may be shown; `counts` has the totals and no zero."""
    tables = list(tables)
    primary = {cell for cell, count in counts.items() if count < threshold}
    suppressed = set(primary)
    _let_rise(sorted(primary), tables, counts, suppressed, threshold)
    while exposed := sorted(
        cell
        for cell, (least, most) in deducible(counts, tables, suppressed, threshold).items()
        if most - least < threshold - _TOLERANCE
    ):
        if not (beside := _shown_beside(exposed, tables, counts, suppressed)):
            break  # nothing is left to deduce from
        suppressed |= beside
        _let_rise(sorted(beside), tables, counts, suppressed, threshold)
    return {cell: "C" if cell in primary else "D" if cell in suppressed else "F" for cell in counts}


def deducible(
    counts: Mapping[Cell, int], tables: Iterable[Table], suppressed: set[Cell], enough: int
) -> dict[Cell, tuple[float, float]]:
    """Give the least and the most that each suppressed cell can be for who knows all the others.

    Intervals at least `enough` wide may be given narrower than they are: they are not looked into further.
    """
    equations = [line for table in tables for line in table.lines.values()]
    linked = nx.Graph()
    linked.add_nodes_from(sorted(suppressed))
    unknown = [[cell for cell in equation if cell in suppressed] for equation in equations]
    for cells in unknown:
        nx.add_path(linked, cells)
    found: dict[Cell, tuple[float, float]] = {}
    for component in nx.connected_components(linked):
        own = [equation for equation, cells in zip(equations, unknown, strict=True) if component & set(cells)]
        found |= _intervals(sorted(component), own, counts, enough)
    return found


def _intervals(
    cells: list[Cell], equations: list[dict[Cell, int]], counts: Mapping[Cell, int], enough: int
) -> dict[Cell, tuple[float, float]]:
    position = {cell: at for at, cell in enumerate(cells)}
    entries = [
        (row, position[cell], sign)
        for row, equation in enumerate(equations)
        for cell, sign in equation.items()
        if cell in position
    ]
    known = [
        -sum(sign * counts[cell] for cell, sign in equation.items() if cell not in position)
        for equation in equations
    ]
    rows, columns, signs = zip(*entries, strict=True) if entries else ((), (), ())
    matrix = csr_array((signs, (rows, columns)), shape=(len(equations), len(cells)))
    # No cell is known to be larger than this, and every interval may still be wide enough below it.
    most = 2 * max(counts.values()) + 10 * enough
    counted = np.array([counts[cell] for cell in cells], dtype=float)
    seen = [counted, counted]

    def narrow() -> np.ndarray[Any, Any]:
        return np.flatnonzero(seen[1] - seen[0] < enough - _TOLERANCE)

    def look(objective: np.ndarray[Any, Any]) -> None:
        """Find a table that the reader must hold for possible, far along `objective`: it widens intervals."""
        solved = linprog(
            -objective,
            A_eq=matrix if equations else None,
            b_eq=known if equations else None,
            bounds=(1, most),
            method="highs",
        )
        if not solved.success:  # the true counts solve it: never for a reason of the data
            raise ArithmeticError(f"no solution for {cells[0]} and others: {solved.message}")
        seen[:] = np.minimum(seen[0], solved.x), np.maximum(seen[1], solved.x)

    chance = np.random.default_rng(0)  # many at once first, in the same directions at each run
    left = len(cells) + 1
    while 0 < len(waiting := narrow()) < left:
        left = len(waiting)
        objective = np.zeros(len(cells))
        objective[waiting] = chance.choice((-1.0, 1.0), left)
        look(objective)
    for at in narrow():
        for direction in (1.0, -1.0):
            if seen[1][at] - seen[0][at] < enough - _TOLERANCE:
                objective = np.zeros(len(cells))
                objective[at] = direction
                look(objective)
    return {cell: (float(seen[0][at]), float(seen[1][at])) for cell, at in position.items()}


def _let_rise(
    cells: Iterable[Cell],
    tables: Iterable[Table],
    counts: Mapping[Cell, int],
    suppressed: set[Cell],
    threshold: int,
) -> None:
    """Suppress more until each of the cells could be larger by the threshold, all totals shown staying true.

    What moves with it in one table must be free to move in the tables that share it.
    """
    waiting = [(cell, 1) for cell in cells]
    done = set(waiting)
    while waiting:
        cell, direction = waiting.pop()
        for table in tables:
            for place in table.places.get(cell, ()):
                for moved in _cheapest_cycle(table, place, direction, counts, suppressed, threshold):
                    suppressed.add(moved[0])
                    if moved not in done:
                        done.add(moved)
                        waiting.append(moved)


def _cheapest_cycle(
    table: Table,
    place: tuple[str, str],
    direction: int,
    counts: Mapping[Cell, int],
    suppressed: set[Cell],
    threshold: int,
) -> list[tuple[Cell, int]]:
    """What moves, and which way, when the cell of a place does and every line of the table still adds up.

    The cheapest such cycle of cells: what is suppressed costs nothing, and what would have to be smaller by
    the threshold must be large enough. Empty when there is none.
    """
    moves = nx.DiGraph()
    for (row, column), cell in table.cells.items():
        if (row, column) == place:
            continue
        cost = 0 if cell in suppressed else counts[cell]
        # Along a cycle the parts of a line move against each other, a margin with its parts.
        along = -direction * _sign(*place) * _sign(row, column)
        for start, end, way in (
            (("row", row), ("column", column), along),
            (("column", column), ("row", row), -along),
        ):
            if way > 0 or counts[cell] > threshold:
                moves.add_edge(start, end, cost=cost, move=(cell, way))
    try:
        path = nx.shortest_path(moves, ("row", place[0]), ("column", place[1]), weight="cost")
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return []
    return [moves.edges[arc]["move"] for arc in pairwise(path)]


def _sign(row: str, column: str) -> int:
    return -1 if (row == TOTAL) != (column == TOTAL) else 1


def _shown_beside(
    exposed: Iterable[Cell], tables: Iterable[Table], counts: Mapping[Cell, int], suppressed: set[Cell]
) -> set[Cell]:
    """The smallest cell shown in a line of each exposed one; where there is none, the smallest of all."""
    found = set()
    for cell in exposed:
        lines = [line for table in tables for line in table.lines_of(cell)]
        shown = {other for line in lines for other in line} - suppressed
        if shown:
            found.add(min(shown, key=lambda other: (counts[other], other)))
    if not found and (shown := counts.keys() - suppressed):
        found.add(min(shown, key=lambda other: (counts[other], other)))
    return found


# --- The tables that are published ---------------------------------------------------------------------


def tables_of(family_code: str, year: str, counts: Mapping[Cell, int]) -> list[Table]:
    """The two-way tables that the cells of a family and year are: `int_person_cells` holds no other cell."""
    if family_code == "tokten_missions":
        return [_table(counts, "sector_code", "counterpart_area_code", Cell(year))]
    regions = sorted({cell.region_code for cell in counts} - {TOTAL})
    return [
        _table(counts, "region_code", "sex_code", Cell(year)),
        _table(counts, "region_code", "counterpart_area_code", Cell(year)),
        _table(counts, "region_code", "period_code", Cell(year)),
        *(_table(counts, "cercle_code", "sex_code", Cell(year, region)) for region in regions),
    ]


def _table(counts: Mapping[Cell, int], rows: str, columns: str, fixed: Cell) -> Table:
    """The cells that agree with `fixed`, which has the totals, but for the parts made rows and columns."""
    totals = getattr(fixed, rows), getattr(fixed, columns)

    def label(cell: Cell, part: str, total: str) -> str:
        said = str(getattr(cell, part))
        return TOTAL if said == total else said

    return Table(
        {
            (label(cell, rows, totals[0]), label(cell, columns, totals[1])): cell
            for cell in counts
            if cell._replace(**{rows: totals[0], columns: totals[1]}) == fixed
        }
    )


# --- The step ------------------------------------------------------------------------------------------

_PARTS = ", ".join(Cell._fields)


def main(connection: Connection[Any]) -> str:
    """Protect each family and year whose counts are not those protected before; return what was done."""
    counted = _cells(connection, "intermediate.int_person_cells", "persons")
    protected = _cells(connection, "intermediate.int_protected_cells", "counted")
    stale = [
        block for block in counted.keys() | protected.keys() if counted.get(block) != protected.get(block)
    ]
    shown = 0
    for family_code, year in sorted(stale):
        connection.execute(
            "delete from intermediate.int_protected_cells where family_code = %s and year = %s",
            [family_code, year],
        )
        if content := counted.get((family_code, year)):
            threshold, counts = content
            statuses = protect(counts, tables_of(family_code, str(year), counts), threshold)
            shown += sum(status == "F" for status in statuses.values())
            connection.cursor().executemany(
                f"""insert into intermediate.int_protected_cells
                        (family_code, year, {_PARTS}, threshold, counted, persons, conf_status)
                    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",  # noqa: S608 - constants
                [
                    (family_code, year, *cell, threshold, count, count if status == "F" else None, status)
                    for cell, status in statuses.items()
                    for count in (counts[cell],)
                ],
            )
    cells = sum(len(counted[block][1]) for block in stale if block in counted)
    return f"{len(stale)} of {len(counted)} years of persons protected anew: {shown} of {cells} cells shown"


def _cells(
    connection: Connection[Any], table: str, count: str
) -> dict[tuple[str, int], tuple[int, dict[Cell, int]]]:
    """Family and year → threshold and counts."""
    found: dict[tuple[str, int], tuple[int, dict[Cell, int]]] = {}
    rows = connection.execute(
        f"select family_code, year, threshold, {count}, {_PARTS} from {table}"  # noqa: S608 - constants
    )
    for family_code, year, threshold, persons, *parts in rows:
        found.setdefault((family_code, year), (threshold, {}))[1][Cell(*parts)] = persons
    return found
