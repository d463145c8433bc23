"""What is expected of the international figures kept for comparison."""

from __future__ import annotations

import great_expectations as gx

from expectations import checks
from ingestion.contracts import Contract


def world_bank(contract: Contract) -> gx.ExpectationSuite:
    """World Development Indicators: whole series again at each edition, recent years revised."""
    return checks.suite(contract, checks.newest_period(), checks.moderate_revisions(0.25))


def undesa_migrant_stock(contract: Contract) -> gx.ExpectationSuite:
    """Migrants of Malian origin by country of residence, one estimate every five years."""
    return checks.suite(contract, checks.newest_period(), checks.moderate_revisions(0.5))


def unhcr_population(contract: Contract) -> gx.ExpectationSuite:
    """Persons of Malian origin of concern to UNHCR: the whole series again, recent years revised."""
    return checks.suite(
        contract,
        checks.newest_period(),
        checks.moderate_revisions(0.5),
        checks.follows("population_code", r"^[A-Z]{3}$", "un code de population du HCR, par exemple REF"),
    )


def frontex_detections(contract: Contract) -> gx.ExpectationSuite:
    """Detections by route and year, the total printed below the routes."""
    return checks.suite(contract, checks.newest_period(), checks.moderate_revisions(0.5))


def eurostat_migration(contract: Contract) -> gx.ExpectationSuite:
    """One table of Eurostat at a time; the tables end in different years, so none is older than another."""
    return checks.suite(
        contract,
        checks.moderate_revisions(0.5),
        checks.follows(
            "series_code", r"^migr_\w+$", "le code d’une table d’Eurostat, par exemple migr_eirtn"
        ),
        checks.follows("flag", r"^[a-z]{1,3}$", "un drapeau d’Eurostat, par exemple p"),
    )


def iom_missing_migrants(contract: Contract) -> gx.ExpectationSuite:
    """Yearly counts by route: each edition counts all years again, past years revised upwards."""
    return checks.suite(contract, checks.newest_period(), checks.moderate_revisions(0.5))
