"""The app behind every function: one request pipeline, declared access, problem errors, OpenAPI 3.1.

An endpoint is a function whose parameters are the request's `context` and pydantic models named `path`, `query`, `body`
or `form`, each where it needs it:

    @app.post("/suppliers", summary="Add a supplier", responses={201: SupplierView})
    @allow(BUYERS)
    @idempotent
    @errors(SupplierExists)
    def create_supplier(context: RequestContext, body: NewSupplier) -> Reply: ...

The pipeline authenticates, checks the role, validates, calls, and serialises, in this order. An endpoint that does not
declare who may call it cannot be registered.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, cast, get_args, get_origin

from flask import Response, request
from flask_openapi3.models import Info
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel, ValidationError

from shared.config import config
from shared.domain.errors import UnknownField
from shared.http.access import request_context, tenant
from shared.http.idempotency import once
from shared.http.json import DecimalJSON
from shared.http.openapi import describe, parameter_models
from shared.http.paths import CanonicalPaths, ItemIdConverter
from shared.http.problems import Problem, handle_errors, invalid_input
from shared.http.refusals import BodyTooLarge, MalformedJson, NotJson
from shared.http.reply import response_of
from shared.http.tracing import trace_request

BODY_LIMIT_BYTES = 1024 * 1024


class QueryModel(BaseModel, extra="forbid"):
    """Base of all query parameters: an unknown parameter is refused by name.

    `client_id` is accepted everywhere for compatibility; it must be the token's, unless the caller is the platform's.
    """

    client_id: str | None = None


class BodyModel(BaseModel, extra="forbid"):
    """Base of all request bodies: an unknown field is refused by name."""


class Api(OpenAPI):
    """A function's app. `prefixes` are the first path segments that it owns; the first is its function URL's."""

    json_provider_class = DecimalJSON

    def __init__(self, name: str, title: str, prefixes: tuple[str, ...], body_limit_bytes: int = BODY_LIMIT_BYTES):
        super().__init__(
            name,
            info=Info(title=title, version="1.0.0"),
            security_schemes={"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            validation_error_model=Problem,
            doc_ui=False,
        )
        self.prefixes = prefixes
        self.config["MAX_CONTENT_LENGTH"] = body_limit_bytes
        self.config["MAX_FORM_MEMORY_SIZE"] = body_limit_bytes
        self.url_map.strict_slashes = False
        self.url_map.converters["item_id"] = ItemIdConverter
        self.before_request(_identify)
        self.after_request(_cors)
        self.wsgi_app = CanonicalPaths(self.wsgi_app, prefixes)  # type: ignore[method-assign]
        handle_errors(self)
        self.add_url_rule("/health", "health", lambda: {"status": "ok", "function": name})
        self.add_url_rule("/openapi.json", "openapi_json", lambda: self.api_doc)

    @staticmethod
    def create_view_func(func: Callable[..., Any], *models: Any, **_: Any) -> Callable[..., Response]:
        """Make the Flask view of an endpoint (flask-openapi3 calls this for every route)."""
        access = getattr(func, "access", None)
        if access is None:
            raise TypeError(f"{func.__module__}.{func.__name__} does not declare who may call it: @allow(...)")
        path, query, form, body = parameter_models(models)
        lists = _list_fields(query)
        wants_context = "context" in inspect.signature(func).parameters
        fingerprint = getattr(func, "fingerprint", None)

        @functools.wraps(func)
        def view(**path_values: Any) -> Response:
            access()
            arguments: dict[str, Any] = {}
            if path:
                arguments["path"] = _validated(path, path_values, "path")
            arguments |= _query(query, lists)
            if body:
                arguments["body"] = _validated(body, _json_object(), "")
            if form:
                arguments["form"] = _validated(form, {**request.form.to_dict(), **request.files.to_dict()}, "form")
            if wants_context:
                arguments["context"] = request_context()
            if fingerprint is None:
                return response_of(func(**arguments))
            content = [arguments[name] for name in ("body", "form") if name in arguments]
            return once(
                request_context(), fingerprint(request_context(), *content), lambda: cast(object, func(**arguments))
            )

        return view

    def _collect_openapi_info(self, rule: str, func: Callable[..., Any], **options: Any) -> Any:
        return super()._collect_openapi_info(rule, func, **describe(self.name, func, options))


def _identify() -> None:
    trace_request()
    if request.mimetype != "multipart/form-data":  # a function that takes uploads takes no longer JSON for it
        request.max_content_length = BODY_LIMIT_BYTES
    if (request.content_length or 0) > (request.max_content_length or BODY_LIMIT_BYTES):
        raise BodyTooLarge(f"the body has {request.content_length:,} bytes; allowed are {request.max_content_length:,}")
    if request.view_args is not None and "client_id" in request.args and not request.path.startswith("/auth"):
        tenant()  # a foreign client_id is refused even where the endpoint would not look at it


def _cors(response: Response) -> Response:
    origin = request.headers.get("Origin")
    allowed = config().cors_origins
    if origin and (origin in allowed or "*" in allowed):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = "Origin"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Idempotency-Key, If-Match"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
        response.headers["Access-Control-Expose-Headers"] = "Content-Disposition, ETag, Location, Retry-After"
        response.headers["Access-Control-Max-Age"] = "3600"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _list_fields(model: type[BaseModel] | None) -> frozenset[str]:
    """The parameters that may be given several times."""
    fields = {} if model is None else model.model_fields
    return frozenset(
        name
        for name, field in fields.items()
        if any(get_origin(kind) is list for kind in (field.annotation, *get_args(field.annotation)))
    )


def _query(model: type[BaseModel] | None, lists: frozenset[str]) -> dict[str, BaseModel]:
    arguments = {name: values if name in lists else values[-1] for name, values in request.args.lists()}
    validated = _validated(model or QueryModel, arguments, "query")
    return {} if model is None else {"query": validated}


def _json_object() -> object:
    if not request.is_json:
        raise NotJson("send the body as JSON with `Content-Type: application/json`")
    limit = request.max_content_length or BODY_LIMIT_BYTES
    if request.content_length is None and len(request.get_data()) >= limit:
        # Sent in chunks, it has been cut off here without a word.
        raise BodyTooLarge(f"the body has more bytes than are allowed: {limit:,}")
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # nested deeper than any body of ours
        body = None
    if body is None:
        raise MalformedJson("the body is not valid JSON")
    return body


def _validated(model: type[BaseModel], values: object, where: str) -> BaseModel:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problem = invalid_input(error, where)
        unknown = [
            part["loc"][0] for part in error.errors() if part["type"] == "extra_forbidden" and len(part["loc"]) == 1
        ]
        if unknown:
            names = ", ".join(repr(name) for name in unknown)
            allowed = ", ".join(sorted(field.alias or name for name, field in model.model_fields.items()))
            raise UnknownField(f"unknown {names}; allowed: {allowed}", errors=problem.errors) from None
        raise problem from None
