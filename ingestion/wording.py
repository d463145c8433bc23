"""French names of what the ledger keeps as codes: for institutions' pages and workbooks."""

from __future__ import annotations

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
