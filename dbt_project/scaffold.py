"""Makes the two files of a new indicator, ready to be filled in.

`make indicator ARGS='PON-4-16 --name "Épargne rapatriée" --unit BN_XOF --measure repatriated_savings'`
writes `models/indicators/axis_4/pon_4_16.sql` and its entry, then the generated list of indicators. What a
statistician still has to say is marked « À préciser » in it, and the tests ask for it. Without `--measure`
the indicator exists without a value. Nothing that exists is overwritten.
"""

from __future__ import annotations

import argparse
import re
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from dbt_project import catalogue, generate
from dbt_project.catalogue import TO_SAY

_CODE = re.compile(r"PON-[1-8]-\d{2}")


class ScaffoldError(ValueError):
    """What was asked for cannot be made; the message says why."""


def scaffold(
    code: str, name: str, unit: str, measure: str | None, project: Path = catalogue.PROJECT
) -> list[Path]:
    """Write the two files of indicator `code` below `project`, and the list of indicators; returns the three.

    `unit` is a code of the seed units, `measure` one of the seed measures or None where nothing is published.
    Raises ScaffoldError when the code is malformed or taken, or when a code is unknown to its seed.
    """
    if not _CODE.fullmatch(code):
        raise ScaffoldError(f"{code}: a code is PON-<axis>-<two digits>, such as PON-4-16")
    for seed, wanted in (("units", unit), ("measures", measure)):
        known = {row["code"] for row in catalogue.seed(seed, project)}
        if wanted is not None and wanted not in known:
            like = ", ".join(get_close_matches(wanted, sorted(known), cutoff=0.5))
            meant = f" Did you mean {like}?" if like else ""
            raise ScaffoldError(
                f"{wanted} is no code of dbt_project/seeds/{seed}.csv: add it there first.{meant}"
            )
    model = code.lower().replace("-", "_")
    file = project / catalogue.INDICATORS / f"axis_{code[4]}" / model
    files = [file.with_suffix(suffix) for suffix in (".sql", ".yml")]
    for path in files:
        if path.exists():
            raise ScaffoldError(f"{path.relative_to(project)} exists already")
    sql = f"{{{{ declared('{measure}') }}}}\n" if measure else "{{ no_value() }}\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    files[0].write_text(sql, encoding="utf-8")
    document = {"version": 2, "models": [_model(model, _entry(code, name, unit, measure, project), measure)]}
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)
    files[1].write_text(text, encoding="utf-8")
    return [*files, generate.write(project)]


def _entry(code: str, name: str, unit: str, measure: str | None, project: Path) -> dict[str, Any]:
    links = [
        {"code": axis["code"], "valid_from": axis["valid_from"], "valid_to": axis["valid_to"] or None}
        for axis in catalogue.seed("axes", project)
        if axis["number"] == code[4] and axis["division"] == catalogue.FOUNDING_DIVISION
    ]
    return {
        "code": code,
        "name_fr": name,
        "name_en": TO_SAY,
        "definition_fr": TO_SAY,
        "formula_fr": TO_SAY,
        "unit_code": unit,
        "direction": "neutral",
        "sign": "non_negative",
        "numerator_fr": None,
        "denominator_fr": None,
        "sources": [],
        "frequency": "A",
        "breakdowns": [],
        "sums_over": [],
        "axes": links,
        "breaks": [],
        "treatment_fr": "Aucun traitement : les chiffres sont repris tels qu’ils sont publiés.",
        "limits_fr": TO_SAY,
        "responsible_fr": TO_SAY,
        "sdg": None,
        "gcm": None,
        "validation_fr": "La valeur est positive ou nulle.",
        "baseline": None,
        "targets": [],
        "no_value_reason_fr": None if measure else TO_SAY,
    }


def _model(model: str, entry: dict[str, Any], measure: str | None) -> dict[str, Any]:
    described: dict[str, Any] = {"name": model, "description": entry["name_fr"], "config": {"meta": entry}}
    if measure:
        bounds = {"description": entry["validation_fr"], "arguments": {"minimum": 0}}
        described["data_tests"] = [{"values_between": bounds}]
    return described


def main(arguments: list[str] | None = None) -> int:
    """Make the files; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("code", help="PON-<axis>-<two digits>; the axis is that of the policy of 2014")
    parser.add_argument("--name", required=True, help="French name")
    parser.add_argument("--unit", required=True, help="code of dbt_project/seeds/units.csv")
    parser.add_argument(
        "--measure", help="code of dbt_project/seeds/measures.csv; without it there is no value yet"
    )
    options = parser.parse_args(arguments)
    try:
        files = scaffold(options.code, options.name, options.unit, options.measure)
    except ScaffoldError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(f"dbt_project/{path.relative_to(catalogue.PROJECT)}\n" for path in files)
    sys.stdout.write(
        f"Now say what « {TO_SAY} » stands for in the entry (`make lint` lists it), and try it:\n"
        f'make dbt ARGS="build --select +{files[0].stem}"\n'
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
