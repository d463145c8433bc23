"""The environment variables that steer the warehouse: the one documented list, and their typed form.

`python -m infra settings` prints the list with the values in force, without secrets.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.errors import InfraError
from ingestion.settings import CredentialsInAddressError, to_be_shown

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
PULLED_SOURCES = ("bceao", "ministry", "international")


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its name, the default as a person would read it, and what it means."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable("PONAM_STATE", ".local", "folder of all local state: databases, archive, logs, credentials"),
    Variable("PONAM_ENVS", ".local/envs", "folder of the Python environments"),
    Variable(
        "PONAM_DATABASE_URL",
        "",
        "administrator's address of a PostgreSQL server, postgresql://user:password@host/ponam; "
        "its database becomes the warehouse. Empty: an embedded server under PONAM_STATE",
    ),
    Variable("PONAM_POSTGRES_PORT", "54329", "port of the embedded PostgreSQL, on 127.0.0.1"),
    Variable("PONAM_AIRFLOW_PORT", "8080", "port of Airflow, on 127.0.0.1"),
    Variable("PONAM_SUPERSET_PORT", "8088", "port of Superset, on 127.0.0.1"),
    Variable("PONAM_PUBLICATIONS_PORT", "8090", "port that serves the bundled publications, on 127.0.0.1"),
    Variable("PONAM_INBOX", "$PONAM_STATE/inbox", "folder where institutions' files arrive, one per dataset"),
    Variable("PONAM_ARCHIVE", "$PONAM_STATE/archive", "folder of every delivery, as it came"),
    *(
        Variable(
            f"PONAM_ADDRESS_{source.upper()}",
            f"http://127.0.0.1:$PONAM_PUBLICATIONS_PORT/{source}",
            f"base address of what is pulled from {source}, without user or password",
        )
        for source in PULLED_SOURCES
    ),
    *(
        Variable(
            f"PONAM_CA_FILE_{source.upper()}",
            "",
            f"PEM file of certificates trusted for {source} besides the usual ones: "
            "the intermediate that its server does not send",
        )
        for source in PULLED_SOURCES
    ),
    Variable("PONAM_HTTP_PAUSE_SECONDS", "0.5", "shortest time between two requests to the EDEN portal"),
    Variable(
        "PONAM_PSEUDONYM_KEY_FILE",
        "$PONAM_STATE/pseudonym.key",
        "file of the key of the pseudonyms of persons, 32 bytes in hexadecimal, mode 0600; made when missing",
    ),
    # Read by ingestion itself (ingestion/settings.py); listed here because this is the one list.
    Variable(
        "PONAM_OUTBOX", "$PONAM_STATE/outbox", "folder of the error workbooks that go back to institutions"
    ),
    Variable(
        "PONAM_INBOX_QUIET_SECONDS",
        "2",
        "how long a file of the inbox must stand still to be complete; more where files arrive slowly",
    ),
    Variable("PONAM_HTTP_CONNECT_SECONDS", "10", "time-out of a connection to an institution"),
    Variable("PONAM_HTTP_READ_SECONDS", "30", "time-out between two pieces of a body"),
    Variable("PONAM_HTTP_ATTEMPTS", "4", "attempts per address and fetch"),
    Variable("PONAM_HTTP_FIRST_PAUSE_SECONDS", "0.5", "pause before the second attempt; doubles after"),
    Variable("PONAM_HTTP_LARGEST_BODY_BYTES", "209715200", "a longer body is refused"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force. Paths are absolute."""

    state: Path
    envs: Path
    database_url: str
    postgres_port: int
    airflow_port: int
    superset_port: int
    publications_port: int
    inbox: Path
    archive: Path
    addresses: Mapping[str, str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; an empty variable counts as unset.

        Raises InfraError when a port is no port, or two services are given the same one, and when an address
        holds a user or a password.
        """
        source = os.environ if environment is None else environment
        given = {name: value for name, value in source.items() if value}
        ports = {name: _port(given, name) for name in (v.name for v in VARIABLES if v.name.endswith("_PORT"))}
        _refuse_shared_ports(ports)
        state = Path(given.get("PONAM_STATE", ROOT / ".local")).absolute()
        publications = f"http://{LOOPBACK}:{ports['PONAM_PUBLICATIONS_PORT']}"
        return cls(
            state=state,
            envs=Path(given.get("PONAM_ENVS", ROOT / ".local" / "envs")).absolute(),
            database_url=given.get("PONAM_DATABASE_URL", ""),
            postgres_port=ports["PONAM_POSTGRES_PORT"],
            airflow_port=ports["PONAM_AIRFLOW_PORT"],
            superset_port=ports["PONAM_SUPERSET_PORT"],
            publications_port=ports["PONAM_PUBLICATIONS_PORT"],
            inbox=Path(given.get("PONAM_INBOX", state / "inbox")).absolute(),
            archive=Path(given.get("PONAM_ARCHIVE", state / "archive")).absolute(),
            addresses={
                source: _address(given, f"PONAM_ADDRESS_{source.upper()}", f"{publications}/{source}")
                for source in PULLED_SOURCES
            },
        )

    @property
    def is_database_embedded(self) -> bool:
        """Whether this machine runs its own PostgreSQL."""
        return not self.database_url

    @property
    def serves_publications(self) -> bool:
        """Whether any address still points at the bundled publications."""
        own = f"http://{LOOPBACK}:{self.publications_port}/"
        return any(f"{address}/".startswith(own) for address in self.addresses.values())

    @property
    def logs(self) -> Path:
        """Folder of the services' own logs (Airflow's task logs are in `airflow_home / "logs"`)."""
        return self.state / "logs"

    @property
    def run_folder(self) -> Path:
        """Folder of locks and of the running instance's description."""
        return self.state / "run"

    @property
    def credentials_file(self) -> Path:
        """The generated passwords and keys, mode 0600."""
        return self.state / "credentials.json"

    @property
    def airflow_home(self) -> Path:
        """Airflow's home."""
        return self.state / "airflow"

    @property
    def superset_home(self) -> Path:
        """Superset's home."""
        return self.state / "superset"

    @property
    def airflow_address(self) -> str:
        """Where Airflow answers."""
        return f"http://{LOOPBACK}:{self.airflow_port}"

    @property
    def superset_address(self) -> str:
        """Where Superset answers."""
        return f"http://{LOOPBACK}:{self.superset_port}"

    @property
    def publications_address(self) -> str:
        """Where the bundled publications are served."""
        return f"http://{LOOPBACK}:{self.publications_port}"

    def program(self, environment: str, name: str) -> Path:
        """Return the path of a program of one of the Python environments: `program("transform", "dbt")`."""
        return self.envs / environment / "bin" / name

    def in_force(self) -> dict[str, str]:
        """Return the value in force of each variable of VARIABLES, with passwords masked."""
        from infra.dsn import without_password

        own = {
            "PONAM_STATE": str(self.state),
            "PONAM_ENVS": str(self.envs),
            "PONAM_DATABASE_URL": without_password(self.database_url),
            "PONAM_POSTGRES_PORT": str(self.postgres_port),
            "PONAM_AIRFLOW_PORT": str(self.airflow_port),
            "PONAM_SUPERSET_PORT": str(self.superset_port),
            "PONAM_PUBLICATIONS_PORT": str(self.publications_port),
            "PONAM_INBOX": str(self.inbox),
            "PONAM_ARCHIVE": str(self.archive),
            **{f"PONAM_ADDRESS_{source.upper()}": address for source, address in self.addresses.items()},
        }
        passed_on = {
            v.name: os.environ.get(v.name) or v.default.replace("$PONAM_STATE", str(self.state))
            for v in VARIABLES
        }
        return passed_on | own


def _address(given: Mapping[str, str], name: str, default: str) -> str:
    try:
        return to_be_shown(name, given.get(name, default))
    except CredentialsInAddressError as error:
        raise InfraError(str(error)) from error


def _port(given: Mapping[str, str], name: str) -> int:
    default = next(variable.default for variable in VARIABLES if variable.name == name)
    text = given.get(name, default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise InfraError(f"{name}={text!r} is not a port; give a number between 1 and 65535.")
    return int(text)


def _refuse_shared_ports(ports: Mapping[str, int]) -> None:
    first_with: dict[int, str] = {}
    for name, port in ports.items():
        if port in first_with:
            raise InfraError(
                f"{first_with[port]} and {name} are both {port}; give each service its own port."
            )
        first_with[port] = name
