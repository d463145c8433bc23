"""A record becomes a typed row, or keeps its text and gets the first reason why it cannot."""

from __future__ import annotations

import datetime
import functools
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from ingestion import code_lists
from ingestion.contracts import Column, Contract
from ingestion.french import NotAsExpected, fold, format_number, parse_number, parse_period
from ingestion.text import is_storable, storable
from ingestion.wording import titled

if TYPE_CHECKING:
    from ingestion.read import Record

Value = str | int | Decimal | datetime.date | bool | None
Parser = Callable[[str | None], "Value"]
"""Printed text to value; raises NotAsExpected."""
WhoFixes = Literal["institution", "developer", "statistics team"]

KINDS = ("data", "total", "note")

TEXT_FORM: Literal["NFC"] = "NFC"
"""Texts that look alike are one text, however their accents are written: a key says the same thing twice."""

_MOST_DIGITS = 40
_YES = frozenset(("oui", "vrai", "o", "x", "1", "yes", "true"))
_NO = frozenset(("non", "faux", "n", "0", "no", "false"))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record is rejected; `column` is None when it is the record as a whole."""

    column: str | None
    found: str | None
    expected: str
    who_fixes: WhoFixes = "institution"


REPEATED_KEY = "même clé qu’à "
"""How `found` begins when a record is rejected for its key alone; the place of the other follows."""
ONE_PER_KEY, GIVEN_ONCE = "une seule valeur par clé", "une ligne donnée une seule fois"
"""What is expected then: of records that contradict each other, and of those that say the same."""


@dataclass(slots=True)
class Row:
    """A record with its typed columns; `reasons` says why it is rejected, if it is."""

    record: Record
    values: dict[str, Value] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()

    @property
    def reason(self) -> Reason | None:
        """The first reason: the one that the ledger keeps."""
        return self.reasons[0] if self.reasons else None

    def reject(self, reason: Reason) -> None:
        """Reject the record, for one more reason when it is rejected already."""
        self.reasons = (*self.reasons, reason)


class Typing:
    """Types the records of one dataset as its contract says."""

    def __init__(self, contract: Contract) -> None:
        """Prepare one parser per column; raises FileNotFoundError for a code list that does not exist."""
        self.columns = [(column, _parser(column)) for column in contract.columns]
        self._boundless = [
            (column, _parser(column.model_copy(update={"range": None}))) for column in contract.columns
        ]
        self._names = frozenset(column.name for column in contract.columns)
        self.pairs = [
            (column, column.within, code_lists.memberships(column.code_list or ""))
            for column in contract.columns
            if column.within
        ]
        """Columns that lie within another: the column, the other's name, the couples of codes that agree."""
        self._contract = contract

    def row(self, record: Record) -> Row:
        """Type one record: every column that can be, even when another is the reason of a rejection."""
        row = Row(record)
        if record.kind not in KINDS:
            row.reject(Reason(None, record.kind, f"une nature parmi {', '.join(KINDS)}", "developer"))
        elif record.kind == "note":
            if not record.literal:
                row.reject(Reason(None, None, "le texte de la note", "developer"))
            return row
        if record.fault:
            row.reject(Reason(record.fault_column, record.literal, record.fault))
        for name in record.values.keys() - self._names:
            row.reject(Reason(name, record.values[name], "une colonne du contrat", "developer"))
        for column, parse in self._boundless if record.is_waived else self.columns:
            try:
                row.values[column.name] = parse(record.values.get(column.name))
            except NotAsExpected as error:
                row.reject(Reason(column.name, error.found, error.expected))
        self._hold_together(row)
        return row

    def _hold_together(self, row: Row) -> None:
        """Reject a place outside the one that the record gives for it: no decision can waive that.

        What was found of the other column is not quoted: of persons, a reason says one thing of them at most.
        """
        for column, other, agreed in self.pairs:
            code, around = row.values.get(column.name), row.values.get(other)
            if code is not None and around is not None and (code, around) not in agreed:
                expected = f"une valeur située dans {titled(other, self._contract)} de la même ligne"
                row.reject(Reason(column.name, row.record.values.get(column.name), expected))


def as_received(record: Record) -> dict[str, Any]:
    """The whole record, as `meta.rejections` keeps it; `fault_column` only where the reader found one."""
    at_fault = {"fault_column": record.fault_column} if record.fault and record.fault_column else {}
    return at_fault | {
        "locator": storable(record.locator),
        "kind": storable(record.kind),
        "values": {name: None if value is None else storable(value) for name, value in record.values.items()},
        "literal": None if record.literal is None else storable(record.literal),
    }


def _parser(column: Column) -> Parser:
    of_type = functools.lru_cache(maxsize=4096)(_type_parser(column))

    def parse(printed: str | None) -> Value:
        text = (printed or "").strip() or column.default
        if text is None:
            if column.required:
                raise NotAsExpected("", "une valeur")
            return None
        if not is_storable(text):
            raise NotAsExpected(text, "un texte sans caractère de contrôle")
        return of_type(text)

    return parse


def _type_parser(column: Column) -> Callable[[str], Value]:
    if column.type == "code":
        return _code_parser(column)
    if column.type in ("number", "integer"):
        return functools.partial(_number, column)
    parsers: dict[str, Callable[[str], Value]] = {
        "text": functools.partial(unicodedata.normalize, TEXT_FORM),
        "period": parse_period,
        "date": _date,
        "boolean": _boolean,
    }
    return parsers[column.type]


def list_of(column: Column) -> str:
    """Name the code list of a column as its institution knows it: by the title of the column."""
    return f"la liste « {column.title_fr or column.code_list} »"


def _code_parser(column: Column) -> Callable[[str], Value]:
    code_list = code_lists.load(column.code_list or "", column.kinds)

    def code(text: str) -> str:
        found = code_list.code_of(text)
        if found is None:
            raise NotAsExpected(text, f"un code ou un libellé de {list_of(column)}")
        return found

    return code


def _number(column: Column, text: str) -> Decimal | int:
    number = parse_number(text)
    if len(number.as_tuple().digits) > _MOST_DIGITS:
        raise NotAsExpected(f"{text[:_MOST_DIGITS]}…", f"un nombre d’au plus {_MOST_DIGITS} chiffres")
    if column.range is not None and not column.range[0] <= number <= column.range[1]:
        lowest, highest = map(format_number, column.range)
        raise NotAsExpected(text, f"un nombre entre {lowest} et {highest}")
    if not column.is_whole:
        return number
    if number != int(number) or abs(number) >= 2**63:
        raise NotAsExpected(text, "un nombre entier")
    return number if column.type == "number" else int(number)


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(parse_period(text))
    except ValueError as error:  # NotAsExpected is one too
        raise NotAsExpected(text, "une date, par exemple 31/12/2016") from error


def _boolean(text: str) -> bool:
    folded = fold(text)
    if folded not in _YES | _NO:
        raise NotAsExpected(text, "oui ou non")
    return folded in _YES
