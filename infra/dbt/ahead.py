"""What every build of dbt would do again, done once by the process that the builds are forked from.

No build needs any of it. It leans on parts of dbt that dbt 1.11 does not promise to keep: what they no longer
allow is said on standard error, and the builds do it themselves, as dbt always does.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any

_DEBUG = "debug"


def start() -> None:
    """Prepare this process for any project."""
    for part in (_leave_unread_events, _keep_graph, _look_at_one_node_of_each_schema, _import_the_rest):
        _try(part)


def get_ready(manifest: Any, build_nothing: Callable[[], Any]) -> None:
    """Do what can be done for a project that was read; `build_nothing` builds no node, by `dbtRunner`."""
    _try(_compile_macros, manifest)
    _try(_build_nothing, build_nothing)


def _leave_unread_events() -> None:
    """Have dbt notice no detail that nobody reads: it words each of them before it looks who listens."""
    from dbt_common.events.event_manager_client import get_event_manager

    manager = get_event_manager()
    fire = manager.fire_event

    def fire_if_read(e: Any, level: Any = None, *rest: Any, **options: Any) -> None:
        is_read = True
        with contextlib.suppress(AttributeError):
            is_detail = (level or e.level_tag()) == _DEBUG
            is_read = not is_detail or any(logger.level == _DEBUG for logger in manager.loggers)
        if is_read:
            fire(e, level, *rest, **options)

    manager.fire_event = fire_if_read


def _keep_graph() -> None:
    """Have a build take the graph of the build before it in this process, where the project is the same."""
    from dbt.task.build import BuildTask

    work_out = BuildTask.compile_manifest
    kept: list[Any] = [None, None]  # of which manifest, and the graph

    def compile_manifest(task: Any) -> None:
        if kept[0] is not None and task.manifest is kept[0]:
            task.graph = kept[1]
            return
        work_out(task)
        if hasattr(task, "graph"):
            kept[:] = task.manifest, task.graph

    BuildTask.compile_manifest = compile_manifest


def _look_at_one_node_of_each_schema() -> None:
    """Have dbt find the schemas of a project from one node of each: it looks at every node for them."""
    from dbt.adapters.base.impl import BaseAdapter

    find = BaseAdapter._get_cache_schemas

    def find_from_few(adapter: Any, nodes: Any) -> Any:
        few = list(nodes)
        with contextlib.suppress(AttributeError):
            few = list({(node.database, node.schema, str(node.quoting_dict)): node for node in few}.values())
        return find(adapter, few)

    BaseAdapter._get_cache_schemas = find_from_few


def _import_the_rest() -> None:
    """Import what dbt imports when it meets a table, and derive what it derives when it first needs it."""
    import dbt_common.clients.agate_helper  # noqa: F401
    from dbt.adapters.contracts.connection import AdapterResponse
    from dbt.adapters.factory import FACTORY
    from dbt.artifacts.schemas.results import TimingInfo
    from sqlparse import parse

    parse("select 1")
    FACTORY.load_plugin("postgres")
    relation = FACTORY.get_relation_class_by_name("postgres").create("database", "schema", "name")
    for one in (relation, relation.information_schema("columns"), AdapterResponse(""), TimingInfo("")):
        one.to_dict()


def _compile_macros(manifest: Any) -> None:
    from dbt_common.clients.jinja import template_cache

    for macro in manifest.macros.values():
        template_cache.get_node_template(macro)
        macro.to_dict()


def _build_nothing(build_nothing: Callable[[], Any]) -> None:
    """Have the graph worked out, and imported what builds."""
    done = build_nothing()
    if not done.success:
        raise done.exception or RuntimeError("a build of no node fails")


def _try(part: Callable[..., None], *arguments: Any) -> None:
    try:
        part(*arguments)
    except Exception as error:  # whatever it is, dbt does without
        sys.stderr.write(f"dbt has moved, and is slower: {part.__name__}: {type(error).__name__}: {error}\n")
