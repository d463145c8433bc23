"""The outcomes of a judgement in `meta.check_results`."""

from __future__ import annotations

from dataclasses import asdict

from psycopg.types.json import Jsonb

from expectations.verdict import FailingRow, Outcome, Verdict
from ingestion.db import Connection, rows


def record(verdict: Verdict, db: Connection) -> None:
    """Write the outcomes; those of a judgement that was cut off before its verdict give way to them.

    A delivery that another judge has decided on in the meantime keeps the outcomes recorded then.
    """
    with db.transaction():
        undecided = db.execute(
            "select from meta.deliveries where delivery_id = %s and status = 'loaded' for update",
            [verdict.delivery_id],
        ).fetchone()
        if undecided is None:
            return
        db.execute(
            "delete from meta.check_results where delivery_id = %s and checker = 'great_expectations'",
            [verdict.delivery_id],
        )
        db.cursor().executemany(
            """insert into meta.check_results (delivery_id, checker, check_name, subject, passed, severity,
                                               observed, expected, who_fixes, failing)
               values (%s, 'great_expectations', %s, %s, %s, %s, %s, %s, %s, %s)""",
            [
                (
                    verdict.delivery_id,
                    outcome.check_name,
                    outcome.subject,
                    outcome.passed,
                    outcome.severity,
                    outcome.observed,
                    outcome.expected,
                    outcome.who_fixes,
                    Jsonb([asdict(row) for row in outcome.failing]),
                )
                for outcome in verdict.outcomes
            ],
        )


def recorded(delivery_id: int, db: Connection) -> tuple[Outcome, ...]:
    """The outcomes of a delivery, in the order in which they were recorded."""
    found = rows(
        db,
        """select check_name, subject, passed, severity, coalesce(observed, '') as observed,
                  coalesce(expected, '') as expected, who_fixes, failing
             from meta.check_results
            where delivery_id = %s and checker = 'great_expectations'
            order by check_result_id""",
        [delivery_id],
    )
    return tuple(
        Outcome(**{**row, "failing": tuple(FailingRow(**failing) for failing in row["failing"])})
        for row in found
    )
