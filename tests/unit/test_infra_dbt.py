"""The dbt that is kept ready, with a library in dbt's place that says what it was told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra import dbt
from infra.settings import Settings

ROOT = Path(__file__).parents[2]

STAND_IN = """
import os, pathlib, sys, time
from types import SimpleNamespace as Said

commands = 0

def worked_out_by(manifest):
    from dbt.task import build
    if not hasattr(build, "BuildTask"):
        return None
    task = build.BuildTask()
    task.manifest = manifest
    task.compile_manifest()
    return task.graph

class dbtRunner:
    def __init__(self, manifest=None):
        self.manifest = manifest

    def invoke(self, arguments):
        global commands
        if "--exclude" in arguments:
            return Said(success=True, exception=None, result=worked_out_by(self.manifest))
        folder = pathlib.Path(arguments[arguments.index("--project-dir") + 1])
        if "parse" in arguments:
            model = folder / "model.sql"  # the product's own project, read at the start, has none
            read = model.read_text() if model.exists() else None
            parsed = Said(unit_tests={}, macros={}, read=read)
            return Said(success=read != "broken", exception=None, result=parsed)
        commands += 1
        known = self.manifest and self.manifest.read
        if "graph" in arguments:
            print("graph of", worked_out_by(self.manifest))
        print("command", commands, "of", os.environ.get("PONAM_PG_DATABASE"), "knows", known)
        if "wait" in arguments:
            pathlib.Path(arguments[-5]).write_text(str(os.getpid()))
            sys.stdout.flush()
            time.sleep(60)
        return Said(success="fail" not in arguments, exception=None, result=None)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one model; what the environment says of dbt leads to the library above."""
    stand_in(tmp_path / "library", STAND_IN)
    folder = tmp_path / "project"
    (folder / "tests").mkdir(parents=True)
    (folder / "model.sql").write_text("first", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "library"))
    monkeypatch.setenv("PONAM_DBT_PYTHON", sys.executable)
    # Longer than the address of a socket may be.
    monkeypatch.setenv("PONAM_DBT_SOCKET", str(tmp_path / ("long" * 30) / "socket"))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.setenv("PONAM_PG_DATABASE", "ponam")
    return folder


@pytest.fixture
def served(project: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The dbt that a run keeps ready for all its processes."""
    socket = Path(os.environ["PONAM_DBT_SOCKET"])
    with subprocess.Popen([sys.executable, "-m", "infra.dbt.runner", str(socket)], cwd=ROOT) as process:
        wait_until(socket.is_socket)
        yield process
        process.terminate()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


BUILD = """
import os

class BuildTask:
    def compile_manifest(self):
        self.graph = os.getpid()
"""


def stand_in(library: Path, runner: str, build: str = BUILD) -> None:
    """Write what `infra.dbt` imports of dbt: `runner` is `dbt.cli.main`, `build` is `dbt.task.build`."""
    for name, text in {
        "dbt/cli/main.py": runner,
        "dbt/task/build.py": build,
        "dbt_common/clients/jinja.py": "template_cache = None  # no macro is ever asked for",
    }.items():
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / name).write_text(text, encoding="utf-8")


def said(ready: dbt.Dbt, project: Path, *arguments: str) -> tuple[int, list[str]]:
    lines: list[str] = []
    return ready.run([*arguments, "build"], project, lines.append), lines


def test_a_command_knows_the_project_as_it_is_and_nothing_of_the_command_before(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dbt.ready() as ready:
        assert said(ready, project) == (0, ["command 1 of ponam knows first"])
        (project / "model.sql").write_text("second", encoding="utf-8")
        monkeypatch.setenv("PONAM_PG_DATABASE", "other")
        assert said(ready, project, "fail") == (1, ["command 1 of other knows second"])
        (project / "model.sql").write_text("broken", encoding="utf-8")
        assert said(ready, project) == (0, ["command 1 of other knows None"])


@pytest.mark.usefixtures("served")
def test_the_dbt_of_a_run_serves_all_who_ask_one_after_the_other(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PONAM_DBT_PYTHON", "nothing of one's own is started")
    with dbt.ready() as one, dbt.ready() as other:
        assert said(one, project) == (0, ["command 1 of ponam knows first"])
        monkeypatch.delenv("PONAM_PG_DATABASE")
        assert said(other, project, "fail") == (1, ["command 1 of None knows first"])
        assert said(one, project)[0] == 0


def test_a_build_takes_the_graph_of_the_process_that_is_kept_as_the_project_is(
    project: Path, served: subprocess.Popen[bytes]
) -> None:
    with dbt.ready() as ready:
        assert said(ready, project, "graph")[1][0] == f"graph of {served.pid}"
        (project / "model.sql").write_text("second", encoding="utf-8")
        assert said(ready, project, "graph")[1] == [
            f"graph of {served.pid}",
            "command 1 of ponam knows second",
        ]


def test_a_dbt_that_moved_works_the_graph_out_itself_and_it_is_said(
    project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stand_in(tmp_path / "library", STAND_IN, build="")
    with dbt.ready() as ready:
        assert said(ready, project, "graph") == (0, ["graph of None", "command 1 of ponam knows first"])
    assert "dbt has moved, and is slower: _keep_graph: ImportError" in capfd.readouterr().err


def test_nothing_that_is_done_ahead_has_moved_in_the_dbt_that_is_installed(tmp_path: Path) -> None:
    for name, text in {
        "dbt_project.yml": "{name: small, version: '1.0.0', profile: small}",
        "profiles.yml": "small: {target: t, outputs: {t: {type: postgres, host: '', user: '', password: '',"
        " port: 1, dbname: d, schema: s}}}",
        "models/one.sql": "select 1 as n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    script = (
        "from pathlib import Path; from dbt.task.build import BuildTask\n"
        "from infra.dbt import ahead, runner\n"
        f"ahead.start(); small = runner._Project(); small.read(Path({str(tmp_path)!r}))\n"
        "build = BuildTask.__new__(BuildTask); build.manifest = small.manifest\n"  # it has no compiler
        "build.compile_manifest(); print(*build.graph.nodes())"
    )
    python = Settings.from_environment({}).program("transform", "python")
    written = {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")}
    done = subprocess.run(
        [str(python), "-c", script],
        cwd=ROOT,
        env=os.environ | written,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("model.small.one\n", "")


def test_without_the_dbt_of_a_run_one_has_its_own(project: Path, served: subprocess.Popen[bytes]) -> None:
    served.kill()  # its socket stays
    served.wait()
    with dbt.ready() as ready:
        assert said(ready, project)[0] == 0


def test_a_command_ends_when_its_asker_does(
    project: Path, served: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    written = tmp_path / "pid"
    script = (
        "from pathlib import Path; from infra import dbt\n"
        f"with dbt.ready() as ready: ready.run(['wait', {str(written)!r}], Path({str(project)!r}), print)"
    )
    asker = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    wait_until(lambda: written.exists() and written.read_text() != "")
    asker.send_signal(signal.SIGKILL)
    asker.wait()
    wait_until(lambda: not Path(f"/proc/{written.read_text()}").exists())
    with dbt.ready() as ready:
        assert said(ready, project)[0] == 0
    assert served.poll() is None


def test_a_command_ends_with_the_block_that_it_was_started_in(project: Path, tmp_path: Path) -> None:
    written = tmp_path / "pid"

    def leave(_: str) -> None:
        wait_until(lambda: written.exists() and written.read_text() != "")
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), dbt.ready() as ready:
        ready.run(["wait", str(written)], project, leave)
    assert time.monotonic() - started < 30
    assert not Path(f"/proc/{written.read_text()}").exists()
