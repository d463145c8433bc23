import os
import subprocess
import sys
import time

import psutil
import pytest

from infra import processes
from infra.errors import InfraError
from infra.processes import Program, Supervisor

# Starts a child in a session of its own, as Airflow starts its tasks; both ignore SIGTERM.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if len(sys.argv) == 1:
    subprocess.Popen([sys.executable, __file__, "grandchild"], start_new_session=True)
time.sleep(60)
"""


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def program(tmp_path, state):
    def make(source, name="service"):
        script = tmp_path / f"{name}.py"
        script.write_text(source)
        environment = {**os.environ, "PONAM_STATE": str(state)}
        return Program(name, [sys.executable, str(script)], environment, state / "logs" / f"{name}.log")

    return make


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(processes, "GENTLE_SECONDS", 0.3)


def wait_for_marked(state, count):
    deadline = time.monotonic() + 10
    while len(processes.marked(state)) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(processes.marked(state)) == count


def test_ending_a_run_ends_what_its_services_started_in_other_sessions(program, state):
    supervisor = Supervisor("run-1", state)
    supervisor.start(program(STUBBORN))
    wait_for_marked(state, 2)
    supervisor.end_all()
    assert processes.marked(state) == []


def test_what_a_killed_run_left_is_found_by_its_mark(program, state):
    service = Supervisor("run-1", state).start(program(STUBBORN))
    wait_for_marked(state, 2)
    psutil.Process(service.pid).kill()
    service.wait()
    assert processes.end_marked(state) == 1  # the grandchild, an orphan by now
    assert processes.marked(state) == []


def test_the_processes_of_another_state_folder_are_left_alone(program, state, tmp_path):
    supervisor = Supervisor("run-1", state)
    service = supervisor.start(program("import time; time.sleep(60)"))
    assert processes.end_marked(tmp_path / "other") == 0
    assert service.poll() is None
    supervisor.end_all()


def test_a_service_that_ends_by_itself_is_reported_with_its_last_words(program, state):
    supervisor = Supervisor("run-1", state)
    supervisor.start(program("print('the cable is loose'); raise SystemExit(7)")).wait()
    with pytest.raises(
        InfraError,
        match=r"(?s)service ended by itself \(status 7\).*start it again.*the cable is loose.*service\.log",
    ):
        supervisor.check()


def test_a_service_that_is_killed_is_reported_with_the_signal(program, state):
    supervisor = Supervisor("run-1", state)
    service = supervisor.start(program("import time; time.sleep(60)"))
    service.kill()
    service.wait()
    with pytest.raises(InfraError, match=r"service ended by itself \(killed by SIGKILL\)"):
        supervisor.check()


def test_waiting_ends_when_a_service_dies(program, state):
    supervisor = Supervisor("run-1", state)
    supervisor.start(program("raise SystemExit(7)"))
    with pytest.raises(InfraError, match="ended by itself"):
        supervisor.wait_for(lambda: False, "Nothing", seconds=30, pause=0.05)


def test_waiting_ends_in_time(state):
    with pytest.raises(InfraError, match="The moon did not come within 0 s"):
        Supervisor("run-1", state).wait_for(lambda: False, "The moon", seconds=0.1, pause=0.05)


def test_a_step_that_fails_is_reported_with_its_last_words(program, state):
    with pytest.raises(InfraError, match=r"(?s)service failed \(status 1\).*no such table"):
        Supervisor("run-1", state).run(program("raise SystemExit('no such table')"))


def test_nothing_starts_once_a_run_is_ending(program, state):
    supervisor = Supervisor("run-1", state)
    supervisor.end_all()
    with pytest.raises(InfraError, match="ending"):
        supervisor.start(program("import time; time.sleep(60)"))
    assert processes.marked(state) == []


def test_a_mark_in_this_very_process_is_not_a_straggler(state):
    script = (
        "from pathlib import Path; from infra import processes; import os;"
        "print(processes.end_marked(Path(os.environ['PONAM_STATE'])))"
    )
    environment = {**os.environ, "PONAM_STATE": str(state), processes.MARKER: "run-1"}
    result = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert result.stdout == "0\n", result.stderr
