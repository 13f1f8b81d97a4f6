"""The emulators and the API, started once in a process that runs tests; each test has a client of its own in them.

FIRESTORE_EMULATOR_HOST, and BIGQUERY_EMULATOR_HOST with BIGQUERY_STORAGE_EMULATOR_HOST, are used where they are set.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from infra.local.stack.backends import Backends, backends
from shared.bigquery.dataset import create_missing
from shared.config import config
from tests.support.firestore_meter import FirestoreMeter
from tests.support.tenants import TestClient


@dataclass(frozen=True)
class Running:
    """What the tests run against. Firestore is reached through the meter."""

    backends: Backends
    meter: FirestoreMeter
    base_url: str

    def new_client(self) -> TestClient:
        """A new, empty client."""
        return TestClient(self.base_url).create()


@contextmanager
def everything(folder: Path) -> Iterator[Running]:
    """Emulators, cloud services and the API over HTTP, all in place; `folder` takes their logs and files."""
    server = make_server("127.0.0.1", 0, _not_ready, threaded=True, request_handler=_QuietHandler)
    root = f"http://127.0.0.1:{server.server_port}/api/v1"
    os.environ["STOCKCAST_DATASET"] = f"test_{uuid.uuid4().hex[:8]}"  # the jobs that Cloud Run starts inherit it
    os.environ["STOCKCAST_FORECAST_WAIT_SECONDS"] = "0"  # runs that other tests have left would be waited for
    os.environ["STOCKCAST_TRUSTED_PROXIES"] = "1"  # so that tests come from sources of their own
    with backends(folder, f"{root}/{{function}}") as started:
        meter = FirestoreMeter(started.env["FIRESTORE_EMULATOR_HOST"])
        os.environ.update(started.api_env)
        os.environ["FIRESTORE_EMULATOR_HOST"] = meter.address
        create_missing(config())

        from infra.local.stack.gateway import gateway

        server.app = gateway()
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Running(started, meter, root)
        server.shutdown()
        thread.join()
        server.server_close()
        meter.stop()
        assert meter.refused == []  # a background task that fails may go unnoticed


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: object = "-", size: object = "-") -> None:
        """A failed test shows its own requests; a poll's are noise."""


def _not_ready(environ: object, start_response: Callable[..., object]) -> list[bytes]:
    start_response("503 Service Unavailable", [])
    return [b""]
