"""French names of what the ledger and the contracts keep as codes: for institutions' pages and workbooks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingestion.contracts import Contract

WHO_FIXES_FR = {
    "institution": "l’institution",
    "statistics team": "l’équipe statistique",
    "developer": "le développeur",
}
STATUS_FR = {
    "received": "reçue",
    "loaded": "chargée, pas encore jugée",
    "accepted": "acceptée",
    "refused": "refusée",
    "failed": "illisible",
}
WHOLE = "table"
"""The subject of a check that concerns the delivery as a whole."""


def titled(name: str, contract: Contract) -> str:
    """Give a column by the title that its institution reads; a column without one by its name."""
    column = contract.by_name.get(name)
    return f"« {column.title_fr} »" if column and column.title_fr else name


def subject(text: str, contract: Contract) -> str:
    """Say what a check is about, in the words of who filled the columns: `value (sector_code)`."""
    return "l’envoi" if text == WHOLE else re.sub(r"\w+", lambda name: titled(name[0], contract), text)


def counted(contract: Contract) -> str:
    """Say what a record of the dataset is: a row of persons, a paragraph, or else one value of a row."""
    if contract.form.reader == "article":
        return "paragraphes"
    return "lignes" if contract.personal else "valeurs"
