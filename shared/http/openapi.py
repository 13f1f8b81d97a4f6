"""The OpenAPI entry of an endpoint: all that this project knows of flask-openapi3's inside.

`Api` overrides `create_view_func` and `_collect_openapi_info` of flask-openapi3 4.3 (tests/shared/http/test_openapi.py
fails with another version): the one is called with the models of the parameters by position, the other with what
becomes an operation's entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_type_hints

from flask_openapi3.models import Tag
from pydantic import BaseModel

from shared.domain.errors import KINDS, InvalidPageToken, StockcastError, UnknownField
from shared.http.access import ErrorType, codes_by_status
from shared.http.problems import PROBLEM_JSON
from shared.http.refusals import (
    BackendUnavailable,
    BodyTooLarge,
    InvalidInput,
    MalformedEntityTag,
    MalformedJson,
    WrongMediaType,
)

Model = type[BaseModel] | None
_SECURITY: list[dict[str, list[Any]]] = [{"bearer": []}]
_TITLES: dict[int, str] = {kind.status: kind.title for kind in KINDS} | {StockcastError.status: StockcastError.title}
_EVERYWHERE: tuple[ErrorType, ...] = (InvalidInput, UnknownField, BackendUnavailable, StockcastError)


def parameter_models(models: Sequence[Any]) -> tuple[Model, Model, Model, Model]:
    """The models of path, query, form and body among those that `create_view_func` is called with."""
    _header, _cookie, path, query, form, body, _raw = models
    return path, query, form, body


def describe(function: str, endpoint: Callable[..., Any], options: dict[str, Any]) -> dict[str, Any]:
    """The options for `_collect_openapi_info`, completed by what the endpoint declares."""
    described = options | {"tags": [Tag(name=function)]}
    if not getattr(endpoint, "public", False):
        described["security"] = options.get("security") or _SECURITY
    if getattr(endpoint, "internal", False):
        described["doc_ui"] = False
    given = {str(status): response for status, response in (options.get("responses") or {}).items()}
    if hasattr(endpoint, "state"):
        given["304"] = None
    described["responses"] = given | problem_responses(codes_by_status(endpoint, _implied(endpoint)))
    return described


def problem_responses(codes_of: dict[int, list[str]]) -> dict[str, dict[str, Any]]:
    """The error part of an operation's entry: for each status the codes that it comes with."""
    return {
        str(status): {
            "description": f"{_TITLES[status]}: {', '.join(f'`{code}`' for code in codes)}.",
            "content": {
                PROBLEM_JSON: {
                    "schema": {
                        "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {"properties": {"code": {"enum": codes}}},
                        ]
                    }
                }
            },
        }
        for status, codes in codes_of.items()
    }


def _implied(endpoint: Callable[..., Any]) -> Iterable[ErrorType]:
    """The errors that follow from the parameters alone."""
    yield from _EVERYWHERE
    hints = get_type_hints(endpoint)
    if "body" in hints:
        yield from (WrongMediaType, MalformedJson, BodyTooLarge)
    if "form" in hints:
        yield from (WrongMediaType, BodyTooLarge)
    if "context" in hints:
        yield MalformedEntityTag
    if "page_token" in getattr(hints.get("query"), "model_fields", {}):
        yield InvalidPageToken
