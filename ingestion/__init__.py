"""HOW a publication becomes staged rows: fetch, read, type, load, ledger. Plain Python, no Airflow."""

import os

# Polars reads this when it is imported. While one thread types records the database takes those before them:
# more threads would compete with it, and on blocks of a few megabytes they cost more than they do.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
