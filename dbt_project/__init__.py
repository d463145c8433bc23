"""WHAT it means: the dbt project, and the checks and tools of its catalogue."""
