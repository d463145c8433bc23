"""What the patterns of figures and of what only looks like one have in common."""

from __future__ import annotations

import re

HIDDEN = "¤"  # stands for each character of what is no figure
S = r"[^\S\n]"
"""White space within a line."""
MAGNITUDE = re.compile(rf"{S}*(?:de{S}+|d['’])?(?:milliers?|millions?|milliards?|mds?)\b", re.IGNORECASE)
PERCENT = re.compile(rf"{S}*(?:%|pour{S}+cent\b)")
DURATION = re.compile(rf"{S}*(?:jours?|semaines?|mois|ans?|années?|heures?|minutes?)\b", re.IGNORECASE)
