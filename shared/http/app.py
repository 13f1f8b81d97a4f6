"""The app behind every function: one request pipeline, declared access, problem errors, OpenAPI 3.1.

An endpoint is a function whose parameters are the request's `context` and pydantic models named `path`, `query`, `body`
or `form`, each where it needs it:

    @app.post("/suppliers", summary="Add a supplier", responses={201: SupplierView})
    @allow(BUYERS)
    @idempotent
    @errors(SupplierExists)
    def create_supplier(context: RequestContext, body: NewSupplier) -> Reply: ...

The pipeline authenticates, checks the role and that the access has not ended, validates, calls, and serialises, in this
order. An endpoint that does not declare who may call it cannot be registered.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar, get_args, get_origin

from flask import Flask, Response, request
from pydantic import BaseModel, Field, ValidationError

from shared.domain.errors import FieldError, UnknownField
from shared.domain.plain_text import is_storable
from shared.http.access import request_context, tenant
from shared.http.admission import admission
from shared.http.compression import compress
from shared.http.conditional import unless_kept, unless_known
from shared.http.cors import answer_preflight, show_to_allowed_origins
from shared.http.exact_types import differences
from shared.http.idempotency import once
from shared.http.json import NOT_STORABLE, DecimalJSON
from shared.http.paths import CanonicalPaths, ItemIdConverter, path_of_rule, refuse_other_spellings
from shared.http.problems import NativePanic, allowed_methods, handle_errors, invalid_fields, invalid_input, is_panic
from shared.http.rate_limit import tell_standing
from shared.http.reply import response_of
from shared.http.request_body import BODY_LIMIT_BYTES, answer_before_the_end, form_body, json_body, limit_body
from shared.http.request_line import begin_request, note_end
from shared.http.routes import Answer, Parameters, Route
from shared.http.row_fields import fields_of_rows, narrowing
from shared.http.security_headers import guard
from shared.telemetry.work_record import note, timing

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_TASK_IDS = {"client_id", "operation_id", "notification_id"}  # fields of a task's body that its line names
MAX_VALUE_LENGTH = 8192  # of one parameter: the longest is a page token


class QueryModel(BaseModel, extra="forbid", allow_inf_nan=False):
    """Base of all query parameters: an unknown parameter is refused by name.

    `client_id` is accepted everywhere for compatibility; it must be the token's, unless the caller is the platform's.
    """

    client_id: Annotated[
        str | None, Field(max_length=64, description="The caller's own client; a platform administrator may name any.")
    ] = None


class BodyModel(BaseModel, extra="forbid", allow_inf_nan=False):
    """Base of all request bodies: an unknown field is refused by name."""


class Api(Flask):
    """A function's app. `prefixes` are the first path segments that it owns; the first is its function URL's."""

    json_provider_class = DecimalJSON

    def __init__(self, name: str, title: str, prefixes: tuple[str, ...], body_limit_bytes: int = BODY_LIMIT_BYTES):
        super().__init__(name, static_folder=None)
        self.title = title
        self.routes: list[Route] = []
        self.prefixes = prefixes
        self.config["MAX_CONTENT_LENGTH"] = body_limit_bytes
        self.config["MAX_FORM_MEMORY_SIZE"] = body_limit_bytes
        self.url_map.strict_slashes = False
        self.url_map.converters["item_id"] = ItemIdConverter
        self.before_request(begin_request)
        self.before_request(self._refuse_other_spellings)
        self.before_request(answer_preflight)
        self.before_request(_identify)
        self.after_request(finish)
        self.wsgi_app = CanonicalPaths(self.wsgi_app, prefixes)  # type: ignore[method-assign]
        handle_errors(self)
        self.add_url_rule("/health", "health", lambda: {"status": "ok", "function": name})
        self.add_url_rule("/openapi.json", "openapi_json", lambda: unless_kept(self.json.dumps(self.document)))

    def _refuse_other_spellings(self) -> None:
        has_internal = any(getattr(route.endpoint, "internal", False) for route in self.routes)
        refuse_other_spellings(self.prefixes[0], has_internal=has_internal)

    def dispatch_request(self) -> Any:
        """As Flask does it; a panic of a native library is an error like any other, and ends no process."""
        try:
            return super().dispatch_request()
        except BaseException as error:
            if is_panic(error):
                raise NativePanic(str(error)) from error
            raise

    def make_default_options_response(self) -> Response:
        """The methods of the path in `Allow`."""
        return Response(status=204, headers={"Allow": allowed_methods()})

    def get(self, rule: str, **declared: Any) -> Callable[[Endpoint], Endpoint]:
        return self._endpoint("GET", rule, **declared)

    def post(self, rule: str, **declared: Any) -> Callable[[Endpoint], Endpoint]:
        return self._endpoint("POST", rule, **declared)

    def put(self, rule: str, **declared: Any) -> Callable[[Endpoint], Endpoint]:
        return self._endpoint("PUT", rule, **declared)

    def patch(self, rule: str, **declared: Any) -> Callable[[Endpoint], Endpoint]:
        return self._endpoint("PATCH", rule, **declared)

    def delete(self, rule: str, **declared: Any) -> Callable[[Endpoint], Endpoint]:
        return self._endpoint("DELETE", rule, **declared)

    @functools.cached_property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document of this function."""
        from shared.http.document.openapi import document  # no request needs it

        return document(self.title, {self.name: self.routes})

    def _endpoint(
        self, method: str, rule: str, *, responses: Mapping[int, Answer], summary: str = ""
    ) -> Callable[[Endpoint], Endpoint]:
        """Register an endpoint; `responses` are its answers for each status of success."""

        def register(endpoint: Endpoint) -> Endpoint:
            route = Route(method, path_of_rule(rule), endpoint, Parameters.of(endpoint), summary, responses)
            self.routes.append(route)
            self.add_url_rule(rule, view_func=_view(route), methods=[method])
            return endpoint

        return register


def _view(route: Route) -> Callable[..., Response]:
    """The Flask view of an endpoint."""
    endpoint, parameters = route.endpoint, route.parameters
    access = getattr(endpoint, "access", None)
    if access is None:
        raise TypeError(f"{endpoint.__module__}.{endpoint.__name__} does not declare who may call it: @allow(...)")
    admitted = admission(endpoint)
    lists = _list_fields(parameters.query)
    fingerprint = getattr(endpoint, "fingerprint", None)
    keeps_answer = getattr(endpoint, "keeps_answer", True)
    state = getattr(endpoint, "state", None)
    is_internal = getattr(endpoint, "internal", False)
    row_fields = fields_of_rows(route.answers)
    task_ids = _TASK_IDS & parameters.body.model_fields.keys() if parameters.body and is_internal else ()

    @functools.wraps(endpoint)
    def view(**path_values: Any) -> Response:
        with timing("auth"):
            access()
        with admitted():
            return answered(path_values)

    def answered(path_values: dict[str, Any]) -> Response:
        arguments: dict[str, Any] = {}
        if parameters.path:
            arguments["path"] = _validated(parameters.path, _storable(path_values, "path"), "path")
        arguments |= _query(parameters.query, lists)
        if parameters.body:
            arguments["body"] = _validated(parameters.body, json_body(parameters.body), "")
            note(**{name: getattr(arguments["body"], name) for name in task_ids})
        if parameters.form:
            arguments["form"] = _validated(parameters.form, _storable(form_body(), "form"), "form")
        if parameters.context:
            arguments["context"] = request_context()
        answer = functools.partial(endpoint, **arguments)
        if row_fields and (chosen := getattr(arguments.get("query"), "fields", None)):
            answer = functools.partial(_narrowed, narrowing(chosen, row_fields), answer)
        if state is not None:
            return unless_known(request_context(), state, answer)
        if fingerprint is None:
            return response_of(answer())
        content = [arguments[name] for name in ("body", "form") if name in arguments]
        kept = fingerprint(request_context(), *content)
        return once(request_context(), kept, answer, keeps_answer=keeps_answer)

    return view


def _narrowed(narrow: Callable[[object], object], answer: Callable[[], object]) -> object:
    return narrow(answer())


def finish(response: Response) -> Response:
    """What every answer of an app gets before it goes out."""
    response.headers.setdefault("Cache-Control", "no-store")
    compress(guard(tell_standing(show_to_allowed_origins(response))))
    if response.status_code in (204, 304):
        del response.headers["Content-Type"]  # of nothing, which werkzeug calls HTML
    note_end(response)
    return answer_before_the_end(response)


def _identify() -> None:
    limit_body()
    if request.view_args is not None and "client_id" in request.args and not request.path.startswith("/auth"):
        tenant()  # a foreign client_id is refused even where the endpoint would not look at it


def _list_fields(model: type[BaseModel] | None) -> frozenset[str]:
    """The parameters that may be given several times."""
    fields = {} if model is None else model.model_fields
    return frozenset(
        name
        for name, field in fields.items()
        if any(_is_list(kind) for kind in (field.annotation, *get_args(field.annotation)))
    )


def _is_list(kind: Any) -> bool:
    return get_origin(get_args(kind)[0] if get_origin(kind) is Annotated else kind) is list


def _query(model: type[BaseModel] | None, lists: frozenset[str]) -> dict[str, BaseModel]:
    arguments = {name: values if name in lists else values[-1] for name, values in request.args.lists()}
    validated = _validated(model or QueryModel, _storable(arguments, "query"), "query")
    return {} if model is None else {"query": validated}


def _storable(values: dict[str, Any], where: str) -> dict[str, Any]:
    """The values; raises InvalidInput for a text that no field holds."""
    errors = []
    for name, value in values.items():
        for text in value if isinstance(value, list) else [value]:
            if not isinstance(text, str):
                continue
            if not is_storable(text):
                errors.append(FieldError(f"{where}/{name}", "text_not_storable", NOT_STORABLE))
            elif where != "form" and len(text) > MAX_VALUE_LENGTH:
                detail = f"it has {len(text):,} characters; allowed: {MAX_VALUE_LENGTH:,}"
                errors.append(FieldError(f"{where}/{name}", "string_too_long", detail))
    if errors:
        raise invalid_fields(errors)
    return values


def _validated(model: type[BaseModel], values: object, where: str) -> BaseModel:
    try:
        validated = model.model_validate(values)
    except ValidationError as error:
        problem = invalid_input(error, where, values)
        unknown = [
            part["loc"][0] for part in error.errors() if part["type"] == "extra_forbidden" and len(part["loc"]) == 1
        ]
        if unknown:
            names = ", ".join(repr(name) for name in unknown)
            allowed = ", ".join(sorted(field.alias or name for name, field in model.model_fields.items()))
            raise UnknownField(f"unknown {names}; allowed: {allowed}", errors=problem.errors) from None
        raise problem from None
    errors = differences(model, values, where, spelled=where != "")
    if errors:
        raise invalid_fields(errors)
    return validated
