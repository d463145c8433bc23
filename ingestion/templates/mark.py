"""The mark that says which contract a template was made for: a line that people and programs read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from ingestion.contracts import Contract
from ingestion.french import fold
from ingestion.read import UnreadableDelivery
from ingestion.read.deadline import within
from ingestion.read.marks import marks_of
from ingestion.read.sheets import faults_told
from ingestion.workbooks import INSTRUCTIONS

_MARK = re.compile(r"Modèle ([a-z0-9_]+\.[a-z0-9_]+), version (\d+)\b")
_LINES = 5  # the mark stands at the top


class Mark(NamedTuple):
    """The contract that a template was made for."""

    dataset: str
    version: int

    def __str__(self) -> str:
        return f"Modèle {self.dataset}, version {self.version}"


def mark(contract: Contract) -> Mark:
    """The mark of a template made for a contract as it stands."""
    return Mark(contract.dataset, contract.version)


def mark_of(path: Path) -> Mark | None:
    """The mark that a workbook bears on its instruction sheet; None when it is no filled template.

    Raises UnreadableDelivery when finding it takes longer than reading a file may.
    """
    return next(within(lambda: iter([_found_in(path)]), f"le fichier « {path.name.rpartition('__')[2]} »"))


def _found_in(path: Path) -> Mark | None:
    try:
        marks_of(path)  # before the workbook is opened: refuses what cannot be held in memory
        with faults_told():
            workbook = CalamineWorkbook.from_path(path)
            names = [name for name in workbook.sheet_names if fold(name) == fold(INSTRUCTIONS)]
            if not names:
                return None
            rows = workbook.get_sheet_by_name(names[0]).to_python(nrows=_LINES)
    except (CalamineError, UnreadableDelivery):
        return None  # the reader says what is wrong with the file
    found = (_MARK.search(str(cell)) for row in rows for cell in row)
    return next((Mark(match[1], int(match[2])) for match in found if match), None)


def require_in_force(path: Path, contract: Contract, since: int | None = None) -> None:
    """Refuse a template filled for another dataset, or for a version of the contract that was not in force.

    `since` is the version that was when the file was read first, where that was earlier: a contract that
    changes afterwards makes no template of then an old one. A workbook without a mark, in the institution's
    own making, is none of it. Raises UnreadableDelivery.
    """
    found, expected = mark_of(path), mark(contract)
    in_force = range(since or expected.version, expected.version + 1)
    if found is None or (found.dataset == expected.dataset and found.version in in_force):
        return
    if found.dataset != expected.dataset:
        message = f"le modèle du jeu de données {found.dataset}", f"celui de {expected.dataset}"
    else:
        message = (
            f"un modèle de la version {found.version}",
            f"un modèle de la version {expected.version}, en vigueur ; reportez-y vos lignes et renvoyez-le",
        )
    raise UnreadableDelivery(f"la feuille « {INSTRUCTIONS} »", *message)
