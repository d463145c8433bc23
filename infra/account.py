"""Whom the embedded PostgreSQL runs as: it refuses root, and a checkout under /root is closed to others."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from infra.errors import InfraError

SYSTEM_ACCOUNT = "ponam"
# Inside a user namespace the uid only needs a name in /etc/passwd; Debian's base system always has `daemon`.
NAMESPACE_ACCOUNT = "daemon"


@dataclass(frozen=True, slots=True)
class Account:
    """How to become the account: a command prefix, and the owner of its files as seen from outside."""

    prefix: tuple[str, ...]
    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Hand a file or folder to the account."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)


def choose(data: Path, program: Path) -> Account:
    """Return the account for the data folder `data`, which may not exist yet, and the server's `program`.

    Ordinary users run the server themselves. Root runs it in a user namespace, where root's files belong to
    an unprivileged uid; where the kernel or a container forbids that, as the system account `ponam`.
    Raises InfraError when an existing folder belongs to somebody else, or no way is open.
    """
    owner = data.stat().st_uid if data.exists() else None
    me = os.geteuid()
    if me != 0:
        if owner not in (None, me):
            raise InfraError(f"{data} belongs to user id {owner}: run as that user, or set PONAM_STATE.")
        return Account((), me, os.getegid())
    if owner in (None, 0) and (namespace := _namespace()):
        return Account(namespace, 0, 0)
    if owner == 0:
        raise InfraError(
            f"{data} was created by root in a user namespace, which this machine no longer allows "
            "(sysctl kernel.unprivileged_userns_clone, user.max_user_namespaces, or the container's profile)."
        )
    return _system_account(data, program)


def _namespace() -> tuple[str, ...]:
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    inside = pwd.getpwnam(NAMESPACE_ACCOUNT)
    prefix = (unshare, "--user", f"--map-user={inside.pw_uid}", f"--map-group={inside.pw_gid}", "--")
    probe = subprocess.run([*prefix, "true"], check=False, capture_output=True)
    return prefix if probe.returncode == 0 else ()


def _system_account(data: Path, program: Path) -> Account:
    """Become the system account `ponam`, created when missing: it must be able to reach both paths."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise InfraError("PostgreSQL refuses to run as root, and setpriv is missing: apt install util-linux.")
    try:
        entry = pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        entry = _create_system_account()
    ids = (f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups")
    prefix = (setpriv, *ids, "--inh-caps=-all", "--")
    for path in (program, _nearest_existing(data.parent)):
        if subprocess.run([*prefix, "test", "-x", str(path)], check=False).returncode != 0:
            raise InfraError(
                f"PostgreSQL refuses to run as root, this machine forbids user namespaces, and the account "
                f"{SYSTEM_ACCOUNT} cannot reach {path}. Put the project (or PONAM_STATE and PONAM_ENVS) "
                "under a folder open to all, such as /opt or /srv, or run as an ordinary user."
            )
    return Account(prefix, entry.pw_uid, entry.pw_gid)


def _create_system_account() -> pwd.struct_passwd:
    subprocess.run(
        [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            SYSTEM_ACCOUNT,
        ],
        check=True,
    )
    return pwd.getpwnam(SYSTEM_ACCOUNT)


def _nearest_existing(path: Path) -> Path:
    return next(candidate for candidate in (path, *path.parents) if candidate.exists())
