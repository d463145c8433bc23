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
