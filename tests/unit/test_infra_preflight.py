from types import SimpleNamespace

import pytest

from infra import preflight
from infra.errors import InfraError


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
