"""What is expected of the TOKTEN programme's workbook."""

from __future__ import annotations

import great_expectations as gx

from expectations import checks
from ingestion.contracts import Contract


def activities(contract: Contract) -> gx.ExpectationSuite:
    """Experts, structures, missions and people trained by sector: counts, every period carried again."""
    return checks.suite(contract, checks.newest_period(), checks.moderate_revisions(0.5, totals_only=True))


def experts(contract: Contract) -> gx.ExpectationSuite:
    """Missions, already without a name: what the contract says."""
    return checks.suite(contract)
