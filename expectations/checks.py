"""The expectations that suites are made of, each saying who fixes a failure, how grave it is, and what was
agreed.

A check works on the table of `expectations.judged.table`: the contract's columns, `record_kind`,
`record_locator` and the derived columns named there. Its `meta` carries:

    name            stable name, `meta.check_results.check_name`
    subject         the column concerned, or the table
    who_fixes       institution | statistics team | developer
    severity        error refuses the delivery, warning does not
    fewest          fewer rows than that, and its failure is a warning; absent: however few
    description_fr  what was agreed, completed by the expectation's own arguments: `entre {min_value} et
    {max_value}`
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column as Where

from expectations.judged import (
    CHANGE,
    NEWEST_PERIOD,
    PERIOD_END,
    WAIVED_BY,
    numbered_by,
    parts_of,
    rank_of,
)
from expectations.verdict import Severity
from ingestion import code_lists, wording
from ingestion.contracts import Column, Contract, SumIdentity
from ingestion.wording import WHOLE

INSTITUTION, STATISTICS_TEAM, DEVELOPER = "institution", "statistics team", "developer"

FEWEST_FOR_A_SHARE = 20
"""Persons, of whom a delivery has no usual number, from whom the share of empty cells can refuse it."""


def suite(contract: Contract, *own: gxe.Expectation) -> gx.ExpectationSuite:
    """What every contract promises, then what the dataset promises of its `own`."""
    return gx.ExpectationSuite(name=contract.dataset, expectations=[*agreed(contract), *own])


def agreed(contract: Contract) -> list[gxe.Expectation]:
    """What the contract says: volume, key, required columns, codes, ranges, completeness, presence, sums."""
    expected = contract.expectations
    return [
        rows_in_band(*expected.rows, wording.counted(contract)),
        key_is_unique(contract),
        *(is_given(column.name) for column in contract.columns if column.required),
        *(code_is_known(column) for column in contract.columns if column.code_list),
        *(in_range(column) for column in contract.columns if column.range),
        *(
            mostly_given(name, share, fewest=FEWEST_FOR_A_SHARE if contract.personal else 0)
            for name, share in expected.missing_at_most.items()
        ),
        *(is_present(name, codes) for name, codes in expected.present.items()),
        *(parts_add_up(identity, contract) for identity in expected.sums),
    ]


def rows_in_band(lowest: int, highest: int, counted: str) -> gxe.Expectation:
    """The volume of the delivery, data and totals together, is of the usual order."""
    return gxe.ExpectTableRowCountToBeBetween(
        min_value=lowest,
        max_value=highest,
        meta=_meta("rows_in_band", WHOLE, f"entre {{min_value}} et {{max_value}} {counted}, totaux compris"),
    )


def key_is_unique(contract: Contract) -> gxe.Expectation:
    """No two records of the delivery carry the same key."""
    key = contract.key
    titles = ", ".join(wording.titled(name, contract) for name in key)
    meta = _meta("key_is_unique", ", ".join(key), f"une seule ligne par combinaison de {titles}")
    if len(key) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=key[0], meta=meta)
    return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(key), meta=meta)


def is_given(column: str, who_fixes: str = INSTITUTION) -> gxe.Expectation:
    """A required column is filled on every row, those apart that a decision accepted as they are."""
    return gxe.ExpectColumnValuesToNotBeNull(
        column=column,
        row_condition=Where(WAIVED_BY).is_null(),
        meta=_meta("is_given", column, "une valeur sur chaque ligne", who_fixes=who_fixes),
    )


def mostly_given(column: str, missing_at_most: float, fewest: int = 0) -> gxe.Expectation:
    """A column is empty on no more than a share of the rows; of fewer than `fewest`, that is a warning."""
    description = f"au plus {round(100 * missing_at_most, 1):g} % de lignes sans valeur"
    meta = _meta("mostly_given", column, description) | {"fewest": fewest}
    return gxe.ExpectColumnValuesToNotBeNull(column=column, mostly=1 - missing_at_most, meta=meta)


def code_is_known(column: Column) -> gxe.Expectation:
    """Every code is in the code list of the column."""
    name = column.code_list or ""
    return gxe.ExpectColumnValuesToBeInSet(
        column=column.name,
        value_set=sorted(code_lists.load(name, column.kinds).codes),
        meta=_meta(
            "code_is_known",
            column.name,
            f"un code de la liste « {column.title_fr or name} »",
            who_fixes=STATISTICS_TEAM,
        ),
    )


def in_range(column: Column) -> gxe.Expectation:
    """Every number is within the bounds of the contract, bounds included, unless a decision accepted it."""
    lowest, highest = column.range or (None, None)
    return gxe.ExpectColumnValuesToBeBetween(
        column=column.name,
        min_value=None if lowest is None else float(lowest),
        max_value=None if highest is None else float(highest),
        row_condition=Where(WAIVED_BY).is_null(),
        meta=_meta("in_range", column.name, "entre {min_value} et {max_value}"),
    )


def is_present(column: str, codes: Iterable[str], who_fixes: str = INSTITUTION) -> gxe.Expectation:
    """Each of the codes stands at least once in the column."""
    wanted = sorted(codes)
    return gxe.ExpectColumnDistinctValuesToContainSet(
        column=column,
        value_set=wanted,
        meta=_meta("is_present", column, "au moins une ligne pour " + ", ".join(wanted), who_fixes=who_fixes),
    )


def parts_add_up(identity: SumIdentity, contract: Contract) -> gxe.Expectation:
    """Each total that is printed is the sum of the parts printed with it."""
    return gxe.ExpectColumnPairValuesToBeEqual(
        column_A=identity.value,
        column_B=parts_of(identity),
        ignore_row_if="either_value_is_missing",
        meta=_meta(
            "parts_add_up",
            f"{identity.value} ({identity.over})",
            f"chaque total égal à la somme de ses lignes par {wording.titled(identity.over, contract)} "
            "(total imprimé, somme)",
        ),
    )


def newest_period() -> gxe.Expectation:
    """The delivery reaches at least the newest period in service: nobody sent an old file again."""
    return gxe.ExpectColumnMaxToBeBetween(
        column=PERIOD_END,
        min_value={"$PARAMETER": NEWEST_PERIOD},
        meta=_meta(
            "newest_period",
            "period_code",
            "une période au moins aussi récente que la dernière en service ({min_value})",
        ),
    )


def moderate_revisions(at_most: float, *, totals_only: bool = False) -> gxe.Expectation:
    """Figures known before move by no more than a share of their value: suspicious beyond it, not wrong."""
    what = "pour les totaux" if totals_only else "pour chaque valeur"
    return gxe.ExpectColumnValuesToBeBetween(
        column=CHANGE,
        max_value=at_most,
        row_condition=Where("record_kind") == "total" if totals_only else None,
        meta=_meta(
            "moderate_revisions",
            "value",
            f"{what}, au plus {round(100 * at_most):g} % d’écart avec la valeur déjà en service",
            severity="warning",
        ),
    )


def numbered_without_gap(contract: Contract) -> gxe.Expectation:
    """The last key column counts 1, 2, 3 … within the others, rejected records too: no line was lost."""
    ordinal = numbered_by(contract)
    if ordinal is None:
        raise ValueError(f"{contract.dataset}: the last key column is not an integer")
    return gxe.ExpectColumnPairValuesToBeEqual(
        column_A=ordinal,
        column_B=rank_of(ordinal),
        ignore_row_if="either_value_is_missing",
        meta=_meta(
            "numbered_without_gap",
            ordinal,
            "une numérotation 1, 2, 3 … sans trou, rejets compris (numéro imprimé, rang constaté)",
        ),
    )


def only_pairs(column: str, other: str, pairs: Iterable[tuple[str, str]]) -> gxe.Expectation:
    """Two columns agree: each couple of values is one of `pairs`."""
    wanted = sorted(pairs)
    return gxe.ExpectColumnPairValuesToBeInSet(
        column_A=column,
        column_B=other,
        value_pairs_set=wanted,
        ignore_row_if="either_value_is_missing",
        meta=_meta(
            "only_pairs",
            f"{column}, {other}",
            "un des couples " + ", ".join(f"{first}/{second}" for first, second in wanted),
        ),
    )


def mentions(column: str, pattern: str, what_fr: str) -> gxe.Expectation:
    """At least one text of the column matches the regular expression."""
    return gxe.ExpectColumnValuesToMatchRegex(
        column=column,
        regex=pattern,
        mostly=1e-9,  # any share above zero
        meta=_meta("mentions", column, f"au moins une ligne, {what_fr}"),
    )


def follows(column: str, pattern: str, description_fr: str, who_fixes: str = INSTITUTION) -> gxe.Expectation:
    """Every text of the column matches the regular expression."""
    return gxe.ExpectColumnValuesToMatchRegex(
        column=column, regex=pattern, meta=_meta("follows", column, description_fr, who_fixes=who_fixes)
    )


def months(column: str) -> gxe.Expectation:
    """Every period of the column is a month; a spreadsheet readily makes a day of what was typed."""
    return follows(
        column,
        r"^\d{4}-\d{2}$",
        "un mois, par exemple 2026-03 (si le tableur en a fait une date : mettez la cellule en texte, par "
        "Format de cellule › Nombre › Texte, puis retapez le mois)",
    )


def _meta(
    name: str,
    subject: str,
    description_fr: str,
    *,
    who_fixes: str = INSTITUTION,
    severity: Severity = "error",
) -> dict[str, Any]:
    return {
        "name": name,
        "subject": subject,
        "who_fixes": who_fixes,
        "severity": severity,
        "description_fr": description_fr,
    }
