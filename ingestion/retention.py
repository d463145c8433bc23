"""The end of the retention of names: what has passed it, and the erasure, which leaves a line in the ledger.

A contract on persons says for how many months names are kept, counted from the day on which the delivery was
received. Saying what is over needs no name: the loader may count `confidential.identities` and not read it.
Erasing is for the custodian. The pseudonyms stay, and with them the counts; who stood behind one is then
nobody's knowledge. The archived file is not touched: its owner alone reads it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from psycopg.rows import class_row

from ingestion import contracts
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.errors import ExpectedError


class NotErasedError(ExpectedError, ValueError):
    """An erasure that nobody signs for."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """Names of one delivery that are kept longer than their dataset's contract says."""

    dataset_code: str
    delivery_id: int
    names: int
    kept_until: datetime.date
    """The end of the retention of the newest of them."""

    def sentence(self) -> str:
        """Say it in one line of a log."""
        return (
            f"{self.dataset_code}: {self.names} names of delivery {self.delivery_id}, until {self.kept_until}"
        )


def overdue(db: Connection) -> list[Overdue]:
    """What is over its retention now, by dataset and delivery; `db` as ponam_loader or ponam_custodian."""
    return [found for contract in _of_persons() for found in _overdue(contract, db)]


def erase(db: Connection, author: str) -> list[Overdue]:
    """Erase the names that are over their retention, and return what they were; `db` as ponam_custodian.

    One transaction: what is erased stands in `meta.erasures` under the name of `author`, or nothing is.
    """
    with db.transaction():
        # A delivery that is being loaded adds its names before or after, not between counting and erasing.
        db.execute("lock table confidential.identities in share row exclusive mode")
        found = overdue(db)
        for one in found:
            db.execute(
                """delete from confidential.identities
                    where dataset_code = %s and delivery_id = %s
                      and kept_since + make_interval(months => %s) <= now()""",
                [one.dataset_code, one.delivery_id, _months(contracts.load(one.dataset_code))],
            )
            db.execute(
                """insert into meta.erasures (dataset_code, delivery_id, names, kept_until, erased_by)
                   values (%s, %s, %s, %s, %s)""",
                [one.dataset_code, one.delivery_id, one.names, one.kept_until, author],
            )
    return found


def _of_persons() -> list[Contract]:
    return [contract for contract in contracts.all().values() if contract.personal is not None]


def _overdue(contract: Contract, db: Connection) -> list[Overdue]:
    with db.cursor(row_factory=class_row(Overdue)) as cursor:
        return cursor.execute(
            """select dataset_code, delivery_id, count(*) as names, max(kept_until)::date as kept_until
                 from (select dataset_code, delivery_id,
                              kept_since + make_interval(months => %s) as kept_until
                         from confidential.identities
                        where dataset_code = %s) as kept
                where kept_until <= now()
                group by dataset_code, delivery_id
                order by delivery_id""",
            [_months(contract), contract.dataset],
        ).fetchall()


def _months(contract: Contract) -> int:
    if contract.personal is None:
        raise ValueError(f"{contract.dataset} is no dataset of persons")
    return contract.personal.names_kept_months
