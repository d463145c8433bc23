"""What is expected of the workbooks of the OFII office in Bamako."""

from __future__ import annotations

import great_expectations as gx

from expectations import checks
from ingestion.contracts import Contract


def returned_migrants(contract: Contract) -> gx.ExpectationSuite:
    """Persons, already without a name: what the contract says. A delivery has no usual volume."""
    return checks.suite(contract)


def reintegration_projects(contract: Contract) -> gx.ExpectationSuite:
    """Projects and amounts by funder: each measure in its unit, every period carried again."""
    return checks.suite(
        contract,
        checks.newest_period(),
        checks.moderate_revisions(0.5, totals_only=True),
        checks.only_pairs(
            "measure_code",
            "unit_code",
            [("reintegration_projects", "PROJECTS"), ("reintegration_amount", "XOF")],
        ),
    )
