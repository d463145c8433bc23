"""A French CSV of any length, the same for the same arguments; every row says that it is synthetic."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

HEADER = "identifiant;date_operation;pays_origine;region;montant_fcfa;frais_pct;canal"
COUNTRIES = ("FRA", "ESP", "ITA", "CIV", "SEN", "GAB", "COG", "USA")
REGIONS = ("ML-1", "ML-2", "ML-3", "ML-4", "ML-5", "ML-6", "ML-7", "ML-8", "ML-BKO")
CHANNELS = ("banque", "operateur", "mobile")
REJECTED_EVERY = 1_000

CONTRACT: dict[str, Any] = {
    "dataset": "bench.operations",
    "version": 1,
    "title_fr": "Opérations synthétiques",
    "title_en": "Synthetic operations",
    "publisher": "ponam",
    "licence": "Données synthétiques",
    "delivery": {"mode": "additional", "by": "inbox"},
    "form": {
        "reader": "csv",
        "options": {
            "delimiter": ";",
            "encodings": ["utf-8"],
            "evidence": "montant_fcfa",
            "columns": {name: name for name in HEADER.split(";")},
        },
    },
    "columns": [
        {"name": "identifiant", "type": "text", "required": True},
        {"name": "date_operation", "type": "date", "required": True},
        {"name": "pays_origine", "type": "code", "code_list": "areas", "required": True},
        {"name": "region", "type": "text", "required": True},
        {"name": "montant_fcfa", "type": "number", "required": True, "range": [0, 10**9]},
        {"name": "frais_pct", "type": "number", "required": True, "range": [0, 100]},
        {"name": "canal", "type": "text", "required": True},
    ],
    "key": ["identifiant"],
    "evidence": "montant_fcfa",
    "calendar": {"frequency": "irregular", "lag_days": 365, "tolerance_days": 180},
    "expectations": {"rows": [1, 10**9]},
}


def write(path: Path, rows: int, *, changed_every: int | None = None) -> None:
    """Write the file: French numbers and dates; one row in a thousand has words in place of its amount.

    With `changed_every`, the amount of every such row is another one than without.
    """
    seeded = random.Random(7)  # noqa: S311 - the same file every time is the point
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{HEADER}\n")
        for number in range(rows):
            amount = seeded.randint(1_000, 9_999_999)
            if changed_every and number % changed_every == 1:
                amount += 1
            printed = f"{amount:,}".replace(",", "\u202f")
            if number % REJECTED_EVERY == 7:
                printed = "synthétique"
            fee = f"{seeded.uniform(0, 12):.2f}".replace(".", ",")
            day = f"{seeded.randint(1, 28):02d}/{seeded.randint(1, 12):02d}/20{seeded.randint(10, 25)}"
            file.write(
                f"SYN{number:09d};{day};{seeded.choice(COUNTRIES)};{seeded.choice(REGIONS)};"
                f"{printed};{fee};{seeded.choice(CHANNELS)}\n"
            )
