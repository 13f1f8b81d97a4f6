"""gunicorn's threaded worker, which answers what it cannot read with a problem document instead of a page of HTML."""

from __future__ import annotations

import json
import uuid
from socket import socket
from types import FrameType
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from functions.events.service import end_all
from shared.http.problems import PROBLEM_JSON, Problem, http_code
from shared.http.security_headers import GUARDS


class ProblemWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Refusals that no app sees: a request line or headers that are malformed (400) or too long (414, 431)."""

    def init_process(self) -> Any:
        # gunicorn 27 has no other place to change the page of its `Worker.handle_error`.
        util.write_error = _write_problem
        return super().init_process()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Streams of events would hold up the end until it is forced.
        end_all()
        super().handle_exit(sig, frame)


def _write_problem(connection: socket, status: int, reason: str, detail: str) -> None:
    problem = Problem(
        title=reason, status=status, code=http_code(status), detail=detail or reason, trace_id=uuid.uuid4().hex
    )
    content = json.dumps(problem.model_dump()).encode()
    headers = {"Connection": "close", "Content-Type": PROBLEM_JSON, "Cache-Control": "no-store", **GUARDS}
    lines = [f"{name}: {value}\r\n" for name, value in (headers | {"Content-Length": str(len(content))}).items()]
    head = f"HTTP/1.1 {status} {reason}\r\n{''.join(lines)}\r\n"
    util.write_nonblock(connection, head.encode("latin-1") + content)
