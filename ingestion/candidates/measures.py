"""The measure of the seed `measures` that a figure may be of, suggested by the words around it."""

from __future__ import annotations

import csv
import functools
import re

from ingestion import code_lists
from ingestion.candidates.candidate import Candidate
from ingestion.french import fold

_STEM = 5
_LIKELY = 0.6  # share of a measure's words


def measure_of(candidate: Candidate, section: str | None, closely: str) -> str | None:
    """Suggest the measure whose French name shares most words with the sentence, if one stands out.

    Of two that share as many, the one that says more of the words close to the number.
    """
    said, near = _stems(f"{section or ''} {candidate.context}"), _stems(closely)
    scores = sorted(
        (
            (len(stems & said) / len(stems), len(stems & near) / len(stems), code)
            for code, unit, stems in _measures()
            if candidate.unit_code is None or _same_family(unit, candidate.unit_code)
        ),
        reverse=True,
    )
    if not scores or scores[0][0] < _LIKELY or (len(scores) > 1 and scores[1][:2] == scores[0][:2]):
        return None
    return scores[0][2]


def _same_family(unit: str, other: str) -> bool:
    return unit == other or {unit, other} <= {"XOF", "M_XOF", "BN_XOF"}


@functools.cache
def _measures() -> tuple[tuple[str, str, frozenset[str]], ...]:
    with (code_lists.SEEDS / "measures.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(
            (row["code"], row["unit_code"], _stems(row["label_fr"])) for row in csv.DictReader(stream)
        )


def _stems(text: str) -> frozenset[str]:
    words = re.findall(r"[a-z]{4,}", fold(text).replace("'", " "))
    return frozenset(word[:_STEM] for word in words if word not in ("dans", "pour", "avec", "leur", "sont"))
