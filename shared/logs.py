"""Structured log lines as Cloud Logging reads them: one JSON object a line on standard output.

No caller passes a token, a password or a request body; fields are identifiers, counts and messages.
"""

from __future__ import annotations

import json
import sys
import traceback


def log(severity: str, message: str, *, error: BaseException | None = None, **fields: object) -> None:
    """Write one line. `severity` is DEBUG, INFO, WARNING, ERROR or CRITICAL; `error` adds its stack trace."""
    entry = {"severity": severity, "message": message, **fields}
    if error is not None:
        entry["stack_trace"] = "".join(traceback.format_exception(error))
    sys.stdout.write(json.dumps(entry, default=str) + "\n")
    sys.stdout.flush()
