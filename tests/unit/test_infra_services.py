"""What each program of a run is told: no more secrets than it needs."""

import pytest

from infra import credentials
from infra.dsn import Server
from infra.processes import Program
from infra.services import Programs
from infra.settings import Settings


@pytest.fixture
def programs(tmp_path):
    settings = Settings.from_environment({"PONAM_STATE": str(tmp_path)})
    server = Server(
        host="127.0.0.1", port=5432, database="ponam", admin="admin", admin_password="very secret"
    )
    return Programs(settings, credentials.load(settings.credentials_file), server)


def test_what_people_reach_knows_nothing_of_the_warehouse(programs):
    assert _secrets(programs.superset()) == {"PONAM_SUPERSET_DATABASE_URI", "PONAM_SUPERSET_SECRET_KEY"}
    assert _secrets(programs.publications()) == set()


def test_nobody_but_the_custodian_is_told_where_names_are(programs):
    children = [
        programs.deploy_superset(),
        programs.migrate_warehouse(),
        programs.dbt(),
        *programs.airflow_core(),
    ]
    assert not any("PONAM_CUSTODIAN_DSN" in child.environment for child in children)
    assert "PONAM_CUSTODIAN_DSN" in programs.custodian_environment


def test_no_child_is_told_the_administrators_password(programs):
    children = [programs.superset(), programs.deploy_superset(), programs.dbt(), *programs.airflow_core()]
    assert not any("very secret" in value for child in children for value in child.environment.values())


def _secrets(program: Program) -> set[str]:
    return {
        name
        for name in program.environment
        if name.startswith("PONAM_") and name.endswith(("_DSN", "_PASSWORD", "_URI", "_KEY"))
    }
