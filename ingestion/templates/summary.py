"""The first sheet of an error workbook: what became of the delivery, and how to correct it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from openpyxl.styles import Font

from ingestion import wording
from ingestion.contracts import Contract
from ingestion.french import agreeing, format_number
from ingestion.ledger import Delivery
from ingestion.templates.anomalies import MOST_LISTED, Anomaly, is_warning
from ingestion.templates.styles import HEADER_FILL, WRAPPED
from ingestion.wording import STATUS_FR, WHO_FIXES_FR
from ingestion.workbooks import ANOMALY, put_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_TAKE_WORKBOOKS = ("excel", "transcription")  # readers
_CORRECT_CELLS = (
    "reprenez les cellules colorées des feuilles suivantes, dont la colonne "
    f"« {ANOMALY} » dit ce qui est attendu"
)


def write(
    sheet: Worksheet,
    delivery: Delivery,
    contract: Contract,
    anomalies: Sequence[Anomaly],
    who_fixes: Sequence[tuple[str, int]],
    failed: Sequence[dict[str, Any]],
    coloured: Mapping[Anomaly, str],
) -> None:
    """Write to a sheet what became of a delivery, who corrects what, and every anomaly in a list.

    `who_fixes` counts the rejected records by party, `failed` are the checks that did not pass,
    `coloured` the cells of the other sheets that are coloured, `E6`, by what they are coloured for.
    """
    for letter, width in {"A": 34, "B": 30, "C": 34, "D": 60, "E": 24}.items():
        sheet.column_dimensions[letter].width = width
    lines: list[Sequence[str]] = [
        (contract.title_fr,),
        (f"Livraison n° {delivery.delivery_id} : {STATUS_FR[delivery.status]}",),
        (),
        ("Fichier reçu", delivery.file_name),
        ("Reçu le", f"{delivery.fetched_at:%d/%m/%Y}"),
        ("Publié le", f"{delivery.published_on:%d/%m/%Y}"),
        ("Contrat", f"{contract.dataset}, version {contract.version}"),
        *_counts(delivery, contract),
        *([("Motif", delivery.status_reason)] if delivery.status_reason and not failed else []),
        (),
        *((line,) for line in _how_to_send_back(delivery, contract, is_coloured=bool(coloured))),
    ]
    at = 1
    for line in lines:
        _write_line(sheet, at, line, is_bold=at <= 2)
        at += 1
    if anomalies:
        table = [(WHO_FIXES_FR.get(who, who), format_number(count)) for who, count in who_fixes]
        at = _table(sheet, at + 1, ("Qui corrige", "Rejets"), table)
    if failed:
        checks = [
            (
                "à vérifier" if is_warning(check, is_partial=bool(anomalies)) else "bloquant",
                WHO_FIXES_FR.get(check["who_fixes"], check["who_fixes"]),
                f"{wording.subject(check['subject'], contract)} : attendu {check['expected']}",
                f"Constaté : {check['observed'] or '—'}",
            )
            for check in failed
        ]
        at = _table(sheet, at + 1, ("Contrôle de l’ensemble", "Qui corrige", "Attendu", "Constaté"), checks)
    if anomalies:
        listed = [
            (
                _place(a, coloured),
                a.column or "—",
                a.found or "vide",
                a.expected,
                WHO_FIXES_FR.get(a.who_fixes, ""),
            )
            for a in anomalies[:MOST_LISTED]
        ]
        headers = ("Place", "Colonne", "Trouvé", "Attendu", "Qui corrige")
        at = _table(sheet, at + 1, headers, listed)
        if (rest := (delivery.rows_rejected or 0) - MOST_LISTED) > 0:
            _write_line(sheet, at, (f"… et {agreeing(rest, 'autres rejets')}",), is_bold=False)


def _place(anomaly: Anomaly, coloured: Mapping[Anomaly, str]) -> str:
    """Name the cell at fault of a workbook; elsewhere the place of the record, which is all that there is."""
    sheet, mark, _ = anomaly.locator.rpartition("!")
    return f"{sheet}{mark}{coloured[anomaly]}" if mark and anomaly in coloured else anomaly.locator


def _counts(delivery: Delivery, contract: Contract) -> Iterator[tuple[str, str]]:
    for label, count in (
        ("Lu", delivery.records_read),
        ("Retenu", delivery.rows_staged),
        ("Déjà connu", delivery.rows_unchanged),
        ("Rejeté", delivery.rows_rejected),
    ):
        if count is not None:
            yield label, agreeing(count, f"{wording.counted(contract)} et notes")


def _how_to_send_back(delivery: Delivery, contract: Contract, *, is_coloured: bool) -> Iterator[str]:
    if delivery.status == "accepted":
        yield "Ce qui est juste est en service ; ce qui est rejeté n’y est pas."
    else:
        yield "Rien de ce fichier n’est en service ; ce qui l’était avant le reste."
    takes_workbooks = contract.form.reader in _TAKE_WORKBOOKS
    if not is_coloured:
        correct, sent = "corrigez votre fichier selon ce qui est dit sur cette feuille", "votre fichier"
    elif takes_workbooks:
        correct, sent = _CORRECT_CELLS, "ce classeur"
    else:
        correct, sent = _CORRECT_CELLS, "la feuille, enregistrée dans le format du fichier reçu,"
    yield (
        f"Pour corriger : {correct}, puis renvoyez {sent} à la cellule de suivi, sous un nom "
        f"qui commence par le jour de la publication ({delivery.published_on:%Y-%m-%d}_…). Elle le dépose "
        f"dans le dossier « {contract.dataset} »."
    )
    if not is_coloured:
        return
    if takes_workbooks:
        yield f"Cette feuille et la colonne « {ANOMALY} » peuvent rester : elles ne sont pas lues."
    else:
        yield f"Supprimez d’abord la colonne « {ANOMALY} »."


def _table(sheet: Worksheet, at: int, headers: Sequence[str], lines: Iterable[Sequence[str]]) -> int:
    """Write a small table from a row on; give the row after it."""
    _write_line(sheet, at, headers, is_bold=True)
    for column in range(1, len(headers) + 1):
        sheet.cell(at, column).fill = HEADER_FILL
    for line in lines:
        at += 1
        _write_line(sheet, at, line, is_bold=False)
    return at + 1


def _write_line(sheet: Worksheet, at: int, line: Sequence[str], *, is_bold: bool) -> None:
    for column, text in enumerate(line, 1):
        cell = sheet.cell(at, column)
        put_text(cell, text)
        cell.alignment = WRAPPED
        if is_bold:
            cell.font = Font(bold=True)
    if len(line) == 1:
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=5)
        sheet.row_dimensions[at].height = 15 * (1 + len(line[0]) // 150)
