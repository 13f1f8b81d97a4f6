"""Structured log lines as Cloud Logging reads them: one JSON object a line on standard output.

No caller passes a token, a password or a request body; fields are identifiers, counts and messages. A line that is
written while a request is answered carries its trace, by which Cloud Logging joins it with the request's other lines.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from contextvars import ContextVar

trace_id: ContextVar[str | None] = ContextVar("trace_id", default=None)
"""The trace that is being worked for: 32 hexadecimal digits, or None outside of a request."""


def log(severity: str, message: str, *, error: BaseException | None = None, **fields: object) -> None:
    """Write one line. `severity` is DEBUG, INFO, WARNING, ERROR or CRITICAL; `error` adds its stack trace."""
    entry = {"severity": severity, "message": message, **fields}
    trace = trace_id.get()
    if trace is not None:
        project = os.environ.get("GOOGLE_CLOUD_PROJECT", "")
        entry["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace}"
    if error is not None:
        entry["stack_trace"] = "".join(traceback.format_exception(error))
    sys.stdout.write(json.dumps(entry, default=str) + "\n")
    sys.stdout.flush()
