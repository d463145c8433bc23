"""How a publication becomes records: one reader per form, never per source.

A reader is a function `read(path, *, options) -> Iterator[Record]`. Its options come from the contract of
a dataset (`form.options`), which `ingestion.contracts` checks offline against the reader's own signature.
A reader knows nothing of types or of the database: it hands over text as printed and says where it stood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

from pydantic import BaseModel, ConfigDict

from ingestion.errors import ExpectedError


@dataclass(frozen=True, slots=True)
class Record:
    """One row or one cell read from a delivery."""

    locator: str
    """Where it stood: `Experts!C7`, `p.3 l.14 c.2021`, `l.54 c.2016`, `§12 [40:52]`."""
    kind: str
    """`data`, `total` (a total printed among the data) or `note` (a source line, a remark)."""
    values: dict[str, str | None]
    """Contract column name to text as printed; null where the publication says that it has no value."""
    literal: str | None
    """The evidence column exactly as printed; the whole line for a note or a faulty row."""
    fault: str | None = None
    """In French, what is expected of the record as a whole and is not so: it is rejected with these words."""
    fault_column: str | None = None
    """The contract column whose cell has the fault; None when it is the record as a whole."""
    is_waived: bool = False
    """Accepted as it is by a decision: the bounds of its columns do not count (`ingestion.decisions`)."""


class UnreadableDelivery(ExpectedError):  # noqa: N818 - it names a delivery
    """A delivery that its reader cannot read at all. The message is in French: an institution reads it."""

    def __init__(self, place: str, found: str, expected: str) -> None:
        self.place, self.found, self.expected = place, found, expected
        super().__init__(f"{place} : trouvé {found} ; attendu {expected}")


class Options(BaseModel):
    """What a contract may say to a reader: a key that the reader does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def value_of_header(pattern: str, header: str) -> str | None:
    """Give the value that a header is: what the pattern's first group holds, if any, or all of it; else None.

    >>> value_of_header(r"(\\d{4}) \\[YR\\d{4}\\]", "2016 [YR2016]"), value_of_header(r"\\d{4}", "2016")
    ('2016', '2016')
    """
    match = re.fullmatch(pattern, header)
    return match and ((match.re.groups and match[1]) or match[0])


Reader = Callable[..., Iterator[Record]]

_FORMS = ("article", "csv", "eden", "excel", "json", "pdf_table", "transcription")


class _Readers(Mapping[str, Reader]):
    """The readers by form. A form's module, and the library it needs, is imported when it is first asked."""

    def __getitem__(self, form: str) -> Reader:
        if form not in _FORMS:
            raise KeyError(form)
        reader: Reader = import_module(f"{__name__}.{form}").read
        return reader

    def __iter__(self) -> Iterator[str]:
        return iter(_FORMS)

    def __len__(self) -> int:
        return len(_FORMS)


READERS: Mapping[str, Reader] = _Readers()
