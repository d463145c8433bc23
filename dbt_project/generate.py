"""Writes macros/indicator_models.sql: the indicators found in models/indicators.

dbt must know at parse time which models a union reads and cannot list files by itself. Run after adding or
removing an indicator (`python dbt_project/generate.py`); `--check` compares only, and exits with 1 when the
file is not in step.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
TARGET = PROJECT / "macros" / "indicator_models.sql"

HEADER = """\
{#- Written by generate.py from the files of models/indicators: do not edit. -#}
{% macro indicator_models() -%}
    {{ return([
"""
FOOTER = """\
    ]) }}
{%- endmacro %}
"""


def indicator_models(project: Path = PROJECT) -> list[str]:
    """Names of the indicator models, in the order of their codes."""
    return sorted(path.stem for path in (project / "models" / "indicators").glob("axis_*/*.sql"))


def render(models: list[str]) -> str:
    """The macro that lists `models`."""
    return HEADER + "".join(f"        '{model}',\n" for model in models) + FOOTER


def main(arguments: list[str] | None = None) -> int:
    """Write the macro, or with --check only compare it; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    wanted = render(indicator_models())
    if options.check:
        return 0 if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == wanted else 1
    TARGET.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
