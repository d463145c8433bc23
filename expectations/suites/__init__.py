"""One suite builder per dataset: `bceao.eden` is judged by the function `eden` of `suites/bceao.py`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ingestion.errors import ExpectedError

if TYPE_CHECKING:
    import great_expectations as gx

    from ingestion.contracts import Contract

Builder = Callable[["Contract"], "gx.ExpectationSuite"]


class NoSuiteError(ExpectedError, LookupError):
    """A dataset without a suite builder: nobody can say whether its deliveries are fit."""


def builder(dataset_code: str) -> Builder:
    """The builder of a dataset's suite; `NoSuiteError` says which function to write, and where."""
    source, _, dataset = dataset_code.partition(".")
    module = f"{__name__}.{source}"
    found = getattr(import_module(module), dataset, None) if find_spec(module) else None
    if found is None:
        raise NoSuiteError(
            f"no suite for {dataset_code}: write `def {dataset}(contract)` in expectations/suites/{source}.py"
        )
    built: Builder = found
    return built
