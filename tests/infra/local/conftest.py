"""The components that the tests of this folder share, each started once, on ports of their own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.local.stack.cloud_services import CloudServices
from infra.local.stack.process import LOOPBACK
from shared.config import Config

PROJECT = "stockcast-test"


@dataclass(frozen=True)
class Received:
    """A request that arrived at the receiver; `at` is wall-clock time in seconds."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class Receiver:
    """A task's target: keeps every request, answers with what `answer` says for it, 204 unless told otherwise."""

    received: list[Received] = field(default_factory=list)
    answer: Callable[[Received], int] = lambda request: 204
    port: int = 0

    def url(self, path: str = "/") -> str:
        return f"http://{LOOPBACK}:{self.port}{path}"

    def of(self, path: str) -> list[Received]:
        return [one for one in self.received if one.path == path]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Received(self.path, dict(self.headers), body, time.time())
            made.received.append(request)
            self.send_response(made.answer(request))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudServices]:
    folder: Path = tmp_path_factory.mktemp("cloud")
    env = {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "STOCKCAST_FUNCTION_URL": f"http://{LOOPBACK}:9/api/v1/{{function}}",
        "STOCKCAST_JWT_KEYS": json.dumps({"test": "x" * 32}),
    }
    with CloudServices(folder / "logs" / "cloud.log", folder / "data", env) as component:
        yield component


@pytest.fixture(scope="session")
def cloud_config(cloud: CloudServices) -> Config:
    """A configuration whose clients talk to the cloud servers of this test session."""
    return Config.from_env(cloud.full_env)
