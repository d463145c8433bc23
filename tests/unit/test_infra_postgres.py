"""The embedded server as infra runs it: passwords, loopback, crash recovery, and least privilege."""

import secrets
import socket
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import psycopg
import pytest

from infra.credentials import DATABASE_ROLES
from infra.errors import InfraError
from infra.postgres import EmbeddedServer
from infra.provision import provision
from tests.ports import free_port

PASSWORDS = {role: f"p@ss:w/rd?#%'{role}" for role in DATABASE_ROLES}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedded")
    server = EmbeddedServer(folder, free_port(), secrets.token_urlsafe(8) + "@:/", folder / "log")
    yield server
    server.stop()


@pytest.fixture
def server(embedded):
    with embedded.in_use() as running:
        provision(running, PASSWORDS, embedded=True)
        yield running


def connect(server, role, database=None):
    return psycopg.connect(server.url(role, PASSWORDS[role], database), autocommit=True)


def test_it_listens_on_loopback_only_and_asks_for_a_password(server, embedded):
    main = embedded.process()
    family = {main.pid, *(child.pid for child in main.children(recursive=True))}
    # Asked of the whole machine: a worker of the server's may be gone before it is asked.
    connections = psutil.net_connections("inet")
    listening = [c for c in connections if c.status == psutil.CONN_LISTEN and c.pid in family]
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}
    for password in ("wrong", ""):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(replace(server, admin_password=password).admin_url())
    with psycopg.connect(server.admin_url()) as admin:
        methods = admin.execute("select distinct auth_method from pg_hba_file_rules").fetchall()
        assert methods == [("scram-sha-256",)]
        assert admin.execute("show data_checksums").fetchone() == ("on",)


def test_provisioning_twice_changes_nothing_and_passwords_follow(server):
    provision(server, {**PASSWORDS, "ponam_reader": "another"}, embedded=True)
    with pytest.raises(psycopg.OperationalError):
        connect(server, "ponam_reader")
    provision(server, PASSWORDS, embedded=True)
    connect(server, "ponam_reader").close()


def test_each_role_reads_and_writes_what_its_room_needs(server):
    with connect(server, "ponam_loader") as loader, connect(server, "ponam_transformer") as transformer:
        loader.execute("create table staging.a (x int); create table meta.b (x int)")
        transformer.execute("create table intermediate.c as select * from staging.a, meta.b as b(y)")
        transformer.execute("create table marts.d (x int)")
    try:
        with connect(server, "ponam_reader") as reader:
            reader.execute("select * from marts.d, meta.b")
            for hidden in ("staging.a", "intermediate.c"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reader.execute(f"table {hidden}")
            assert reader.execute("show statement_timeout").fetchone() == ("1min",)
    finally:
        with psycopg.connect(server.admin_url()) as admin:
            admin.execute("drop table staging.a, meta.b, intermediate.c, marts.d")


@pytest.mark.parametrize("role", ["ponam_loader", "ponam_transformer", "ponam_reader"])
@pytest.mark.parametrize(
    "statement", ["create table public.x (i int)", "create schema x", "create database x"]
)
def test_nobody_creates_anything_elsewhere(server, role, statement):
    with connect(server, role) as connection:
        connection.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_the_reader_writes_nothing_even_where_it_may_read(server):
    with connect(server, "ponam_reader") as reader, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader.execute("create temporary table x (i int)")


@pytest.mark.parametrize(
    "count",
    [
        "select reltuples from pg_class where oid = 'staging.a'::regclass",
        "select relpages from pg_class where relname = 'a'",
        "select n_live_tup from pg_stat_all_tables where relname = 'a'",
        "select n_tup_ins from pg_stat_user_tables where relname = 'a'",
        "select pg_stat_get_tuples_inserted('staging.a'::regclass)",
        "select pg_stat_get_xact_tuples_inserted('staging.a'::regclass)",
        "select heap_blks_read from pg_statio_all_tables where relname = 'a'",
        "select pg_total_relation_size('staging.a')",
        "select pg_relation_size('staging.a', 'main')",
    ],
)
def test_nobody_learns_how_many_rows_a_table_has_that_they_may_not_read(server, count):
    with connect(server, "ponam_loader") as loader:
        loader.execute("create table staging.a (x int)")
    try:
        with connect(server, "ponam_reader") as reader:
            assert reader.execute("select relkind from pg_class where relname = 'a'").fetchone() == ("r",)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(count)
    finally:
        with psycopg.connect(server.admin_url()) as admin:
            admin.execute("drop table staging.a")


@pytest.mark.parametrize(
    ("role", "database"),
    [
        ("ponam_loader", "ponam_airflow"),
        ("ponam_reader", "ponam_superset"),
        ("ponam_airflow", "ponam"),
        ("ponam_superset", "ponam_airflow"),
        ("ponam_reader", "postgres"),
        ("ponam_reader", "template1"),
    ],
)
def test_a_role_connects_only_where_it_works(server, role, database):
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect(server, role, database)


def test_airflow_and_superset_own_their_databases(server):
    for name in ("airflow", "superset"):
        with connect(server, f"ponam_{name}", f"ponam_{name}") as connection:
            connection.execute("create table x (i int)")
            connection.execute("drop table x")


def test_an_administrator_of_somebodys_server_needs_no_superuser(server):
    """As on a managed server: CREATEROLE and CREATEDB, another database, the same roles' names."""
    with psycopg.connect(server.admin_url("postgres"), autocommit=True) as admin:
        admin.execute("create role boss login password 'b@ss' createrole createdb")
        admin.execute("grant connect on database postgres to boss")
        admin.execute("".join(f"grant {role} to boss with admin option;" for role in DATABASE_ROLES))
        try:
            boss = replace(server, admin="boss", admin_password="b@ss", database="elsewhere")
            for _ in range(2):
                provision(boss, PASSWORDS, embedded=False)
            admin.execute("alter database elsewhere set timezone = 'Pacific/Auckland'")
            with connect(boss, "ponam_transformer") as transformer:
                transformer.execute("create table marts.d (x int)")
                assert transformer.execute("show timezone").fetchone() == ("UTC",)
            with connect(boss, "ponam_reader") as reader:
                reader.execute("select * from marts.d")
                assert reader.execute("show default_transaction_read_only").fetchone() == ("on",)
        finally:
            for name in ("elsewhere", "elsewhere_airflow", "elsewhere_superset"):
                admin.execute(f"drop database if exists {name} with (force)")
            admin.execute("drop owned by boss cascade")
            admin.execute("drop role boss")


def test_a_role_that_may_not_do_this_is_told_so(server):
    boss = replace(server, admin="ponam_loader", admin_password=PASSWORDS["ponam_loader"])
    with psycopg.connect(server.admin_url("postgres"), autocommit=True) as admin:
        admin.execute("grant connect on database postgres to ponam_loader")
        with pytest.raises(InfraError, match="CREATEROLE and CREATEDB"):
            provision(boss, PASSWORDS, embedded=False)
        admin.execute("revoke connect on database postgres from ponam_loader")


REFUSED = r"PostgreSQL at 127\.0\.0\.1:\d+ refuses {} on database postgres: password .* user \S+"
SILENT = r"No PostgreSQL answers at {}: \w.*\w"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"admin_password": "hunter2"}, REFUSED.format("postgres")),
        ({"admin": "nobody"}, REFUSED.format("nobody")),
        ({"port": 1}, SILENT.format(r"127\.0\.0\.1:1")),
        ({"host": "nowhere.invalid"}, SILENT.format(r"nowhere\.invalid:\d+")),
    ],
)
def test_a_wrong_address_is_refused_without_its_password(server, change, said):
    with pytest.raises(InfraError, match=rf"^{said}\. Check PONAM_DATABASE_URL\.$") as refusal:
        provision(replace(server, **change), PASSWORDS, embedded=False)
    assert "hunter2" not in str(refusal.value)
    assert server.admin_password not in str(refusal.value)


def test_the_last_to_leave_stops_it(embedded):
    with embedded.in_use():
        with embedded.in_use():
            pass
        assert embedded.process() is not None
        embedded.stop_if_unused()
        assert embedded.process() is not None
    assert embedded.process() is None


def test_it_is_stopped_by_another_than_started_it_who_does_not_look(embedded):
    script = """
import sys
from pathlib import Path
from infra.postgres import EmbeddedServer
folder, port, password = sys.argv[1:]
with EmbeddedServer(Path(folder), int(port), password, Path(folder) / "log").in_use():
    print("started", flush=True)
    input()
print("left", flush=True)
input()
"""
    server = embedded.server
    command = [sys.executable, "-c", script, str(embedded._folder), str(server.port), server.admin_password]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout.readline() == "started\n"
        began = time.monotonic()
        with embedded.in_use():
            starter.stdin.write("\n")
            starter.stdin.flush()
            assert starter.stdout.readline() == "left\n"
        assert embedded.process() is None
        assert time.monotonic() - began < 30  # a minute is waited for one that does not end
        starter.communicate("\n")


def test_it_recovers_from_a_kill_and_from_somebody_elses_pid(embedded):
    with embedded.in_use() as running:
        with psycopg.connect(running.admin_url(), autocommit=True) as admin:
            admin.execute("create table survives as select 1 as x")
        embedded.process().kill()
    stale = embedded._data / "postmaster.pid"
    # A stranger to it although it works in its folder, as somebody's shell.
    stranger_here = {"stdin": subprocess.PIPE, "cwd": embedded._data}
    with subprocess.Popen([sys.executable, "-c", "input()"], **stranger_here) as stranger:
        # After a restart of the machine the pid may belong to anything.
        stale.write_text("\n".join([str(stranger.pid), *stale.read_text().split("\n")[1:]]))
        with embedded.in_use() as running, psycopg.connect(running.admin_url(), autocommit=True) as admin:
            assert admin.execute("table survives").fetchone() == (1,)
            admin.execute("drop table survives")
        assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_another_port_while_it_runs_is_refused(embedded):
    with embedded.in_use():
        moved = EmbeddedServer(embedded._folder, free_port(), embedded.server.admin_password, embedded._log)
        with pytest.raises(InfraError, match="PONAM_POSTGRES_PORT"), moved.in_use():
            pytest.fail("two servers on one folder")


def test_a_port_that_another_program_holds_is_refused_before_anything_is_made(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        here = EmbeddedServer(tmp_path / "pg", other.getsockname()[1], "secret", tmp_path / "log")
        with pytest.raises(InfraError, match=r"^Port \d+ is taken.*set PONAM_POSTGRES_PORT"), here.in_use():
            pytest.fail("two servers on one port")
    assert not (tmp_path / "pg" / "data").exists()


def test_lost_credentials_are_told_apart_from_a_server_that_is_down(embedded):
    other = EmbeddedServer(embedded._folder, embedded.server.port, "forgotten", embedded._log)
    with pytest.raises(InfraError, match=r"credentials\.json"), other.in_use():
        pytest.fail("a server that nobody can log in to")
    assert other.process() is None
