"""Bring the marts up to date whenever a source has accepted deliveries that they do not show yet."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from functools import reduce
from operator import or_
from typing import Any

from airflow.sdk import DAG, Asset, chain, task
from airflow.sdk.exceptions import AirflowFailException

from infra.transform import STEPS
from ingestion import contracts

DOC = """
Runs dbt over the accepted deliveries: staging views, harmonised figures, indicators, star schema, reporting
tables; then the methods of `dbt_project/methods`, and what is published of their results.

Started by the assets `staging/<source>`, which the ingestion DAGs update. Several updates in a row start
several runs; those that find the marts up to date end after their first task.

### How to re-run

* **Bring the marts up to date now:** *Trigger* this DAG. It does nothing when every accepted delivery and the
  present dbt project were taken into account already.
* **A step failed:** its log shows dbt's own lines, then one line per failing model or test. Correct the model
  (or the delivery), then trigger the DAG again. *Clear* is not enough: a new run reads the ledger anew. Until
  then the tables that were not rebuilt keep what they showed.
* **Build again although nothing changed:** `python -m infra dbt build` runs dbt by hand, on the same tables.
* **What was found:** every test is a row of `meta.check_results`, every run one of `meta.transform_runs`.
"""


@task.short_circuit
def changed_since_last_run() -> dict[str, Any] | None:
    """Note the newest verdict before dbt reads anything; end the run when the marts show all of it."""
    from infra import transform

    start = transform.begin()
    return None if start is None else asdict(start)


@task(execution_timeout=datetime.timedelta(hours=1))
def build(step: str, start: dict[str, Any]) -> None:
    """Do one step, with dbt or by its method; see `infra.transform.STEPS`."""
    from infra import transform

    transform.build(step, transform.Start(**start))


@task(trigger_rule="all_done")
def record_results(start: dict[str, Any]) -> None:
    """Write what dbt found to `meta`, whether or not a step failed; a failed step makes the run red."""
    from infra import transform

    report = transform.record(transform.Start(**start))
    if not report.complete:
        raise AirflowFailException(report.sentence())


with DAG(
    dag_id="transform",
    schedule=reduce(or_, [Asset(f"staging/{source}") for source in contracts.sources()]),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "statistics team"},
    tags=["transform", "dbt"],
    doc_md=DOC,
):
    begun: Any = changed_since_last_run()  # what the task will return, once it has run
    chain(begun, *(build.override(task_id=step)(step, begun) for step in STEPS), record_results(begun))
