"""Edition and day of publication of a file, from what its contract, its name and its server say."""

from __future__ import annotations

import datetime
import re
from pathlib import PurePosixPath

from ingestion.contracts import Address, Contract
from ingestion.errors import ExpectedError
from ingestion.ledger import Provenance, PublishedOnOrigin
from ingestion.text import storable

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
# What somebody meant as a day, in another order, without its zeros or its dashes, or that no calendar has.
_LIKE_A_DAY = re.compile(
    r"\d{4}[-_. ]\d{1,2}[-_. ]\d|\d{1,2}[-_. ]\d{1,2}[-_. ](?:19|20)\d\d(?!\d)|(?:19|20)\d{6}(?!\d)"
)
_TOLD_BY: dict[PublishedOnOrigin, str] = {
    "contract": "agreed in the contract",
    "file_name": "from its name",
    "http": "from the server",
    "fetched": "the day of reception, for its name begins with none: 2018-03-31_…",
}


_HOW_TO_NAME = "begin the name with the day of publication, 2018-03-31_…"


class ImplausibleDateError(ExpectedError, ValueError):
    """A day of publication that cannot be: it would stand in front of every delivery to come."""


def provenance_of(
    contract: Contract,
    file_name: str,
    address: str,
    last_modified: datetime.date | None = None,
    part: str | None = None,
    agreed: Address | None = None,
) -> Provenance:
    """Say where a file comes from.

    The day of publication is, in this order, what the contract says of the address that it was pulled from
    (`agreed`; for a file that was sent, the only one with that file name), the day that opens the name
    (`2016-12-31_report.pdf`), the server's `Last-Modified`, today. The edition is the contract's, or that day
    and the `part` of the dataset that the file holds. Raises ImplausibleDateError for
    a day in the future or before 1900, and for a name that begins like a date and is none.
    """
    today = datetime.datetime.now(datetime.UTC).date()
    agreed = agreed or _agreed(contract, file_name)
    candidates: tuple[tuple[datetime.date | None, PublishedOnOrigin], ...] = (
        (agreed.published_on, "contract"),
        (None if agreed.published_on else _day_in(file_name), "file_name"),
        (last_modified, "http"),
    )
    published_on, origin = next(((day, told) for day, told in candidates if day), (today, "fetched"))
    if not datetime.date(1900, 1, 1) <= published_on <= today + datetime.timedelta(days=1):
        raise ImplausibleDateError(f"{file_name} is dated {published_on} ({origin}); {_HOW_TO_NAME}")
    edition = agreed.edition or " ".join(filter(None, (published_on.isoformat(), part)))
    return Provenance(storable(file_name), address, edition, published_on, origin)


def published(day: datetime.date, origin: PublishedOnOrigin) -> str:
    """Say which day of publication was taken, and from where: one clause of a message."""
    return f"published on {day} ({_TOLD_BY[origin]})"


def _agreed(contract: Contract, file_name: str) -> Address:
    named = [one for one in contract.delivery.addresses if PurePosixPath(one.path).name == file_name]
    return named[0] if len(named) == 1 else Address(path=file_name)


def _day_in(file_name: str) -> datetime.date | None:
    if not _LIKE_A_DAY.match(file_name):
        return None
    try:
        day = _DAY.match(file_name)
        return datetime.date.fromisoformat(day[0] if day else "")
    except ValueError as error:
        message = f"{file_name} begins like a date, but with no day written so"
        raise ImplausibleDateError(f"{message}; {_HOW_TO_NAME}") from error
