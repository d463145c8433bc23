"""What a contract tells its reader, held against the signature of the reader and the columns there are."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from ingestion import code_lists, read
from ingestion.contracts.column import Column
from ingestion.contracts.faults import Fault, fault_of
from ingestion.contracts.model import Contract


def reader_options(contract: Contract) -> dict[str, Any]:
    """The reader's keyword arguments, converted to the types that its signature names."""
    adapters = _option_adapters(read.READERS[contract.form.reader])
    return {name: adapters[name].validate_python(value) for name, value in contract.form.options.items()}


def reader_faults(contract: Contract) -> Iterator[Fault]:
    """The reader, its options and their types: those that there are."""
    if contract.form.reader not in read.READERS:
        yield Fault("form.reader", repr(contract.form.reader), f"one of {', '.join(read.READERS)}")
        return
    reader = read.READERS[contract.form.reader]
    parameters, adapters = inspect.signature(reader).parameters, _option_adapters(reader)
    given = contract.form.options
    for name in adapters.keys() - given.keys():
        if parameters[name].default is inspect.Parameter.empty:
            yield Fault(f"form.options.{name}", "nothing", f"a value of type {parameters[name].annotation}")
    for name, value in given.items():
        if name not in adapters:
            yield Fault(f"form.options.{name}", repr(value), f"one of {', '.join(sorted(adapters))}")
            continue
        try:
            adapters[name].validate_python(value)
        except ValidationError as error:
            for details in error.errors():
                fault = fault_of(details)
                yield fault._replace(key=f"form.options.{name}.{fault.key}".removesuffix(".(file)"))


def _option_adapters(reader: Callable[..., Any]) -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(reader, include_extras=True)
    return {
        parameter.name: TypeAdapter(hints.get(parameter.name, Any))
        for parameter in inspect.signature(reader).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def mapping_faults(contract: Contract) -> Iterator[Fault]:
    """What the reader's options say of columns, wherever they say it: columns and codes that there are."""
    for where, name, constant in _mapped(contract.form.options, "form.options"):
        column = contract.by_name.get(name)
        if column is None:
            yield Fault(where, repr(name), f"one of {', '.join(contract.by_name)}")
        elif constant is not None and (fault := _constant_fault(column, constant)):
            yield Fault(where, repr(constant), fault)


def _mapped(options: Any, where: str) -> Iterator[tuple[str, str, str | None]]:
    """Give each column that reader options name: where, its name, and the text that they put there."""
    if isinstance(options, list):
        for number, item in enumerate(options):
            yield from _mapped(item, f"{where}.{number}")
    if not isinstance(options, dict):
        return
    for key, value in options.items():
        here = f"{where}.{key}"
        if key in ("keys", "columns") and isinstance(value, dict):
            yield from ((here, str(name), None) for name in value.values())
        elif key == "constants" and isinstance(value, dict):
            yield from ((here, str(name), str(text)) for name, text in value.items())
        elif key in ("total_column", "into"):
            yield here, str(value), None
        else:
            yield from _mapped(value, here)


def _constant_fault(column: Column, text: str) -> str | None:
    if column.code_list is None or not code_lists.exists(column.code_list):
        return None
    known = code_lists.load(column.code_list, column.kinds).code_of(text)
    return None if known else f"a code or a label of {column.code_list}.csv"
