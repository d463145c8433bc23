"""Runs dbt and the methods over the accepted deliveries: whether it is needed, step by step, what came of it.

The DAG `transform` goes through here one task per step, `run()` does the same in one go:

    start = begin()                      None when the marts already say all that was accepted
    for step in STEPS: build(step)
    record(start)                        writes meta.check_results and meta.transform_runs

Read from the environment: PONAM_LOADER_DSN, DBT_TARGET_PATH, what `infra.dbt` names, and the variables of
`dbt_project/profiles.yml` (read by dbt itself, like DBT_LOG_PATH and DBT_INDIRECT_SELECTION).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from infra.dbt import Dbt, ready
from infra.dbt.project import PROJECT, project_digest
from infra.dbt.wire import LAST_BUILD
from ingestion import gate
from ingestion.db import Connection, connect

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Method:
    """A step that SQL cannot do: a library's method, over what the steps before it built.

    The module has `main(connection) -> str`: it runs as ponam_transformer in one transaction, writes only to
    tables that a model of `models/intermediate` declares (empty where the method has not run), and returns
    one sentence for the log. What it may show of them is decided by SQL, in `models/published`.
    """

    module: str


STEPS: dict[str, tuple[str, ...] | Method] = {
    "seeds_and_staging": ("resource_type:seed", "path:models/staging"),
    "intermediate": ("path:models/intermediate",),
    "marts": ("path:models/indicators", "path:models/marts", "path:models/reporting"),
    "projections": Method("dbt_project.methods.projections"),
    "disclosure": Method("dbt_project.methods.disclosure"),
    "published": ("path:models/published",),
}
"""What each step does, in order: dbt selectors (together, every model and seed of the project), or a method.

Few steps: dbt looks around for tenths of a second before each, and a failing model is named by its step's
log anyway.
"""
DBT_OPTIONS = ("--no-use-colors", "--no-write-json", "--log-level-file", "none", "--cache-selected-only")
"""How dbt is asked to do a step.

The runner says what came of it, and its lines go to our log: dbt need not write megabytes of both again. The
relations of the schemas that a step builds into are all that it can meet there.
"""

_REPORTS_KEPT_SECONDS = 24 * 3600
_CHECKS = ("test", "unit_test")
_METHOD = "method"
_FAILED = ("error", "fail", "runtime error")


class TransformError(RuntimeError):
    """dbt did not do all that was asked; the message names what failed."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a run sets out from, fixed before dbt reads its first row. Times are ISO 8601."""

    started_at: str
    last_judged_at: str | None
    """The newest verdict among the accepted deliveries; None when nothing was accepted yet."""
    project_digest: str


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What dbt says of one model, seed or test, or what came of a method."""

    name: str
    kind: str
    """model, seed, snapshot, test or unit_test; or method."""
    subject: str
    """The model (and column) that a test is attached to; the node itself otherwise."""
    status: str
    """success, pass, warn, fail, error, runtime error or skipped."""
    message: str
    severity: str
    """error or warning."""
    expected: str
    who_fixes: str

    @property
    def is_check(self) -> bool:
        """Whether the node is a test."""
        return self.kind in _CHECKS

    @property
    def passed(self) -> bool:
        """Whether nothing is to be said of the node."""
        return self.status in ("success", "pass")


@dataclass(frozen=True, slots=True)
class TransformReport:
    """What came of one step, or of a whole run."""

    step: str
    complete: bool
    """Whether all was done: every node built, no test of severity error failing, the method at its end."""
    results: tuple[NodeResult, ...]
    reason: str = ""
    """Why it is not complete, where no result says so."""

    @property
    def models(self) -> int:
        """Models and seeds built."""
        return sum(result.passed for result in self.results if result.kind not in (*_CHECKS, _METHOD))

    @property
    def checks_passed(self) -> int:
        """Tests that hold."""
        return sum(result.passed for result in self.results if result.is_check)

    @property
    def checks_failed(self) -> int:
        """Tests that fail or warn; a test skipped because of a failure before it is neither."""
        return sum(result.is_check and result.status in ("warn", *_FAILED) for result in self.results)

    @property
    def problems(self) -> tuple[NodeResult, ...]:
        """What is not as it should be, tests of severity warning included."""
        return tuple(result for result in self.results if not result.passed)

    def sentence(self) -> str:
        """The report as one line."""
        if self.results and self.results[0].kind == _METHOD:
            return f"{self.step}: {self.results[0].message}"
        return (
            f"{self.step}: {self.models} models and seeds built, "
            f"{self.checks_passed} checks passed, {self.checks_failed} failed"
        )


def run(
    around: Callable[[str], AbstractContextManager[Any]] = contextlib.nullcontext,
    dbt: Dbt | None = None,
) -> TransformReport | None:
    """Bring the marts up to date in one go; None when they are.

    A step that fails ends the run; what was done is recorded in every case. Each step is done inside what
    `around` makes of its name, which may tell somebody how far it is. One dbt does them all.
    """
    start = begin()
    if start is None:
        return None
    one = ready() if dbt is None else contextlib.nullcontext(dbt)
    with one as dbt, contextlib.suppress(TransformError):  # `record` reads what failed, and says it
        for step in STEPS:
            with around(step):
                build(step, start, dbt)
    return record(start)


def is_up_to_date() -> bool:
    """Whether the marts take every accepted delivery and the present dbt project into account."""
    with connect() as db, gate.settled(db):
        return not _waiting(db, source=None) and _last_digest(db) == project_digest(PROJECT)


def waiting_deliveries(source: str) -> list[int]:
    """The accepted deliveries of a source that no successful run has taken into account yet.

    Those of a verdict that is half-way are not among them; whoever judges announces them in turn.
    """
    with connect() as db:
        return _waiting(db, source)


def begin() -> Start | None:
    """Fix what a run sets out from; None when there is nothing to do."""
    if is_up_to_date():
        return None
    _forget_old_reports()
    # The watermark is read before dbt reads any row: a verdict that falls while dbt runs stays waiting.
    with connect() as db, gate.settled(db):
        row = db.execute(
            "select clock_timestamp(), (select max(judged_at) from meta.deliveries where status = 'accepted')"
        ).fetchone()
    assert row is not None  # noqa: S101 - one row, always
    now, newest = row
    return Start(now.isoformat(), None if newest is None else newest.isoformat(), project_digest(PROJECT))


def build(step: str, start: Start, dbt: Dbt | None = None) -> TransformReport:
    """Do one step of the run that set out from `start`, with dbt or by its method; dbt's lines go to the log.

    Raises TransformError when not all was done; the report is kept for `record` all the same.
    """
    work = STEPS[step]
    with _alone() as db:
        if isinstance(work, Method):
            report = _run_method(step, work)
        else:
            report = _dbt_build(step, work, dbt, is_proven=_last_digest(db) == start.project_digest)
    _kept_reports(start).mkdir(parents=True, exist_ok=True)
    (_kept_reports(start) / f"{step}.json").write_text(json.dumps(asdict(report)), encoding="utf-8")
    for result in report.problems:
        logger.warning("%s: %s (%s): %s", result.status, result.name, result.subject, result.message)
    logger.info(report.sentence())
    if not report.complete:
        failed = ", ".join(r.name for r in report.results if r.status in _FAILED)
        raise TransformError(f"{step}: {failed or report.reason}")
    return report


def record(start: Start) -> TransformReport:
    """Write what came of the run that set out from `start`: every check, and the run itself."""
    steps = [report for step in STEPS if (report := _kept_report(step, start)) is not None]
    whole = TransformReport(
        "transform",
        complete=len(steps) == len(STEPS) and all(report.complete for report in steps),
        results=tuple(result for report in steps for result in report.results),
    )
    with connect() as db, db.transaction():
        db.cursor().executemany(
            """insert into meta.check_results (checker, check_name, subject, passed, severity, observed,
                                               expected, who_fixes)
               values ('dbt', %s, %s, %s, %s, %s, %s, %s)""",
            [
                (r.name, r.subject, r.passed, r.severity, r.message, r.expected, r.who_fixes)
                for r in whole.results
                if r.is_check and r.status != "skipped"
            ],
        )
        db.execute(
            """insert into meta.transform_runs (started_at, succeeded, last_judged_at, project_digest, models,
                                                checks_passed, checks_failed)
               values (%s, %s, %s, %s, %s, %s, %s)""",
            [
                start.started_at,
                whole.complete,
                start.last_judged_at,
                start.project_digest,
                whole.models,
                whole.checks_passed,
                whole.checks_failed,
            ],
        )
    logger.log(logging.INFO if whole.complete else logging.ERROR, whole.sentence())
    return whole


def _waiting(db: Connection, source: str | None) -> list[int]:
    rows = db.execute(
        """select delivery_id
             from meta.deliveries
             join meta.datasets using (dataset_code)
            where status = 'accepted'
              and (%(source)s::text is null or source_code = %(source)s)
              and judged_at > coalesce(
                  (select max(last_judged_at) from meta.transform_runs where succeeded), '-infinity')
            order by delivery_id""",
        {"source": source},
    ).fetchall()
    return [row[0] for row in rows]


def _last_digest(db: Connection) -> str | None:
    row = db.execute(
        """select project_digest
             from meta.transform_runs
            where succeeded
            order by transform_run_id desc
            limit 1"""
    ).fetchone()
    return None if row is None else str(row[0])


def _dbt_build(step: str, selectors: tuple[str, ...], dbt: Dbt | None, *, is_proven: bool) -> TransformReport:
    """Build what is selected; `is_proven`: a run over the same project files came to a good end.

    dbt's unit tests bring their own rows and say the same of the same files, whatever was delivered since.
    """
    options = ("--exclude-resource-type", "unit_test") if is_proven else ()
    said = Path(os.environ["DBT_TARGET_PATH"]) / LAST_BUILD
    said.unlink(missing_ok=True)
    with ready() if dbt is None else contextlib.nullcontext(dbt) as dbt:
        status = dbt.run([*DBT_OPTIONS, "build", "--select", *selectors, *options], PROJECT, logger.info)
    results = tuple(_results(said)) if said.exists() else ()
    reason = f"dbt ended with status {status}; its lines above say why"
    return TransformReport(step, status == 0 and said.exists(), results, reason)


def _run_method(step: str, method: Method) -> TransformReport:
    status = "success"
    try:
        run = importlib.import_module(method.module).main  # here: its library takes seconds to import
        with _transformer() as connection:
            message = str(run(connection))
    except Exception as error:  # whatever it is, it ends the run and is recorded like a failed model
        logger.exception("%s failed", method.module)
        status, message = "error", f"{type(error).__name__}: {error}"
    result = NodeResult(
        name=step,
        kind=_METHOD,
        subject=method.module,
        status=status,
        message=message,
        severity="error",
        expected="",
        who_fixes="developer",
    )
    return TransformReport(step, complete=result.passed, results=(result,))


def _transformer() -> Connection:
    """The connection that dbt uses too; one transaction, committed when the block ends well."""
    return psycopg.connect(
        host=os.environ["PONAM_PG_HOST"],
        port=os.environ["PONAM_PG_PORT"],
        dbname=os.environ["PONAM_PG_DATABASE"],
        user="ponam_transformer",
        password=os.environ["PONAM_TRANSFORMER_PASSWORD"],
        application_name="ponam method",
        connect_timeout=10,
    )


@contextlib.contextmanager
def _alone() -> Iterator[Connection]:
    """One dbt at a time: two would build the same tables under each other."""
    with connect() as db:
        db.execute("select pg_advisory_lock(hashtextextended('ponam transform', 0))")
        yield db


def _results(said: Path) -> Iterator[NodeResult]:
    for result in json.loads(said.read_text(encoding="utf-8"))["results"]:
        node = result["node"]
        config = node["config"]
        warns = result["status"] == "warn" or str(config.get("severity", "error")).lower() == "warn"
        yield NodeResult(
            name=node["name"],
            kind=node["resource_type"],
            subject=_subject(node),
            status=result["status"],
            message=_message(result),
            severity="warning" if warns else "error",
            expected=node.get("description") or "aucune ligne en défaut",
            who_fixes=(config.get("meta") or {}).get("who_fixes", "developer"),
        )


def _subject(node: dict[str, Any]) -> str:
    if node["resource_type"] == "unit_test":
        return str(node["model"])
    if node["resource_type"] != "test":
        return str(node["name"])
    attached = node.get("attached_node") or next(iter(node["depends_on"]["nodes"]), node["name"])
    model = attached.rpartition(".")[2]
    return f"{model}.{node['column_name']}" if node.get("column_name") else model


def _message(result: dict[str, Any]) -> str:
    if result["status"] == "pass":
        return "aucune ligne en défaut"
    if result.get("failures"):
        return f"lignes en défaut : {result['failures']}"
    return " ".join((result.get("message") or result["status"]).split())


def _kept_reports(start: Start) -> Path:
    """Where the steps of one run leave their reports; a file by hand may be under way beside a DAG."""
    return _all_reports() / start.started_at


def _all_reports() -> Path:
    return Path(os.environ["DBT_TARGET_PATH"]) / "steps"


def _forget_old_reports() -> None:
    for reports in _all_reports().glob("*"):
        if reports.stat().st_mtime < time.time() - _REPORTS_KEPT_SECONDS:
            shutil.rmtree(reports, ignore_errors=True)


def _kept_report(step: str, start: Start) -> TransformReport | None:
    file = _kept_reports(start) / f"{step}.json"
    if not file.exists():
        return None
    kept = json.loads(file.read_text(encoding="utf-8"))
    return TransformReport(
        kept["step"], kept["complete"], tuple(NodeResult(**result) for result in kept["results"])
    )
