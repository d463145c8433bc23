"""What stands beside the values of one sheet, whatever the format of its workbook."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingestion.french import format_number
from ingestion.read import UnreadableDelivery

Place = tuple[int, int]
"""Row and column, from 0."""

ERROR = "une valeur, et non une erreur du tableur"
NO_VALUE = "une valeur : la formule n’en porte pas (ouvrir et enregistrer le classeur)"

_MOST_CELLS = 5_000_000  # of a sheet, empty ones between the filled ones included: they are held in memory


def letters(column: int) -> str:
    """Name a column, counted from 0, as a spreadsheet does.

    >>> letters(0), letters(45), letters(16383)
    ('A', 'AT', 'XFD')
    """
    named, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        named = chr(ord("A") + rest) + named
    return named


@dataclass
class Marks:
    """What stands beside the values of one sheet; rows and columns count from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    percents: set[Place] = field(default_factory=set)
    """Cells that show their number as a percentage: 0.15 as 15 %."""
    months: set[Place] = field(default_factory=set)
    """Cells that show of their date the month and the year alone."""
    unusable: dict[Place, tuple[str, str]] = field(default_factory=dict)
    """Cells that hold no usable value: what stands there, and in French what is expected."""
    rows: int = 0
    columns: int = 0
    """How far the filled cells reach."""
    farthest: Place = (0, 0)
    """The filled cell that made them reach so far."""

    def reach(self, row: int, column: int) -> None:
        """Note a filled cell."""
        if row >= self.rows or column >= self.columns:
            self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)
            self.farthest = row, column

    def require_bounded(self, place: str) -> None:
        """Raise UnreadableDelivery when a stray cell far from the others makes the sheet too wide."""
        if self.rows * self.columns > _MOST_CELLS:
            row, column = self.farthest
            reach = f"{format_number(self.rows)} lignes × {format_number(self.columns)} colonnes"
            found = f"une cellule remplie loin des autres, {letters(column)}{row + 1} : {reach}"
            expected = (
                f"au plus {format_number(_MOST_CELLS)} cellules, vides comprises (effacez ce qui est hors du "
                "tableau)"
            )
            raise UnreadableDelivery(place, found, expected)
