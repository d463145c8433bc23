"""What the transformation decides before dbt starts."""

from __future__ import annotations

from pathlib import Path

from infra.dbt.project import forget_edited_tests


def test_dbt_reads_everything_again_after_a_test_was_edited_and_only_then(tmp_path: Path) -> None:
    project, target = tmp_path / "project", tmp_path / "target"
    model, test = project / "models" / "a.sql", project / "tests" / "generic" / "grain.sql"
    for file in (model, test):
        file.parent.mkdir(parents=True)
        file.write_text("select 1")
    parsed = target / "partial_parse.msgpack"
    forget_edited_tests(target, project)  # nothing was parsed yet
    parsed.write_bytes(b"")
    model.write_text("select 2")
    forget_edited_tests(target, project)
    assert parsed.exists()

    test.write_text("select 2")
    forget_edited_tests(target, project)
    assert not parsed.exists()
