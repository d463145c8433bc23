"""Person-level data: what names a person becomes a pseudonym before anything is typed, staged or logged.

`Pseudonyms.records` stands between the reader and everything else. A column `identifier: direct` becomes a
keyed hash (HMAC-SHA256) of what it says; whatever else breaks its contract, and so may be a name in the
wrong column, is replaced by MASKED and rejected under that word. What is staged, compared, rejected, decided,
judged or sent back therefore carries no name: no later step has to remember to hide one.

The names themselves go to `confidential.identities`, which the loader can only add to (`infra.provision`).
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from psycopg import sql

from ingestion import archived, settings, staging
from ingestion.code_lists import bare_spelling
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.errors import ExpectedError
from ingestion.ledger import Delivery
from ingestion.read import Record, UnreadableDelivery
from ingestion.read.deadline import within
from ingestion.rows import Typing
from ingestion.text import storable

MASKED = "valeur masquée"
"""Stands for what was found where something else was expected: it may be a name."""
MASKED_NOTE = "remarque masquée"

_KEY_BYTES = 32
_DIGITS = 32  # hexadecimal, of the hash: 128 bits
_KEY_DIGITS = 8  # of the key's own, before them


class PseudonymKeyError(ExpectedError):
    """A key that cannot be used: unsafe, or not the one that the rows in service were made with."""


def source(
    read: Callable[[], Iterator[Record]], delivery: Delivery, contract: Contract, db: Connection
) -> Callable[[], Iterator[Record]]:
    """Wrap what reads a delivery of persons, so that it gives pseudonyms; keep the names apart.

    Runs in the caller's transaction. Any other contract's `read` is returned as it is. Raises
    UnreadableDelivery.
    """
    if contract.personal is None:
        return read
    pseudonyms = Pseudonyms(contract)
    pseudonyms.require_same_key(db)
    # A whole pass of its own, within the limits of one: `load` bounds the other, with what it makes of it.
    first = within(lambda: _discreet(read()), archived.said_of(delivery))
    pseudonyms.keep(first, delivery, db)
    return lambda: pseudonyms.records(_discreet(read()))


def corrections(given: Mapping[str, str], contract: Contract) -> dict[str, str]:
    """Return the corrections of a record, what names a person as the pseudonym that its row will have."""
    if contract.personal is None:
        return dict(given)
    pseudonyms = Pseudonyms(contract)
    return {
        column: pseudonyms.of(column, text) if column in contract.identifiers else text
        for column, text in given.items()
    }


class Pseudonyms:
    """The pseudonyms of one dataset: the same for the same person, and linked to no other dataset's."""

    def __init__(self, contract: Contract) -> None:
        """Read the key, making one where there is none; PseudonymKeyError when it is unsafe."""
        self._contract, self._key = contract, _key()
        self._typing = Typing(contract)
        self._prefix = hmac.digest(self._key, b"which key", "sha256").hex()[:_KEY_DIGITS]
        self._is_as_agreed = lru_cache(maxsize=65536)(self._parses)

    def of(self, column: str, text: str) -> str:
        """Give the pseudonym of a name: 8 digits that say which key, 32 that say who.

        Case, accents, spaces and punctuation make no other person.
        """
        said = "\x1f".join((self._contract.dataset, column, bare_spelling(text)))
        digest = hmac.digest(self._key, said.encode("utf-8", "replace"), "sha256").hex()
        return f"{self._prefix}-{digest[:_DIGITS]}"

    def records(self, records: Iterable[Record]) -> Iterator[Record]:
        """Give the records without a name."""
        evidence = self._contract.evidence
        for record in records:
            if record.kind == "note":
                yield replace(record, values={}, literal=MASKED_NOTE, fault=record.fault and MASKED)
                continue
            values = {name: self._shown(name, value) for name, value in record.values.items()}
            is_evidence = record.fault is None and record.literal == record.values.get(evidence)
            yield replace(record, values=values, literal=values.get(evidence) if is_evidence else MASKED)

    def keep(self, records: Iterable[Record], delivery: Delivery, db: Connection) -> None:
        """Add the names of a delivery to `confidential.identities`, each once, while it may be kept.

        Kept since the delivery was received, however often it is read: once over, a name stays erased.
        """
        if self._contract.personal is None:
            return
        db.execute(
            """create temporary table named (column_name text, pseudonym text, name text) on commit drop"""
        )
        with db.cursor() as cursor, cursor.copy("copy named from stdin") as copy:
            for record in records:
                for column in self._contract.identifiers:
                    if name := record.values.get(column):
                        copy.write_row((column, self.of(column, name), storable(name)))
        db.execute(
            """insert into confidential.identities
                      (dataset_code, column_name, pseudonym, name, delivery_id, kept_since)
               select distinct on (column_name, pseudonym)
                      %s, column_name, pseudonym, name, %s::bigint, %s::timestamptz
                 from named
                where %s::timestamptz + make_interval(months => %s) > now()
                order by column_name, pseudonym
               on conflict do nothing""",
            [
                self._contract.dataset,
                delivery.delivery_id,
                delivery.fetched_at,
                delivery.fetched_at,
                self._contract.personal.names_kept_months,
            ],
        )
        db.execute("drop table named")

    def require_same_key(self, db: Connection) -> None:
        """Refuse to mix pseudonyms of two keys: the same person would be counted twice."""
        column = sql.Identifier(self._contract.identifiers[0])
        newest = db.execute(
            sql.SQL(
                """select left({column}, %s) from {table}
                     join meta.deliveries using (delivery_id)
                    where status = 'accepted' and {column} is not null
                    order by row_id desc limit 1"""
            ).format(column=column, table=staging.table(self._contract)),
            [_KEY_DIGITS],
        ).fetchone()
        if newest is not None and newest[0] != self._prefix:
            raise PseudonymKeyError(
                f"{self._contract.dataset}: its rows in service were made with key {newest[0]}, and "
                f"{settings.pseudonym_key()} holds key {self._prefix}. Put the former key back; or, to "
                "change it for good, `reread` the oldest accepted delivery: it and all after it are laid anew"
            )

    def _shown(self, column: str, text: str | None) -> str | None:
        if not (text or "").strip():
            return text
        assert text is not None  # noqa: S101 - seen above
        if column in self._contract.identifiers:
            return self.of(column, text)
        return text if self._is_as_agreed(column, text) else MASKED

    def _parses(self, column: str, text: str) -> bool:
        if column not in self._contract.by_name:
            return False
        row = self._typing.row(Record("", "data", {column: text}, None))
        return all(reason.column != column for reason in row.reasons)


def _discreet(records: Iterator[Record]) -> Iterator[Record]:
    """Give the records; what a reader says of a file that it cannot read does not quote the file."""
    try:
        yield from records
    except UnreadableDelivery as error:
        raise UnreadableDelivery(error.place, MASKED, error.expected) from None


def _key() -> bytes:
    file = settings.pseudonym_key()
    if not file.exists():
        _generate(file)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise PseudonymKeyError(f"{file} can be read by others: chmod 600")
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) < _KEY_BYTES:
        raise PseudonymKeyError(f"{file} holds no key: {_KEY_BYTES} bytes or more, in hexadecimal")
    return key


def _generate(file: Path) -> None:
    """Write a new key, readable by its owner only, complete or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # What mkstemp makes, as this does, is its owner's alone.
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.") as draft:
        draft.write(secrets.token_hex(_KEY_BYTES) + "\n")
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):  # another process was first: its key counts
            os.link(draft.name, file)
