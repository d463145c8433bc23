"""Airflow's configuration, whole, as the environment of its components: no airflow.cfg is ever edited."""

from __future__ import annotations

from collections.abc import Mapping

from infra.credentials import Credentials
from infra.dsn import Server
from infra.settings import LOOPBACK, ROOT, Settings

FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"


def environment(settings: Settings, credentials: Credentials, server: Server) -> Mapping[str, str]:
    """Return what Airflow's components are told besides what all children are told."""
    logs = settings.airflow_home / "logs"
    password = credentials.database["ponam_airflow"]
    options = {
        "core": {
            "dags_folder": str(ROOT / "dags"),
            "plugins_folder": str(settings.airflow_home / "plugins"),
            "load_examples": "False",
            "executor": "LocalExecutor",
            "parallelism": "3",  # two cores; each worker holds what Great Expectations imports
            "auth_manager": FAB,
            "fernet_key": credentials.keys["airflow_fernet"],
            "execution_api_server_url": f"{settings.airflow_address}/execution/",
            "hostname_callable": "socket.gethostname",  # the default asks a name server
        },
        "database": {
            "sql_alchemy_conn": server.sqlalchemy_url("ponam_airflow", password, server.airflow_database),
            "sql_alchemy_pool_size": "3",
        },
        "api": {
            "host": LOOPBACK,
            "port": str(settings.airflow_port),
            "base_url": settings.airflow_address,
            "workers": "1",
            "secret_key": credentials.keys["airflow_session"],
            "instance_name": "PONAM",
        },
        "api_auth": {"jwt_secret": credentials.keys["airflow_jwt"]},
        "fab": {"update_fab_perms": "False"},  # done once, when the metadata database is prepared
        "logging": {
            "base_log_folder": str(logs),
            "dag_processor_child_process_log_directory": str(logs / "dag_processor"),
            "colored_console_log": "False",
        },
        "scheduler": {
            "enable_health_check": "False",  # it would listen on every address
            "task_instance_heartbeat_timeout": "120",
        },
        "dag_processor": {
            "parsing_processes": "1",
            "min_file_process_interval": "120",
        },
    }
    return {
        "AIRFLOW_HOME": str(settings.airflow_home),
        **{
            f"AIRFLOW__{section.upper()}__{name.upper()}": value
            for section, values in options.items()
            for name, value in values.items()
        },
    }
