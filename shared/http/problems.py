"""Errors as RFC 9457 problem documents: nothing else leaves a function when something goes wrong."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from flask import Flask, Response, current_app, request
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException

from shared.domain.errors import FieldError, StockcastError
from shared.http.refusals import BackendUnavailable, InvalidInput, UriTooLong
from shared.telemetry.logs import log
from shared.telemetry.trace import current_trace
from shared.telemetry.work_record import note

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
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Fields whose value no answer repeats.
_SECRETS = {"password", "current_password", "new_password", "refresh_token", "token"}
_HTTP_CODES = {
    400: "malformed_request",
    404: "route_not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    414: UriTooLong.code,
    415: "unsupported_media_type",
    431: "headers_too_large",
}


class NativePanic(RuntimeError):
    """A library written in Rust gave up; it says so by what is no Exception, which nothing else would answer."""


class ProblemField(BaseModel):
    """One error in one field."""

    pointer: str
    code: str
    detail: str


class Problem(BaseModel):
    """The shape of every error (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    code: str = Field(description="Stable; meant for programs.")
    detail: str = Field(description="What was given and what is allowed; meant for people.")
    errors: list[ProblemField] = []
    trace_id: str


def handle_errors(app: Flask) -> None:
    """Answer every exception of this app with a problem document."""
    app.register_error_handler(StockcastError, problem_response)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _unexpected)


def invalid_input(error: ValidationError, where: str, values: object) -> InvalidInput:
    """A 422 that names each field of `values`, what was given and what is allowed.

    `where` is `query`, `path`, `form`, or a JSON pointer (RFC 6901) into the body, `` for all of it.
    """
    fields = []
    for part in error.errors(include_url=False, include_context=False):
        pointer = "/".join([where, *(_escaped(step) for step in _steps(part["loc"], values))])
        hidden = part["type"] in ("missing", "extra_forbidden") or not _SECRETS.isdisjoint(part["loc"])
        given = "" if hidden else f" (given: {_short(part['input'])})"
        fields.append(FieldError(pointer, part["type"], f"{part['msg']}{given}"))
    return invalid_fields(fields)


def _steps(place: Sequence[int | str], values: object) -> Iterator[int | str]:
    """The way to the place of an error: without the kinds of a union, which pydantic names between the fields."""
    for depth, step in enumerate(place, 1):
        if isinstance(values, dict) and isinstance(step, str):
            if step not in values and depth < len(place):
                continue
            values = values.get(step)
        elif isinstance(values, list) and isinstance(step, int):
            values = values[step] if step < len(values) else None
        yield step


def _escaped(step: int | str) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def invalid_fields(errors: Sequence[FieldError]) -> InvalidInput:
    """A 422 of these errors, the first of which its detail names."""
    summary = "; ".join(f"{error.pointer or '/'}: {error.detail}" for error in errors[:3])
    return InvalidInput(summary, errors=errors)


def problem_response(error: StockcastError, *, status: int | None = None, title: str | None = None) -> Response:
    """The answer to an error; `status` and `title` in place of those of its kind."""
    status, trace = status or error.status, current_trace.get()
    note(code=error.code)
    problem = Problem(
        title=title or error.title,
        status=status,
        code=error.code,
        detail=error.detail,
        errors=[ProblemField(pointer=field.pointer, code=field.code, detail=field.detail) for field in error.errors],
        trace_id=uuid.uuid4().hex if trace is None else trace.trace_id,
    )
    response = Response(problem.model_dump_json(), status=status, content_type=PROBLEM_JSON)
    response.headers.extend(error.headers)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        response.headers.setdefault("Retry-After", str(_RETRY_AFTER_S))
    return response


def _http_problem(error: HTTPException) -> Response:
    """What Flask itself refuses, such as a path that no endpoint has."""
    status = error.code or 500
    refused = StockcastError(error.description or error.name)
    refused.code = http_code(status)
    response = problem_response(refused, status=status, title=error.name)
    if status == 405:
        response.headers["Allow"] = allowed_methods()
    return response


def allowed_methods() -> str:
    """What `Allow` says of the request's path: the methods of the rules that spell most of it.

    /products/batch is also the path of a product with this id; who asks for it means the batch.
    """
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None  # noqa: S101 - there is one in a request
    methods_by_unspelled: dict[int, set[str]] = {}
    for method in _METHODS:
        try:
            rule, _ = adapter.match(method=method, return_rule=True)
        except HTTPException:
            continue
        methods_by_unspelled.setdefault(len(rule.arguments), set()).add(method)
    allowed = methods_by_unspelled[min(methods_by_unspelled)] if methods_by_unspelled else set()
    return ", ".join(sorted(allowed | {"OPTIONS"}))


def http_code(status: int) -> str:
    """The code of what the framework or the server itself refuses with this status."""
    return _HTTP_CODES.get(status, f"http_{status}")


def _unexpected(error: Exception) -> Response:
    if is_transient(error):
        log("WARNING", "backend unavailable", kind=type(error).__name__)
        return problem_response(BackendUnavailable())
    log("ERROR", "unexpected error", error=error)
    return problem_response(StockcastError("an unexpected error; quote the trace_id to support"))


def is_transient(error: BaseException) -> bool:
    """Whether a backend was out of reach. Told by name, so that a function does not import clients it does not use."""
    return any(
        kind.__name__ in _TRANSIENT.get(kind.__module__, ()) for kind in type(error).__mro__ if kind is not object
    )


def is_panic(error: BaseException) -> bool:
    """Whether a native library (polars) panicked. Told by name: its type can only be had from a panic."""
    return type(error).__name__ == "PanicException"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
