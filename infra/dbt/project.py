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


def forget_half_read(target: Path, project: Path = PROJECT) -> None:
    """Let dbt read the whole project again where it would read too little; `target` is dbt's.

    Reading only what changed, dbt 1.11 forgets what the YAML says of a test (severity, who fixes) that was
    edited, or that uses a macro or a model which was; and it misses some edits of unit tests.
    """
    asked, now = target / "whole_reading.sha256", _digest_of_what_asks_for_it(project)
    if not asked.exists() or asked.read_text(encoding="utf-8") != now:
        target.mkdir(parents=True, exist_ok=True)
        (target / "partial_parse.msgpack").unlink(missing_ok=True)
        asked.write_text(now, encoding="utf-8")


def _digest_of_what_asks_for_it(project: Path) -> str:
    """SHA-256 over tests and macros, the names of models, and what their YAML says from `unit_tests` on."""
    digest = hashlib.sha256()
    for folder in ("tests", "macros"):
        digest.update(project_digest(project / folder).encode())
    for file in sorted((project / "models").rglob("*")):
        digest.update(f"{file.relative_to(project).as_posix()}\0".encode())
        if file.suffix == ".yml":
            _, _, unit_tests = f"\n{file.read_text(encoding='utf-8')}".partition("\nunit_tests:")
            digest.update(f"{unit_tests}\0".encode())
    return digest.hexdigest()
