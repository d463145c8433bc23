"""Addresses of PostgreSQL servers: parsed once, rebuilt per role, never printed with a password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from psycopg import ProgrammingError, pq
from psycopg.conninfo import conninfo_to_dict

from infra.errors import InfraError

_PERCENT_ENCODE = (
    "PONAM_DATABASE_URL cannot be read as a PostgreSQL address: percent-encode the characters "
    "@ : / ? # % of the user name and password."
)
# What identifies the administrator or the database; everything else (sslmode, …) holds for every role.
_OWN = {"host", "hostaddr", "port", "dbname", "user", "password"}


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server, the warehouse's database on it, and its administrator."""

    host: str
    port: int
    database: str
    admin: str
    admin_password: str = field(repr=False)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def airflow_database(self) -> str:
        """Name of Airflow's metadata database."""
        return f"{self.database}_airflow"

    @property
    def superset_database(self) -> str:
        """Name of Superset's metadata database."""
        return f"{self.database}_superset"

    def url(self, user: str, password: str, database: str | None = None) -> str:
        """Return the address for one role, for whatever is built on libpq; any password is safe in it."""
        query = f"?{urlencode(self.options, quote_via=quote)}" if self.options else ""
        return self._address("postgresql", user, password, database) + query

    def sqlalchemy_url(self, user: str, password: str, database: str) -> str:
        """Return the address for SQLAlchemy, whose drivers take the options from libpq's variables."""
        return self._address("postgresql+psycopg2", user, password, database)

    def _address(self, scheme: str, user: str, password: str, database: str | None) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
        name = quote(database or self.database, safe="")
        return f"{scheme}://{credentials}@{host}:{self.port}/{name}"

    def admin_url(self, database: str | None = None) -> str:
        """Return the administrator's address."""
        return self.url(self.admin, self.admin_password, database)


def parse(url: str) -> Server:
    """Parse PONAM_DATABASE_URL.

    Raises InfraError, without repeating the password, when it is no PostgreSQL address, names no host that
    TCP reaches (Airflow and Great Expectations accept no other), no user, or no database.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise InfraError(
            "PONAM_DATABASE_URL is no PostgreSQL address, and only PostgreSQL is spoken here: "
            "postgresql://user:password@host:port/database."
        )
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except ProgrammingError as error:
        raise InfraError(_PERCENT_ENCODE) from error
    host = parts.get("host", "")
    if not host or host.startswith(("/", "@")) or "," in host:
        raise InfraError("PONAM_DATABASE_URL must name one host reached over TCP, for example 127.0.0.1.")
    for name, meaning in (("user", "the administrator's name"), ("dbname", "the warehouse's database")):
        if not parts.get(name):
            raise InfraError(
                f"PONAM_DATABASE_URL lacks {meaning}: postgresql://user:password@host:port/database."
            )
    if "@" in parts["dbname"]:  # what follows an @ of the password was taken for host and database
        raise InfraError(_PERCENT_ENCODE)
    port = parts.get("port", "5432")
    if not port.isdigit():
        raise InfraError("PONAM_DATABASE_URL: the port is not a number.")
    return Server(
        host=host,
        port=int(port),
        database=parts["dbname"],
        admin=parts["user"],
        admin_password=parts.get("password", ""),
        options={name: value for name, value in parts.items() if name not in _OWN},
    )


def without_password(url: str) -> str:
    """Return an address fit for a screen or a log: host, port and database only."""
    if not url:
        return ""
    try:
        server = parse(url)
    except InfraError:
        return f"{urlsplit(url).scheme or '?'}://…"
    return f"postgresql://{quote(server.admin, safe='')}:…@{server.host}:{server.port}/{server.database}"


def libpq_variables(url: str) -> dict[str, str]:
    """An address as the variables that libpq's programs read: no password stands on a command line."""
    options = pq.Conninfo.parse(url.encode())
    return {one.envvar.decode(): one.val.decode() for one in options if one.envvar and one.val is not None}
