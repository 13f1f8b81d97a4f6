"""A server that keeps what it is sent: the target of tasks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from infra.local.stack.process import LOOPBACK


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


@contextmanager
def listening() -> Iterator[Receiver]:
    """A receiver at a free port, for the length of the block."""
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
