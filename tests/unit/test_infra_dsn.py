import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import make_url

from infra import dsn
from infra.dsn import Server
from infra.errors import InfraError

PASSWORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1)


def server(**changes):
    known = {"host": "db.example", "port": 5433, "database": "ponam", "admin": "boss", "admin_password": "x"}
    return Server(**{**known, **changes})


@given(PASSWORDS)
@example("p@ss:w/rd?#%&+= 'é\"")
@example("%41")
def test_any_password_survives_libpq_and_sqlalchemy(password):
    parts = conninfo_to_dict(server().url("ponam_reader", password))
    assert (parts["user"], parts["password"], parts["host"]) == ("ponam_reader", password, "db.example")
    url = make_url(server().sqlalchemy_url("ponam_airflow", password, "ponam_airflow"))
    assert (url.password, url.database, url.port) == (password, "ponam_airflow", 5433)


@given(PASSWORDS)
@example("p@ss:w/rd?#%&+=")
def test_an_address_parsed_and_written_again_means_the_same(password):
    again = dsn.parse(server(admin_password=password).admin_url())
    assert again == server(admin_password=password)


def test_options_hold_for_every_role_but_not_for_sqlalchemy():
    parsed = dsn.parse("postgresql://boss:x@db.example/ponam?sslmode=require")
    assert parsed.options == {"sslmode": "require"}
    assert parsed.url("ponam_reader", "y").endswith("/ponam?sslmode=require")
    assert "sslmode" not in parsed.sqlalchemy_url("ponam_airflow", "y", "ponam_airflow")


def test_ipv6_and_names_of_the_other_databases():
    parsed = dsn.parse("postgres://boss:x@[::1]:6000/ponam_dev")
    assert parsed.url("r", "p") == "postgresql://r:p@[::1]:6000/ponam_dev"
    assert (parsed.airflow_database, parsed.superset_database) == ("ponam_dev_airflow", "ponam_dev_superset")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://boss:hunter2@db/ponam", "only PostgreSQL is spoken here: postgresql://user:password"),
        ("db.example/hunter2", "postgresql://user:password"),
        ("postgresql://boss:hunter2@/ponam", "host"),
        ("postgresql://boss:hunter2@/ponam?host=/var/run/postgresql", "TCP"),
        ("postgresql://boss:hunter2@one,two/ponam", "one host"),
        ("postgresql://db.example/ponam", "administrator"),
        ("postgresql://boss:hunter2@db.example", "database"),
        ("postgresql://boss:hunter2@db.example:port/ponam", "port"),
        ("postgresql://boss:x@hunter2/y@db.example/ponam", "percent-encode"),
        ("postgresql://boss:hunter2%zz@db.example/ponam", "percent-encode"),
        ("postgresql://boss:hunter2@db.example/ponam?nonsense=1", "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_refused_without_its_password(url, said):
    with pytest.raises(InfraError, match=said) as refusal:
        dsn.parse(url)
    assert "hunter2" not in str(refusal.value)
    assert "hunter2" not in dsn.without_password(url)


def test_a_server_shown_in_a_log_keeps_its_password_to_itself():
    assert "hunter2" not in repr(server(admin_password="hunter2"))


def test_an_address_is_given_to_the_programs_of_libpq_by_its_own_names():
    given = "postgresql://boss:p%40ss@db.example:5433/ponam?sslmode=require&target_session_attrs=read-write"
    assert dsn.libpq_variables(given) == {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGDATABASE": "ponam",
        "PGUSER": "boss",
        "PGPASSWORD": "p@ss",
        "PGSSLMODE": "require",
        "PGTARGETSESSIONATTRS": "read-write",
    }
