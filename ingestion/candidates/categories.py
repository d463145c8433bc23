"""One category under several labels: told where an article calls it otherwise elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingestion import code_lists
from ingestion.candidates.candidate import Candidate
from ingestion.candidates.patterns import HIDDEN
from ingestion.french import fold

_CATEGORIES = ("sectors", "funders")


def with_other_labels(proposed: Sequence[Candidate]) -> list[Candidate]:
    """Remark where the article calls a category otherwise elsewhere, with both places."""
    places: dict[str, dict[str, Candidate]] = {}
    for candidate in proposed:
        if category := _category(candidate.label):
            places.setdefault(category, {}).setdefault(fold(candidate.label), candidate)
    return [_with_other_label(one, places.get(_category(one.label) or "", {})) for one in proposed]


def _with_other_label(candidate: Candidate, of_category: dict[str, Candidate]) -> Candidate:
    others = [one for label, one in of_category.items() if label != fold(candidate.label)]
    if not others:
        return candidate
    said = ", ".join(f"« {one.label} » (§{one.paragraph})" for one in others)
    remark = f"« {candidate.label} » : même catégorie que {said}"
    return replace(candidate, remarks=(*candidate.remarks, remark))


def label_of(before: str) -> str:
    """Give the last words before a figure, other figures of the same row passed over."""
    parts = re.split(rf"[,;:.|()\d{HIDDEN}]", before)
    words = next((part.strip() for part in reversed(parts) if part.strip()), "")
    return re.sub(r"^(?:et|ou|dont)\s+", "", words)


def _category(label: str) -> str | None:
    """Give what a label of several words stands for in one of the lists; a short name is no other label."""
    if len(label.split()) < 2:
        return None
    known = ((name, code_lists.load(name).code_of(label)) for name in _CATEGORIES)
    return next((f"{name} {code}" for name, code in known if code), None)
