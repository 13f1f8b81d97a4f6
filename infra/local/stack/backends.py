"""The databases and cloud services of the local stack together, for the stack itself and for tests.

with backends(folder, function_url="http://127.0.0.1:8081/api/v1/{function}") as running:
    os.environ.update(running.env)
    ...
    running.firestore.kill()
    running.firestore.start()  # at the same address
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.local.stack.bigquery import BigQuery
from infra.local.stack.cloud_services import CloudServices
from infra.local.stack.component import PEPPERS, SIGNING_KEYS, Component, External
from infra.local.stack.firestore import Firestore
from infra.local.stack.kept_secrets import kept_secrets
from infra.local.stack.process import PROJECT, ComponentError

DEFAULT_PROJECT = "stockcast-local"
_SECRETS = PROJECT / ".local" / "secrets"
_BIGQUERY_VARIABLES = ("BIGQUERY_EMULATOR_HOST", "BIGQUERY_STORAGE_EMULATOR_HOST")


@dataclass(frozen=True)
class Backends:
    """Everything behind the functions. `env` is the configuration of a process that uses them."""

    firestore: Component
    bigquery: Component
    cloud: CloudServices
    env: dict[str, str]
    secrets: dict[str, str] = field(repr=False)

    @property
    def api_env(self) -> dict[str, str]:
        """The configuration of a process that answers users: with the keys of their tokens and passwords."""
        return self.env | self.secrets

    @property
    def components(self) -> tuple[Component, ...]:
        """In the order in which they are started."""
        return (self.firestore, self.bigquery, self.cloud)

    def __enter__(self) -> Self:
        try:
            for component in self.components:
                component.start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def _stop(self) -> None:
        for component in reversed(self.components):
            component.stop()


def backends(
    folder: Path,
    function_url: str,
    *,
    persistent: bool = False,
    schedules: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Backends:
    """The components, not started yet. Emulators that `environ` names are used instead of our own.

    `folder` takes logs and, when `persistent`, the data. `function_url` is where Cloud Tasks finds the functions.
    Raises ComponentError when `environ` names only one of BigQuery's two addresses.
    """
    logs = folder / "logs"
    env = {
        "GOOGLE_CLOUD_PROJECT": environ.get("GOOGLE_CLOUD_PROJECT") or DEFAULT_PROJECT,
        "STOCKCAST_FUNCTION_URL": function_url,
        # A client's database and webhook may be on this machine, and its database a file.
        "STOCKCAST_ALLOWED_NETWORKS": environ.get("STOCKCAST_ALLOWED_NETWORKS", "127.0.0.0/8,::1/128"),
        "SECRET_MANAGER_EMULATOR_FOLDER": environ.get("SECRET_MANAGER_EMULATOR_FOLDER") or str(_SECRETS),
        "SQLITE_SOURCES_FOLDER": environ.get("SQLITE_SOURCES_FOLDER") or "/",
    }
    firestore = _external("Firestore emulator", ("FIRESTORE_EMULATOR_HOST",), environ) or Firestore(
        logs / "firestore.log", env["GOOGLE_CLOUD_PROJECT"], folder / "firestore" if persistent else None
    )
    bigquery = _external("BigQuery emulator", _BIGQUERY_VARIABLES, environ) or BigQuery(
        logs / "bigquery.log", folder / "bigquery" if persistent else None, environ
    )
    env |= firestore.env | bigquery.env
    cloud = CloudServices(logs / "cloud.log", folder / "cloud", env, schedules=schedules)
    own = {name: environ.get(name) or kept_secrets(folder, name) for name in (SIGNING_KEYS, PEPPERS)}
    return Backends(firestore, bigquery, cloud, env | cloud.env, own)


def _external(name: str, variables: tuple[str, ...], environ: Mapping[str, str]) -> External | None:
    given = {variable: environ[variable] for variable in variables if environ.get(variable)}
    if not given:
        return None
    missing = [variable for variable in variables if variable not in given]
    if missing:
        raise ComponentError(f"{', '.join(given)} is set but {', '.join(missing)} is not: set both, or neither")
    return External(name, given)
