"""The OpenAPI 3.1 document of one function or of all, made from what the endpoints declare.

Imported by who shows or checks the document: requests need nothing of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from shared.domain.errors import KINDS, InvalidPageToken, StockcastError, UnknownField
from shared.domain.versions import StaleVersion
from shared.http.access import ErrorType, codes_by_status
from shared.http.app import QueryModel
from shared.http.document.component_schemas import GIVEN, TAKEN, ComponentSchemas, Schema
from shared.http.document.examples import recorded
from shared.http.document.headers import HEADERS, REQUEST_HEADERS
from shared.http.document.links import add_links
from shared.http.event_stream import MEDIA_TYPE as EVENT_STREAM
from shared.http.problems import PROBLEM_JSON, Problem
from shared.http.refusals import (
    BackendUnavailable,
    BodyTooLarge,
    InvalidIdempotencyKey,
    InvalidInput,
    MalformedEntityTag,
    MalformedJson,
    UriTooLong,
    WrongMediaType,
)
from shared.http.routes import Answer, EventStream, File, ModelOrFile, Route
from shared.http.row_fields import fields_of_rows

_TITLES: dict[int, str] = {kind.status: kind.title for kind in KINDS} | {StockcastError.status: StockcastError.title}
_EVERYWHERE: tuple[ErrorType, ...] = (InvalidInput, UnknownField, BackendUnavailable, StockcastError)
_TOKENS = "The access token of POST /auth/token, or a machine's key (`sk_...`) of POST /auth/service-tokens."
_SECURITY_SCHEMES = {"bearer": {"type": "http", "scheme": "bearer", "description": _TOKENS}}


def document(title: str, routes_of: Mapping[str, Sequence[Route]], server: str | None = None) -> dict[str, Any]:
    """The document of these functions' routes, less those that only tasks call."""
    shown = {
        function: [route for route in routes if not getattr(route.endpoint, "internal", False)]
        for function, routes in routes_of.items()
    }
    every = [route for routes in shown.values() for route in routes]
    schemas = ComponentSchemas(
        [(Problem, GIVEN), *(pair for route in every for pair in _models(route))],
        parameters=[model for route in every for _, model in _located_models(route)],
    )
    examples = recorded()
    paths: dict[str, dict[str, Any]] = {}
    for function, routes in shown.items():
        for route in routes:
            operation = _operation(function, route, schemas)
            _exemplify(operation, examples.get(operation["operationId"], {}))
            paths.setdefault(route.path, {})[route.method.lower()] = operation
    add_links(paths, schemas.shown)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1.0.0"},
        **({"servers": [{"url": server}]} if server else {}),
        "tags": [{"name": function} for function, routes in shown.items() if routes],
        "paths": paths,
        "components": {"schemas": schemas.shown, "headers": HEADERS, "securitySchemes": _SECURITY_SCHEMES},
    }


def operation_id(endpoint: Callable[..., Any]) -> str:
    """`list_products` is `listProducts`."""
    first, *others = endpoint.__name__.split("_")
    return "".join((first, *map(str.capitalize, others)))


def _operation(function: str, route: Route, schemas: ComponentSchemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "tags": [function],
        "summary": route.summary,
        "description": inspect.getdoc(route.endpoint) or "",
        "operationId": operation_id(route.endpoint),
        "parameters": list(_parameters(route, schemas)),
    }
    body = _request_body(route, schemas)
    if body:
        operation["requestBody"] = body
    answers = {**route.answers, **({HTTPStatus.NOT_MODIFIED.value: None} if _is_conditional(route) else {})}
    operation["responses"] = {
        str(status): _response(route, status, answer, schemas) for status, answer in answers.items()
    } | _problem_responses(codes_by_status(route.endpoint, _implied(route)))
    if not _is_public(route):
        operation["security"] = [{"bearer": []}]
    return operation


def _exemplify(operation: dict[str, Any], example: Mapping[str, Any]) -> None:
    """Show the request and the answer of the example."""
    for parameter in operation["parameters"]:
        values = example.get(parameter["in"], {})
        if parameter["name"] in values:
            parameter["example"] = values[parameter["name"]]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if value := example.get("body") or example.get("form"):
            content["example"] = value
    for response in operation["responses"].values():
        for kind, content in response.get("content", {}).items():
            if kind == "application/json" and "answer" in example:
                content["example"] = example["answer"]


def _parameters(route: Route, schemas: ComponentSchemas) -> Iterator[dict[str, Any]]:
    for where, model in _located_models(route):
        for name, schema, required in schemas.parameters(model):
            description = {"description": schema["description"]} if "description" in schema else {}
            yield {
                "name": name,
                "in": where,
                "required": required or where == "path",
                **description,
                "schema": _sendable({key: part for key, part in schema.items() if key != "description"})
                | _names(route, name),
            }
    gives = getattr(route.endpoint, "errors", ())
    for kind, header in ((InvalidIdempotencyKey, "Idempotency-Key"), (StaleVersion, "If-Match")):
        if kind in gives:
            yield _header_parameter(header)
    if _is_conditional(route):
        yield _header_parameter("If-None-Match")
    if any(isinstance(answer, EventStream) for answer in route.answers.values()):
        yield _header_parameter("Last-Event-ID")


def _names(route: Route, name: str) -> Schema:
    """Which names `fields` may hold."""
    rows = fields_of_rows(route.answers) if name == "fields" else ()
    either = "|".join(sorted(rows))
    return {"pattern": f"^({either})(,({either}))*$"} if rows else {}


def _header_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, **REQUEST_HEADERS[name]}


def _sendable(schema: Schema) -> Schema:
    """The schema of a parameter or a form's field, which is left out rather than sent as null."""
    branches = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    if len(branches) == len(schema.get("anyOf", ())):
        return schema
    rest = {key: part for key, part in schema.items() if key != "anyOf" and (key, part) != ("default", None)}
    return rest | (branches[0] if len(branches) == 1 else {"anyOf": branches})


def _request_body(route: Route, schemas: ComponentSchemas) -> dict[str, Any]:
    body, form = route.parameters.body, route.parameters.form
    if body:
        optional = route.method == "POST" and not any(field.is_required() for field in body.model_fields.values())
        content = {"application/json": {"schema": schemas.reference(body, TAKEN)}}
        return {"content": content, "required": not optional}
    if form:
        schema = schemas.reference(form, TAKEN)
        component = schemas.shown[schema["$ref"].rpartition("/")[2]]
        component["properties"] = {name: _sendable(field) for name, field in component["properties"].items()}
        return {"content": {"multipart/form-data": {"schema": schema}}, "required": True}
    return {}


def _response(route: Route, status: int, answer: Answer, schemas: ComponentSchemas) -> dict[str, Any]:
    response: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    headers = []
    makes_one = not getattr(route.endpoint, "makes_several", False)
    if status == HTTPStatus.ACCEPTED or (status == HTTPStatus.CREATED and makes_one):
        headers.append("Location")
    if getattr(route.endpoint, "versioned", False) or _is_conditional(route):
        headers.append("ETag")
    if isinstance(answer, File):
        response["description"] = answer.description
        headers += ["Content-Disposition"] if answer.attached else []
        response["content"] = _file_content(answer)
    elif isinstance(answer, ModelOrFile):
        response["content"] = {"application/json": {"schema": schemas.reference(answer.model, GIVEN)}}
        response["content"] |= _file_content(answer.file)
        named = {"Content-Disposition": HEADERS["Content-Disposition"] | {"required": False}}
        return response | {"headers": named | _headers(headers).get("headers", {})}
    elif isinstance(answer, EventStream):
        response["description"] = answer.description
        response["content"] = {EVENT_STREAM: {"schema": schemas.reference(answer.event, GIVEN)}}
    elif answer is not None:
        response["content"] = {"application/json": {"schema": schemas.reference(answer, GIVEN)}}
    return response | _headers(headers)


def _file_content(file: File) -> dict[str, Any]:
    return {kind: {"schema": {"type": "string", "format": "binary"}} for kind in file.media_types}


def _problem_responses(codes_of: Mapping[int, Sequence[str]]) -> dict[str, dict[str, Any]]:
    """The error part of an operation's entry: for each status the codes that it comes with."""
    headers = {401: ["WWW-Authenticate"], 429: ["Retry-After", "RateLimit", "RateLimit-Policy"], 503: ["Retry-After"]}
    return {
        str(status): {
            "description": f"{_TITLES[status]}: {', '.join(f'`{code}`' for code in codes)}.",
            "content": {
                PROBLEM_JSON: {
                    "schema": {
                        "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {"properties": {"code": {"enum": list(codes)}}},
                        ]
                    }
                }
            },
            **_headers(headers.get(status, [])),
        }
        for status, codes in codes_of.items()
    }


def _headers(names: Sequence[str]) -> dict[str, Any]:
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}} if names else {}


def _models(route: Route) -> Iterator[tuple[type[BaseModel], Any]]:
    for model in (route.parameters.body, route.parameters.form):
        if model:
            yield model, TAKEN
    for answer in route.answers.values():
        if isinstance(answer, ModelOrFile):
            yield answer.model, GIVEN
        elif isinstance(answer, EventStream):
            yield answer.event, GIVEN
        elif isinstance(answer, type):
            yield answer, GIVEN


def _located_models(route: Route) -> Iterator[tuple[str, type[BaseModel]]]:
    if route.parameters.path:
        yield "path", route.parameters.path
    if route.parameters.query:
        yield "query", route.parameters.query
    elif not _is_public(route):
        yield "query", QueryModel


def _implied(route: Route) -> Iterable[ErrorType]:
    """The errors that follow from the parameters alone."""
    yield from _EVERYWHERE
    if route.parameters.body:
        yield from (WrongMediaType, MalformedJson, BodyTooLarge)
    if route.parameters.form:
        yield from (WrongMediaType, BodyTooLarge)
    if route.parameters.path or route.parameters.query:
        yield UriTooLong
    if route.parameters.context:
        yield MalformedEntityTag
    if route.parameters.query and "page_token" in route.parameters.query.model_fields:
        yield InvalidPageToken


def _is_conditional(route: Route) -> bool:
    return hasattr(route.endpoint, "state")


def _is_public(route: Route) -> bool:
    return getattr(route.endpoint, "public", False)
