"""Say every day what the contracts ask for: publications that are late, names of persons kept too long."""

from __future__ import annotations

import datetime
import logging

from airflow.sdk import DAG, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowFailException

logger = logging.getLogger(__name__)

DOC = """
Reads the release calendar (`marts.fct_release_calendar`): per dataset and period, what was expected, received
or is late. One line of the log per late dataset; the run is **red as long as something is late**, so that
the state shows in the list of DAGs. The second task is red in the same way as long as names of persons are
kept for longer than their dataset's contract says; it counts them and reads none.

### How to re-run

* **A publication arrived:** it is taken by its ingestion DAG, and the calendar, a view, shows it at once.
  *Trigger* this DAG to see the state of now.
* **Something is late:** ask the institution named in the line. If it publishes at another rhythm than agreed,
  change `calendar` in the dataset's contract (`ingestion/sources`), and raise its version.
* **Names are over their retention:** who keeps them erases them, under their own name, and *Triggers* this
  DAG: `make ledger ARGS="persons --erase --author 'name'"`. `make ledger ARGS=persons` lists them.
* **`late_publications` failed without a line:** the marts are not built yet; run `transform` first.
"""


@task(execution_timeout=datetime.timedelta(minutes=5))
def late_publications() -> None:
    """Log each dataset that is late; fail when there is one."""
    from ingestion.release_calendar import overdue

    late = overdue()
    for dataset in late:
        logger.error("LATE %s", dataset.sentence())
    if late:
        raise AirflowFailException(f"late: {', '.join(dataset.dataset_code for dataset in late)}")


@task(execution_timeout=datetime.timedelta(minutes=5))
def names_over_retention() -> None:
    """Log the deliveries whose names of persons are kept beyond their retention; fail when there is one."""
    from ingestion import retention
    from ingestion.db import connect

    with connect() as db:
        over = retention.overdue(db)
    for delivery in over:
        logger.error("TO ERASE %s", delivery.sentence())
    if over:
        raise AirflowFailException(f"{sum(delivery.names for delivery in over)} names are to be erased")


with DAG(
    dag_id="release_calendar",
    schedule=CronTriggerTimetable("0 8 * * *", timezone="Africa/Bamako"),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,  # nobody has to remember to switch an alert on
    default_args={"owner": "statistics team"},
    tags=["calendar", "persons"],
    doc_md=DOC,
):
    late_publications()
    names_over_retention()
