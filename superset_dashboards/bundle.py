"""Puts the asset files into a running metadata database, and takes out what left the files.

Runs inside Superset's application context, as the administrator, in one transaction per call.
"""

from __future__ import annotations

from typing import Any

import yaml

from superset_dashboards.assets import Asset, bundle

ADMINISTRATOR = "admin"


def put(assets: list[Asset], reader_dsn: str) -> None:
    """Import every asset, overwriting what carries the same UUID; the database gets its real address here."""
    from superset import security_manager
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.utils.core import override_user

    contents = bundle(assets)
    for asset in assets:
        if asset.kind == "databases":
            contents[asset.path] = yaml.safe_dump(asset.body | {"sqlalchemy_uri": _sqlalchemy(reader_dsn)})
    with override_user(security_manager.find_user(username=ADMINISTRATOR)):
        ImportAssetsCommand(contents).run()


def remove(uuids: dict[str, set[str]]) -> list[str]:
    """Delete what the files no longer hold, dependents first, in the session (not committed)."""
    from superset import db

    removed = []
    for kind in ("dashboards", "charts", "datasets", "databases"):
        for found in db.session.query(_model(kind)).filter(_model(kind).uuid.in_(uuids.get(kind, ()))):
            removed.append(f"removed ({kind}): {found}")
            db.session.delete(found)
    return removed


def _model(kind: str) -> Any:
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.core import Database
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    return {"dashboards": Dashboard, "charts": Slice, "datasets": SqlaTable, "databases": Database}[kind]


def _sqlalchemy(dsn: str) -> str:
    """libpq's `postgresql://` said the way SQLAlchemy 1.4 says it, with the driver of the bi environment."""
    return f"postgresql+psycopg2://{dsn.split('://', 1)[1]}"
