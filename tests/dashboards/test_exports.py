"""What leaves Superset as CSV or Excel: no cell of it would be run by the spreadsheet that opens it."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from .running import RunningSuperset
from .visitor import Visitor

HOSTILE = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\tcmd",
    " =1+1",
    "a\r=1+1",
    "=cmd|' /C calc'!A0",
]
HARMLESS = ["-12.5", "483,3", "L’institution", "a\nb", "5 > 3"]
STREAMED_FROM = 100_000  # Superset streams a CSV whose row limit is as high as that
_RUN = re.compile(r"[\s\"]*[=+\-@|%]|[\t\r\n]")
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def database_id(statistician: Visitor) -> int:
    return int(statistician.result("/api/v1/database/")[0]["id"])


@pytest.fixture(scope="module")
def texts() -> str:
    """A query whose rows are those texts; it reads no table."""
    literals = [json.dumps(text)[1:-1].replace("'", "''") for text in HOSTILE + HARMLESS]
    rows = ", ".join(f"({place}, E'{literal}')" for place, literal in enumerate(literals))
    return 'select place, text, text as "=1+1" from (values ' + rows + ") as row (place, text)"  # noqa: S608


@pytest.fixture(scope="module")
def dataset_id(superset: RunningSuperset, database_id: int, texts: str) -> Iterator[int]:
    """A data set on that query, gone after the tests."""
    admin = superset.visitor("admin")
    wanted = {"database": database_id, "schema": "marts", "table_name": "essai d’export", "sql": texts}
    made = admin.post("/api/v1/dataset/", json=wanted)
    assert made.status_code == 201, made.text
    yield made.json()["id"]
    admin.request("DELETE", f"/api/v1/dataset/{made.json()['id']}")


@pytest.fixture(scope="module")
def export(statistician: Visitor, dataset_id: int) -> Callable[..., bytes]:
    """Export a chart on that data set, as the statistician may."""

    def run(result_format: str, row_limit: int = 1000, **query: Any) -> bytes:
        form_data = {"datasource": f"{dataset_id}__table", "viz_type": "table", "row_limit": row_limit}
        body = {
            "datasource": {"id": dataset_id, "type": "table"},
            "force": True,
            "queries": [
                {"columns": ["place", "text", "=1+1"], "metrics": None, "row_limit": row_limit} | query
            ],
            "form_data": form_data,
            "result_format": result_format,
            "result_type": "full",
        }
        answer = statistician.post("/api/v1/chart/data", json=body)
        assert answer.status_code == 200, answer.text[:500]
        return answer.content

    return run


PIVOT: dict[str, Any] = {  # as the browser asks for a chart of series: what the data say names the columns
    "metrics": [{"expressionType": "SQL", "sqlExpression": "count(*)", "label": "n"}],
    "columns": ["text"],
    "post_processing": [
        {"operation": "pivot", "options": {
            "index": ["text"], "columns": ["text"], "aggregates": {"n": {"operator": "sum"}}}},
        {"operation": "rename", "options": {"columns": {"n": None}, "level": 0, "inplace": True}},
        {"operation": "flatten"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("query", [{}, PIVOT], ids=["as it is", "pivoted"])
def test_csv(export: Callable[..., bytes], query: dict[str, Any]):
    _assert_nothing_runs(_csv_cells(export("csv", **query)))


@pytest.mark.parametrize("query", [{}, PIVOT], ids=["as it is", "pivoted"])
def test_xlsx(export: Callable[..., bytes], query: dict[str, Any]):
    cells, formulas = _xlsx_cells(export("xlsx", **query))
    assert formulas == []
    _assert_nothing_runs(cells)


def test_csv_that_is_streamed(export: Callable[..., bytes]):
    _assert_nothing_runs(_csv_cells(export("csv", row_limit=STREAMED_FROM)))


def test_csv_streamed_from_sql_lab(statistician: Visitor, database_id: int, texts: str):
    client_id = secrets.token_hex(5)
    asked = {"database_id": database_id, "sql": texts, "schema": "marts", "client_id": client_id}
    executed = statistician.post("/api/v1/sqllab/execute/", json=asked)
    assert executed.status_code == 200, executed.text[:300]
    for answer in (
        statistician.get(f"/api/v1/sqllab/export/{client_id}/"),
        statistician.post("/api/v1/sqllab/export_streaming/", data={"client_id": client_id}),
    ):
        assert answer.status_code == 200, answer.text[:300]
        _assert_nothing_runs(_csv_cells(answer.content))


def test_decision_maker_exports_nothing(decision_maker: Visitor, charts: dict[str, dict[str, Any]]):
    from .queries import query_context

    body = query_context(charts["Chiffres clés"], result_format="csv")
    assert decision_maker.post("/api/v1/chart/data", json=body).status_code == 403


def _assert_nothing_runs(cells: list[str]) -> None:
    assert [cell for cell in cells if _would_run(cell)] == []
    for text in HARMLESS:
        assert text in cells
    for text in HOSTILE:  # nothing was left out either
        assert any(text.strip().split("\r")[-1].split("|")[0] in cell for cell in cells), text


def _would_run(cell: str) -> bool:
    return "\r" in cell or (_RUN.match(cell) is not None and not re.fullmatch(r"-[\d.]+", cell))


def _csv_cells(content: bytes) -> list[str]:
    text = content.decode("utf-8-sig")
    return [cell for row in csv.reader(io.StringIO(text, newline=""), escapechar="\\") for cell in row]


def _xlsx_cells(content: bytes) -> tuple[list[str], list[str]]:
    """Every text of the workbook, and every formula."""
    with zipfile.ZipFile(io.BytesIO(content)) as workbook:
        sheet = ElementTree.fromstring(workbook.read("xl/worksheets/sheet1.xml"))  # noqa: S314
        strings = ElementTree.fromstring(workbook.read("xl/sharedStrings.xml"))  # noqa: S314
    texts = ["".join(part.itertext()) for part in strings.iter(f"{_SHEET}si")]
    return texts, [formula.text or "" for formula in sheet.iter(f"{_SHEET}f")]
