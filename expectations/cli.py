"""The command line of the judge: judge deliveries, write the page of results that an institution receives."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

import expectations
from expectations import report
from expectations.verdict import Verdict
from ingestion.db import EXPECTED, connect, told

# What institutions print stands in it as it is: `[est] 12,5` is no markup.
OUT = Console(markup=False, emoji=False)
ERR = Console(stderr=True, markup=False, emoji=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all went well, 1 when a delivery is refused, 2 when one could not be judged."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.action(options)
    except EXPECTED as error:
        ERR.print(told(error), style="red")
        return 2
    return status


def judge(options: argparse.Namespace) -> int:
    """Judge deliveries in the order given and print each verdict."""
    with connect() as db:
        verdicts = [expectations.judge(delivery_id, db) for delivery_id in options.delivery]
    for verdict in verdicts:
        OUT.print(_table(verdict))
    return 0 if all(verdict.accepted for verdict in verdicts) else 1


def write_report(options: argparse.Namespace) -> int:
    """Write the results of a judged delivery as one self-contained page, in French."""
    with connect() as db:
        page = report.page(options.delivery, db)
    options.out.write_text(page, encoding="utf-8")
    OUT.print(f"{options.out}")
    return 0


def _table(verdict: Verdict) -> Table:
    decision = "accepted" if verdict.accepted else "refused"
    table = Table(title=f"Delivery {verdict.delivery_id}, {verdict.dataset_code}: {decision}")
    for heading in ("", "check", "subject", "found", "expected", "who fixes"):
        table.add_column(heading, overflow="fold")
    for o in verdict.outcomes:
        mark = "✓" if o.passed else ("✗" if o.refuses else "!")
        table.add_row(mark, o.check_name, o.subject, o.observed, o.expected, "" if o.passed else o.who_fixes)
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m expectations",
        description="Say whether deliveries are fit: Great Expectations suites, one per dataset.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    judging = commands.add_parser(
        "judge", help="accept or refuse loaded deliveries; judging again changes nothing"
    )
    judging.add_argument(
        "delivery", type=int, nargs="+", help="delivery number, as `python -m ingestion deliveries`"
    )
    judging.set_defaults(action=judge)
    reporting = commands.add_parser(
        "report", help="write a delivery's results as a page, to send to the institution"
    )
    reporting.add_argument("delivery", type=int, help="number of a judged delivery")
    reporting.add_argument("--out", type=Path, required=True, metavar="FILE", help="HTML file to write")
    reporting.set_defaults(action=write_report)
    return parser
