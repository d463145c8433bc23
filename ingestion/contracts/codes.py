"""What a contract says of codes, held against the code lists."""

from __future__ import annotations

from collections.abc import Iterator

from ingestion import code_lists
from ingestion.contracts.faults import Fault
from ingestion.contracts.model import Contract


def code_faults(contract: Contract) -> Iterator[Fault]:
    """Codes and code lists, the publisher's included, that there are."""
    if not code_lists.exists("publishers") or contract.publisher not in code_lists.load("publishers").codes:
        yield Fault("publisher", repr(contract.publisher), "a code of dbt_project/seeds/publishers.csv")
    for column in contract.columns:
        if column.code_list is None:
            continue
        if not code_lists.exists(column.code_list):
            yield Fault(f"columns.{column.name}.code_list", column.code_list, "a file of dbt_project/seeds")
            continue
        codes = code_lists.load(column.code_list, column.kinds).codes
        if not codes:
            yield Fault(f"columns.{column.name}.kinds", ", ".join(column.kinds), "kinds of its code list")
        if column.within and not code_lists.memberships(column.code_list):
            yield Fault(f"columns.{column.name}.within", column.within, "a code list with memberships")
        wanted = [column.default] if column.default is not None else []
        for code in (*wanted, *contract.expectations.present.get(column.name, ())):
            if code not in codes:
                yield Fault(f"columns.{column.name}", repr(code), f"a code of {column.code_list}.csv")
