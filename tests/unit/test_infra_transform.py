"""What the transformation decides before dbt starts."""

from __future__ import annotations

import os
from pathlib import Path

from infra.transform import forget_edited_tests


def test_dbt_reads_everything_again_after_a_test_was_edited_and_only_then(tmp_path: Path) -> None:
    tests, target = tmp_path / "project" / "tests", tmp_path / "target"
    (tests / "generic").mkdir(parents=True)
    target.mkdir()
    parsed, edited = target / "partial_parse.msgpack", tests / "generic" / "grain.sql"
    forget_edited_tests(target, tests.parent)  # nothing was parsed yet
    edited.write_text("select 1")
    for at, path in enumerate((tests, tests / "generic", edited)):
        os.utime(path, (at, at))
    parsed.write_bytes(b"")
    forget_edited_tests(target, tests.parent)
    assert parsed.exists()

    os.utime(edited, (parsed.stat().st_mtime + 1,) * 2)
    forget_edited_tests(target, tests.parent)
    assert not parsed.exists()
