"""What is expected of the central bank's publications."""

from __future__ import annotations

import great_expectations as gx

from expectations import checks
from ingestion.contracts import Contract


def eden(contract: Contract) -> gx.ExpectationSuite:
    """The EDEN export: the whole of each series again at each delivery, recent years revised."""
    return checks.suite(
        contract,
        checks.newest_period(),
        checks.moderate_revisions(0.25),
        checks.follows("series_code", r"^[A-Z]{3}\w+$", "trois lettres du pays puis le code de la série"),
    )


def bulletin(contract: Contract) -> gx.ExpectationSuite:
    """The bulletin's tables: each edition prints the last years, the newest ones estimated or forecast."""
    return checks.suite(
        contract,
        checks.newest_period(),
        checks.moderate_revisions(0.25),
        checks.mentions(
            "item_label",
            r"(?i)transferts de fonds des migrants|fonds reçus au mali",
            "celle des transferts de fonds des migrants",
        ),
    )
