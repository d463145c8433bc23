"""Airflow's scheduler, with what its tasks import already imported: `python -m infra.airflow.scheduler`.

LocalExecutor forks its workers from the scheduler and each task from a worker, so that the seconds of
importing Great Expectations are paid once here instead of once per delivery judged.
"""

import sys

from airflow.__main__ import main

import expectations

if __name__ == "__main__":
    expectations.warm_up()
    sys.argv = ["airflow", "scheduler", "--skip-serve-logs"]
    main()  # type: ignore[no-untyped-call]
