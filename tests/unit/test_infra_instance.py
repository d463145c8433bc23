import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra import clean, instance
from infra.errors import InfraError
from infra.settings import Settings

HOLD = """
import signal, sys, time
from infra import instance
from infra.settings import Settings
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with instance.held(Settings.from_environment(), "make run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def environment(tmp_path):
    return {"PONAM_STATE": str(tmp_path / "state"), "PONAM_ENVS": str(tmp_path / "envs")}


@pytest.fixture
def settings(environment):
    return Settings.from_environment(environment)


@pytest.fixture
def other_run(environment):
    """A run held by another process."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_run_is_refused_with_the_first_ones_process(settings, other_run):
    message = rf"`make run` \(process {other_run.pid}, since .*\) is already running.*make stop"
    with pytest.raises(InfraError, match=message), instance.held(settings, "make pipeline"):
        pytest.fail("two runs at once")


def test_stop_ends_the_run_of_another_terminal(settings, other_run):
    assert instance.running(settings).pid == other_run.pid
    assert f"process {other_run.pid}" in instance.end(settings)
    assert other_run.wait(5) == 0
    assert instance.running(settings) is None


def test_a_killed_run_holds_nothing(settings, other_run):
    other_run.kill()
    other_run.wait()
    assert instance.running(settings) is None
    with instance.held(settings, "make run") as held:
        assert held.pid == os.getpid()


def test_stop_with_nothing_running_says_so(settings):
    assert instance.end(settings) == "Nothing was running."


def test_a_run_leaves_no_description_behind(settings):
    with instance.held(settings, "make run"):
        assert instance.read(settings).command == "make run"
    assert instance.read(settings) is None


@pytest.fixture
def clean_here(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["clean"])


def test_clean_refuses_while_something_runs(settings, other_run, clean_here, capsys):
    assert clean.main() == 1
    assert "make stop" in capsys.readouterr().err
    assert (settings.run_folder / "instance.json").exists()


def test_clean_refuses_while_a_killed_run_left_postgresql(settings, clean_here):
    data = settings.state / "postgres" / "data"
    data.mkdir(parents=True)
    with subprocess.Popen(["/bin/sleep", "60"], cwd=data) as server:
        (data / "postmaster.pid").write_text(f"{server.pid}\n")
        assert clean.main() == 1
        server.kill()
    assert data.exists()
    assert clean.main() == 0
    assert not data.exists()


def test_clean_says_what_it_removes_and_keeps_what_is_not_ours(settings, clean_here, capsys):
    for name in ("archive", "postgres", "docs", "somebody's thesis"):
        (settings.state / name).mkdir(parents=True)
    (settings.state / "pseudonym.key").touch()
    (settings.envs / "pipeline").mkdir(parents=True)
    assert clean.main() == 0
    said = capsys.readouterr().err
    assert str(settings.archive) in said
    assert "pseudonym.key stays" in said
    assert {path.name for path in settings.state.iterdir()} == {"somebody's thesis", "pseudonym.key"}
    assert (settings.envs / "pipeline").exists()  # elsewhere: other folders may use them


def test_clean_knows_every_folder_of_the_state(settings):
    said = (getattr(settings, name) for name in dir(settings) if not name.startswith("_"))
    known = {path.name for path in said if isinstance(path, Path) and path.parent == settings.state}
    known.discard(settings.envs.name)
    assert {settings.archive.name, settings.airflow_home.name} < known
    assert known <= set(clean.STATE)


def test_stop_kills_a_run_that_does_not_listen(settings, environment, monkeypatch):
    monkeypatch.setattr(instance, "STOP_SECONDS", 0.5)
    deaf = HOLD.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
    process = subprocess.Popen(
        [sys.executable, "-c", deaf], env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    began = time.monotonic()
    instance.end(settings)
    assert process.wait(5) == -9
    assert time.monotonic() - began < 10
