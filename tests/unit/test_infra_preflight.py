import os
import socket
from types import SimpleNamespace

import pytest

from infra import preflight
from infra.errors import InfraError


@pytest.fixture
def listener():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_taken_port_is_refused_with_its_variable_and_its_holder(listener):
    with pytest.raises(InfraError) as refusal:
        preflight.check_port("PONAM_AIRFLOW_PORT", listener)
    message = str(refusal.value)
    assert f"Port {listener} is taken" in message
    assert f"process {os.getpid()}" in message
    assert "PONAM_AIRFLOW_PORT" in message


def test_a_port_taken_on_every_address_is_taken_here_too():
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))  # noqa: S104 - what another program may do
        taken.listen()
        with pytest.raises(InfraError, match="is taken"):
            preflight.check_port("PONAM_AIRFLOW_PORT", taken.getsockname()[1])


def test_the_last_words_of_a_service_that_has_ended_do_not_hold_its_port():
    with socket.socket() as service:
        service.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        service.bind(("127.0.0.1", 0))
        service.listen()
        port = service.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            service.accept()[0].close()  # closed by the service first: its side stays in TIME_WAIT
    preflight.check_port("PONAM_AIRFLOW_PORT", port)


def test_a_disk_nearly_full_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(
        preflight.shutil, "disk_usage", lambda _: SimpleNamespace(free=3 * preflight.MEBIBYTE)
    )
    with pytest.raises(InfraError, match=r"nearly full: 3 MiB free, 200 MiB needed"):
        preflight.check_disk(tmp_path, preflight.DISK_FOR_DATA)


def test_a_state_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InfraError, match="PONAM_STATE"):
        preflight.check_state(tmp_path / "file" / "state")


def test_a_missing_system_library_is_named(tmp_path, monkeypatch):
    program = tmp_path / "pipeline" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(
        "#!/bin/sh\necho 'ImportError: libz.so.1: cannot open shared object file' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    settings = SimpleNamespace(program=lambda name, tool: tmp_path / name / "bin" / tool)
    with pytest.raises(InfraError, match=r"pipeline environment.*libz\.so\.1.*apt-file search"):
        preflight.check_native_modules(settings, ("pipeline",))
