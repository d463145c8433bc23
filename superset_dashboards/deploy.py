"""Deploys the dashboards: `python -m superset_dashboards.deploy` in the bi environment.

One process does what five `superset` commands would do at ten seconds of imports each: metadata schema,
permissions, assets, roles, users. A stamp in the metadata database makes a second run cost a fraction of a
second.

Environment, set by `infra`: SUPERSET_CONFIG_PATH and what it reads (PONAM_SUPERSET_DATABASE_URI,
PONAM_SUPERSET_SECRET_KEY, SUPERSET_HOME), PONAM_READER_DSN, and the passwords that roles.yaml names.

    --check     the offline gate only: dashboard → chart → dataset → mart; no database, no Superset
    --dry-run   say what would change in roles and users, change nothing
    --force     deploy even when the stamp says that nothing changed
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import hmac
import os
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from superset_dashboards import access, assets, gate, marts, stamp


def main(arguments: list[str] | None = None) -> int:
    """Deploy, or check; 0 when all is in place."""
    options = _options(arguments)
    if options.check:
        return _check()
    database_uri = os.environ["PONAM_SUPERSET_DATABASE_URI"]
    done = stamp.read(database_uri)
    wanted = _wanted()
    if options.dry_run:
        _rehearse(done)
    elif done == wanted and not options.force:
        _say("already up to date")
    elif _check() != 0:
        return 1
    else:
        _deploy(done, wanted)
        stamp.write(database_uri, wanted)
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="superset_dashboards.deploy", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--check", action="store_true", help="offline gate only")
    parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
    parser.add_argument("--force", action="store_true", help="deploy even when nothing changed")
    return parser.parse_args(arguments)


def _check() -> int:
    """The offline gate: 0, or 1 with one line per problem on stderr."""
    try:
        problems = gate.problems(assets.load(), marts.columns())
    except assets.UnreadableAssetError as error:
        problems = [str(error)]
    if problems:
        print(*problems, sep="\n", file=sys.stderr)  # noqa: T201
        return 1
    _say("dashboards, charts, data sets and marts agree")
    return 0


def _wanted() -> stamp.Stamp:
    """What this tree and this environment ask for; secrets enter the digest keyed, so it tells nothing."""
    secrets = [os.environ["PONAM_READER_DSN"], *(user.password for user in access.load().users)]
    keyed = hmac.new(os.environ["PONAM_SUPERSET_SECRET_KEY"].encode(), digestmod=hashlib.sha256)
    keyed.update("\0".join([assets.digest(), *secrets]).encode())
    by_kind = {kind: sorted(assets.of_kind(assets.load(), kind)) for kind in assets.KINDS}
    return stamp.Stamp(version("apache-superset"), keyed.hexdigest(), by_kind)


def _deploy(done: stamp.Stamp | None, wanted: stamp.Stamp) -> None:
    from superset_dashboards import bundle

    with _application():
        if done is None or done.superset_version != wanted.superset_version:
            _migrate()
        wishes = access.load()
        with _step("roles and users"):
            _commit(access.apply_accounts(wishes))
        with _step("dashboards, charts, data sets"):
            bundle.put(assets.load(), os.environ["PONAM_READER_DSN"])
            _commit(bundle.remove(_left_the_files(done, wanted)))
            _commit(access.apply_openings(wishes))


def _rehearse(done: stamp.Stamp | None) -> None:
    """Say what roles.yaml would change, and change nothing."""
    if done is None:
        _say("nothing is deployed yet: everything would be created")
        return
    with _application():
        from superset import db

        wishes = access.load()
        for change in [*access.apply_accounts(wishes), *access.apply_openings(wishes)]:
            _say(f"  {change}")
        db.session.rollback()


@contextlib.contextmanager
def _application() -> Iterator[None]:
    """Superset's application context; what Superset prints while in it goes to stderr."""
    with contextlib.redirect_stdout(sys.stderr):
        with _step("Superset loaded"):
            from superset.app import create_app

            application = create_app()
        with application.app_context():
            yield


def _migrate() -> None:
    """Superset's own schema and permissions, as `superset db upgrade` and `superset init` make them."""
    import superset
    from flask_migrate import upgrade  # type: ignore[import-untyped]
    from superset.extensions import appbuilder, security_manager

    with _step("its own schema"):
        upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
    with _step("permissions"):
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()


def _left_the_files(done: stamp.Stamp | None, wanted: stamp.Stamp) -> dict[str, set[str]]:
    """UUIDs, by kind, that the last deployment brought and that no file holds any more."""
    before = done.uuids if done else {}
    return {kind: set(before.get(kind, [])) - set(wanted.uuids[kind]) for kind in assets.KINDS}


def _commit(changes: list[str]) -> None:
    from superset import db

    db.session.commit()
    for change in changes:
        _say(f"  {change}")


@contextlib.contextmanager
def _step(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    _say(f"{what} ({time.monotonic() - began:.1f} s)")


def _say(line: str) -> None:
    print(f"Superset: {line}", file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    sys.exit(main())
