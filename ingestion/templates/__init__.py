"""Collection templates: the workbook that an institution fills, and the one it gets back with what is wrong.

Both are in French and derived from the contract: a template is the layout that the dataset's `excel` reader
reads (`form.options.tables`), empty, with drop-downs and validation; a filled one is an ordinary delivery.
"""

from __future__ import annotations

from pathlib import Path

from ingestion import contracts
from ingestion.contracts import Contract

__all__ = ["has_template", "require_in_force", "templated", "write"]


def has_template(contract: Contract) -> bool:
    """Whether the institution fills a workbook of ours: the dataset is sent, and read as a workbook."""
    return contract.delivery.by == "inbox" and contract.form.reader == "excel"


def templated() -> list[Contract]:
    """The contracts of the datasets that have a template."""
    return [contract for contract in contracts.all().values() if has_template(contract)]


def require_in_force(path: Path, contract: Contract, since: int | None = None) -> None:
    """Refuse a filled template of another dataset or contract version; see `mark.require_in_force`."""
    if has_template(contract):
        from ingestion.templates import mark

        mark.require_in_force(path, contract, since)


def write(folder: Path) -> list[Path]:
    """Write the template of every sent dataset to `folder`; the same bytes for the same contracts."""
    from ingestion.templates import form

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for contract in templated():
        file = folder / f"{contract.dataset}_v{contract.version}.xlsx"
        file.write_bytes(form.compose(contract))
        written.append(file)
    return written
