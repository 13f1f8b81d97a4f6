"""The gateway as a component of the stack: gunicorn with one process and several threads."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local.stack.component import Component
from infra.local.stack.process import LOOPBACK, answers
from shared.http.paths import API_ROOT

# Where a frontend developer's own server shows the page; STOCKCAST_CORS_ORIGINS replaces them.
_PAGES_OF_THIS_MACHINE = "http://localhost:*,http://127.0.0.1:*"


class GatewayProcess(Component):
    """The app under gunicorn: one process, because gRPC and forks do not go together, and several threads."""

    stop_timeout_s = 8.0

    def __init__(self, name: str, log: Path, port: int, threads: int, env: Mapping[str, str]) -> None:
        origins = os.environ.get("STOCKCAST_CORS_ORIGINS", _PAGES_OF_THIS_MACHINE)
        super().__init__(log, {**env, "STOCKCAST_CORS_ORIGINS": origins})
        self.name = name
        self.base_url = f"http://{LOOPBACK}:{port}{API_ROOT}"
        self._port = port
        self._threads = threads

    @property
    def env(self) -> dict[str, str]:
        return {}

    def _command(self) -> Sequence[str]:
        options = {
            "--bind": f"{LOOPBACK}:{self._port}",
            "--worker-class": "infra.local.stack.problem_worker.ProblemWorker",
            "--workers": "1",
            "--threads": str(self._threads),
            "--limit-request-line": "8190",
            "--keep-alive": "60",
            "--timeout": "600",
            "--graceful-timeout": "5",
        }
        flat = [part for option in options.items() for part in option]
        return [sys.executable, "-m", "gunicorn", "infra.local.stack.gateway:gateway()", "--no-control-socket", *flat]

    def _ready(self) -> bool:
        return answers(f"{self.base_url}/health")
