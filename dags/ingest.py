"""One DAG per source: collect what its institution published, load and judge it, announce what was accepted.

The DAGs follow the contracts in `ingestion/sources`: a new dataset, or a new source, appears here by itself.
"""

from __future__ import annotations

import datetime

from airflow.sdk import DAG, Asset, CronTriggerTimetable, TaskGroup, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from ingestion import contracts

EVERY_DAY = "0 5 * * *"
SCHEDULES = {
    "bceao": "0 6 * * 1-5",  # bulletins and EDEN change on working days
    "ministry": "30 6 * * *",
    "ofii": "*/30 7-18 * * 1-6",  # an institution that sends a workbook wants to know the same hour
    "tokten": "*/30 7-18 * * 1-6",
    "international": "0 4 * * 1",
}

HOW_TO_RE_RUN = """
### How to re-run

* **Something was published, or put in the inbox, and you do not want to wait for the schedule:** *Trigger*
  this DAG. Running it again is always safe: a file received before is recognised by its bytes and is not
  loaded twice.
* **`collect` failed:** an address did not answer, or answered badly; its log names it. *Clear* the task, or
  trigger the DAG again once the address answers. What could be collected has been loaded all the same.
* **`load_and_judge.…` failed:** a file could not be read; the log names the file, the place, what was found
  and what was expected. The file is kept. Ask the institution for a correct one (it is then a new delivery),
  or have the reader corrected, raise the contract's version and trigger the DAG again.
* **A delivery was refused:** the run is green, because a refusal is an outcome. The log says `REFUSED` with
  the expectations that failed; `make judge ARGS="report <delivery> --out page.html"` writes the page to
  send to the institution. What an institution sent comes back in `PONAM_OUTBOX` as a workbook, each faulty
  cell coloured and explained; send it too. The last accepted delivery stays in service. Its corrected file
  is taken like any other.
* **Past runs** need no backfill: each run takes everything that waits.
"""


@task(
    retries=2,
    retry_delay=datetime.timedelta(seconds=20),
    retry_exponential_backoff=3,
    max_retry_delay=datetime.timedelta(minutes=10),
    execution_timeout=datetime.timedelta(minutes=30),
)
def collect(source: str) -> list[int]:
    """Pull every address of the source, empty its inbox folders; the deliveries that wait to be judged."""
    from expectations import intake
    from ingestion.db import connect

    with connect() as db:
        return intake.collect(source, db)


@task(execution_timeout=datetime.timedelta(hours=2))
def load_and_judge(dataset: str) -> list[int]:
    """Load and judge what waits of a dataset, oldest publication first; the deliveries accepted."""
    from expectations import intake
    from ingestion.db import connect

    with connect() as db:
        verdicts = intake.finish(dataset, db)
    if not verdicts:
        raise AirflowSkipException(f"no delivery of {dataset} was waiting")
    return [verdict.delivery_id for verdict in verdicts if verdict.accepted]


@task(trigger_rule="all_done", execution_timeout=datetime.timedelta(minutes=5))
def publish(source: str) -> list[int]:
    """Announce that the source has accepted deliveries which the marts do not show yet."""
    from infra.transform import waiting_deliveries

    waiting = waiting_deliveries(source)
    if not waiting:
        raise AirflowSkipException(f"the marts show every accepted delivery of {source}")
    return waiting


@task(trigger_rule="one_failed")
def any_failure() -> None:
    """Make the run red when a task before failed, although those after it went on."""
    raise AirflowFailException("a fetch failed or a delivery could not be read; see the red task and its log")


def ingest(source: str) -> DAG:
    """The DAG of one source. Datasets are taken in the order of their contracts' `depends_on`."""
    datasets = contracts.of_source(source)
    with DAG(
        dag_id=f"ingest_{source}",
        # No start_date: switched on for the first time, the DAG waits for its hour.
        schedule=CronTriggerTimetable(SCHEDULES.get(source, EVERY_DAY), timezone="Africa/Bamako"),
        catchup=False,
        max_active_runs=1,
        default_args={"owner": "statistics team"},
        tags=["ingest", source],
        doc_md="\n".join(
            [
                f"Collects, loads and judges what **{source}** publishes:",
                "",
                *(f"* `{contract.dataset}`: {contract.title_fr}" for contract in datasets),
                HOW_TO_RE_RUN,
            ]
        ),
    ) as dag:
        collected = collect(source)
        with TaskGroup("load_and_judge"):
            judged = {
                contract.dataset: load_and_judge.override(
                    task_id=contract.dataset.partition(".")[2],
                    # Held against an article that could not be fetched, figures would be refused: they wait.
                    trigger_rule="none_failed" if contract.delivery.depends_on else "all_done",
                )(contract.dataset)
                for contract in datasets
            }
        published = publish.override(outlets=[Asset(f"staging/{source}")])(source)
        for contract in datasets:
            [collected, *(judged[code] for code in contract.delivery.depends_on)] >> judged[contract.dataset]
            judged[contract.dataset] >> published
        [collected, *judged.values(), published] >> any_failure()
    return dag


for source in contracts.sources():
    globals()[f"ingest_{source}"] = ingest(source)
