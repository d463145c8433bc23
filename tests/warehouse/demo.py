"""A small institution of our own, `demo`: two datasets, one reader, so that tests need no other files.

Its form, `lines`: one record per line, `kind;sector;period;value;label`, cells that are absent are empty. The
line `ILLISIBLE` cannot be read; the line `fault;reason` is a record that the reader finds fault with.
`demo.projects` is sent complete to the inbox, `demo.series` is pulled and additional.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import yaml
from psycopg import sql

from ingestion import archive, contracts, deliveries, load, staging
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.ledger import Provenance
from ingestion.load import LoadReport
from ingestion.read import Record, UnreadableDelivery

DATASETS = ("demo.projects", "demo.series")
SECTORS = ("EDU", "HEA", "AGR", "_T")

_COLUMNS = [
    {"name": "sector_code", "type": "code", "code_list": "sectors", "required": True},
    {"name": "period_code", "type": "period", "required": True},
    {"name": "value", "type": "number", "range": [0, 1000000]},
    {"name": "label", "type": "text"},
]


def read_lines(path: Path) -> Iterator[Record]:
    text = path.read_bytes().decode("utf-8", errors="surrogateescape")
    for number, line in enumerate(filter(None, text.split("\n")), 1):
        if line == "ILLISIBLE":
            raise UnreadableDelivery(f"ligne {number}", line, "une ligne")
        kind, *cells = line.split(";")
        if kind == "fault":
            yield Record(f"l.{number}", "data", {}, None, fault=cells[0])
            continue
        if kind == "note":
            yield Record(f"l.{number}", kind, {}, ";".join(cells))
            continue
        names = ("sector_code", "period_code", "value", "label")
        values: dict[str, str | None] = {name: cell or None for name, cell in zip(names, cells, strict=False)}
        yield Record(f"l.{number}", kind, values, values.get("value"))


def contract_document(dataset: str, **changes: Any) -> dict[str, Any]:
    mode, by = ("complete", "inbox") if dataset == "demo.projects" else ("additional", "http")
    addresses = [{"path": "series.txt"}, {"path": "2020.txt", "edition": 2020}] if by == "http" else []
    return {
        "dataset": dataset,
        "version": 1,
        "title_fr": "Démonstration",
        "title_en": "Demonstration",
        "publisher": "demo",
        "licence": "Libre",
        "delivery": {"mode": mode, "by": by, "addresses": addresses},
        "form": {"reader": "lines"},
        "columns": _COLUMNS,
        "key": ["sector_code", "period_code"],
        "evidence": "value",
        "calendar": {"frequency": "A", "lag_days": 30, "tolerance_days": 10},
        "expectations": {"rows": [1, 10]},
        **changes,
    }


def establish(folder: Path) -> tuple[Path, Path]:
    """Write the contracts and the code lists of the institution; the folders of both."""
    seeds, sources = folder / "seeds", folder / "sources"
    seeds.mkdir()
    (seeds / "publishers.csv").write_text("code,label_fr\ndemo,Démonstration\n", encoding="utf-8")
    labels = "EDU,Éducation\nHEA,Santé\nAGR,Agriculture\n_T,Total\n"
    (seeds / "sectors.csv").write_text(f"code,label_fr\n{labels}", encoding="utf-8")
    for dataset in DATASETS:
        write_contract(contract_document(dataset), sources)
    return sources, seeds


def write_contract(document: dict[str, Any], sources: Path | None = None) -> None:
    source, _, name = document["dataset"].partition(".")
    file = (sources or contracts.SOURCES) / source / f"{name}.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


@dataclass(frozen=True)
class Demo:
    db: Connection

    def receive(self, content: str | bytes, published: str, dataset: str = "demo.projects") -> int:
        """Receive a file published on a day; its edition is that day."""
        with archive.incoming() as stream:
            stream.write(content.encode() if isinstance(content, str) else content)
            day = datetime.date.fromisoformat(published)
            provenance = Provenance("file.txt", "hand:file.txt", published, day, "contract")
            return deliveries.receive(self.contract(dataset), stream, provenance, self.db).delivery_id

    def load(self, content: str | bytes, published: str, dataset: str = "demo.projects") -> LoadReport:
        return load.load(self.receive(content, published, dataset), self.db)

    def accept(self, content: str | bytes, published: str, dataset: str = "demo.projects") -> LoadReport:
        """Receive, load and accept: what a run does of a good file."""
        report = self.load(content, published, dataset)
        deliveries.accept(report.delivery_id, self.db)
        return report

    def contract(self, dataset: str = "demo.projects") -> Contract:
        return contracts.load(dataset)

    def in_service(self, dataset: str = "demo.projects") -> dict[str, str]:
        """`sector period` → value of the rows in service."""
        return self._content(dataset, "ended_by_delivery_id is null", {})

    def as_of(self, day: str, dataset: str = "demo.projects") -> dict[str, str]:
        """The same, as it was known at the end of a day."""
        return self._content(
            dataset,
            """brought.published_on <= %(day)s
               and (ended_by_delivery_id is null or ended.published_on > %(day)s)""",
            {"day": day},
        )

    def _content(self, dataset: str, condition: str, parameters: dict[str, str]) -> dict[str, str]:
        rows = self.db.execute(
            sql.SQL(
                """select sector_code || ' ' || period_code, trim_scale(value)::text
                     from {table}
                     join meta.deliveries as brought using (delivery_id)
                     left join meta.deliveries as ended on ended.delivery_id = ended_by_delivery_id
                    where brought.status = 'accepted' and record_kind <> 'note' and {condition}"""
            ).format(table=staging.table(self.contract(dataset)), condition=sql.SQL(condition)),
            parameters,
        ).fetchall()
        assert len({key for key, _ in rows}) == len(rows), "a key in service twice"
        return dict(rows)

    def history(self, dataset: str = "demo.projects") -> set[tuple[Any, ...]]:
        """Every version of every record: what was said, in which edition, until which, and why it ended."""
        return set(
            self.db.execute(
                sql.SQL(
                    """select brought.edition, brought.status, sector_code, period_code,
                              trim_scale(value)::text, record_locator, record_literal,
                              record_key, ended.edition, end_reason
                         from {table}
                         join meta.deliveries as brought using (delivery_id)
                         left join meta.deliveries as ended on ended.delivery_id = ended_by_delivery_id"""
                ).format(table=staging.table(self.contract(dataset)))
            ).fetchall()
        )

    def ledger(self) -> list[tuple[Any, ...]]:
        """State and counts of every delivery, in order of publication."""
        return self.db.execute(
            """select edition, status, records_read, rows_staged, rows_unchanged, rows_rejected
                 from meta.deliveries order by published_on, delivery_id"""
        ).fetchall()

    def rejections(self, delivery_id: int) -> list[tuple[Any, ...]]:
        return self.db.execute(
            """select record_locator, column_name, found, expected, record
                 from meta.rejections where delivery_id = %s order by rejection_id""",
            [delivery_id],
        ).fetchall()

    def one(self, query: LiteralString, *parameters: object) -> Any:
        """The one value, or the one row, that a query gives."""
        row = self.db.execute(query, parameters).fetchone()
        return row[0] if row is not None and len(row) == 1 else row

    def empty(self) -> None:
        """Forget every delivery."""
        self.db.execute("truncate meta.deliveries cascade")
        for dataset in DATASETS:
            self.db.execute(sql.SQL("delete from {}").format(staging.table(self.contract(dataset))))
