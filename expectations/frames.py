"""From the rows of a delivery to the frame that a suite judges: the columns that compare rows with each
other.

Great Expectations looks at one row or one column at a time. What an expectation says of several rows (a total
and its parts, a figure and what was in service before it) is therefore put on the row first, as a derived
column:

    period_end        last day of the row's period, ISO text            contracts with a `period_code`
    change            |value - previous| / |previous|, null when new    contracts with a `value`
    parts_of_<over>   on a printed total, the sum of its parts          contracts with `expectations.sums`
    rank_of_<column>  rank of the row in its group                      contracts whose key ends with an
    integer
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from ingestion import french
from ingestion.contracts import Contract, SumIdentity

PERIOD_END = "period_end"
CHANGE = "change"
NEWEST_PERIOD = "newest_period"
"""Name of the suite parameter that carries the newest period end in service before the delivery."""
NO_PERIOD_YET = "0001-01-01"

_TOTAL = "_T"
_DECIMALS = 9  # beyond what any publication prints, below what binary fractions disturb


def prepare(
    contract: Contract, rows: pd.DataFrame, previous: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Derive the columns above; return the frame and the parameters of the suite.

    `rows` is the content of the delivery: the contract's columns, `record_kind`, `record_locator`,
    `record_key`, `is_repeated`. `previous` holds what was in service before it: `record_key`, and
    `period_code` and `value` where there are. Notes are left out: they carry no column of the contract.
    """
    frame = rows[rows["record_kind"] != "note"].reset_index(drop=True)
    for column in contract.columns:
        if column.type in ("number", "integer"):
            frame[column.name] = pd.to_numeric(frame[column.name])
    parameters: dict[str, Any] = {}
    if "period_code" in contract.by_name:
        frame[PERIOD_END] = _period_ends(frame["period_code"])
        newest = _period_ends(previous["period_code"]).max() if len(previous) else NO_PERIOD_YET
        parameters[NEWEST_PERIOD] = newest
    if "value" in contract.by_name:
        frame[CHANGE] = _change(frame, previous)
    for identity in contract.expectations.sums:
        frame[parts_of(identity)] = _sum_of_parts(frame, contract, identity)
    if ordinal := numbered_by(contract):
        group = [name for name in contract.key if name != ordinal]
        frame[rank_of(ordinal)] = frame.groupby(group, dropna=False)[ordinal].rank(method="first")
    return frame, parameters


def parts_of(identity: SumIdentity) -> str:
    """Name of the column that carries the sum of the parts of a total."""
    return f"parts_of_{identity.over}"


def rank_of(ordinal: str) -> str:
    """Name of the column that carries the rank that a printed number should be."""
    return f"rank_of_{ordinal}"


def numbered_by(contract: Contract) -> str | None:
    """The last key column when it counts the records within the others."""
    last = contract.key[-1]
    return last if contract.by_name[last].type == "integer" else None


def _period_ends(periods: pd.Series[str]) -> pd.Series[str]:
    ends = {code: french.period_bounds(code)[1].isoformat() for code in periods.dropna().unique()}
    return periods.map(ends)


def _change(frame: pd.DataFrame, previous: pd.DataFrame) -> pd.Series[float]:
    before = pd.to_numeric(frame["record_key"].map(previous.set_index("record_key")["value"]))
    return ((frame["value"] - before) / before.where(before != 0)).abs().round(4)


def _sum_of_parts(frame: pd.DataFrame, contract: Contract, identity: SumIdentity) -> pd.Series[float]:
    """On a total, the sum of its parts, or the total itself when the two agree within the tolerance."""
    others = [name for name in contract.key if name != identity.over]
    is_total = frame[identity.over] == _TOTAL
    sums = frame[~is_total].groupby(others)[identity.value].sum(min_count=1).round(_DECIMALS).rename("parts")
    parts = frame[others].join(sums, on=others)["parts"].where(is_total)
    agrees = (parts - frame[identity.value]).abs() <= float(identity.tolerance) + 10**-_DECIMALS
    return parts.mask(agrees, frame[identity.value])
