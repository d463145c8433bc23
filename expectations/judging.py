"""The judge: reads what a delivery says, validates its suite, records the outcomes, accepts or refuses.

Slow to import (Great Expectations); `expectations.judge` imports it when it is needed.
"""

from __future__ import annotations

import functools
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import great_expectations as gx
from great_expectations.data_context.types.base import ProgressBarsConfig
from psycopg import sql
from sqlalchemy import URL

from expectations import content, judged, results, suites, wording
from expectations.verdict import FailingRow, NotJudgeableError, Outcome, Verdict
from ingestion import contracts, decisions, deliveries, labels, ledger
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.french import agreeing
from ingestion.wording import WHOLE, counted

logger = logging.getLogger(__name__)
# This one module of theirs sets its own level when imported, and would tell a terminal of temporary folders.
logging.getLogger(ProgressBarsConfig.__module__).setLevel(logging.WARNING)

REJECTED_AT_MOST = 0.05
"""Share of the records read that may be rejected before the whole delivery is unfit."""

_MOST_ROWS = 200
# A summary carries the first failing rows with their locators; the complete list could be the whole delivery.
_RESULT_FORMAT = {
    "result_format": "SUMMARY",
    "partial_unexpected_count": _MOST_ROWS,
    "unexpected_index_column_names": ["record_locator", "is_repeated"],
}


class FaultySuiteError(RuntimeError):
    """An expectation that could not be evaluated: the developer's fault, never the institution's."""


def judge(delivery_id: int, db: Connection) -> Verdict:
    """Judge one delivery; see `expectations.judge`."""
    delivery = ledger.find(delivery_id, db)
    if delivery.status in ("accepted", "refused"):
        return Verdict(delivery_id, delivery.dataset_code, results.recorded(delivery_id, db))
    if delivery.status != "loaded":
        raise NotJudgeableError(
            f"delivery {delivery_id} is {delivery.status}: only a loaded one can be judged"
        )
    contract = contracts.load(delivery.dataset_code)
    outcomes = (
        _rejections(delivery, contract, db),
        *_labels(delivery, contract),
        *validate(contract, content.of(delivery, contract, db), content.before(delivery, contract), db),
    )
    verdict = Verdict(delivery_id, delivery.dataset_code, outcomes)
    results.record(verdict, db)
    failed = [asdict(outcome) for outcome in outcomes if not outcome.passed]
    if verdict.accepted:
        deliveries.accept(delivery_id, db, failed)
    else:
        deliveries.refuse(delivery_id, verdict.reason, db, failed)
    _tell(verdict, contract)
    return verdict


def validate(
    contract: Contract, rows: sql.Composed, previous: sql.Composed, db: Connection
) -> tuple[Outcome, ...]:
    """Hold the rows of a delivery against the suite of its dataset: failures first, then by name.

    `rows` and `previous` are queries, as `expectations.judged.table` takes them. `FaultySuiteError` when an
    expectation names a column that is not there or breaks for another reason.
    """
    suite = suites.builder(contract.dataset)(contract)
    with judged.table(contract, rows, previous, db) as relation, _batch(relation.table, db) as batch:
        report = batch.validate(
            suite, result_format=_RESULT_FORMAT, expectation_parameters=relation.parameters
        )
    outcomes = [_outcome(result, contract) for result in report.results]
    return tuple(sorted(outcomes, key=lambda outcome: (outcome.passed, outcome.check_name, outcome.subject)))


@contextmanager
def _batch(table: str, db: Connection) -> Iterator[Any]:
    """The table for Great Expectations, which opens a connection of its own to the same database.

    The context is ephemeral: nothing is written to disk, nothing is sent anywhere.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_postgres("warehouse", connection_string=_address(db))
    try:
        asset = source.add_table_asset("delivery", table_name=table)
        yield asset.add_batch_definition_whole_table("whole").get_batch()
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()  # another one, by which they look whether the table is there


def _address(db: Connection) -> str:
    """The address of the connection for SQLAlchemy; Great Expectations would replace a bare `$`."""
    known = {"user", "dbname", "host", "port"}
    others = {name: value for name, value in db.info.get_parameters().items() if name not in known}
    others["options"] = f"{others.get('options', '')} -csearch_path={judged.SCHEMA}".strip()
    url = URL.create(
        "postgresql+psycopg2",
        username=db.info.user,
        password=db.info.password,
        host=db.info.host,
        port=db.info.port,
        database=db.info.dbname,
        query=others,
    )
    return url.render_as_string(hide_password=False).replace("$", r"\$")


def _outcome(result: Any, contract: Contract) -> Outcome:
    config = result.expectation_config
    if result.exception_info.get("raised_exception", True):
        raise FaultySuiteError(f"{config.type} {config.kwargs}: {result.exception_info}")
    meta = config.meta
    is_telling = (result.result.get("element_count") or 0) >= meta.get("fewest", 0)
    place = functools.partial(
        wording.place, of=meta["subject"].partition(" (")[0], evidence=contract.evidence
    )
    return Outcome(
        check_name=meta["name"],
        subject=meta["subject"],
        passed=bool(result.success),
        severity=meta["severity"] if is_telling else "warning",
        observed=wording.observed(result.result, result.success, counted(contract), place),
        expected=meta["description_fr"].format_map(wording.French(config.kwargs)),
        who_fixes=meta["who_fixes"],
        failing=() if result.success else wording.failing(result.result),
    )


def _rejections(delivery: ledger.Delivery, contract: Contract, db: Connection) -> Outcome:
    """The share of rejected records, which no expectation on the staged rows can see.

    Those that a decision set aside are settled: somebody answers for each of them.
    """
    set_aside = decisions.set_aside(delivery.delivery_id, db)
    read, rejected = delivery.records_read or 0, (delivery.rows_rejected or 0) - set_aside
    at_most, share = math.floor(read * REJECTED_AT_MOST), wording.number(100 * REJECTED_AT_MOST)
    return Outcome(
        check_name="few_rejections",
        subject=WHOLE,
        passed=rejected <= at_most,
        severity="error",
        observed=f"{agreeing(rejected, 'rejets')} sur {agreeing(read, counted(contract))}"
        + (f", {wording.number(set_aside)} de plus par décision" if set_aside else ""),
        expected=f"au plus {share} % de rejets, soit {wording.number(at_most)}",
        who_fixes="institution",
    )


def _labels(delivery: ledger.Delivery, contract: Contract) -> Iterator[Outcome]:
    """Whether what an institution sent calls each category by one label: suspicious otherwise, not wrong."""
    columns = [column.name for column in contract.columns if column.code_list]
    if contract.delivery.by != "inbox" or not columns:
        return
    found = labels.inconsistent(delivery, contract)
    observed = " · ".join(
        " et ".join(f"« {label} » ({place})" for label, place in one.places) for one in found
    )
    yield Outcome(
        check_name="one_label_per_category",
        subject=", ".join(dict.fromkeys(one.column for one in found)) or WHOLE,
        passed=not found,
        severity="warning",
        observed=observed or "un libellé par catégorie",
        expected="le même libellé partout pour une même catégorie",
        who_fixes="institution",
        failing=tuple(FailingRow(place, label) for one in found for label, place in one.places[1:]),
    )


def _tell(verdict: Verdict, contract: Contract) -> None:
    what = f"delivery {verdict.delivery_id} of {verdict.dataset_code}"
    for warning in verdict.warnings:
        logger.warning("%s: %s: %s", what, warning.check_name, warning.sentence(contract))
    if verdict.accepted:
        logger.info("%s accepted: %d expectations hold", what, sum(o.passed for o in verdict.outcomes))
    else:
        logger.error("%s REFUSED, what was in service stays: %s", what, verdict.reason)
