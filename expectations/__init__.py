"""WHETHER a delivery is fit: Great Expectations suites, one builder per dataset, and the verdict on a
delivery.

    expectations.judge(delivery_id)          accepts or refuses a loaded delivery, and records why
    python -m expectations judge 12 13       the same from a terminal
    python -m expectations report 12 --out page.html

Importing this package is cheap. Great Expectations itself takes 6 to 9 seconds to import (pandas, scipy,
altair and SQLAlchemy come with it), paid once per process by the first `judge`, or beforehand by `warm_up`.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from expectations.verdict import NotJudgeableError, Outcome, Verdict

if TYPE_CHECKING:
    import psycopg

__all__ = ["NotJudgeableError", "Outcome", "Verdict", "judge", "warm_up"]


# Both are read while Great Expectations is imported: it would report its use, and log hundreds of lines about
# itself.
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
logging.getLogger("great_expectations").setLevel(logging.WARNING)


def judge(delivery_id: int, db: psycopg.Connection | None = None) -> Verdict:
    """Accept or refuse a loaded delivery and record every result in `meta.check_results`.

    Judging again a delivery that has its verdict changes nothing and gives that verdict. Without `db`, a
    connection of the loader is opened and closed. `NotJudgeableError` when the delivery is unknown, not yet
    loaded, or failed.
    """
    from expectations import judging

    if db is not None:
        return judging.judge(delivery_id, db)
    from ingestion.db import connect

    with connect() as own:
        return judging.judge(delivery_id, own)


def warm_up() -> None:
    """Import what judging needs. A process that forks its workers pays the import once for all of them."""
    from expectations import judging  # noqa: F401
