"""What happened, as tables: per source, then the transformation and the indicators."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from rich import box
from rich.table import Table

_BY_SOURCE = """
    select
        source_code,
        count(delivery_id),
        count(delivery_id) filter (where status = 'accepted'),
        count(delivery_id) filter (where status = 'refused'),
        count(delivery_id) filter (where status in ('received', 'loaded', 'failed')),
        coalesce(sum(records_read), 0)::bigint,
        coalesce(sum(rows_staged), 0)::bigint,
        coalesce(sum(rows_unchanged), 0)::bigint,
        coalesce(sum(rows_rejected), 0)::bigint
    from meta.datasets
    left join meta.deliveries using (dataset_code)
    group by source_code
    order by source_code
"""
_UNJUDGED = """
    select format('delivery %s of %s (%s) is %s: %s',
                  delivery_id, dataset_code, file_name, status, coalesce(status_reason,
                    'being loaded by hand, or its load was interrupted: `make ingest DELIVERY=' || delivery_id
                    || '` or run again'))
    from meta.deliveries as delivery
    where status in ('received', 'loaded')
        -- An unreadable file asks for a correct one: a later delivery in service is the answer.
        or (
            status = 'failed'
            and not exists (
                select from meta.deliveries as later
                where later.dataset_code = delivery.dataset_code
                    and later.delivery_id > delivery.delivery_id
                    and later.status = 'accepted'
            )
        )
    order by delivery_id
"""
_TRANSFORM = """
    select succeeded, models, checks_passed, checks_failed
    from meta.transform_runs
    order by transform_run_id desc
    limit 1
"""
_DELIVERY_CHECKS = """
    select count(*) filter (where passed), count(*) filter (where not passed)
    from meta.check_results
    where delivery_id is not null
"""
_INDICATORS = """
    select count(distinct indicator_code), count(*)
    from marts.fct_indicator_values
    where is_current and value is not null
"""


@dataclass(frozen=True, slots=True)
class Report:
    """The state of the warehouse after a run."""

    sources: list[tuple[object, ...]]
    unjudged: list[str]
    has_marts: bool
    lines: list[str]

    def table(self) -> Table:
        """Return the table per source."""
        table = Table(
            title="Deliveries, since the beginning", title_justify="left", box=box.SIMPLE, pad_edge=False
        )
        table.add_column("source")
        for name in (
            "deliveries",
            "accepted",
            "refused",
            "unjudged",
            "read",
            "staged",
            "unchanged",
            "rejected",
        ):
            table.add_column(name, justify="right")
        for source, *counts in self.sources:
            table.add_row(str(source), *(f"{count:,}".replace(",", "\u202f") for count in counts))
        return table


def read(reader_dsn: str) -> Report:
    """Ask the warehouse, as the read-only role."""
    with psycopg.connect(reader_dsn, autocommit=True) as connection:
        transform = connection.execute(_TRANSFORM).fetchone()
        passed, failed = connection.execute(_DELIVERY_CHECKS).fetchone() or (0, 0)
        lines = [f"deliveries: {passed} checks passed, {failed} failed"]
        if transform:
            succeeded, models, checks_passed, checks_failed = transform
            lines.append(
                f"transformation: {'succeeded' if succeeded else 'FAILED'}, {models} models, "
                f"{checks_passed} checks passed, {checks_failed} failed (listed in « Provenance et qualité »)"
            )
        indicators = _indicators(connection)
        if indicators:
            lines.append(f"indicators with a value: {indicators[0]} ({indicators[1]} current values)")
        return Report(
            sources=connection.execute(_BY_SOURCE).fetchall(),
            unjudged=[str(row[0]) for row in connection.execute(_UNJUDGED)],
            has_marts=bool(transform and transform[0] and indicators and indicators[1]),
            lines=lines,
        )


def _indicators(connection: psycopg.Connection) -> tuple[int, int] | None:
    try:
        row = connection.execute(_INDICATORS).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return (row[0], row[1]) if row else None
