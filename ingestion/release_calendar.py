"""What institutions should have published by now and did not: the late lines of the release calendar."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from psycopg.rows import class_row

from ingestion import settings
from ingestion.db import connect


@dataclass(frozen=True, slots=True)
class Overdue:
    """A dataset with at least one late period: the oldest of them, and how many there are."""

    dataset_code: str
    period_code: str | None
    """None for a dataset without a rhythm: its next delivery, whatever it is about."""
    expected_on: datetime.date
    delay_days: int
    periods: int

    def sentence(self) -> str:
        """The line of a log."""
        what = f"period {self.period_code}" if self.period_code else "its next delivery"
        more = f", and {self.periods - 1} more" if self.periods > 1 else ""
        return (
            f"{self.dataset_code}: {what} was expected on {self.expected_on:%d/%m/%Y}, "
            f"{self.delay_days} days ago{more}"
        )


def overdue() -> list[Overdue]:
    """The datasets that are late today, the longest first, read from the marts as `ponam_reader`."""
    with (
        connect(settings.reader_dsn()) as db,
        db.cursor(row_factory=class_row(Overdue)) as cursor,
    ):
        late = cursor.execute(
            """select distinct on (dataset_code) dataset_code, period_code, expected_on, delay_days,
                      count(*) over (partition by dataset_code) as periods
                 from marts.fct_release_calendar where status = 'late'
                order by dataset_code, expected_on"""
        ).fetchall()
    return sorted(late, key=lambda one: one.delay_days, reverse=True)
