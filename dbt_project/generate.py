"""Writes macros/indicator_models.sql: the indicators found in models/indicators.

dbt must know at parse time which models a union reads and cannot list files by itself. Run after adding or
removing an indicator (`make format`); the catalogue's check says when the file is not in step.
"""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parent
TARGET = "macros/indicator_models.sql"

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


def is_in_step(project: Path = PROJECT) -> bool:
    """Whether the list of `project` names exactly the indicators that are there."""
    target = project / TARGET
    return target.is_file() and target.read_text(encoding="utf-8") == render(indicator_models(project))


def write(project: Path = PROJECT) -> Path:
    """Bring the list of `project` in step; returns its file."""
    target = project / TARGET
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(render(indicator_models(project)), encoding="utf-8")
    return target


if __name__ == "__main__":
    write()
