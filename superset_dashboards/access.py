"""Roles and users, from roles.yaml to Superset, idempotently.

Reading the file needs no Superset; applying it runs inside an application context. Every change is a line of
text, so that `--dry-run` and the log say the same thing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from superset_dashboards.assets import FOLDER

FILE = FOLDER / "roles.yaml"


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Role(_Closed):
    """What a role holds: everything its models hold, the permissions listed by view, some dashboards."""

    name: str
    description: str
    like: list[str] = Field(default_factory=list)
    permissions: dict[str, list[str]] = Field(default_factory=dict)
    dashboards: list[str] = Field(default_factory=list)


class User(_Closed):
    """An account; its password is in the environment variable `password_from`."""

    username: str
    first_name: str
    last_name: str
    role: str
    password_from: str

    @property
    def password(self) -> str:
        """The password infra generated. Raises KeyError when the variable is not set."""
        return os.environ[self.password_from]


class Access(_Closed):
    """The whole of roles.yaml."""

    roles: list[Role]
    users: list[User]


def load(path: Path = FILE) -> Access:
    """roles.yaml, checked against its closed schema. Raises pydantic.ValidationError."""
    return Access.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def apply_accounts(access: Access) -> list[str]:
    """Bring roles and users to what the file says, in the session (not committed); returns what changed."""
    return [*_roles(access), *_users(access)]


def apply_openings(access: Access) -> list[str]:
    """Open each dashboard to the roles that list it, and to no other, in the session (not committed).

    Returns what changed. Raises sqlalchemy's NoResultFound when a dashboard is not in place.
    """
    return list(_dashboards(access))


def _roles(access: Access) -> Iterator[str]:
    from superset import db, security_manager

    for role in access.roles:
        found = security_manager.find_role(role.name)
        wanted = {permission.id: permission for permission in _permissions_of(role)}
        if found is None:
            found = security_manager.role_model(name=role.name)
            db.session.add(found)
            yield f"role created: {role.name} ({len(wanted)} permissions)"
        else:
            held = {permission.id: permission for permission in found.permissions}
            yield from (f"{role.name}: + {wanted[key]}" for key in sorted(wanted.keys() - held.keys()))
            yield from (f"{role.name}: - {held[key]}" for key in sorted(held.keys() - wanted.keys()))
        found.permissions = list(wanted.values())


def _permissions_of(role: Role) -> Iterator[Any]:
    """The permission rows a role is to hold. Raises LookupError on a name that Superset does not know."""
    from superset import security_manager

    for model in role.like:
        yield from security_manager.find_role(model).permissions
    for view, names in role.permissions.items():
        for name in names:
            permission = security_manager.find_permission_view_menu(name, view)
            if permission is None:
                raise LookupError(f"roles.yaml, {role.name}: Superset has no permission {name} on {view}")
            yield permission


def _users(access: Access) -> Iterator[str]:
    from superset import db, security_manager
    from werkzeug.security import check_password_hash, generate_password_hash

    for user in access.users:
        role = security_manager.find_role(user.role)
        found = security_manager.find_user(username=user.username)
        if found is None:
            found = security_manager.user_model(
                username=user.username, email=f"{user.username}@ponam.invalid", active=True
            )
            db.session.add(found)
            yield f"user created: {user.username} ({user.role})"
        found.first_name, found.last_name = user.first_name, user.last_name
        if found.roles != [role]:
            found.roles = [role]
            yield f"{user.username}: role {user.role}"
        if not (found.password and check_password_hash(found.password, user.password)):
            found.password = generate_password_hash(user.password)
            yield f"{user.username}: password set"


def _dashboards(access: Access) -> Iterator[str]:
    from superset import db, security_manager
    from superset.models.dashboard import Dashboard

    for slug in sorted({slug for role in access.roles for slug in role.dashboards}):
        dashboard = db.session.query(Dashboard).filter_by(slug=slug).one()
        wanted = {role.name for role in access.roles if slug in role.dashboards}
        if {role.name for role in dashboard.roles} != wanted:
            dashboard.roles = [security_manager.find_role(name) for name in sorted(wanted)]
            yield f"dashboard {slug}: open to {', '.join(sorted(wanted))}"
