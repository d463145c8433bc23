"""What is expected of the ministry's articles and of the sheets that transcribe their figures."""

from __future__ import annotations

import great_expectations as gx

from expectations import checks
from ingestion.contracts import Contract


def articles(contract: Contract) -> gx.ExpectationSuite:
    """An article: its paragraphs, numbered, each with a text."""
    return checks.suite(
        contract,
        checks.numbered_without_gap(contract),
        checks.follows("paragraph_text", r"\w", "un texte dans chaque paragraphe"),
    )


def figures(contract: Contract) -> gx.ExpectationSuite:
    """A transcription sheet: every figure of an article, each found where it stands in the article's text."""
    return checks.suite(
        contract,
        checks.numbered_without_gap(contract),
        checks.is_given("span_start", checks.STATISTICS_TEAM),
        checks.is_given("span_end", checks.STATISTICS_TEAM),
        checks.moderate_revisions(0.5),
    )


def returns(contract: Contract) -> gx.ExpectationSuite:
    """Monthly returns: whole months only, each figure by kind of return, country and sex."""
    return checks.suite(
        contract,
        checks.newest_period(),
        checks.months("period_code"),
        checks.moderate_revisions(0.5, totals_only=True),
    )


def consular_documents(contract: Contract) -> gx.ExpectationSuite:
    """Passports and consular cards: documents asked for and handed over, by jurisdiction and period."""
    return checks.suite(contract, checks.newest_period(), checks.moderate_revisions(0.5, totals_only=True))


def remittance_citations(contract: Contract) -> gx.ExpectationSuite:
    """A press review of remittances: who quotes whom, where, each measure in its unit."""
    return checks.suite(
        contract,
        checks.moderate_revisions(0.5),
        checks.only_pairs(
            "measure_code",
            "unit_code",
            [
                ("remittances_received", "BN_XOF"),
                ("remittances_net", "BN_XOF"),
                ("remittances_share_by_origin", "PCT"),
            ],
        ),
    )
