"""Edition and day of publication of a file, from what its contract, its name and its server say."""

from __future__ import annotations

import datetime
import re
from pathlib import PurePosixPath

from ingestion.contracts import Address, Contract
from ingestion.ledger import Provenance, PublishedOnOrigin
from ingestion.text import storable

_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})_.+")


class ImplausibleDateError(ValueError):
    """A day of publication that cannot be: it would stand in front of every delivery to come."""


def provenance_of(
    contract: Contract,
    file_name: str,
    address: str,
    last_modified: datetime.date | None = None,
    part: str | None = None,
) -> Provenance:
    """Say where a file comes from.

    The day of publication is, in this order, what the contract says of the address with that file name, the
    day that opens the name (`2016-12-31_report.pdf`), the server's `Last-Modified`, today. The edition is the
    contract's, or that day and the `part` of the dataset that the file holds. Raises ImplausibleDateError for
    a day in the future or before 1900.
    """
    today = datetime.datetime.now(datetime.UTC).date()
    agreed = _agreed(contract, file_name)
    candidates: tuple[tuple[datetime.date | None, PublishedOnOrigin], ...] = (
        (agreed.published_on, "contract"),
        (_day_in(file_name), "file_name"),
        (last_modified, "http"),
    )
    published_on, origin = next(((day, told) for day, told in candidates if day), (today, "fetched"))
    if not datetime.date(1900, 1, 1) <= published_on <= today + datetime.timedelta(days=1):
        raise ImplausibleDateError(f"{file_name} is dated {published_on} ({origin})")
    edition = agreed.edition or " ".join(filter(None, (published_on.isoformat(), part)))
    return Provenance(storable(file_name), address, edition, published_on, origin)


def _agreed(contract: Contract, file_name: str) -> Address:
    for address in contract.delivery.addresses:
        if PurePosixPath(address.path).name == file_name:
            return address
    return Address(path=file_name)


def _day_in(file_name: str) -> datetime.date | None:
    match = _DATED.fullmatch(file_name)
    try:
        return datetime.date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
