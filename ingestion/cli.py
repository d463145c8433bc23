"""The command line of ingestion, for engineers: `python -m ingestion --help`."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ingestion import content as contents
from ingestion import (
    contracts,
    decisions,
    deliveries,
    evidence,
    ledger,
    retention,
    settings,
    staging,
    templates,
)
from ingestion import load as loading
from ingestion.db import EXPECTED, Connection, connect, told
from ingestion.errors import ExpectedError
from ingestion.fetch import CollectError, collect, collect_source, receive_file
from ingestion.fetch.provenance import published
from ingestion.output import replacing


class CannotWriteError(ExpectedError):
    """A folder or a file that was asked for and cannot be written."""


# In a file or a log there is no terminal width to keep to.
# What institutions print stands in it as it is: `[est] 12,5` is no markup, `:-)` no picture.
console = Console(width=None if sys.stdout.isatty() else 200, markup=False, emoji=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0 done, 1 something is wrong and said."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        command: Callable[[argparse.Namespace], int] = options.command
        return command(options)
    except EXPECTED as error:
        said = Text.assemble(("error", "bold red"), f" {told(error)}")
        Console(stderr=True).print(said, soft_wrap=True)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ingestion", description="From publications to staged rows."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], help_: str) -> argparse.ArgumentParser:
        subparser = commands.add_parser(name, help=help_, description=help_)
        subparser.set_defaults(command=command)
        return subparser

    add("migrate", _migrate, "Bring the schema meta and the staging tables in step with this tree.")
    listing_of_contracts = add("contracts", _contracts, "Check every dataset contract offline and list them.")
    listing_of_contracts.add_argument(
        "--schema",
        action="store_true",
        help="print the JSON schema of a contract instead: keys, types, meaning",
    )
    blank = add("templates", _templates, "Write the collection template of every sent dataset.")
    blank.add_argument("--out", type=Path, required=True, help="folder to write them to")
    sources = add("dbt-sources", _dbt_sources, "Write dbt's _sources.yml from the contracts.")
    sources.add_argument(
        "--check", action="store_true", help="write nothing; fail when the file is not up to date"
    )
    fetch = add("fetch", _fetch, "Receive what a dataset's or a source's institutions published or sent.")
    fetch.add_argument("target", help="a dataset (bceao.eden) or a source (bceao)")
    receive = add("receive", _receive, "Receive one file by hand; the file stays where it is.")
    receive.add_argument("dataset")
    receive.add_argument("file", type=Path)
    load = add("load", _load, "Load deliveries that are not judged yet; a failed one is read again.")
    load.add_argument("delivery", type=int, nargs="+")
    reset = add(
        "reset", _reset, "Take a refused, failed or loaded delivery back to `received`, to load it again."
    )
    reset.add_argument("delivery", type=int)
    listing = add("deliveries", _deliveries, "List deliveries in order of publication.")
    listing.add_argument("--dataset")
    judged = add("verdicts", _verdicts, "List every verdict on deliveries, also those before the last.")
    judged.add_argument("--delivery", type=int)
    rejections = add("rejections", _rejections, "List the rejected records, newest delivery first.")
    rejections.add_argument("--delivery", type=int)
    rejections.add_argument("--dataset")
    rejections.add_argument("--limit", type=int, default=100)
    errors = add(
        "errors", _errors, "Write the workbook that says what is wrong with a delivery, cell by cell."
    )
    errors.add_argument("delivery", type=int)
    errors.add_argument("--out", type=Path, required=True, help="file to write, .xlsx")
    proposed = add(
        "candidates", _candidates, "Propose the figures of an archived article as a sheet to complete."
    )
    proposed.add_argument("delivery", type=int, help="delivery of a dataset of articles")
    proposed.add_argument("--out", type=Path, required=True, help="file to write, .csv")
    decide = add("decide", _decide, "Decide of a rejected record; it counts when the delivery is read again.")
    decide.add_argument("rejection", type=int, help="number shown by `rejections`")
    decide.add_argument("action", choices=decisions.ACTIONS)
    decide.add_argument("--author", required=True, help="who decides")
    decide.add_argument("--comment", required=True, help="why")
    decide.add_argument(
        "--column", action="append", default=[], help="with `correct`: column, may be repeated"
    )
    decide.add_argument("--value", action="append", default=[], help="with `correct`: its value, as printed")
    decided = add("decisions", _decisions, "List the decisions and what became of each record.")
    decided.add_argument("--delivery", type=int)
    reread = add(
        "reread",
        _reread,
        "Read a delivery again: a newer reader or contract, and the decisions on its records.",
    )
    reread.add_argument("delivery", type=int)
    held = add("content", _content, "Give all that a delivery says as CSV, its repeated rows included.")
    held.add_argument("delivery", type=int)
    held.add_argument("--out", type=Path, help="file to write; else to the terminal")
    persons = add(
        "persons", _persons, "List the names of persons that are kept beyond their retention, or erase them."
    )
    persons.add_argument("--erase", action="store_true", help="erase them, as ponam_custodian")
    persons.add_argument("--author", help="with --erase: who erases; it stands in the ledger")
    traced = add("evidence", _evidence, "Show where a value comes from: file (verified now), place, literal.")
    traced.add_argument("subject", help="an indicator (PON-4-01), or the delivery_id of a staged row")
    traced.add_argument("place", help="a period (2016), or the record_locator of that row ('Experts!C7')")
    return parser


def _migrate(_: argparse.Namespace) -> int:
    with connect() as db:
        done = staging.migrate(db)
    for line in done or ["nothing to do"]:
        console.print(line, highlight=False)
    return 0


def _contracts(options: argparse.Namespace) -> int:
    if options.schema:
        print(json.dumps(contracts.Contract.model_json_schema(), indent=2, ensure_ascii=False))  # noqa: T201
        return 0
    found = contracts.all()
    for contract in found.values():
        contracts.check(contract)
    _show(
        "Contracts",
        ("dataset", "version", "mode", "by", "reader", "columns", "title"),
        (
            (c.dataset, c.version, c.delivery.mode, c.delivery.by, c.form.reader, len(c.columns), c.title_en)
            for c in found.values()
        ),
    )
    return 0


def _templates(options: argparse.Namespace) -> int:
    with _writing(options.out):
        written = templates.write(options.out)
    for file in written:
        console.print(f"wrote {file}", highlight=False, soft_wrap=True)
    return 0


def _errors(options: argparse.Namespace) -> int:
    from ingestion.templates import returned

    with connect() as db, _writing(options.out):
        returned.write(options.delivery, options.out, db)
    console.print(f"wrote {options.out}", highlight=False, soft_wrap=True)
    return 0


def _candidates(options: argparse.Namespace) -> int:
    from ingestion import candidates

    with connect() as db, _writing(options.out):
        proposed = candidates.write(options.delivery, options.out, db)
    console.print(f"{proposed} figures proposed in {options.out}", highlight=False, soft_wrap=True)
    return 0


def _dbt_sources(options: argparse.Namespace) -> int:
    text = staging.dbt_sources()
    current = staging.DBT_SOURCES.read_text(encoding="utf-8") if staging.DBT_SOURCES.exists() else ""
    if text == current:
        console.print("up to date")
        return 0
    if options.check:
        console.print("not up to date; run `python -m ingestion dbt-sources`")
        return 1
    staging.DBT_SOURCES.parent.mkdir(parents=True, exist_ok=True)
    staging.DBT_SOURCES.write_text(text, encoding="utf-8")
    console.print(f"wrote {staging.DBT_SOURCES.name}")
    return 0


def _fetch(options: argparse.Namespace) -> int:
    with connect() as db:
        try:
            if "." in options.target:
                to_load = collect(contracts.load(options.target), db)
            else:
                to_load = collect_source(options.target, db)
        except CollectError as error:
            _say_to_load(error.delivery_ids)
            raise
    _say_to_load(to_load)
    return 0


def _say_to_load(delivery_ids: list[int]) -> None:
    console.print(f"deliveries to load: {', '.join(map(str, delivery_ids)) or 'none'}", highlight=False)


def _receive(options: argparse.Namespace) -> int:
    with connect() as db:
        reception = receive_file(contracts.load(options.dataset), options.file, db)
        delivery = ledger.find(reception.delivery_id, db)
    day = published(delivery.published_on, delivery.published_on_origin)
    console.print(
        f"delivery {reception.delivery_id}: {reception.outcome}, {day}", highlight=False, soft_wrap=True
    )
    return 0


def _load(options: argparse.Namespace) -> int:
    with connect() as db:
        reports = [loading.load(delivery_id, db) for delivery_id in options.delivery]
    _show(
        "Loaded",
        ("delivery", "dataset", "status", "read", "staged", "unchanged", "rejected", "reason"),
        (
            (
                report.delivery_id,
                report.dataset_code,
                report.status,
                report.records_read,
                report.rows_staged,
                report.rows_unchanged,
                report.rows_rejected,
                report.reason,
            )
            for report in reports
        ),
    )
    return 1 if any(report.status == "failed" for report in reports) else 0


def _reset(options: argparse.Namespace) -> int:
    with connect() as db:
        deliveries.reset(options.delivery, db)
    console.print(f"delivery {options.delivery} is received again")
    return 0


def _deliveries(options: argparse.Namespace) -> int:
    with connect() as db:
        found = ledger.listed(options.dataset, db)
        if options.dataset and not found:
            contracts.load(options.dataset)  # says that there is no such dataset
    _show(
        "Deliveries",
        (
            "delivery",
            "dataset",
            "file",
            "edition",
            "published",
            "status",
            "read",
            "staged",
            "unchanged",
            "rejected",
            "reason",
        ),
        (
            (
                delivery.delivery_id,
                delivery.dataset_code,
                delivery.file_name,
                delivery.edition + (f" (revises {delivery.revision_of})" if delivery.revision_of else ""),
                delivery.published_on,
                delivery.status,
                delivery.records_read,
                delivery.rows_staged,
                delivery.rows_unchanged,
                delivery.rows_rejected,
                delivery.status_reason,
            )
            for delivery in found
        ),
    )
    return 0


def _require_delivery(delivery_id: int | None, db: Connection) -> None:
    """Say that there is no such delivery, where an empty list would say that there is nothing about it."""
    if delivery_id is not None:
        ledger.find(delivery_id, db)


def _verdicts(options: argparse.Namespace) -> int:
    with connect() as db:
        _require_delivery(options.delivery, db)
        found = ledger.verdicts(options.delivery, db)
    _show(
        "Verdicts",
        ("verdict", "delivery", "dataset", "load", "status", "at", "checks failed", "reason"),
        (row.values() for row in found),
    )
    return 0


def _rejections(options: argparse.Namespace) -> int:
    with connect() as db:
        _require_delivery(options.delivery, db)
        found = decisions.rejected(
            db, delivery_id=options.delivery, dataset_code=options.dataset, limit=options.limit
        )
    _show(
        "Rejections",
        (
            "rejection",
            "delivery",
            "dataset",
            "place",
            "column",
            "found",
            "expected",
            "who fixes",
            "decided",
        ),
        (row.values() for row in found),
    )
    return 0


def _decide(options: argparse.Namespace) -> int:
    if len(options.column) != len(options.value):
        raise decisions.ImpossibleDecisionError("one --value for each --column")
    corrections = dict(zip(options.column, options.value, strict=True))
    with connect() as db:
        number = decisions.decide(
            options.rejection,
            options.action,
            db,
            author=options.author,
            comment=options.comment,
            corrections=corrections,
        )
        delivery_id = decisions.find(number, db).delivery_id
    console.print(f'decision {number}; make ledger ARGS="reread {delivery_id}" applies it', highlight=False)
    return 0


def _persons(options: argparse.Namespace) -> int:
    if options.erase != bool((options.author or "").strip()):
        raise retention.NotErasedError("--erase and --author go together")
    if options.erase:
        with connect(settings.custodian_dsn()) as custodian:
            found = retention.erase(custodian, options.author)
    else:
        with connect() as db:
            found = retention.overdue(db)
    _show(
        "Erased" if options.erase else "Kept beyond their retention",
        ("dataset", "delivery", "names", "kept until"),
        ((one.dataset_code, one.delivery_id, one.names, one.kept_until) for one in found),
    )
    return 0


def _decisions(options: argparse.Namespace) -> int:
    with connect() as db:
        _require_delivery(options.delivery, db)
        found = decisions.taken(options.delivery, db)
    _show(
        "Decisions",
        (
            "decision",
            "delivery",
            "place",
            "action",
            "corrections",
            "author",
            "comment",
            "on",
            "outcome",
            "now at",
        ),
        (row.values() for row in found),
    )
    return 0


def _reread(options: argparse.Namespace) -> int:
    with connect() as db:
        report = deliveries.reread(options.delivery, db)
    console.print(
        f"delivery {report.delivery_id} is {report.status}: {report.records_read} read, {report.rows_staged} "
        f"staged, {report.rows_unchanged} unchanged, {report.rows_rejected} rejected",
        highlight=False,
        soft_wrap=True,
    )
    if report.reason:
        console.print(report.reason, highlight=False, soft_wrap=True)
    if report.status in ("loaded", "accepted"):
        lacking = (
            "it counts once it is judged" if report.status == "loaded" else "the marts are to be rebuilt"
        )
        console.print(
            f"{lacking}: make ingest DELIVERY={report.delivery_id} does so now, make pipeline with the rest",
            highlight=False,
            soft_wrap=True,
        )
    return 1 if report.status == "failed" else 0


def _content(options: argparse.Namespace) -> int:
    with connect() as db:
        if options.out is None:
            with _while_read():
                contents.write(options.delivery, sys.stdout, db)
            return 0
        with (
            _writing(options.out),
            replacing(options.out) as partial,
            partial.open("w", encoding="utf-8-sig", newline="") as file,
        ):
            written = contents.write(options.delivery, file, db)
    console.print(f"{written} rows in {options.out}", highlight=False, soft_wrap=True)
    return 0


def _evidence(options: argparse.Namespace) -> int:
    if options.subject.isdigit():
        with connect() as db:
            found = evidence.of_row(int(options.subject), options.place, db)
    else:
        with connect(settings.reader_dsn()) as db:
            found = evidence.of_value(options.subject.upper(), options.place, db)
    for facts in found:
        _show(f"{options.subject} · {options.place}", ("", ""), facts.items())
    states = {facts[of] for facts in found for of in ("file now", "text now") if of in facts}
    return 0 if states == {evidence.INTACT} else 1


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """Say what to do when what was asked for cannot be written there."""
    try:
        yield
    except OSError as error:
        raise CannotWriteError(f"cannot write {out} ({error.strerror}): name another place") from error


@contextmanager
def _while_read() -> Iterator[None]:
    """Write to the standard output until whoever reads it, `head`, has enough."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show(title: str, headers: Sequence[str], lines: Iterable[Iterable[object]]) -> None:
    table = Table(*headers, title=title, title_justify="left")
    for line in lines:
        table.add_row(*("" if value is None else str(value) for value in line))
    console.print(table)
