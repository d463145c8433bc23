"""The page of a delivery's results: one French HTML file that needs no network, for the institution."""

from __future__ import annotations

from pathlib import Path

import jinja2

from expectations import results
from expectations.wording import number
from ingestion import contracts, ledger
from ingestion.db import Connection, rows
from ingestion.wording import STATUS_FR, WHO_FIXES_FR

_REJECTIONS_SHOWN = 200


def page(delivery_id: int, db: Connection) -> str:
    """The page of one delivery; `UnknownDeliveryError` when the ledger does not have it."""
    delivery = ledger.find(delivery_id, db)
    rejections = rows(
        db,
        """select record_locator, column_name, found, expected, who_fixes
             from meta.rejections where delivery_id = %s order by rejection_id limit %s""",
        [delivery_id, _REJECTIONS_SHOWN],
    )
    return _template().render(
        delivery=delivery,
        contract=contracts.load(delivery.dataset_code),
        status=STATUS_FR[delivery.status],
        outcomes=results.recorded(delivery_id, db),
        rejections=rejections,
    )


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: "—" if value is None else number(value)
    environment.filters["day"] = lambda value: f"{value:%d/%m/%Y}"
    environment.filters["who"] = WHO_FIXES_FR.__getitem__
    return environment.get_template("report.html.j2")
