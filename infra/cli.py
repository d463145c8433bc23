"""The command line: what can be asked of the warehouse's machine."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from infra.errors import InfraError
from infra.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; what goes wrong outside the code becomes one message."""
    options = _parser().parse_args(arguments)
    from infra import commands, console

    try:
        settings = Settings.from_environment()
        action = getattr(commands, options.command.replace("-", "_"))
        status: int = action(settings, options)
    except InfraError as error:
        console.problem(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra", description="Run and question the PONAM warehouse."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="ingest, transform, and serve the dashboard until stopped")
    commands.add_parser("pipeline", help="ingest and transform, then end")
    commands.add_parser("stop", help="end every process that a run started")
    commands.add_parser("status", help="say what runs; status 3 when nothing does")
    commands.add_parser("settings", help="list the environment variables with the values in force")
    psql = commands.add_parser("psql", help="open psql on the warehouse, as the read-only role")
    psql.add_argument("--query", help="run this, print tuples only, unaligned, and leave")
    ingest = commands.add_parser("ingest", help="take one file by hand, on the same path as the DAGs")
    ingest.add_argument("dataset", nargs="?", help="for example bceao.eden")
    ingest.add_argument("file", nargs="?")
    ingest.add_argument("--delivery", help="instead of a file: go on with this delivery, load and judge it")
    for name, does, as_for in (
        ("dbt", "run dbt", "dbt itself: build --select marts"),
        (
            "ledger",
            "run `python -m ingestion`: deliveries, rejections, decide, evidence, …,",
            "`python -m ingestion` itself: rejections --help",
        ),
        (
            "judge",
            "run `python -m expectations`: judge, report,",
            "`python -m expectations` itself: report --help",
        ),
    ):
        # No character introduces an option here: all that follows is the program's own.
        program = commands.add_parser(
            name, help=f"{does} on the local warehouse", prefix_chars="\0", add_help=False
        )
        program.add_argument("arguments", nargs="*", help=f"as for {as_for}")
    commands.add_parser("docs", help="dbt's documentation and the indicator sheets, HTML and PDF")
    compare = commands.add_parser("compare", help="what changes between a branch and this work tree")
    compare.add_argument("base", help="branch, tag or commit to compare with")
    commands.add_parser("dashboards-pull", help="write what was edited in Superset back to its files")
    return parser
