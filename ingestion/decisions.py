"""Decisions on rejected records: accept as is, correct, or refuse; nothing is edited in place.

A decision is a new row of `meta.decisions`. When the delivery is read again (`deliveries.reread`), the
decided record comes out of its file as before and meets the newest decision on it: accepted, it passes the
bounds and the verification that it broke; corrected, it has the values that it should have been printed with;
refused, it stays rejected. What became of it is written beside the counts of that load.

The file is the same, its reader and its contract may be newer: a record meets a decision when it stands at
the same place and prints the same in the columns concerned. A decision that no record meets is told.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from psycopg import sql
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from ingestion import contracts, ledger, pseudonyms, staging
from ingestion.contracts import Contract
from ingestion.db import Connection, rows
from ingestion.errors import ExpectedError
from ingestion.ledger import Delivery
from ingestion.read import Record
from ingestion.rows import GIVEN_ONCE, ONE_PER_KEY, Typing, as_received
from ingestion.text import storable

logger = logging.getLogger(__name__)

Action = Literal["accept", "correct", "refuse"]
ACTIONS: tuple[Action, ...] = get_args(Action)

Verify = Callable[[Record], Record]


class UnknownRejectionError(ExpectedError, LookupError):
    """A rejection number that the ledger does not have (any more: reading a delivery again numbers anew)."""


class ImpossibleDecisionError(ExpectedError, ValueError):
    """A decision after which the record would be rejected all the same."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided of one rejected record."""

    decision_id: int
    delivery_id: int
    record_locator: str
    record: dict[str, Any]
    column_name: str | None
    action: Action
    corrections: dict[str, str]
    author: str
    comment: str

    def concerns(self, record: Record) -> bool:
        """Whether a record of the decision's file is the one that was decided."""
        columns = {*self.corrections, *filter(None, [self.column_name])}
        found, decided = as_received(record), self.record
        return (
            found["locator"] == decided["locator"]
            and (bool(self.column_name) or found["literal"] == decided["literal"])
            and all(found["values"].get(name) == decided["values"].get(name) for name in columns)
        )


_COLUMNS = ", ".join(Decision.__dataclass_fields__)


def decide(
    rejection_id: int,
    action: Action,
    db: Connection,
    *,
    author: str,
    comment: str,
    corrections: Mapping[str, str] | None = None,
) -> int:
    """Write a decision on a rejected record and return its number; it counts when the delivery is read again.

    `corrections` maps columns to values as they should have been printed. Raises UnknownRejectionError, and
    ImpossibleDecisionError when the record could not be staged even so.
    """
    found = rows(db, "select * from meta.rejections where rejection_id = %s", [rejection_id])
    if not found:
        raise UnknownRejectionError(
            f"no rejection {rejection_id}: numbers are given anew when a delivery is read again; "
            "see `rejections --delivery`"
        )
    [rejection] = found
    if not author.strip() or not comment.strip():
        raise ImpossibleDecisionError("a decision says who made it and why")
    if (action == "correct") != bool(corrections):
        raise ImpossibleDecisionError(
            "`correct` gives at least one column and value, and no other action does"
        )
    contract = contracts.load(ledger.find(rejection["delivery_id"], db).dataset_code)
    corrections = pseudonyms.corrections(corrections or {}, contract)
    if action == "accept" and _is_repeated(rejection):
        raise ImpossibleDecisionError("another record has the same key: refuse the one that is wrong")
    unread = rejection["record"].get("fault_column")
    if rejection["column_name"] is None and contract.verification is None:
        unread = contract.evidence
    if unread is not None:
        _require_readable(rejection, action, corrections, unread)
    if action != "refuse":
        _require_effect(_record_of(rejection["record"]), corrections, action == "accept", contract)
    row = db.execute(
        """insert into meta.decisions (delivery_id, record_locator, record, column_name, found, expected,
                                       action, corrections, author, comment)
           select delivery_id, record_locator, record, column_name, found, expected, %s, %s, %s, %s
             from meta.rejections where rejection_id = %s
           returning decision_id""",
        [action, Jsonb(corrections), author.strip(), comment.strip(), rejection_id],
    ).fetchone()
    assert row is not None  # noqa: S101 - `returning` of one inserted row
    return int(row[0])


def find(decision_id: int, db: Connection) -> Decision:
    """Return one decision; LookupError when there is none."""
    query = f"select {_COLUMNS} from meta.decisions where decision_id = %s"  # noqa: S608 - constants
    found = rows(db, query, [decision_id])
    if not found:
        raise LookupError(f"no decision {decision_id}")
    return Decision(**found[0])


def of_delivery(delivery_id: int, db: Connection) -> list[Decision]:
    """The newest decision on each record of a delivery."""
    return [
        Decision(**row)
        for row in rows(
            db,
            f"""select distinct on (record) {_COLUMNS} from meta.decisions
                 where delivery_id = %s order by record, decision_id desc""",  # noqa: S608 - constants
            [delivery_id],
        )
    ]


def rejected(
    db: Connection, *, delivery_id: int | None = None, dataset_code: str | None = None, limit: int
) -> list[DictRow]:
    """The rejected records, of one delivery or dataset if given, newest delivery first: what a list shows."""
    return rows(
        db,
        """select rejection_id, delivery_id, dataset_code, rejections.record_locator,
                  rejections.column_name, rejections.found, rejections.expected, who_fixes, decision.said
             from meta.rejections
             join meta.deliveries using (delivery_id)
             left join lateral (
                  select action || ', ' || author as said from meta.decisions
                   where decisions.delivery_id = rejections.delivery_id
                     and (decisions.record = rejections.record or decision_id in (
                          select decision_id from meta.decision_outcomes
                           where outcome = 'rejected'
                             and decision_outcomes.record_locator = rejections.record_locator))
                   order by decision_id desc limit 1) as decision on true
            where delivery_id = coalesce(%(delivery)s, delivery_id)
              and dataset_code = coalesce(%(dataset)s, dataset_code)
            order by delivery_id desc, rejection_id
            limit %(limit)s""",
        {"delivery": delivery_id, "dataset": dataset_code, "limit": limit},
    )


def taken(delivery_id: int | None, db: Connection) -> list[DictRow]:
    """The decisions on all deliveries or on one, each with what became of its record: what a list shows."""
    return rows(
        db,
        """select decision_id, decisions.delivery_id, decisions.record_locator, action, corrections,
                  author, comment, decided_at::date, outcome, outcome.record_locator as came_back
             from meta.decisions
             left join lateral (
                  select outcome, record_locator from meta.decision_outcomes
                   where decision_outcomes.decision_id = decisions.decision_id
                   order by load_id desc limit 1) as outcome on true
            where decisions.delivery_id = coalesce(%s, decisions.delivery_id)
            order by decision_id""",
        [delivery_id],
    )


def waiting(delivery_id: int, db: Connection) -> int:
    """How many records of a delivery were decided after it was read last: reading it again applies that."""
    row = db.execute(
        """select count(distinct record)
             from meta.decisions
             join meta.deliveries using (delivery_id)
            where delivery_id = %s and decided_at > loaded_at""",
        [delivery_id],
    ).fetchone()
    assert row is not None  # noqa: S101 - a count
    return int(row[0])


def waived_rows(contract: Contract) -> sql.Composed:
    """Query of the staged rows that are there because a decision accepted their record as it is.

    Columns: `row_id`, `decision_id`; each row once.
    """
    return sql.SQL(
        """select row_id, max(decision_id) as decision_id
             from meta.decision_outcomes
             join meta.decisions using (decision_id)
             join meta.deliveries using (delivery_id)
            where dataset_code = {dataset} and action = 'accept' and row_id is not null
            group by row_id"""
    ).format(dataset=sql.Literal(contract.dataset))


def set_aside(delivery_id: int, db: Connection) -> int:
    """How many of the rejected records of a delivery are so by a decision that its last load applied."""
    row = db.execute(
        """select count(*)
             from meta.decision_outcomes
             join meta.decisions using (decision_id)
            where load_id = (select max(load_id) from meta.loads where delivery_id = %s)
              and action = 'refuse' and outcome = 'rejected'""",
        [delivery_id],
    ).fetchone()
    assert row is not None  # noqa: S101 - a count
    return int(row[0])


@dataclass(slots=True)
class Decided:
    """Applies the decisions on a delivery to its records, and remembers where each decided record came back.

    `records` may be called again for the same file: it gives the same.
    """

    decisions: list[Decision]
    locators: dict[int, str] = field(default_factory=dict)
    """Decision number → locator of the record that it was applied to."""
    superseded: set[int] = field(default_factory=set)
    """Decisions on a record that met a newer one."""

    def records(self, records: Iterable[Record], verified: Verify) -> Iterator[Record]:
        """Give the records of the file, verified, the decided ones as they were decided."""
        by_place = defaultdict(list)
        for decision in sorted(self.decisions, key=lambda one: one.decision_id, reverse=True):
            by_place[decision.record["locator"]].append(decision)
        for read in records:
            record = verified(read)
            there = by_place.get(storable(record.locator), ())
            matching = [one for one in there if one.concerns(record)]
            if not matching:
                yield record
                continue
            newest, *older = matching
            settled = _settled(record, newest, verified, as_read=read.fault)
            self.locators[newest.decision_id] = storable(settled.locator)
            self.superseded.update(one.decision_id for one in older)
            yield settled

    def note_outcomes(self, load_id: int, delivery: Delivery, contract: Contract, db: Connection) -> None:
        """Write what became of each decided record in the load that just ended."""
        for decision_id, locator in self.locators.items():
            db.execute(
                sql.SQL(
                    """insert into meta.decision_outcomes
                           (decision_id, load_id, record_locator, row_id, outcome)
                       select %(decision_id)s, %(load_id)s, %(locator)s, staged.row_id,
                              case when staged.row_id is not null then 'staged'
                                   when rejected.rejection_id is not null then 'rejected'
                                   else 'unchanged' end
                         from (select 1) as one
                         left join {table} as staged
                           on staged.delivery_id = %(delivery_id)s and staged.record_locator = %(locator)s
                         left join meta.rejections as rejected
                           on rejected.delivery_id = %(delivery_id)s and rejected.record_locator = %(locator)s
                        limit 1"""
                ).format(table=staging.table(contract)),
                {
                    "decision_id": decision_id,
                    "load_id": load_id,
                    "locator": locator,
                    "delivery_id": delivery.delivery_id,
                },
            )
        for decision in self.decisions:
            if decision.decision_id in self.locators.keys() | self.superseded:
                continue
            logger.warning(
                "%s, delivery %d: decision %d on %s is met by no record any more; decide again",
                delivery.dataset_code,
                delivery.delivery_id,
                decision.decision_id,
                decision.record_locator,
            )
            db.execute(
                """insert into meta.decision_outcomes (decision_id, load_id, record_locator, outcome)
                   values (%s, %s, %s, 'not met')""",
                [decision.decision_id, load_id, decision.record_locator],
            )


def _settled(record: Record, decision: Decision, verified: Verify, as_read: str | None) -> Record:
    """The record as decided; `as_read` is the fault that the reader itself found: nobody can accept it."""
    if decision.action == "accept":
        return replace(record, fault=as_read, is_waived=True)
    if decision.action == "correct":
        return verified(replace(record, fault=None, values={**record.values, **decision.corrections}))
    fault = f"rien : écarté par la décision n° {decision.decision_id} ({decision.author})"
    return replace(record, fault=fault, fault_column=None)


def _is_repeated(rejection: Mapping[str, Any]) -> bool:
    """Whether a record was rejected for another one with its key, not for what it says itself."""
    return rejection["expected"] in (ONE_PER_KEY, GIVEN_ONCE)


def _require_readable(
    rejection: Mapping[str, Any], action: Action, corrections: Mapping[str, str], unread: str
) -> None:
    """Refuse to take for a value of the column `unread` what a reader found none in: 15 % shown is 0.15."""
    if _is_repeated(rejection) or action == "refuse":
        return
    if unread not in corrections:
        raise ImpossibleDecisionError(
            f"what stands there is not read as a value: found {rejection['found']!r}; expected "
            f"{rejection['expected']}; correct {unread!r} instead"
        )


def _require_effect(record: Record, corrections: dict[str, str], is_waived: bool, contract: Contract) -> None:
    """Type the record as it would come back; whether its literal stands in a text is seen when it is read."""
    if unknown := corrections.keys() - contract.by_name.keys():
        raise ImpossibleDecisionError(f"{contract.dataset} has no column {', '.join(sorted(unknown))}")
    row = Typing(contract).row(replace(record, values={**record.values, **corrections}, is_waived=is_waived))
    if row.reason is not None:
        raise ImpossibleDecisionError(
            f"the record would be rejected again: {row.reason.column or 'record'}: "
            f"found {row.reason.found!r}; expected {row.reason.expected}"
        )


def _record_of(received: dict[str, Any]) -> Record:
    return Record(received["locator"], received["kind"], received["values"], received["literal"])
