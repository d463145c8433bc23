import base64
import json
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra import credentials
from infra.errors import InfraError


def test_secrets_are_generated_once_and_only_for_their_owner(tmp_path):
    path = tmp_path / "credentials.json"
    first = credentials.load(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert credentials.load(path) == first
    assert set(first.database) == {credentials.DATABASE_ADMIN, *credentials.DATABASE_ROLES}
    everything = [*first.database.values(), *first.airflow.values(), *first.superset.values()]
    assert len(set(everything)) == len(everything)
    assert min(map(len, everything)) >= 32
    assert len(base64.urlsafe_b64decode(first.keys["airflow_fernet"])) == 32


def test_a_secret_added_by_a_newer_release_joins_those_in_use(tmp_path):
    path = tmp_path / "credentials.json"
    content = json.loads((credentials.load(path), path.read_text())[1])
    kept = content["database"]["ponam_reader"]
    del content["superset"]["decideur"]
    path.write_text(json.dumps(content))
    again = credentials.load(path)
    assert again.database["ponam_reader"] == kept
    assert again.superset["decideur"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["{", "[]", ""])
def test_a_damaged_file_is_never_replaced(tmp_path, content):
    path = tmp_path / "credentials.json"
    path.write_text(content)
    with pytest.raises(InfraError, match=r"credentials\.json"):
        credentials.load(path)
    assert path.read_text() == content


def test_commands_that_start_at_once_agree(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(credentials.load, [tmp_path / "credentials.json"] * 8))
    assert all(one == loaded[0] for one in loaded)


def test_no_secret_shows_in_a_traceback(tmp_path):
    loaded = credentials.load(tmp_path / "credentials.json")
    assert loaded.database["ponam_reader"] not in repr(loaded)
