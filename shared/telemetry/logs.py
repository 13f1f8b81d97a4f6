"""Structured log lines as Cloud Logging reads them: one JSON object a line on standard output.

No caller passes a token, a password or a request body; fields are identifiers, counts and messages. What comes from
elsewhere, such as the message of a library's error, may hold one: its known forms are blotted out. A line that is
written while something is worked on carries its trace, by which Cloud Logging joins it with the other lines of that.
"""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from typing import Any

from shared.telemetry.trace import current_trace

_BLOTTED = "[redacted]"
# Tokens by their forms (a JWT, a service token, a webhook's secret, what follows Bearer), the credentials of a URL, the
# addresses of people.
# Each begins at the start of a word or behind what announces it, so that a long text is looked through once.
_SECRETS = re.compile(
    r"(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]+)+"
    r"|(?<![\w-])sk_[a-z0-9-]+\.[\w-]+\.[\w-]+"
    r"|(?<![\w-])whsec_[\w+/=-]+"
    r"|(?<=[Bb]earer )[^\s\"']+"
    r"|(?<=://)[^/\s@\"']{1,500}(?=@)"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"
)
_SIGNS = ("@", "eyJ", "earer ", "sk_", "whsec_")  # a text without any of these is let alone


_encode = json.JSONEncoder(default=str).encode


def log(severity: str, message: str, *, error: BaseException | None = None, **fields: object) -> None:
    """Write one line. `severity` is DEBUG, INFO, WARNING, ERROR or CRITICAL; `error` adds its stack trace."""
    entry = {"severity": severity, "message": message, **fields}
    trace = current_trace.get()
    if trace is not None:
        project = os.environ.get("GOOGLE_CLOUD_PROJECT", "")
        entry["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace.trace_id}"
        entry["logging.googleapis.com/spanId"] = trace.span_id
        entry["logging.googleapis.com/trace_sampled"] = trace.sampled
    if error is not None:
        entry["stack_trace"] = "".join(traceback.format_exception(error))
    _write(_without_secrets(_encode(entry)) + "\n")


def _write(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


def _without_secrets(line: str) -> str:
    return _encode(_blotted(json.loads(line))) if any(sign in line for sign in _SIGNS) else line


def _blotted(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRETS.sub(_BLOTTED, value)
    if isinstance(value, list):
        return [_blotted(each) for each in value]
    return {name: _blotted(each) for name, each in value.items()} if isinstance(value, dict) else value
