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
