import sys

import pytest

from infra import setup_environments
from infra.setup_environments import SetupError


@pytest.fixture
def environments(tmp_path, monkeypatch):
    """A folder with one environment that was built from the present lock."""
    monkeypatch.setenv("PONAM_ENVS", str(tmp_path))
    interpreter = tmp_path / "transform" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.symlink_to(sys.executable)
    (tmp_path / "transform" / setup_environments.STAMP).write_text(
        setup_environments.lock_digest("transform")
    )
    return tmp_path


@pytest.fixture
def commands(monkeypatch):
    """The commands that would have been run."""
    ran = []
    monkeypatch.setattr(setup_environments, "_run", lambda command, **_: ran.append(command))
    monkeypatch.setattr(setup_environments, "_stamp", lambda *_: None)
    return ran


def test_a_current_environment_is_left_alone(environments, commands):
    setup_environments.sync(["transform"])
    assert commands == []


def test_a_changed_lock_asks_for_a_sync_with_hashes(environments, commands):
    (environments / "transform" / setup_environments.STAMP).write_text("another lock")
    setup_environments.sync(["transform"])
    assert [command[1:3] for command in commands if "sync" in command] == [["pip", "sync"]]
    assert all("--require-hashes" in command for command in commands if "sync" in command)


def test_an_environment_whose_python_is_gone_is_built_anew(environments, commands):
    interpreter = environments / "transform" / "bin" / "python"
    interpreter.unlink()
    interpreter.symlink_to("/nowhere/python3.11")
    setup_environments.sync(["transform"])
    assert any("--clear" in command for command in commands)


def test_another_python_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    with pytest.raises(SetupError, match=r"this is Python 3\.12\.1.*apt install python3\.11"):
        setup_environments.check_python()


def test_a_python_without_ensurepip_is_told_the_debian_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SetupError, match=r"apt install python3\.11-venv"):
        setup_environments.check_python()


def test_locks_name_no_index_and_hash_everything():
    for lock in setup_environments.REQUIREMENTS.glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text, lock.name
        pins = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
        assert pins, lock.name
        assert all(line.endswith("\\") for line in pins), lock.name
