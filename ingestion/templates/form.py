"""The empty workbook of a dataset: instructions, the sheets that the reader expects, hidden code lists.

Everything comes from the contract: headers and sheets from the reader's declared tables, drop-downs from the
code lists, validation from types, ranges and the calendar. Tables that share a sheet stand side by side, so
that none of them has an end which a person could overrun.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

from openpyxl import Workbook
from openpyxl.packaging.custom import CustomPropertyList, IntProperty, StringProperty
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from ingestion import code_lists, contracts
from ingestion.contracts import Column, Contract
from ingestion.french import fold, format_number
from ingestion.read.excel import Table
from ingestion.templates.mark import mark
from ingestion.templates.styles import HEADER_FILL, WRAPPED
from ingestion.workbooks import INSTRUCTIONS, LISTS, put_text, settled

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_HEADER_ROW = 4
_ROWS = 2_000  # that validation covers; the reader has no such limit
_EDGE = Side(style="thin", color="A6A6A6")
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_FREQUENCIES = {
    "A": "une fois par an",
    "S": "une fois par semestre",
    "Q": "une fois par trimestre",
    "M": "une fois par mois",
    "D": "chaque jour",
    "irregular": "à chaque nouvelle situation",
}


@dataclass(frozen=True, slots=True)
class _Field:
    """One column of a sheet to fill."""

    header: str
    parts: tuple[str, ...]
    """The header's own rows, from the top."""
    column: Column
    labels: tuple[str, ...] = ()
    """What the drop-down offers."""


def compose(contract: Contract) -> bytes:
    """Give the template of a dataset as an .xlsx file, the same bytes at each call."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    instructions = workbook.create_sheet(INSTRUCTIONS)
    lists = _Lists(workbook)
    tables: tuple[Table, ...] = contracts.reader_options(contract)["tables"]
    fields = []
    for name, of_sheet in groupby(tables, key=lambda table: table.sheet):
        sheet = workbook.create_sheet(name)
        _open(sheet, contract)
        at = 1
        for table in of_sheet:
            these = list(_fields(table, contract))
            for n, field in enumerate(these):
                _validate(sheet, at + n, table.header_rows, field, contract, lists)
            _header(sheet, at, table.header_rows, these)
            sheet.freeze_panes = sheet.cell(_HEADER_ROW + table.header_rows, 1)
            fields += [(name, field) for field in these]
            at += len(these) + 1
    lists.close()
    _instruct(instructions, contract, fields)
    made_for = mark(contract)
    properties: CustomPropertyList[Any] = workbook.custom_doc_props  # type: ignore[attr-defined]  # the stubs lack it
    properties.append(StringProperty(name="PONAM contrat", value=made_for.dataset))
    properties.append(IntProperty(name="PONAM version", value=made_for.version))
    workbook.properties.title = contract.title_fr
    workbook.properties.creator = "PONAM"
    return settled(workbook)


def _fields(table: Table, contract: Contract) -> Iterator[_Field]:
    for header, name in table.keys.items():
        column = contract.by_name[name]
        total = table.total_labels[:1] if name == table.total_column else ()
        yield _Field(header, _parts(header, table), column, (*_labels(column), *total))
    for value in table.values:
        yield _Field(value.header, _parts(value.header, table), contract.by_name[contract.evidence])


def _parts(header: str, table: Table) -> tuple[str, ...]:
    return tuple(header.split(" / ")) if table.header_rows > 1 else (header,)


def _labels(column: Column) -> tuple[str, ...]:
    """What may be chosen in a column; empty: it is typed."""
    if column.type == "boolean":
        return ("oui", "non")
    if column.code_list is None:
        return ()
    return tuple(sorted(code_lists.labels(column.code_list, column.kinds), key=fold))


class _Lists:
    """The hidden sheet of what the drop-downs offer, one list per column."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._ranges: dict[tuple[str, ...], str] = {}

    def range_of(self, labels: tuple[str, ...]) -> str:
        """Give the cells where a list stands; the same list stands once."""
        letter = get_column_letter(len(self._ranges) + 1)
        return self._ranges.setdefault(labels, f"{LISTS}!${letter}$1:${letter}${len(labels)}")

    def close(self) -> None:
        """Write the lists on the last sheet."""
        sheet = self._workbook.create_sheet(LISTS)
        sheet.sheet_state = "hidden"
        for column, labels in enumerate(self._ranges, 1):
            for row, label in enumerate(labels, 1):
                put_text(sheet.cell(row, column), label)


def _open(sheet: Worksheet, contract: Contract) -> None:
    put_text(sheet["A1"], contract.title_fr)
    sheet["A1"].font = Font(bold=True, size=13)
    put_text(sheet["A2"], f"{mark(contract)}. Une ligne par cas ; voir la feuille « {INSTRUCTIONS} ».")
    sheet["A2"].font = Font(italic=True, color="595959")


def _header(sheet: Worksheet, at: int, depth: int, fields: list[_Field]) -> None:
    """Write the headers. One that names several columns is repeated: merged across, .ods would lose it."""
    for n, field in enumerate(fields):
        for level in range(depth):
            cell = sheet.cell(_HEADER_ROW + level, at + n)
            cell.font, cell.fill, cell.alignment = Font(bold=True), HEADER_FILL, _CENTRED
            cell.border = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
            if level < len(field.parts):
                put_text(cell, field.parts[level])
        if len(field.parts) < depth:
            first = _HEADER_ROW + len(field.parts) - 1
            sheet.merge_cells(
                start_row=first, end_row=_HEADER_ROW + depth - 1, start_column=at + n, end_column=at + n
            )
        sheet.column_dimensions[get_column_letter(at + n)].width = 34 if len(field.labels) > 2 else 20


def _validate(
    sheet: Worksheet, column: int, depth: int, field: _Field, contract: Contract, lists: _Lists
) -> None:
    letter, first = get_column_letter(column), _HEADER_ROW + depth
    rule = _rule(f"{letter}{first}", field, contract, lists)
    rule.allow_blank = True
    rule.showErrorMessage = rule.showInputMessage = True
    rule.errorTitle, rule.promptTitle = "Valeur inattendue", field.parts[-1][:32]
    expected = _expected(field, contract)
    rule.error, rule.prompt = f"Attendu : {expected}."[:255], f"{field.header} : {expected}."[:255]
    rule.add(f"{letter}{first}:{letter}{first + _ROWS - 1}")
    sheet.add_data_validation(rule)
    # A month or « 2013-2016 » must stay what was typed: a spreadsheet makes a day or a formula of it.
    number_format = {"period": "@", "text": "@", "code": "@", "number": "#,##0.##", "integer": "#,##0"}
    kind = "integer" if field.column.is_whole else field.column.type
    sheet.column_dimensions[letter].number_format = number_format.get(kind, "General")


def _rule(first_cell: str, field: _Field, contract: Contract, lists: _Lists) -> DataValidation:
    column = field.column
    if field.labels and column.type in ("code", "boolean"):
        return DataValidation(type="list", formula1=lists.range_of(field.labels))
    if column.type in ("number", "integer"):
        kind: Literal["whole", "decimal"] = "whole" if column.is_whole else "decimal"
        lowest, highest = column.range or (-(10**15), 10**15)
        return DataValidation(type=kind, operator="between", formula1=f"{lowest:f}", formula2=f"{highest:f}")
    if column.type == "period":
        return DataValidation(
            type="custom", formula1=_period_formula(first_cell, contract.calendar.frequency)
        )
    if column.type == "date":
        return DataValidation(type="date", operator="greaterThan", formula1="1")
    return DataValidation(type="textLength", operator="lessThanOrEqual", formula1="1000")


def _period_formula(cell: str, frequency: str) -> str:
    """Hold the outline of a period: the load knows the rest."""
    month = f'AND(LEN({cell})=7,ISNUMBER(-LEFT({cell},4)),MID({cell},5,1)="-")'
    if frequency == "M":
        return month
    year = f"AND(LEN({cell})=4,ISNUMBER(-{cell}))"
    years = f"AND(LEN({cell})=9,ISNUMBER(-LEFT({cell},4)),ISNUMBER(-RIGHT({cell},4)))"
    day = f'AND(LEN({cell})=10,MID({cell},3,1)="/")'
    return f"OR(ISNUMBER({cell}),{year},{years},{month},{day})"


def _expected(field: _Field, contract: Contract) -> str:
    """Say in French what a column takes; an institution reads it while it types."""
    column = field.column
    if column.description:
        said = column.description
    elif field.labels and column.type in ("code", "boolean"):
        said = "un des libellés de la liste"
    elif column.type in ("number", "integer"):
        said = "un nombre entier" if column.is_whole else "un nombre"
        if column.range:
            said += f" entre {format_number(column.range[0])} et {format_number(column.range[1])}"
        said += f", en {column.unit}" if column.unit else ""
    elif column.type == "period":
        monthly = contract.calendar.frequency == "M"
        said = (
            "un mois, par exemple 2026-03"
            if monthly
            else "une année (2016), des années (2013-2016) ou un jour"
        )
        said += "" if monthly else " (31/12/2016)"
    elif column.type == "date":
        said = "une date, par exemple 31/12/2016"
    else:
        said = "un texte"
    return said


def _instruct(sheet: Worksheet, contract: Contract, fields: list[tuple[str, _Field]]) -> None:
    sheet.column_dimensions["A"].width = 30
    sheet.column_dimensions["B"].width = 44
    sheet.column_dimensions["C"].width = 16
    sheet.column_dimensions["D"].width = 62
    put_text(sheet["A1"], contract.title_fr)
    sheet["A1"].font = Font(bold=True, size=14)
    put_text(sheet["A2"], str(mark(contract)))
    sheet["A2"].font = Font(bold=True)
    row = 4
    for step in _steps(contract, list(dict.fromkeys(name for name, _ in fields))):
        put_text(sheet.cell(row, 1), step)
        sheet.cell(row, 1).alignment = WRAPPED
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=4)
        sheet.row_dimensions[row].height = 15 * (1 + len(step) // 140)
        row += 1
    row += 1
    for column, title in enumerate(("Feuille", "Colonne", "Obligatoire", "Ce qu’il faut y mettre"), 1):
        cell = sheet.cell(row, column)
        put_text(cell, title)
        cell.font, cell.fill = Font(bold=True), HEADER_FILL
    for line, (name, field) in enumerate(fields, row + 1):
        is_asked = field.column.required and field.column.default is None
        texts = (name, field.header, "oui" if is_asked else "non", _expected(field, contract))
        for column, text in enumerate(texts, 1):
            put_text(sheet.cell(line, column), text)
            sheet.cell(line, column).alignment = WRAPPED


def _steps(contract: Contract, sheets: list[str]) -> Iterator[str]:
    named = ", ".join(f"« {name} »" for name in sheets)
    yield (
        f"1. Remplissez {named} : une ligne par cas, sans changer les en-têtes ni le nom des feuilles, et "
        "sans en ajouter."
    )
    yield "2. Choisissez dans les listes déroulantes ; écrivez les nombres en chiffres, sans unité."
    yield "3. Une cellule vide veut dire « inconnu », 0 veut dire « aucun »."
    if _takes_totals(contract):
        yield "4. Vous pouvez donner une ligne « Total » : elle doit être la somme de ses lignes."
    else:
        yield "4. Ne donnez pas de ligne de total."
    if contract.delivery.mode == "complete":
        yield "5. Chaque envoi remplace le précédent : redonnez aussi les lignes qui n’ont pas changé."
    else:
        yield "5. Chaque envoi s’ajoute aux précédents : une ligne redonnée corrige celle d’avant."
    yield "6. Une ligne qui commence par « Source » ou « Note », sous le tableau, est gardée comme remarque."
    yield (
        "7. Nommez le fichier AAAA-MM-JJ_suivi-de-votre-choix.xlsx, avec le jour de la publication, et "
        f"envoyez-le {_FREQUENCIES[contract.calendar.frequency]} à la cellule de suivi, qui le dépose dans "
        f"le dossier « {contract.dataset} »."
    )
    if contract.personal is None:
        yield (
            "8. Si quelque chose ne va pas, le classeur revient, ses cellules fautives colorées et "
            "expliquées."
        )
        return
    yield (
        "8. Si quelque chose ne va pas, une liste d’anomalies revient : la place de chaque cellule fautive "
        "et ce qui y est attendu, sans rien citer du classeur. Corrigez votre exemplaire et renvoyez-le."
    )
    hidden = ", ".join(f"« {contract.by_name[name].title_fr or name} »" for name in contract.identifiers)
    yield (
        f"9. Données sur des personnes : à la réception, {hidden} sont remplacés par un code illisible ; "
        "les noms sont gardés à part, et une seule personne désignée peut les lire. Seuls des comptages sont "
        "publiés, et aucun petit effectif. N’écrivez aucun nom dans le nom du fichier."
    )
    yield f"10. Finalité : {contract.personal.purpose}"
    yield f"11. Base légale : {contract.personal.legal_basis}"
    yield f"12. Conservation : {contract.personal.retention}"


def _takes_totals(contract: Contract) -> bool:
    tables: tuple[Table, ...] = contracts.reader_options(contract)["tables"]
    return any(table.total_column in table.keys.values() for table in tables)
