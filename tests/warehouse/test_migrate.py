"""Migration: the schema meta and the staging tables follow the tree, once, or say why they cannot."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest

from ingestion import cli, code_lists, contracts, schema, staging
from tests.warehouse.demo import Demo, contract_document, write_contract
from tests.warehouses import Warehouse, Warehouses

SIZE = {"name": "size", "type": "integer"}


def with_columns(version: int, *columns: dict[str, object], **changes: object) -> None:
    document = contract_document("demo.projects", version=version, **changes)
    write_contract({**document, "columns": [*document["columns"], *columns]})


def test_migrating_again_does_nothing(demo: Demo) -> None:
    assert staging.migrate(demo.db) == []


def test_a_table_has_the_system_columns_and_its_contract_s(demo: Demo) -> None:
    columns = [column.name for column in demo.db.execute("table staging.demo__projects").description or ()]
    contract = contracts.load("demo.projects")
    assert columns == [*contracts.SYSTEM_COLUMNS, *(column.name for column in contract.columns)]


def test_a_new_column_is_added_and_known_rows_do_not_look_changed(demo: Demo) -> None:
    demo.accept("data;EDU;2016;1\n", "2017-01-31")
    with_columns(2, SIZE)
    assert staging.migrate(demo.db) == ["added staging.demo__projects.size"]
    assert staging.migrate(demo.db) == []
    report = demo.accept("note;Édition 2018\ndata;EDU;2016;1\n", "2018-01-31")
    assert report.rows_unchanged == 1
    assert demo.one("select contract_version from meta.datasets where dataset_code = 'demo.projects'") == 2


def test_a_table_without_rows_simply_follows(demo: Demo) -> None:
    with_columns(1, SIZE)
    assert staging.migrate(demo.db) == ["created staging.demo__projects"]


@pytest.mark.parametrize(
    ("version", "changes", "message"),
    [
        (1, {}, "columns or key changed; raise its version"),
        (2, {"key": ["sector_code"]}, "give the dataset a new name"),
        (
            2,
            {
                "columns": [
                    {"name": "sector_code", "type": "text", "required": True},
                    {"name": "period_code", "type": "period", "required": True},
                    {"name": "value", "type": "text"},
                ]
            },
            "column value is staged as number, not text",
        ),
    ],
)
def test_a_contract_that_staged_rows_cannot_follow_changes_nothing(
    demo: Demo, version: int, changes: dict[str, object], message: str
) -> None:
    demo.accept("data;EDU;2016;1\n", "2017-01-31")
    before = demo.one("select contract from meta.datasets where dataset_code = 'demo.projects'")
    if changes:
        write_contract(contract_document("demo.projects", version=version, **changes))
    else:
        with_columns(version, SIZE)
    with pytest.raises(staging.IncompatibleContractError, match=message):
        staging.migrate(demo.db)
    assert demo.one("select contract from meta.datasets where dataset_code = 'demo.projects'") == before


def test_a_removed_column_keeps_its_values_and_what_follows_does_without(demo: Demo) -> None:
    document = contract_document("demo.projects", version=2)
    without = [column for column in document["columns"] if column["name"] != "label"]
    demo.accept("data;EDU;2016;1;Écoles\ndata;HEA;2016;2;Soins\n", "2017-01-31")
    write_contract({**document, "columns": without})
    assert staging.migrate(demo.db) == []
    report = demo.accept("data;EDU;2016;1\ndata;HEA;2016;3\n", "2018-01-31")
    assert (report.rows_staged, report.rows_unchanged) == (1, 1)
    labels = "select label from staging.demo__projects order by row_id"
    assert [row[0] for row in demo.db.execute(labels)] == ["Écoles", "Soins", None]

    write_contract({**document, "version": 3, "columns": [*without, {"name": "label", "type": "number"}]})
    with pytest.raises(
        staging.IncompatibleContractError, match=r"as text \(removed by an earlier version\), not number"
    ):
        staging.migrate(demo.db)
    write_contract({**document, "version": 3})
    assert staging.migrate(demo.db) == [], "the column is there, with what it held"
    report = demo.accept("data;EDU;2016;1;Écoles\ndata;HEA;2016;3;Santé\n", "2019-01-31")
    assert (report.rows_staged, report.rows_unchanged) == (1, 1)


def test_a_code_list_that_changed_leaves_the_rows_and_judges_what_follows(demo: Demo) -> None:
    demo.accept("data;EDU;2016;1\ndata;HEA;2016;2\n", "2017-01-31")
    seed = code_lists.SEEDS / "sectors.csv"
    seed.write_text("code,label_fr\nEDU,Instruction\nSPO,Sport\n", encoding="utf-8")
    assert staging.migrate(demo.db) == []
    report = demo.accept("data;Instruction;2016;1\ndata;HEA;2016;2\ndata;Sport;2016;5\n", "2018-01-31")
    assert (report.rows_staged, report.rows_unchanged, report.rows_rejected) == (1, 1, 1)
    assert demo.in_service() == {"EDU 2016": "1", "HEA 2016": "2", "SPO 2016": "5"}, "rejected, not absent"

    (code_lists.SEEDS / "domains.csv").write_text("code,label_fr\nART,Arts\n", encoding="utf-8")
    document = contract_document("demo.projects", version=2)
    other = [{**document["columns"][0], "code_list": "domains"}, *document["columns"][1:]]
    write_contract({**document, "columns": other})
    assert staging.migrate(demo.db) == []
    assert demo.accept("data;Arts;2016;1\n", "2019-01-31").rows_staged == 1
    assert demo.in_service() == {"ART 2016": "1"}


def test_an_empty_table_follows_though_views_stand_on_it(demo: Demo) -> None:
    demo.db.execute("create view staging.stg_demo as select label from staging.demo__projects")
    with_columns(2, SIZE)
    assert staging.migrate(demo.db) == ["created staging.demo__projects"]
    assert demo.one("select to_regclass('staging.stg_demo')") is None


@pytest.mark.parametrize(
    "wrong",
    [
        "record_kind = 'other'",
        "ended_by_delivery_id = 9",
        "end_reason = 'replaced'",
        "ended_by_delivery_id = 9, end_reason = 'lost'",
    ],
)
def test_a_staged_row_says_what_it_is_and_why_it_ended(demo: Demo, wrong: str) -> None:
    demo.accept("data;EDU;2016;1\n", "2017-01-31")
    with pytest.raises(psycopg.errors.CheckViolation):
        demo.db.execute("update staging.demo__projects set " + wrong)  # type: ignore[arg-type]  # noqa: S608
    demo.db.execute("update staging.demo__projects set ended_by_delivery_id = 9, end_reason = 'withdrawn'")


def test_a_tree_older_than_the_database_is_refused(demo: Demo) -> None:
    with_columns(2)
    staging.migrate(demo.db)
    with_columns(1)
    with pytest.raises(staging.IncompatibleContractError, match="knows version 2, this tree has 1"):
        staging.migrate(demo.db)


def test_an_applied_file_that_changed_is_refused(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(Path(schema.__file__).parent, tmp_path / "schema")
    (folder / "9999_more.sql").write_text("create table meta.more (id integer);", encoding="utf-8")
    monkeypatch.setattr(schema, "_FOLDER", folder)
    assert staging.migrate(demo.db) == ["applied 9999_more.sql"]
    (folder / "9999_more.sql").write_text("create table meta.more (id bigint);", encoding="utf-8")
    with pytest.raises(schema.SchemaError, match=r"9999_more\.sql was changed after it was applied"):
        staging.migrate(demo.db)
    (folder / "9999_more.sql").unlink()
    with pytest.raises(schema.SchemaError, match=r"ahead of this tree: it has 9999_more\.sql"):
        staging.migrate(demo.db)


def test_a_file_that_fails_leaves_nothing_half_made(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(Path(schema.__file__).parent, tmp_path / "schema")
    (folder / "9999_bad.sql").write_text(
        "create table meta.half (id integer); select 1 / 0;", encoding="utf-8"
    )
    monkeypatch.setattr(schema, "_FOLDER", folder)
    with pytest.raises(psycopg.errors.DivisionByZero):
        staging.migrate(demo.db)
    assert demo.one("select to_regclass('meta.half')") is None


def test_the_project_s_contracts_have_their_tables_and_others_may_read_them(warehouse: Warehouse) -> None:
    with warehouse.connect("ponam_transformer") as db:
        for contract in contracts.all().values():
            assert db.execute(f"select count(*) from staging.{contract.table}").fetchone() == (0,)  # noqa: S608
    with warehouse.connect("ponam_reader") as db:
        assert db.execute("select count(*) > 0 from meta.datasets").fetchone() == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("select * from staging.bceao__eden")


# --- the command line ----------------------------------------------------------------------------------


def test_the_way_of_a_file_through_the_command_line(
    demo: Demo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "2017-08-31_projets.txt"
    file.write_text("data;EDU;2016;1 234,5\ndata;Sport;2016;1\n", encoding="utf-8")
    for command in (
        ["contracts"],
        ["migrate"],
        ["receive", "demo.projects", str(file)],
        ["load", "1"],
        ["deliveries", "--dataset", "demo.projects"],
        ["rejections", "--delivery", "1"],
        ["evidence", "1", "l.1"],
        ["reset", "1"],
        ["reread", "1"],
    ):
        assert cli.main(command) == 0, command
    said = capsys.readouterr().out
    for expected in (
        "delivery 1: new, published on 2017-08-31 (from its name)",
        "Sport",
        "la liste « sectors »",
        "1 234,5",
        "received again",
        "it counts once it is judged: make ingest DELIVERY=1",
    ):
        assert expected in said


def test_what_was_printed_is_shown_as_it_is(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    demo.load("data;EDU;2016;[est] 12,5\ndata;HEA;2016;12 [/]\ndata;AGR;2016;:warning:\n", "2017-01-31")
    assert cli.main(["rejections"]) == 0
    said = capsys.readouterr().out
    assert all(value in said for value in ("[est] 12,5", "12 [/]", ":warning:"))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["load", "99"], "no delivery 99"),
        (["evidence", "99", "l.1"], "no delivery 99"),
        (["receive", "demo.projects", "[est] [/].txt"], "no file [est] [/].txt"),
        (["receive", "demo.nothing", "x"], "no dataset 'demo.nothing'"),
        (["receive", "demo.projects", "nowhere.txt"], "no file nowhere.txt"),
        (["fetch", "nobody"], "no source 'nobody'"),
        (["fetch", "demo.series"], "Connection refused"),
        (["reset", "1"], "no delivery 1"),
        (["deliveries", "--dataset", "demo.nothing"], "no dataset 'demo.nothing'"),
        (["rejections", "--delivery", "99"], "no delivery 99"),
        (["verdicts", "--delivery", "99"], "no delivery 99"),
        (["templates", "--out", "/proc/nowhere"], "cannot write /proc/nowhere ("),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    demo: Demo,
    command: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PONAM_ADDRESS_DEMO", "http://127.0.0.1:9")
    monkeypatch.setenv("PONAM_HTTP_ATTEMPTS", "1")
    assert cli.main(command) == 1
    assert message in capsys.readouterr().err


def test_a_database_without_tables_says_what_makes_them(
    warehouses: Warehouses, capsys: pytest.CaptureFixture[str]
) -> None:
    with warehouses.fresh("ponam") as empty, empty.in_environment():
        assert cli.main(["deliveries"]) == 1
    assert "`make pipeline` or `make run` fills the warehouse first" in capsys.readouterr().err


def test_a_setting_that_is_missing_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PONAM_LOADER_DSN", raising=False)
    assert cli.main(["deliveries"]) == 1
    assert "PONAM_LOADER_DSN is not set" in capsys.readouterr().err
