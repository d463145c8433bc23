"""What the transformation decides before dbt starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.dbt.project import forget_half_read


@pytest.mark.parametrize(
    ("edited", "text", "forgets"),
    [
        ("models/a.sql", "select 2", False),
        ("models/a.yml", "models:\n  - name: b\nunit_tests:\n  - name: sums", False),
        ("models/a.yml", "models:\n  - name: a\nunit_tests:\n  - name: counts", True),
        ("tests/generic/grain.sql", "select 2", True),
        ("macros/sums.sql", "{% macro sums() %}2{% endmacro %}", True),
        ("models/b.sql", "select 1", True),
    ],
)
def test_dbt_reads_everything_again_where_it_would_read_too_little_and_only_then(
    edited: str, text: str, forgets: bool, tmp_path: Path
) -> None:
    project, target = tmp_path / "project", tmp_path / "target"
    files = {
        "models/a.sql": "select 1",
        "models/a.yml": "models:\n  - name: a\nunit_tests:\n  - name: sums",
        "tests/generic/grain.sql": "select 1",
        "macros/sums.sql": "{% macro sums() %}1{% endmacro %}",
    }
    for name, written in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(written, encoding="utf-8")
    parsed = target / "partial_parse.msgpack"
    forget_half_read(target, project)  # nothing was parsed yet
    parsed.write_bytes(b"")
    forget_half_read(target, project)
    assert parsed.exists()

    (project / edited).write_text(text, encoding="utf-8")
    forget_half_read(target, project)
    assert parsed.exists() is not forgets
