"""The transcription sheet of an article, filled in with what is proposed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion import archived, contracts, ledger
from ingestion.candidates.candidate import Candidate, Paragraph
from ingestion.candidates.proposing import propose
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.french import format_number
from ingestion.text import inert

_INSTRUCTION = (
    "Supprimez les lignes qui ne sont pas à relever, complétez les autres, puis numérotez la première "
    "colonne de 1 à n. « Observation » dit ce qui est à décider."
)
PROPOSED, CONTEXT, REMARK = "Mesure proposée", "Contexte", "Observation"


def write(delivery_id: int, file: Path, db: Connection) -> int:
    """Write the sheet of an archived article; give how many figures it proposes.

    UnknownDatasetError when the delivery is no article, or no dataset of its source transcribes such ones.
    """
    delivery = ledger.find(delivery_id, db)
    article = contracts.load(delivery.dataset_code)
    transcribing = _transcribing(article)
    records = list(archived.records_of(delivery, article))
    paragraphs = [
        Paragraph(
            int(record.values["paragraph_number"] or 0), record.literal or "", record.values["section_title"]
        )
        for record in records
        if record.kind == "data"
    ]
    proposed = propose(paragraphs)
    code = next(record.values["article_code"] or "" for record in records)
    file.write_text(sheet(code, proposed, transcribing), encoding="utf-8-sig", newline="")
    return len(proposed)


def _transcribing(article: Contract) -> Contract:
    """The contract of the sheets that are verified against such articles."""
    for contract in contracts.of_source(article.source):
        if contract.verification and contract.verification.dataset == article.dataset:
            return contract
    raise contracts.UnknownDatasetError(f"no dataset transcribes the figures of {article.dataset}")


def sheet(article_code: str, proposed: Sequence[Candidate], contract: Contract) -> str:
    """Give the transcription sheet that the contract's reader reads, as CSV: what is known is filled in."""
    options: dict[str, Any] = contracts.reader_options(contract)
    column_of: dict[str, str] = options["columns"]
    evidence = options.get("evidence", "Littéral")
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Fiche de transcription proposée par l’entrepôt, à compléter par un agent"])
    writer.writerow(["Article", article_code])
    writer.writerow(["Consigne", _INSTRUCTION])
    writer.writerow([])
    writer.writerow([*column_of, evidence, REMARK, PROPOSED, CONTEXT])
    for number, candidate in enumerate(proposed, 1):
        known = _known(number, candidate)
        cells = [known.get(column, "") for column in column_of.values()]
        remarks, context = " ; ".join(candidate.remarks), f"… {candidate.context[:300]}"
        cells += [candidate.literal, remarks, candidate.measure_code or "", context]
        writer.writerow(map(inert, cells))  # the reader of the sheet takes the apostrophes off again
    return written.getvalue()


def _in_cp1252(value: Decimal) -> str:
    """Print a value without narrow space or minus: saved in cp1252 they become « ? », like « ≈ »."""
    return format_number(value).replace("\u202f", "\u00a0").replace("−", "-")


def _known(number: int, candidate: Candidate) -> dict[str, str]:
    return {
        "figure_number": str(number),
        "period_code": candidate.period_code or "",
        "value": "" if candidate.value is None else _in_cp1252(candidate.value),
        "unit_code": candidate.unit_code or "",
        "qualifier": {"=": "", "≈": "environ"}.get(candidate.qualifier, candidate.qualifier),
        "obs_status": candidate.obs_status or "",
        "paragraph_number": str(candidate.paragraph),
    }
