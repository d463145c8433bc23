"""What is wrong with a delivery, anomaly by anomaly, in the words of whoever corrects it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingestion import code_lists, wording
from ingestion.contracts import Column, Contract
from ingestion.db import Connection, rows
from ingestion.french import fold, format_number
from ingestion.ledger import Delivery
from ingestion.pseudonyms import MASKED
from ingestion.read import Record
from ingestion.rows import ONE_PER_KEY, REPEATED_KEY, Reason, Typing, list_of

MOST_LISTED = 5_000
"""Rejections of a delivery that are told one by one; more are counted."""

_MOST_CODES = 12  # a longer code list is not spelled out
_LACK_REJECTED = ("parts_add_up", "numbered_without_gap")  # checks that rejected rows alone can fail


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A rejected record, or one at which a check fails: where it stood, what was found and expected."""

    locator: str
    column: str | None
    """French name of the column; None when it is the record as a whole."""
    found: str | None
    expected: str
    who_fixes: str
    printed: frozenset[str] = frozenset()
    """What the record says, folded: it finds the row of a record that says no place in the file."""
    headers: frozenset[str] = frozenset()
    """What may be printed above its column, folded."""
    is_of_check: bool = False
    """What was found is about the cell, and need not stand in it: a total and the sum of its parts."""
    is_repeated: bool = False
    """The place is that of an earlier delivery: it counts where the same figure stands there again."""
    is_warning: bool = False

    def __str__(self) -> str:
        about = "À vérifier : " if self.is_warning else ""
        about += f"{self.column} : " if self.column else ""
        values = self.found.replace(", ", " ; ") if self.found and self.is_of_check else self.found
        found = f"trouvé « {values} », " if values else "vide, " if self.column else ""
        return f"{about}{found}attendu {self.expected}"


def of_rejections(delivery: Delivery, contract: Contract, db: Connection) -> list[Anomaly]:
    """Give every reason of the first rejections of a delivery, in the words of who fills the columns."""
    rejections = rows(
        db,
        """select record_locator, record_kind, record, column_name, found, expected, who_fixes
             from meta.rejections where delivery_id = %s order by rejection_id limit %s""",
        [delivery.delivery_id, MOST_LISTED],
    )
    typing, headers = Typing(contract), headers_of(contract)
    return [
        Anomaly(
            str(rejection["record_locator"]),
            _title(contract.by_name.get(reason.column or ""), reason.column),
            (reason.found or "").replace(REPEATED_KEY, "déjà donné en ") or None,
            _expected(reason, contract),
            reason.who_fixes,
            frozenset(fold(text) for text in rejection["record"]["values"].values() if text),
            headers.get(reason.column or "", frozenset()),
        )
        for rejection in rejections
        for reason in _reasons(rejection, typing)
    ]


def _reasons(rejection: dict[str, Any], typing: Typing) -> list[Reason]:
    """Every reason of a rejection: the ledger keeps the first, an institution corrects all at once."""
    kept = Reason(rejection["column_name"], rejection["found"], rejection["expected"], rejection["who_fixes"])
    said = rejection["record"]
    if not said["values"]:  # a row that is none of the table's: what it lacks is not the point
        return [kept]
    record = Record(said["locator"], said["kind"], said["values"], said["literal"])
    now = typing.row(record).reasons  # in the words of now: the kept ones may be older
    if at_fault := said.get("fault_column"):  # the reader says more of it than that nothing was read there
        now = tuple(reason for reason in now if reason.column != at_fault)
    is_said = any((reason.column, reason.found) == (kept.column, kept.found) for reason in now)
    return list(dict.fromkeys([*(() if is_said else (kept,)), *now]))


def _expected(reason: Reason, contract: Contract) -> str:
    """Say what a column takes in the words of who fills it: its title, and the label that is close."""
    column = contract.by_name.get(reason.column or "")
    if column is None:
        if reason.expected == ONE_PER_KEY:
            titles = ", ".join(wording.titled(name, contract) for name in _printed_key(contract))
            return f"une seule fois chaque combinaison de {titles}"
        return reason.expected
    if reason.found == MASKED and column.range is not None:  # the mask is no number: not what was wrong
        return "un nombre entre {} et {}".format(*map(format_number, column.range))
    if not reason.expected.endswith(list_of(column)):
        return reason.expected
    return f"{reason.expected}{_codes(column) or _closest(reason.found or '', column)}"


def _printed_key(contract: Contract) -> Sequence[str]:
    """The columns of the key that stand on the sheet: who fills it sees no others."""
    options = contract.form.options
    printed = {*options.get("columns", {}).values()}
    for table in options.get("tables", ()):
        printed.update(table.get("keys", {}).values())
        printed.update(filter(None, [(table.get("wide") or {}).get("into")]))
    return [name for name in contract.key if name in printed] or contract.key


def _closest(found: str, column: Column) -> str:
    labels = {fold(label): label for label in code_lists.labels(column.code_list or "", column.kinds)}
    close = difflib.get_close_matches(fold(found), labels, n=1, cutoff=0.6)
    return f" ; le plus proche : « {labels[close[0]]} »" if close else ""


def _title(column: Column | None, name: str | None) -> str | None:
    return name if column is None else column.title_fr or column.name


def _codes(column: Column | None) -> str:
    """Spell out a short code list: what may stand in the cell."""
    if column is None or column.code_list is None:
        return ""
    codes = sorted(code_lists.load(column.code_list, column.kinds).codes - {"_T"})
    return f" ({', '.join(codes)})" if len(codes) <= _MOST_CODES else ""


def at_checks(failed: Sequence[dict[str, Any]], contract: Contract, *, is_partial: bool) -> Iterator[Anomaly]:
    """Give an anomaly for each row at which a check failed; its subject opens with the column.

    Rows were rejected when `is_partial`: a total that lacks them may be right.
    """
    headers = headers_of(contract)
    for check in failed:
        name = check["subject"].partition(" (")[0]
        for row in check["failing"]:
            yield Anomaly(
                row["record_locator"],
                _title(contract.by_name.get(name), None),
                row["found"],
                check["expected"],
                check["who_fixes"],
                headers=headers.get(name, frozenset()),
                is_of_check=True,
                is_repeated=row["is_repeated"],
                is_warning=is_warning(check, is_partial=is_partial),
            )


def is_warning(check: Mapping[str, Any], *, is_partial: bool) -> bool:
    """Whether what a check found may be right: once the rejected rows are there, for what lacks them."""
    return check["severity"] == "warning" or (is_partial and check["check_name"] in _LACK_REJECTED)


def headers_of(contract: Contract) -> dict[str, frozenset[str]]:
    """What may stand above each column, folded: what the reader's options say of it, and its French name."""
    options = contract.form.options
    named = [*options.get("columns", {}).items()]
    for table in options.get("tables", ()):
        named += table.get("keys", {}).items()
        named += ((value["header"], contract.evidence) for value in table.get("values", ()))
    named += ((column.title_fr, column.name) for column in contract.columns if column.title_fr)
    headers: dict[str, frozenset[str]] = {}
    for header, name in named:
        parts = frozenset(fold(part) for part in (header, *header.split(" / ")))
        headers[name] = headers.get(name, frozenset()) | parts
    return headers
