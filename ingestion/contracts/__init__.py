"""Dataset contracts: one closed-schema YAML file per dataset, `ingestion/sources/<source>/<dataset>.yml`.

`load`, `all` and `of_source` read them; `check` holds one against what it refers to (its reader's signature,
the code lists, the datasets it depends on) without touching a network or a database. Importing them is
light: readers are imported only by `check` and `reader_options`.
"""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from ingestion.contracts.codes import code_faults
from ingestion.contracts.column import SYSTEM_COLUMNS, Column
from ingestion.contracts.delivery import Address, EdenExport
from ingestion.contracts.faults import ContractError, Fault, UnknownDatasetError
from ingestion.contracts.files import read
from ingestion.contracts.model import Contract, SumIdentity
from ingestion.contracts.options import mapping_faults, reader_faults, reader_options
from ingestion.contracts.values import SQL_NAME

__all__ = [
    "SOURCES",
    "SYSTEM_COLUMNS",
    "Address",
    "Column",
    "Contract",
    "ContractError",
    "EdenExport",
    "Fault",
    "SumIdentity",
    "UnknownDatasetError",
    "all",
    "check",
    "load",
    "of_source",
    "read",
    "reader_options",
    "sources",
]

SOURCES = Path(__file__).parent.parent / "sources"


def load(dataset_code: str) -> Contract:
    """Return the contract of a dataset; UnknownDatasetError without one, ContractError when it is invalid."""
    source, _, dataset = dataset_code.partition(".")
    file = SOURCES / source / f"{dataset}.yml"
    if not SQL_NAME.fullmatch(source) or not SQL_NAME.fullmatch(dataset) or not file.is_file():
        raise UnknownDatasetError(f"no dataset {dataset_code!r}; there are {', '.join(_codes())}")
    return read(file)


def all() -> dict[str, Contract]:  # noqa: A001 - read as contracts.all()
    """Every contract by its dataset code, in alphabetical order."""
    return {code: load(code) for code in _codes()}


def of_source(source: str) -> list[Contract]:
    """The contracts of one source, each after the datasets that it depends on."""
    contracts = {code: load(code) for code in _codes() if code.startswith(f"{source}.")}
    if not contracts:
        raise UnknownDatasetError(f"no source {source!r}; there are {', '.join(sources())}")
    order = TopologicalSorter({code: contract.delivery.depends_on for code, contract in contracts.items()})
    try:
        return [contracts[code] for code in order.static_order()]
    except CycleError as error:
        raise ValueError(f"datasets that depend on each other: {' → '.join(error.args[1])}") from error


def sources() -> list[str]:
    """The codes of the sources, in alphabetical order."""
    return sorted({code.partition(".")[0] for code in _codes()})


def check(contract: Contract) -> None:
    """Hold a contract against everything it refers to; `ContractError` with every fault found."""
    faults = [
        *reader_faults(contract),
        *mapping_faults(contract),
        *code_faults(contract),
        *_dataset_faults(contract),
    ]
    if faults:
        raise ContractError(SOURCES / contract.source / f"{contract.dataset.partition('.')[2]}.yml", faults)


def _codes() -> list[str]:
    return sorted(f"{file.parent.name}.{file.stem}" for file in SOURCES.glob("*/*.yml"))


def _dataset_faults(contract: Contract) -> Iterator[Fault]:
    known = _codes()
    for code in contract.delivery.depends_on:
        if code not in known or not code.startswith(f"{contract.source}.") or code == contract.dataset:
            yield Fault("delivery.depends_on", repr(code), "another dataset of the same source")
    verification = contract.verification
    if verification is None:
        return
    if verification.dataset not in contract.delivery.depends_on:
        yield Fault("verification.dataset", repr(verification.dataset), "one of delivery.depends_on")
    elif verification.dataset in known:
        columns = load(verification.dataset).by_name
        for name in (*verification.match, verification.text):
            if name not in columns:
                yield Fault("verification", repr(name), f"a column of {verification.dataset}")
