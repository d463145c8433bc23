"""The reviewed asset files of this folder, in Superset's own import format.

One YAML file per database, dataset, chart and dashboard; each carries the UUID by which Superset knows it,
for ever. Nothing here imports Superset: the offline gate and the tests read the same objects as the
deployment. `python -m superset_dashboards.assets` writes every file anew as `dump` does.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent
KINDS = ("databases", "datasets", "charts", "dashboards")
METADATA_FILE = "metadata.yaml"


class UnreadableAssetError(ValueError):
    """A file that is no YAML; the message says which one, where, and what to look for."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its kind, its path relative to the folder, its text and what the text says."""

    kind: str
    path: str
    text: str
    body: dict[str, Any]

    @property
    def uuid(self) -> str:
        """The UUID by which Superset knows the asset."""
        return str(self.body["uuid"])


def load(folder: Path = FOLDER) -> list[Asset]:
    """Every asset of the folder, in the order in which they depend on each other.

    Raises UnreadableAssetError.
    """
    return [
        Asset(kind, str(path.relative_to(folder)), text, _parsed(text, path.relative_to(folder)))
        for kind in KINDS
        for path in sorted((folder / kind).rglob("*.yaml"))
        for text in [path.read_text(encoding="utf-8")]
    ]


def _parsed(text: str, path: Path) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UnreadableAssetError(
            f"{path}{line}: {error.problem}; put quotes around a text that holds a colon"
        ) from error


def of_kind(assets: list[Asset], kind: str) -> dict[str, Asset]:
    """The assets of one kind, by UUID."""
    return {asset.uuid: asset for asset in assets if asset.kind == kind}


def bundle(assets: list[Asset], folder: Path = FOLDER) -> dict[str, str]:
    """File name to text, as Superset's import command wants it."""
    metadata = (folder / METADATA_FILE).read_text(encoding="utf-8")
    return {METADATA_FILE: metadata} | {asset.path: asset.text for asset in assets}


def digest(folder: Path = FOLDER) -> str:
    """SHA-256 over every file of the folder, the code that deploys them included."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".yaml", ".py"}:
            whole.update(f"{path.relative_to(folder)}\0".encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()


class _OneLine(dict[str, Any]):
    """A mapping written on one line: a column of a data set, a filter."""


class _Dumper(yaml.SafeDumper):
    """YAML as these files are written: what is text over several lines stays so, indented lists."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Indent lists inside mappings."""
        super().increase_indent(flow, indentless=False)


def _one_line(dumper: yaml.SafeDumper, value: _OneLine) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(_OneLine, _one_line)
_Dumper.add_representer(str, _text)


def dump(body: dict[str, Any]) -> str:
    """The one way an asset file is written, so that a pulled change is a readable difference."""
    if "columns" in body:
        body = body | {"columns": [_OneLine(column) for column in body["columns"]]}
    return yaml.dump(body, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)


def main() -> None:
    """Write every file of the folder as `dump` does."""
    for asset in load():
        (FOLDER / asset.path).write_text(dump(asset.body), encoding="utf-8")


if __name__ == "__main__":
    main()
