from pathlib import Path

import pytest

from infra.errors import InfraError
from infra.settings import PULLED_SOURCES, ROOT, VARIABLES, Settings
from ingestion import contracts
from ingestion.settings import CredentialsInAddressError, base_address


def test_every_variable_has_a_value_in_force_and_a_meaning():
    in_force = Settings.from_environment({}).in_force()
    assert list(in_force) == [variable.name for variable in VARIABLES]
    assert all(variable.meaning for variable in VARIABLES)
    assert not any("$" in value for value in in_force.values())


def test_folders_follow_the_state_unless_set():
    settings = Settings.from_environment({"PONAM_STATE": "/srv/ponam", "PONAM_ARCHIVE": "/mnt/archive"})
    assert settings.inbox == Path("/srv/ponam/inbox")
    assert settings.archive == Path("/mnt/archive")
    assert settings.envs == ROOT / ".local" / "envs"


def test_an_empty_variable_is_an_unset_one():
    assert (
        Settings.from_environment({"PONAM_AIRFLOW_PORT": "", "PONAM_DATABASE_URL": ""}).airflow_port == 8080
    )


def test_addresses_default_to_the_bundled_publications_on_their_port():
    settings = Settings.from_environment({"PONAM_PUBLICATIONS_PORT": "9190"})
    assert settings.addresses["bceao"] == "http://127.0.0.1:9190/bceao"
    assert settings.serves_publications


def test_the_sources_that_have_an_address_are_those_that_a_contract_pulls():
    """Named in the settings too: those are read in a fraction of the time that contracts take."""
    pulled = {one.source for one in contracts.all().values() if one.delivery.by != "inbox"}
    assert set(PULLED_SOURCES) == pulled


def test_publications_are_not_served_when_every_address_is_somebody_elses():
    given = {f"PONAM_ADDRESS_{source.upper()}": "https://example.org/data" for source in PULLED_SOURCES}
    assert not Settings.from_environment(given).serves_publications


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "80 80", "²"])
def test_what_is_no_port_is_refused_by_its_variable(port):
    with pytest.raises(InfraError, match="PONAM_SUPERSET_PORT"):
        Settings.from_environment({"PONAM_SUPERSET_PORT": port})


def test_two_services_cannot_share_a_port():
    with pytest.raises(InfraError, match=r"PONAM_AIRFLOW_PORT and PONAM_SUPERSET_PORT are both 8088"):
        Settings.from_environment({"PONAM_AIRFLOW_PORT": "8088"})


def test_the_list_shows_no_password():
    settings = Settings.from_environment({"PONAM_DATABASE_URL": "postgresql://boss:hunter2@db.example/ponam"})
    shown = settings.in_force()["PONAM_DATABASE_URL"]
    assert shown == "postgresql://boss:…@db.example:5432/ponam"


@pytest.mark.parametrize(
    "address", ["https://agent:hunter2@example.org/data", "https://hunter2@x.ml", "agent:hunt/er2@x.ml"]
)
def test_an_address_with_a_password_is_refused_without_repeating_it(address, monkeypatch):
    with pytest.raises(InfraError, match=r"PONAM_ADDRESS_MINISTRY holds an @.* in the inbox") as refused:
        Settings.from_environment({"PONAM_ADDRESS_MINISTRY": address})
    monkeypatch.setenv("PONAM_ADDRESS_MINISTRY", address)
    with pytest.raises(CredentialsInAddressError) as refused_too:
        base_address("ministry")
    assert str(refused.value) == str(refused_too.value)
    assert "hunt" not in str(refused.value)
