"""One contract file, read."""

from __future__ import annotations

import functools
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ingestion.contracts.faults import ContractError, Fault, fault_of, one_line
from ingestion.contracts.model import Contract


def read(file: Path) -> Contract:
    """Read one contract file; `ContractError` with every fault found."""
    return _parse(file, file.read_bytes())


@functools.lru_cache(maxsize=256)
def _parse(file: Path, content: bytes) -> Contract:
    try:
        document = yaml.load(content, Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader
        contract = Contract.model_validate(document)
    except yaml.YAMLError as error:
        raise ContractError(file, [Fault("(file)", one_line(str(error)), "YAML")]) from error
    except ValidationError as error:
        raise ContractError(file, [fault_of(details) for details in error.errors()]) from error
    named = f"{file.parent.name}.{file.stem}"
    if contract.dataset != named:
        raise ContractError(file, [Fault("dataset", repr(contract.dataset), f"{named!r}, as the file")])
    return contract


class _UniqueKeys(yaml.CSafeLoader):
    """YAML in which a key written twice is an error rather than the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"key {key!r} written twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
