"""How Airflow is configured, prepared and spoken to."""
