"""The commands of `python -m infra`: one function each, taking the settings and the parsed options."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from infra import console, credentials, database, dsn, instance, preflight, processes
from infra.errors import InfraError
from infra.postgres import binaries
from infra.services import Programs, listens
from infra.settings import VARIABLES, Settings


def settings(settings: Settings, _: argparse.Namespace) -> int:
    """List every environment variable: value in force, meaning, default."""
    in_force = settings.in_force()
    for variable in VARIABLES:
        console.out.print(f"[bold]{variable.name}[/bold]={escape(in_force[variable.name])}", soft_wrap=True)
        console.out.print(f"    {variable.meaning} (default: {variable.default or 'empty'})", soft_wrap=True)
    return 0


def run(settings: Settings, _: argparse.Namespace) -> int:
    """Do everything and serve the dashboard until stopped."""
    from infra import run

    return run.run(settings, with_dashboard=True)


def pipeline(settings: Settings, _: argparse.Namespace) -> int:
    """Do the main job and end."""
    from infra import run

    return run.run(settings, with_dashboard=False)


def stop(settings: Settings, _: argparse.Namespace) -> int:
    """End what a run started, and what a killed run left behind; PostgreSQL last."""
    if not settings.state.exists():
        console.note("Nothing was running.")
        return 0
    console.note(instance.end(settings))
    if settings.is_database_embedded:
        server = database.embedded(settings, credentials.load(settings.credentials_file))
        if server.stop_if_unused():
            console.note("PostgreSQL, left by a killed run, has ended.")
    return 0


def status(settings: Settings, _: argparse.Namespace) -> int:
    """Say what runs and answers; 0 when a run is under way, 3 when none is."""
    held = instance.running(settings)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_row("run", f"{held.command}, process {held.pid}, since {held.started_at}" if held else "none")
    table.add_row("PostgreSQL", _database_status(settings))
    for name, address in (
        ("Superset", settings.superset_address),
        ("Airflow", settings.airflow_address),
        ("publications", settings.publications_address),
    ):
        answers = held and listens(address)
        table.add_row(name, f"answers at {address}" if answers else "down")
    left = processes.marked(settings.state)
    table.add_row("processes", str(len(left)))
    console.out.print(table)
    if left and not held:
        console.problem("these were left by a killed run: `make stop` ends them.")
    return 0 if held else 3


def psql(settings: Settings, options: argparse.Namespace) -> int:
    """Open psql as ponam_reader, or run one query; the server runs for as long as that takes."""
    with _programs(settings) as programs:
        environment = os.environ | dsn.libpq_variables(programs.shared_environment["PONAM_READER_DSN"])
        command = [str(binaries() / "psql"), "--no-psqlrc"]
        if options.query is not None:
            command += ["--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", "--command", options.query]
        return _in_foreground(command, environment)


def ingest(settings: Settings, options: argparse.Namespace) -> int:
    """Take one file, or go on with one delivery, on the same path as the DAGs; say what became of it."""
    delivery = options.delivery
    if delivery and (options.dataset or options.file or not delivery.isdecimal()):
        raise InfraError("Say a delivery by its number alone: make ingest DELIVERY=28.")
    if not delivery and not (options.dataset and options.file):
        raise InfraError(
            "Say which dataset and which file, or which delivery to go on with: "
            "make ingest DATASET=bceao.eden FILE=path, make ingest DELIVERY=28."
        )
    with _programs(settings) as programs:
        os.environ.update(programs.shared_environment)  # read by the rooms that do the work
        from infra import by_hand

        if delivery:
            return by_hand.finish(int(delivery))
        return by_hand.ingest(options.dataset, Path(options.file))


def dbt(settings: Settings, options: argparse.Namespace) -> int:
    """Run dbt on the local warehouse."""
    from infra.dbt.project import PROJECT, forget_half_read, options_of

    with _programs(settings) as programs:
        forget_half_read(Path(programs.shared_environment["DBT_TARGET_PATH"]))
        asked = options.arguments or ["--help"]
        of_project = () if asked[0].startswith("-") else options_of(PROJECT)
        command = [str(settings.program("transform", "dbt")), *asked, *of_project]
        return _in_foreground(command, programs.shared_environment)


def ledger(settings: Settings, options: argparse.Namespace) -> int:
    """Run `python -m ingestion` on the local warehouse."""
    return _run_module(settings, "ingestion", options.arguments)


def judge(settings: Settings, options: argparse.Namespace) -> int:
    """Run `python -m expectations` on the local warehouse."""
    return _run_module(settings, "expectations", options.arguments)


def _run_module(settings: Settings, module: str, arguments: Sequence[str]) -> int:
    with _programs(settings) as programs:
        of_persons = (module, *arguments[:1]) == ("ingestion", "persons")
        environment = programs.custodian_environment if of_persons else programs.shared_environment
        command = [str(settings.program("pipeline", "python")), "-m", module, *arguments]
        return _in_foreground(command, environment)


def docs(settings: Settings, _: argparse.Namespace) -> int:
    """Write dbt's documentation and the indicator sheets under the state folder."""
    from infra.dbt.project import PROJECT, options_of

    with _programs(settings) as programs:
        environment = programs.shared_environment
        command = [str(settings.program("transform", "dbt")), "--quiet", "docs", "generate", "--static"]
        status = _in_foreground([*command, *options_of(PROJECT)], environment)
        if status != 0:
            return status
        from infra.fiches import publish

        folder = settings.state / "docs"
        sheets = publish.publish(
            environment["PONAM_READER_DSN"],
            folder,
            dbt_page=Path(environment["DBT_TARGET_PATH"]) / "static_index.html",
        )
    console.note(f"{sheets} indicator sheets, HTML and PDF: {folder / 'index.html'}")
    return 0


def compare(settings: Settings, options: argparse.Namespace) -> int:
    """Say which values, and what is made of them, change between a branch and this work tree."""
    from infra import compare as comparison
    from infra import table_changes
    from infra.value_changes import COUNT_HEADINGS, HEADINGS, by_indicator, cells_of

    with _programs(settings) as programs:
        changes = comparison.changes_since(
            options.base, programs.server, programs.shared_environment, settings.state / "compare"
        )
    if changes is None:
        console.out.print(f"{options.base}: no number changes, for its dbt project has the very same files.")
        return 0
    _print_table("", COUNT_HEADINGS, changes.counts)
    for table in changes.tables:
        if table.unknown:
            console.note(
                f"{table.compared.table}: not compared, for one of the two lacks: {', '.join(table.unknown)}"
            )
    if not changes:
        console.out.print(f"{options.base}: no number changes, nor anything else of what is listed.")
        return 0
    for title, found in (("current values", changes.current), ("other vintages", changes.vintages)):
        for code, group in by_indicator(found):
            _print_table(f"{code}, {title}", HEADINGS, cells_of(group))
    for table in filter(None, changes.tables):
        cells = [change.cells for change in table.changes]
        _print_table(table.compared.title, table_changes.HEADINGS, cells)
    entry = settings.state / "compare" / "changelog.md"
    entry.write_text(changes.markdown(), encoding="utf-8")
    console.note(f"{len(changes.current)} current values change; as an entry for CHANGELOG.md: {entry}")
    return 0


def _print_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(*headings, title=title or None, title_justify="left")
    for row in rows:
        table.add_row(*map(escape, row))
    console.out.print(table)


def dashboards_pull(settings: Settings, _: argparse.Namespace) -> int:
    """Write the dashboards edited in Superset back to superset_dashboards/, for review."""
    with _programs(settings) as programs:
        program = programs.pull_dashboards()
        return _in_foreground(program.command, program.environment)


@contextmanager
def _programs(settings: Settings) -> Iterator[Programs]:
    """Provide the programs and their environment, with the database up for as long as the block lasts."""
    preflight.for_data(settings)
    secrets = credentials.load(settings.credentials_file)
    with database.in_use(settings, secrets) as server:
        yield Programs(settings, secrets, server)


def _in_foreground(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program on this terminal. Ctrl-C is the program's: it must not end this process before it."""
    previous = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run(command, check=False, env=environment).returncode
    finally:
        signal.signal(signal.SIGINT, previous)


def _database_status(settings: Settings) -> str:
    if not settings.is_database_embedded:
        try:
            dsn.parse(settings.database_url)
        except InfraError as error:
            return str(error)
        return dsn.without_password(settings.database_url)
    if not settings.credentials_file.exists():
        return "not created yet"
    process = database.embedded(settings, credentials.load(settings.credentials_file)).process()
    return f"process {process.pid}, 127.0.0.1:{settings.postgres_port}" if process else "down"
