"""One column of a dataset: its type, what its values may be, what people read of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, field_validator, model_validator

from ingestion.contracts.values import Closed, Name, Printed, Text, ordered

ColumnType = Literal["text", "code", "integer", "number", "period", "date", "boolean"]
SYSTEM_COLUMNS = {
    "row_id": "Identifier of the row.",
    "delivery_id": "Delivery that brought the row.",
    "ended_by_delivery_id": "Accepted delivery that replaced or withdrew the row; empty: in service.",
    "end_reason": "replaced or withdrawn.",
    "record_kind": "data, total or note.",
    "record_locator": "Where the record stands in the file: sheet!cell, page and line, paragraph.",
    "record_literal": "The evidence exactly as printed.",
    "record_key": "The key columns, joined; identifies the record across deliveries.",
}
"""The columns that every staging table has beside its contract's, by name, with what dbt says of each."""


class Column(Closed):
    """One column of the dataset, as staged."""

    name: Name
    type: ColumnType
    code_list: Name | None = None
    """File name of a seed, for type `code` only."""
    kinds: tuple[Text, ...] = ()
    """Of the code list, only the codes of these kinds (its column `kind`); empty: all."""
    required: bool = False
    """Of data and total records; notes carry no column."""
    default: Printed | None = None
    """As it would be printed, for records that leave the column empty."""
    range: Annotated[tuple[Decimal, Decimal], AfterValidator(ordered)] | None = None
    """Lowest and highest value, both allowed."""
    whole: bool = False
    """Of a `number` that counts: no fraction. Staged as any number, so that a contract may say it later."""
    within: Name | None = None
    """Another column of the same code list, of which the code is, or was, a part (seed of memberships)."""
    title_fr: Text | None = None
    """What institutions read: in error workbooks and templates."""
    unit: Text | None = None
    description: Text | None = None
    """In French, what belongs in the column."""
    identifier: Literal["direct", "quasi"] | None = None
    """Of persons. direct: names one, staged as a pseudonym; quasi: may name one together with others."""

    @property
    def is_whole(self) -> bool:
        """Whether its numbers have no fraction."""
        return self.whole or self.type == "integer"

    @field_validator("name")
    @classmethod
    def _not_a_system_column(cls, name: str) -> str:
        if name in SYSTEM_COLUMNS:
            raise ValueError("a name that is not one of the columns every staging table has")
        return name

    @model_validator(mode="after")
    def _type_and_companions_agree(self) -> Column:
        if (self.type == "code") != (self.code_list is not None):
            raise ValueError("`code_list` for type `code`, and for no other")
        if self.kinds and self.code_list is None:
            raise ValueError("`kinds` of a `code_list` only")
        if self.range is not None and self.type not in ("number", "integer"):
            raise ValueError("`range` for numbers and integers only")
        if self.whole and self.type != "number":
            raise ValueError("`whole` for type `number` only: an `integer` is")
        if self.within is not None and self.code_list is None:
            raise ValueError("`within` for type `code` only")
        if self.identifier == "direct" and self.type != "text":
            raise ValueError("`identifier: direct` for type `text` only: a pseudonym is a text")
        return self
