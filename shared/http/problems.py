"""Errors as RFC 9457 problem documents: nothing else leaves a function when something goes wrong."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, Response, g
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException

from shared.domain.errors import ERROR_TYPES, FieldError, Invalid, StockcastError, Unavailable
from shared.logs import log

PROBLEM_JSON = "application/problem+json"
_RETRY_AFTER_S = 5
_TRANSIENT = {
    "google.api_core.exceptions": (
        "ServiceUnavailable",
        "DeadlineExceeded",
        "GatewayTimeout",
        "RetryError",
        "Aborted",
        "TooManyRequests",
        "InternalServerError",
        "BadGateway",
    ),
    "google.auth.exceptions": ("TransportError",),
    "requests.exceptions": ("ConnectionError", "Timeout"),
    "builtins": ("TimeoutError", "ConnectionError"),
}
_SECRETS = {"password", "refresh_token"}  # fields whose value no answer repeats
_HTTP_CODES = {
    400: "malformed_request",
    404: "route_not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}


class ProblemField(BaseModel):
    """One thing wrong with one field."""

    pointer: str
    code: str
    detail: str


class Problem(BaseModel):
    """What every error looks like (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    code: str = Field(description="Stable; programs decide by it.")
    detail: str = Field(description="What was given and what is allowed, for people.")
    errors: list[ProblemField] = []
    trace_id: str


def problem_responses() -> dict[str, dict[str, Any]]:
    """The error part of every operation's OpenAPI entry."""
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(kind.status): {"description": kind.title, "content": content} for kind in ERROR_TYPES} | {
        "500": {"description": StockcastError.title, "content": content}
    }


def handle_errors(app: Flask) -> None:
    """Answer every exception of this app with a problem document."""
    app.register_error_handler(StockcastError, problem_response)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _unexpected)


def invalid_input(error: ValidationError, where: str) -> Invalid:
    """A 422 that names each field, what was given and what is allowed; `where` is `query`, `path`, `form` or ``."""
    fields = []
    for one in error.errors(include_url=False, include_context=False):
        pointer = "/".join([where, *(str(part) for part in one["loc"])])
        hidden = one["type"] in ("missing", "extra_forbidden") or not _SECRETS.isdisjoint(one["loc"])
        given = "" if hidden else f" (given: {_short(one['input'])})"
        fields.append(FieldError(pointer, one["type"], f"{one['msg']}{given}"))
    summary = "; ".join(f"{one.pointer or '/'}: {one.detail}" for one in fields[:3])
    return Invalid("invalid_input", summary, errors=fields)


def problem_response(error: StockcastError) -> Response:
    problem = Problem(
        title=error.title,
        status=error.status,
        code=error.code,
        detail=error.detail,
        errors=[ProblemField(pointer=one.pointer, code=one.code, detail=one.detail) for one in error.errors],
        trace_id=g.get("trace_id") or uuid.uuid4().hex,
    )
    response = Response(problem.model_dump_json(), status=error.status, content_type=PROBLEM_JSON)
    response.headers.extend(error.headers)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if error.status in (429, 503):
        response.headers.setdefault("Retry-After", str(_RETRY_AFTER_S))
    return response


def _http_problem(error: HTTPException) -> Response:
    status = error.code or 500
    made = StockcastError(_HTTP_CODES.get(status, f"http_{status}"), error.description or error.name)
    response = problem_response(made)
    problem = Problem.model_validate_json(response.get_data())
    response.status_code = status
    response.set_data(problem.model_copy(update={"status": status, "title": error.name}).model_dump_json())
    if status == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return response


def _unexpected(error: Exception) -> Response:
    if is_transient(error):
        log("WARNING", "backend unavailable", trace_id=g.get("trace_id"), kind=type(error).__name__)
        return problem_response(Unavailable("backend_unavailable", "a database did not answer; try again shortly"))
    log("ERROR", "unexpected error", error=error, trace_id=g.get("trace_id"))
    return problem_response(StockcastError("internal_error", "an unexpected error; quote the trace_id to support"))


def is_transient(error: BaseException) -> bool:
    """Whether a backend was out of reach. Told by name, so that a function does not import clients it does not use."""
    return any(
        kind.__name__ in _TRANSIENT.get(kind.__module__, ()) for kind in type(error).__mro__ if kind is not object
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
