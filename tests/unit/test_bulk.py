"""Typing in columns says what typing row by row says, for any text."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.bulk import BulkTyping, as_text
from ingestion.contracts import Contract
from ingestion.read.batch import LITERAL, LOCATOR, Batch
from ingestion.rows import Typing

COLUMNS = (
    {"name": "text", "type": "text"},
    {"name": "needed", "type": "text", "required": True},
    {"name": "code", "type": "code", "code_list": "areas"},
    {"name": "number", "type": "number"},
    {"name": "bounded", "type": "number", "range": [-1, 100], "default": "0"},
    {"name": "whole", "type": "integer", "range": [0, 1000000]},
    {"name": "counted", "type": "number", "whole": True},
    {"name": "region", "type": "code", "code_list": "areas"},
    {"name": "cercle", "type": "code", "code_list": "areas", "within": "region"},
    {"name": "period", "type": "period"},
    {"name": "day", "type": "date"},
    {"name": "flag", "type": "boolean"},
    {"name": "absent", "type": "text", "default": "rien"},
)
CONTRACT = Contract.model_validate(
    {
        "dataset": "demo.bulk",
        "version": 1,
        "title_fr": "Essai",
        "title_en": "Test",
        "publisher": "ponam",
        "licence": "Synthétique",
        "delivery": {"mode": "additional", "by": "inbox"},
        "form": {"reader": "csv"},
        "columns": list(COLUMNS),
        "key": ["needed"],
        "evidence": "number",
        "calendar": {"frequency": "irregular", "lag_days": 30, "tolerance_days": 10},
        "expectations": {"rows": [1, 10]},
    }
)
READ = [str(column["name"]) for column in COLUMNS if column["name"] != "absent"]
SCHEMA = dict.fromkeys((LOCATOR, LITERAL, *READ), pl.String)

_spaces = st.sampled_from((" ", "\u00a0", "\u2009", "\u202f", "  ", "\u2007", ""))
_digits = st.text("0123456789", min_size=1, max_size=4)
_numbers = st.builds(
    lambda sign, groups, space, mark, decimals: sign + space.join(groups) + mark + decimals,
    st.sampled_from(("", "", "-", "−", "+")),
    st.lists(_digits, min_size=1, max_size=6),
    _spaces,
    st.sampled_from(("", ",", ".", "%")),
    st.text("0123456789", max_size=14),
)
_known = st.sampled_from(
    (
        *("MLI", "Côte d’Ivoire", "france", "2016", "2016-Q1", "31/12/2016", "32/12/2016", "oui", "Non", ""),
        *("ML-1", "ML-3", "ML_C_KAYES", "Cercle de Sikasso", "1,5", "3,0"),
        *("100", "-1", "101", "1000001", "1 000 000", "٣", "１２", "1e5", "nan", "inf", "0,1", "01 234"),
        *("100,000000001", "a\x07b", "\x1f", "Se\u0301gou", "\u212b"),
    )
)
_texts = (_numbers | _known | st.text(max_size=12)).map(str.strip)
_records = st.fixed_dictionaries({name: st.none() | _texts for name in READ})


@settings(deadline=None, max_examples=300)
@given(st.lists(_records, min_size=1, max_size=6))
def test_columns_say_what_rows_say(records: list[dict[str, str | None]]) -> None:
    frame = pl.DataFrame(
        [{LOCATOR: f"l.{n}", LITERAL: "x", **record} for n, record in enumerate(records)],
        schema=SCHEMA,
    )
    batch, typing = Batch(frame), Typing(CONTRACT)
    certain, doubtful = BulkTyping(typing).certain(batch)
    assert sorted([*certain["position"], *doubtful]) == list(range(len(records)))
    for typed in certain.iter_rows(named=True):
        row = typing.row(batch.record(typed["position"]))
        assert not row.reasons
        for column, _ in typing.columns:
            expected, found = as_text(row.values[column.name]), typed[column.name]
            if column.type in ("number", "integer") and expected is not None:
                assert Decimal(found) == Decimal(expected), column.name
                continue
            assert found == expected, column.name


def test_what_a_large_file_is_made_of_needs_no_closer_look() -> None:
    record = {"text": "e\u0301", "needed": "x", "code": "MLI", "number": "1\u202f234,50", "bounded": None,
              "whole": "12", "counted": "2\u202f000", "region": "ML-1", "cercle": "ML_C_KAYES",
              "period": "2016", "day": "31/12/2016", "flag": "oui"}  # fmt: skip
    at_the_bound = {**record, "whole": "0"}
    frame = pl.DataFrame(
        [{LOCATOR: "l.1", LITERAL: "x", **one} for one in (record, record, at_the_bound)], schema=SCHEMA
    )
    certain, doubtful = BulkTyping(Typing(CONTRACT)).certain(Batch(frame))
    assert doubtful == []
    assert certain.drop("position", LOCATOR, LITERAL).row(0, named=True) == {
        **record, "text": "é", "number": "1234.50", "counted": "2000", "bounded": "0", "day": "2016-12-31",
        "flag": "true", "absent": "rien",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "column"),
    [
        ({"counted": "2,5"}, "counted"),
        ({"counted": "2,0"}, None),
        ({"region": "Région de Kayes", "cercle": "Cercle de Sikasso"}, "cercle"),
        ({"region": "Région de Sikasso", "cercle": "Cercle de Koutiala"}, None),  # its region until 2023
        ({"region": "ML_KOUTIALA", "cercle": "Cercle de Koutiala"}, None),
        ({"region": "Bamako", "cercle": "Cercle de Kati"}, "cercle"),
        ({"cercle": "Cercle de Kayes"}, None),
    ],
)
def test_what_is_counted_is_whole_and_a_place_lies_in_the_one_around_it(
    said: dict[str, str], column: str | None
) -> None:
    batch = Batch(pl.DataFrame([{LOCATOR: "l.1", LITERAL: "x", "needed": "x", **said}]))
    typing = Typing(CONTRACT)
    rejected = [reason.column for reason in typing.row(batch.record(0)).reasons]
    assert rejected == ([] if column is None else [column])
    certain, _ = BulkTyping(typing).certain(batch)
    assert certain.height == 0 or column is None


def test_a_column_that_the_contract_does_not_know_rejects_as_rows_do() -> None:
    record = {LOCATOR: "l.1", LITERAL: "x", "needed": "x", "inconnue": "y"}
    batch, typing = Batch(pl.DataFrame([record] * 2)), Typing(CONTRACT)
    certain, doubtful = BulkTyping(typing).certain(batch)
    assert (certain.height, doubtful) == (0, [0, 1])
    [reason] = typing.row(batch.record(0)).reasons
    assert (reason.column, reason.found, reason.who_fixes) == ("inconnue", "y", "developer")
