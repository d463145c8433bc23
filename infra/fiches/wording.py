"""French names of what the catalogue keeps as codes."""

from __future__ import annotations

DIRECTION_FR = {
    "up": "Une hausse est favorable",
    "down": "Une baisse est favorable",
    "neutral": "Ni la hausse ni la baisse n’est favorable en soi",
}
SIGN_FR = {"non_negative": "Positif ou nul", "any": "Positif ou négatif"}
FREQUENCY_FR = {"M": "Mensuelle", "T": "Trimestrielle", "A": "Annuelle", "P": "Ponctuelle"}
BREAKDOWN_FR = {
    "area_code": "territoire",
    "counterpart_area_code": "pays ou zone de contrepartie",
    "sector_code": "secteur",
    "funder_code": "financeur",
    "sex_code": "sexe",
    "concept_code": "notion",
}
PIVOT_FR = {
    "area": "Par territoire",
    "counterpart_area": "Par pays ou zone",
    "sector": "Par secteur",
    "funder": "Par financeur",
    "sex": "Par sexe",
}
LENGTH_FR = {(1, 0): "par mois", (3, 0): "par trimestre", (12, 0): "par an", (0, 1): "à une date"}


def length_fr(months: int, days: int) -> str:
    """Name the length of periods: of whole months, or else of days."""
    known = LENGTH_FR.get((months, days))
    if known is not None:
        return known
    if days:
        return f"par période de {days} jours"
    return f"par période de {months // 12} ans" if months % 12 == 0 else f"par période de {months} mois"
