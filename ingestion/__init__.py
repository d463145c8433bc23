"""HOW a publication becomes staged rows: fetch, read, type, load, ledger. Plain Python, no Airflow."""
