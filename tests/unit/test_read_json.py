"""The reader of JSON answers, in the World Bank's dress."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.read import Record, UnreadableDelivery
from ingestion.read.json import read

COLUMNS = {
    "countryiso3code": "area_code",
    "indicator.id": "series_code",
    "date": "period_code",
    "value": "value",
    "obs_status": "obs_status",
}


def page(**changes: Any) -> dict[str, Any]:
    return {"page": 1, "pages": 1, "per_page": "1000", "total": 2, "sourceid": "2", **changes}


def observation(value: Any, **changes: Any) -> dict[str, Any]:
    return {
        "indicator": {"id": "BX.TRF.PWKR.CD.DT", "value": "Personal remittances, received"},
        "country": {"id": "ML", "value": "Mali"},
        "countryiso3code": "MLI",
        "date": "2023",
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 0,
        **changes,
    }


def records(tmp_path: Path, content: str | bytes) -> list[Record]:
    path = tmp_path / "answer.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read(path, columns=COLUMNS))


def answer(*observations: Any, **changes: Any) -> str:
    return json.dumps([page(**changes), list(observations)])


def test_each_observation_is_a_record(tmp_path: Path) -> None:
    first, second = records(tmp_path, answer(observation(1153600000, obs_status="E"), observation(None)))
    assert first == Record(
        "#1",
        "data",
        {
            "area_code": "MLI",
            "series_code": "BX.TRF.PWKR.CD.DT",
            "period_code": "2023",
            "value": "1153600000",
            "obs_status": "E",
        },
        "1153600000",
    )
    assert (second.values["value"], second.values["obs_status"], second.literal) == (None, None, None)


@pytest.mark.parametrize(
    ("sent", "value"),
    [("5.579999923706055", "5.579999923706055"), ("1.87803222037584E10", "18780322203.7584")],
)
def test_digits_are_those_that_were_sent(tmp_path: Path, sent: str, value: str) -> None:
    content = answer(observation(0)).replace('"value": 0', f'"value": {sent}')
    [record] = records(tmp_path, content)
    assert (record.literal, record.values["value"]) == (sent, value)


def test_a_bare_list_is_read_too_and_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    [record] = records(tmp_path, b"\xef\xbb\xbf" + json.dumps([observation(1)]).encode())
    assert record.values["value"] == "1"


def test_pages_stand_one_after_the_other_and_each_observation_says_its_own(tmp_path: Path) -> None:
    pages = [
        answer(observation(1), observation(2), page=1, pages=2, total=3),
        answer(observation(3), page="2", pages=2, total=3),
    ]
    found = records(tmp_path, "\n".join(pages))
    assert [(one.locator, one.literal) for one in found] == [
        ("p.1 #1", "1"),
        ("p.1 #2", "2"),
        ("p.2 #1", "3"),
    ]


@pytest.mark.parametrize("broken", [{"date": "2023"}, "text", None, observation("n/a")])
def test_an_observation_that_is_not_as_agreed_is_one_faulty_record(tmp_path: Path, broken: Any) -> None:
    good, bad = records(tmp_path, answer(observation(1), broken))
    assert good.fault is None
    assert bad.fault
    assert bad.literal


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (answer(observation(1), pages=3, page="1", total=120), "la page 1 sur 3 (120 observations"),
        (answer(observation(1), pages=2) + answer(observation(1), pages=2), "la page 1, 1 sur 2"),
        (answer(observation(1)) + " ]", "un JSON illisible"),
        ('["pages", [1, 2]]x', "un JSON illisible"),
        (json.dumps([{"message": [{"id": "120", "value": "Invalid value"}]}]), "Invalid value"),
        (json.dumps([page(total=0), None]), "aucune observation"),
        ("[]", "aucune observation"),
        ("{}", "aucune observation"),
        ("<html>", "un JSON illisible"),
        (answer(observation(1))[:-20], "un JSON illisible"),
        ("[" * 100_000, "un JSON illisible"),
        (b"\xff\xfe\x00", "un codage inconnu"),
    ],
    ids=[
        "a page of several",
        "a page twice",
        "something behind",
        "text behind",
        "refusal",
        "null",
        "empty",
        "object",
        "html",
        "cut",
        "deep",
        "binary",
    ],
)
def test_what_is_no_whole_answer_is_refused(tmp_path: Path, content: str | bytes, found: str) -> None:
    with pytest.raises(UnreadableDelivery) as refusal:
        records(tmp_path, content)
    assert found in refusal.value.found
