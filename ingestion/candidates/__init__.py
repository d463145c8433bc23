"""Figure candidates: what an archived article seems to count, proposed as a transcription sheet to complete.

Nothing here is a figure yet. A number of the text is proposed with what stands around it (unit, magnitude,
qualifier, period, place) and with what is doubtful about it; an officer strikes out, completes and signs.
What only looks like a number (dates, telephone and article numbers, ordinals, years) is not proposed.
"""

from __future__ import annotations

from ingestion.candidates.candidate import Candidate, Paragraph
from ingestion.candidates.proposing import propose
from ingestion.candidates.sheets import sheet, write

__all__ = ["Candidate", "Paragraph", "propose", "sheet", "write"]
