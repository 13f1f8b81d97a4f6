"""Cloud Tasks, Cloud Run, Cloud Storage and Cloud Scheduler as one component: one process with our servers."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local.stack.component import Component
from infra.local.stack.process import LOOPBACK, accepts, answers, free_ports

CERTS_PATH = "/oauth2/v3/certs"
SCHEDULER_PATH = "/scheduler/jobs"


class CloudServices(Component):
    """The process. `data` keeps objects and waiting tasks, `schedules` switches the clock on.

    `lost_since` is to be set before the start where the documents are those of that moment: what was done of tasks
    afterwards is lost, so they come again.
    """

    name = "cloud servers"
    lost_since: dt.datetime | None = None

    def __init__(self, log: Path, data: Path, env: Mapping[str, str], *, schedules: bool = False) -> None:
        super().__init__(log, env)
        self._data = data
        self._schedules = schedules
        self._grpc_port, self._http_port = free_ports(2)
        self._child_env = {**env, **self.env}

    @property
    def env(self) -> dict[str, str]:
        return {
            "CLOUD_TASKS_EMULATOR_HOST": f"{LOOPBACK}:{self._grpc_port}",
            "CLOUD_RUN_EMULATOR_HOST": f"{LOOPBACK}:{self._grpc_port}",
            "STORAGE_EMULATOR_HOST": f"http://{LOOPBACK}:{self._http_port}",
            "STOCKCAST_OIDC_CERTS_URL": f"http://{LOOPBACK}:{self._http_port}{CERTS_PATH}",
            "STOCKCAST_OIDC_ISSUER": "https://stockcast.localhost",
        }

    @property
    def scheduler_url(self) -> str:
        """Where Cloud Scheduler's jobs are; POST to `{it}/{name}:run` calls one now."""
        return f"http://{LOOPBACK}:{self._http_port}{SCHEDULER_PATH}"

    def _command(self) -> Sequence[str]:
        command = [sys.executable, "-m", "infra.local.stack.cloud_services_main"]
        ports = [f"--grpc-port={self._grpc_port}", f"--http-port={self._http_port}"]
        folders = [f"--data={self._data.resolve()}", f"--logs={self._log.parent.resolve()}"]
        since = [] if self.lost_since is None else [f"--lost-since={self.lost_since.isoformat()}"]
        return [*command, *ports, *folders, *since, *(["--schedules"] if self._schedules else [])]

    def _ready(self) -> bool:
        return answers(f"http://{LOOPBACK}:{self._http_port}{CERTS_PATH}") and accepts(self._grpc_port)
