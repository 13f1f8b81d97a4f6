"""The app behind every function: one request pipeline, declared access, problem errors, OpenAPI 3.1.

An endpoint is a function whose parameters are pydantic models named `path`, `query`, `body` or `form`:

    @app.get("/products", responses={200: ProductPage})
    @allow(EVERY_ROLE)
    def list_products(query: ProductQuery) -> ProductPage: ...

The pipeline authenticates, checks the role, validates, calls, and serialises, in this order. An endpoint that does not
declare who may call it cannot be registered.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from flask import Response, current_app, g, request
from flask_openapi3.models import Info, Tag
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel, ValidationError

from shared.config import config
from shared.domain.access.audit import Actor
from shared.domain.access.principal import Principal, Role
from shared.domain.errors import Forbidden, Invalid, MalformedRequest, NotFound, TooLarge, Unauthenticated
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.json import DecimalJSON
from shared.http.paths import CanonicalPaths, ItemIdConverter
from shared.http.problems import Problem, handle_errors, invalid_input, problem_responses
from shared.http.tokens import verify_access_token

_BODY_LIMIT_BYTES = 1024 * 1024
_SECURITY: list[dict[str, list[Any]]] = [{"bearer": []}]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Access = Callable[[], None]


class QueryModel(BaseModel, extra="forbid"):
    """Base of all query parameters: an unknown one is refused by name.

    `client_id` is accepted everywhere for compatibility; it must be the token's, unless the caller is the platform's.
    """

    client_id: str | None = None


class BodyModel(BaseModel, extra="forbid"):
    """Base of all request bodies: an unknown field is refused by name."""


class Api(OpenAPI):
    """A function's app. `prefixes` are the first path segments that it owns; the first is its function URL's."""

    json_provider_class = DecimalJSON

    def __init__(self, name: str, title: str, prefixes: tuple[str, ...], body_limit_bytes: int = _BODY_LIMIT_BYTES):
        super().__init__(
            name,
            info=Info(title=title, version="1.0.0"),
            security_schemes={"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            responses=cast(Any, problem_responses()),
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
        _, _, path, query, form, body, _ = models

        @functools.wraps(func)
        def view(**path_values: Any) -> Response:
            access()
            arguments: dict[str, BaseModel] = {}
            if path:
                arguments["path"] = _validated(path, path_values, "path")
            arguments |= _query(query)
            if body:
                arguments["body"] = _validated(body, _json_object(), "")
            if form:
                arguments["form"] = _validated(form, {**request.form.to_dict(), **request.files.to_dict()}, "form")
            return json_response(func(**arguments))

        return view

    def _collect_openapi_info(self, rule: str, func: Callable[..., Any], **options: Any) -> Any:
        options["tags"] = [Tag(name=self.name)]
        if getattr(func, "public", False) is False:
            options.setdefault("security", _SECURITY)
            options["security"] = options["security"] or _SECURITY
        if getattr(func, "internal", False):
            options["doc_ui"] = False
        return super()._collect_openapi_info(rule, func, **options)


def allow(roles: Iterable[Role]) -> Callable[[Endpoint], Endpoint]:
    """Only callers with one of these roles reach the endpoint."""
    allowed = frozenset(roles)

    def check() -> None:
        caller = principal()
        if caller.role not in allowed and not caller.platform:
            names = ", ".join(sorted(role.value for role in allowed))
            raise Forbidden("role_not_allowed", f"your role {caller.role.value} may not do this; allowed: {names}")

    return _declare(check)


def public(endpoint: Endpoint) -> Endpoint:
    """Anyone reaches the endpoint: it hands out tokens, say."""
    endpoint.public = True  # type: ignore[attr-defined]
    return _declare(lambda: None)(endpoint)


def internal(function: str) -> Callable[[Endpoint], Endpoint]:
    """Only Cloud Tasks and Cloud Scheduler reach the endpoint, with an OIDC token made out for this function."""

    def check() -> None:
        from shared.http.oidc import verify_task_token

        verify_task_token(config(), _bearer(), audience=config().url_of(function))

    def decorate(endpoint: Endpoint) -> Endpoint:
        endpoint.internal = True  # type: ignore[attr-defined]
        return _declare(check)(endpoint)

    return decorate


def principal() -> Principal:
    """The verified caller of the current request."""
    if "principal" not in g:
        g.principal = verify_access_token(config(), _bearer())
    return cast(Principal, g.principal)


def tenant() -> Tenant:
    """The caller's tenant, or the one that a platform caller names with `client_id`."""
    caller = principal()
    wanted = request.args.get("client_id") or caller.client_id
    if wanted != caller.client_id and not caller.platform:
        raise Forbidden("other_client", f"client_id {wanted!r} is not yours; leave it out or give {caller.client_id!r}")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", wanted):
        raise NotFound("client_not_found", f"no client {wanted!r}")
    return Tenant(database(config()), wanted)


def now() -> dt.datetime:
    """The time of the request, UTC; the one place where a request reads the clock."""
    if "now" not in g:
        g.now = dt.datetime.now(dt.UTC)
    return cast(dt.datetime, g.now)


def actor() -> Actor:
    """Who does what the current request asks for, and when: for the audit log."""
    caller = principal()
    return Actor(caller.user_id, caller.role, now())


def _declare(check: Access) -> Callable[[Endpoint], Endpoint]:
    def decorate(endpoint: Endpoint) -> Endpoint:
        endpoint.access = check  # type: ignore[attr-defined]
        return endpoint

    return decorate


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("token_missing", "send `Authorization: Bearer <token>`; get a token at /auth/token")
    return token.strip()


def _identify() -> None:
    given = request.headers.get("X-Cloud-Trace-Context", "").partition("/")[0]
    g.trace_id = given if re.fullmatch(r"[0-9a-f]{32}", given) else uuid.uuid4().hex
    if request.mimetype != "multipart/form-data":  # a function that takes uploads takes no longer JSON for it
        request.max_content_length = _BODY_LIMIT_BYTES
    if (request.content_length or 0) > (request.max_content_length or _BODY_LIMIT_BYTES):
        raise TooLarge(
            "body_too_large",
            f"the body has {request.content_length:,} bytes; allowed are {request.max_content_length:,}",
        )
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


def _query(model: type[BaseModel] | None) -> dict[str, BaseModel]:
    values: dict[str, object] = {}
    for name, given in request.args.lists():
        field = None if model is None else model.model_fields.get(name)
        values[name] = given if field is not None and "list" in str(field.annotation) else given[-1]
    validated = _validated(model or QueryModel, values, "query")
    return {} if model is None else {"query": validated}


def _json_object() -> object:
    if not request.is_json:
        raise MalformedRequest("not_json", "send the body as JSON with `Content-Type: application/json`")
    limit = request.max_content_length or _BODY_LIMIT_BYTES
    if request.content_length is None and len(request.get_data()) >= limit:
        # Sent in chunks, it has been cut off here without a word.
        raise TooLarge("body_too_large", f"the body has more bytes than are allowed: {limit:,}")
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # nested deeper than any body of ours
        body = None
    if body is None:
        raise MalformedRequest("malformed_json", "the body is not valid JSON")
    return body


def _validated(model: type[BaseModel], values: object, where: str) -> BaseModel:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problem = invalid_input(error, where)
        unknown = [one["loc"][0] for one in error.errors() if one["type"] == "extra_forbidden" and len(one["loc"]) == 1]
        if unknown:
            names = ", ".join(repr(name) for name in unknown)
            allowed = ", ".join(sorted(field.alias or name for name, field in model.model_fields.items()))
            raise Invalid("unknown_field", f"unknown {names}; allowed: {allowed}", problem.errors) from None
        raise problem from None


def json_response(result: object) -> Response:
    """An endpoint returns a model, a mapping, or (body, status, headers)."""
    status, headers = 200, cast(Mapping[str, str], {})
    if isinstance(result, Response):
        return result
    if isinstance(result, tuple):
        result, status, headers = (*result, {})[:3]
    if result is None:
        return Response(status=204, headers=dict(headers))
    return Response(
        current_app.json.dumps(result), status=status, headers=dict(headers), content_type="application/json"
    )
