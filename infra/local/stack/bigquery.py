"""BigQuery: bqemulator (on DuckDB) in a virtual environment of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local.stack.component import Component
from infra.local.stack.process import LOOPBACK, PROJECT, ComponentError, accepts, answers, free_ports

_LAUNCHER = Path(__file__).with_name("bigquery_emulator_main.py")
_PYTHON_VARIABLE = "STOCKCAST_BIGQUERY_PYTHON"
_PYTHON = PROJECT / ".venv-bigquery" / "bin" / "python"


class BigQuery(Component):
    """The emulator with its REST and its Storage Read API. Without a `data` folder it keeps everything in memory."""

    name = "BigQuery emulator"

    def __init__(self, log: Path, data: Path | None = None, env: Mapping[str, str] = os.environ) -> None:
        super().__init__(log, {})
        self._data = data
        self._python = PROJECT / (env.get(_PYTHON_VARIABLE) or _PYTHON)
        self._rest_port, self._grpc_port = free_ports(2)

    @property
    def env(self) -> dict[str, str]:
        return {
            "BIGQUERY_EMULATOR_HOST": f"{LOOPBACK}:{self._rest_port}",
            "BIGQUERY_STORAGE_EMULATOR_HOST": f"{LOOPBACK}:{self._grpc_port}",
        }

    def _command(self) -> Sequence[str]:
        if shutil.which(self._python) is None:
            raise ComponentError(
                f"{self._python} was not found: `make setup` creates it, or name a Python that has bqemulator by "
                f"{_PYTHON_VARIABLE}"
            )
        ports = [f"--rest-port={self._rest_port}", f"--grpc-port={self._grpc_port}"]
        hosts = [f"--rest-host={LOOPBACK}", f"--grpc-host={LOOPBACK}"]
        where = ["--ephemeral"] if self._data is None else ["--persistent", f"--data-dir={self._data.resolve()}"]
        return [str(self._python), str(_LAUNCHER), "start", *hosts, *ports, *where, "--log-level=warning"]

    def _ready(self) -> bool:
        return answers(f"http://{LOOPBACK}:{self._rest_port}/healthz") and accepts(self._grpc_port)
