"""The files of a dbt project: whether they changed, and whether dbt notices it. Imports no library."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
_WORKING_FOLDERS = {"target", "logs", "dbt_packages", "__pycache__"}


def options_of(project: Path) -> list[str]:
    """The options of a dbt command that name the project and its profile."""
    return ["--project-dir", str(project), "--profiles-dir", str(project)]


def project_digest(project: Path) -> str:
    """SHA-256 over the names and bytes of a dbt project's files."""
    digest = hashlib.sha256()
    for file in sorted(project.rglob("*")):
        path = file.relative_to(project)
        if file.is_file() and not _WORKING_FOLDERS.intersection(path.parts):
            digest.update(f"{path.as_posix()}\0{file.stat().st_size}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def project_state(project: Path) -> list[tuple[str, int, int, int]]:
    """What is another once a file of a dbt project was written; no file is read for it, unlike the digest."""
    found = []
    folders = [str(project)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name not in _WORKING_FOLDERS and entry.is_dir():
                    folders.append(entry.path)
                elif entry.name not in _WORKING_FOLDERS:
                    with contextlib.suppress(FileNotFoundError):  # gone since: an editor's
                        file = entry.stat()
                        found.append((entry.path, file.st_size, file.st_ino, file.st_ctime_ns))
    return sorted(found)


def forget_edited_tests(target: Path, project: Path = PROJECT) -> None:
    """Let dbt read the whole project again if a test was edited since this was last asked; `target` is dbt's.

    Reading only what changed, dbt 1.11 forgets what the YAML says of an edited test (severity, who fixes),
    and misses some edits of unit tests.
    """
    asked, tests = target / "tests.sha256", _tests_digest(project)
    if not asked.exists() or asked.read_text(encoding="utf-8") != tests:
        target.mkdir(parents=True, exist_ok=True)
        (target / "partial_parse.msgpack").unlink(missing_ok=True)
        asked.write_text(tests, encoding="utf-8")


def _tests_digest(project: Path) -> str:
    """SHA-256 over the tests of a project: those of their own, and what YAML says from `unit_tests` on."""
    digest = hashlib.sha256(project_digest(project / "tests").encode())
    for file in sorted((project / "models").rglob("*.yml")):
        _, _, unit_tests = f"\n{file.read_text(encoding='utf-8')}".partition("\nunit_tests:")
        digest.update(f"{unit_tests}\0".encode())
    return digest.hexdigest()
