"""What stands beside the values of one sheet, whatever the format of its workbook."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingestion.french import format_number
from ingestion.read import UnreadableDelivery

Place = tuple[int, int]
"""Row and column, from 0."""

ERROR = "une valeur, et non une erreur du tableur"
NO_VALUE = "une valeur : la formule n’en porte pas (ouvrir et enregistrer le classeur)"

_MOST_CELLS = 50_000_000  # of a sheet, empty ones between the filled ones included: they are held in memory


@dataclass
class Marks:
    """What stands beside the values of one sheet; rows and columns count from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    percents: set[Place] = field(default_factory=set)
    """Cells that show their number as a percentage: 0.15 as 15 %."""
    unusable: dict[Place, tuple[str, str]] = field(default_factory=dict)
    """Cells that hold no usable value: what stands there, and in French what is expected."""
    rows: int = 0
    columns: int = 0
    """How far the filled cells reach; of an .xlsx and an .ods only."""

    def require_bounded(self, place: str) -> None:
        """Raise UnreadableDelivery when a stray cell far from the others makes the sheet too wide."""
        if self.rows * self.columns > _MOST_CELLS:
            found = f"une cellule remplie loin des autres : {self.rows} lignes × {self.columns} colonnes"
            expected = f"au plus {format_number(_MOST_CELLS)} cellules (effacer ce qui est hors du tableau)"
            raise UnreadableDelivery(place, found, expected)
