"""Every program that a run starts, and how one sees that it serves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import httpx

from infra import environment, superset_service
from infra.airflow import environment as airflow_environment
from infra.airflow.prepare import USERS_VARIABLE
from infra.credentials import Credentials
from infra.dsn import Server
from infra.processes import Program
from infra.settings import Settings


class Programs:
    """The programs of one run, with the environment and the log of each."""

    def __init__(self, settings: Settings, credentials: Credentials, server: Server) -> None:
        self._settings = settings
        self.server = server
        self._shared = environment.shared(settings, credentials, server)
        self._custodian = server.url("ponam_custodian", credentials.database["ponam_custodian"])
        self._airflow = {**self._shared, **airflow_environment.environment(settings, credentials, server)}
        self._plain = environment.plain(settings, server)
        self._superset = {**self._plain, **superset_service.environment(settings, credentials, server)}
        self._superset_deploy = {**self._superset, **superset_service.accounts(credentials, server)}
        self._airflow_users = {USERS_VARIABLE: json.dumps(dict(credentials.airflow))}

    @property
    def shared_environment(self) -> Mapping[str, str]:
        """What the pipeline's children are told."""
        return self._shared

    @property
    def custodian_environment(self) -> Mapping[str, str]:
        """The same, and the address of the names of persons: for who erases them, for no child of a run."""
        return {**self._shared, "PONAM_CUSTODIAN_DSN": self._custodian}

    def migrate_warehouse(self) -> Program:
        """Create or update meta and the staging tables."""
        return self._pipeline("warehouse", ["-m", "ingestion", "migrate"], self._shared)

    def publications(self) -> Program:
        """Serve the bundled publications, and drop the files that are sent into the inbox."""
        return self._pipeline("publications", ["-m", "infra.publications"], self._plain)

    def dbt(self) -> Program:
        """Keep dbt ready for the steps of the transformation."""
        python, socket = self._shared["PONAM_DBT_PYTHON"], self._shared["PONAM_DBT_SOCKET"]
        return self._program("dbt", [python, "-m", "infra.dbt.runner", socket], self._shared)

    def prepare_airflow(self) -> Program:
        """Migrate Airflow's metadata and create its users."""
        return self._pipeline(
            "airflow-prepare", ["-m", "infra.airflow.prepare"], self._airflow | self._airflow_users
        )

    def airflow_core(self) -> list[Program]:
        """Return the components without which nothing runs, in the order of their start."""
        return [
            self._airflow_component("api-server"),
            self._airflow_component("dag-processor"),
            self._pipeline("airflow-scheduler", ["-m", "infra.airflow.scheduler"], self._airflow),
        ]

    def airflow_triggerer(self) -> Program:
        """Return the component that waits for what deferred tasks wait for."""
        return self._airflow_component("triggerer", "--skip-serve-logs")

    def deploy_superset(self) -> Program:
        """Migrate Superset, and deploy dashboards, roles, users and the connection."""
        command = superset_service.deploy_command(self._settings)
        return self._program("superset-deploy", command, self._superset_deploy)

    def pull_dashboards(self) -> Program:
        """Write what was edited in Superset back to the reviewed files."""
        command = superset_service.pull_command(self._settings)
        return self._program("superset-pull", command, self._superset_deploy)

    def superset(self) -> Program:
        """Serve Superset."""
        return self._program("superset", superset_service.serve_command(self._settings), self._superset)

    def _airflow_component(self, name: str, *options: str) -> Program:
        return self._pipeline(f"airflow-{name}", ["-m", "airflow", name, *options], self._airflow)

    def _pipeline(self, name: str, arguments: Sequence[str], variables: Mapping[str, str]) -> Program:
        return self._program(name, [str(self._settings.program("pipeline", "python")), *arguments], variables)

    def _program(self, name: str, command: Sequence[str], variables: Mapping[str, str]) -> Program:
        return Program(name, command, variables, self._settings.logs / f"{name}.log")


def answers(address: str) -> bool:
    """Say whether an HTTP service answers with success."""
    try:
        return httpx.get(address, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def listens(address: str) -> bool:
    """Say whether an HTTP service answers at all."""
    try:
        httpx.get(address, timeout=5, trust_env=False)
    except httpx.HTTPError:
        return False
    return True
