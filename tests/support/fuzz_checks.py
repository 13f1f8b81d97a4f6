"""What schemathesis checks besides its own: it loads this module by SCHEMATHESIS_HOOKS."""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING, Any

import schemathesis

if TYPE_CHECKING:
    from schemathesis import Case, CheckContext, HookContext, Response

_LONGEST_QUERY = 8_190 // 3  # characters: percent-encoded they fit the request line that gunicorn reads
_ONE_OF = int(os.environ.get("FUZZ_ONE_OF", "1"))
# What says that a request is not of its schema. Other codes say that it does not fit what there is: an item that no
# supplier sells, a page token that no page gave, a range that ends before it begins. No schema can say that.
_NOT_OF_THE_SCHEMA = {"invalid_input", "unknown_field", "malformed_json", "malformed_request", "unsupported_media_type"}
# A rule in words: between two fields, of the characters of a text, or of the decimals of a number.
_BEYOND_THE_SCHEMA = {"value_error", "text_not_storable", "decimal_max_places"}
# A text of white space alone is as long as the schema wants it, until it is stripped.
_STRIPPED_AWAY = ("string_too_short", "at least 1 character (given: '')")


# Of every operation, and tested for all of them at once: the first narrows rows below their schema.
_COMMON_PARAMETERS = {"fields", "client_id", "Idempotency-Key", "If-None-Match"}


@schemathesis.hook
def before_load_schema(_: HookContext, raw_schema: dict[str, Any]) -> None:
    """Leave out what operations have in common, and the stream of events, whose answer does not end."""
    raw_schema["paths"].pop("/events")
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            operation["parameters"] = [
                parameter
                for parameter in operation["parameters"]
                if parameter["in"] == "path" or parameter["name"] not in _COMMON_PARAMETERS
            ]


@schemathesis.hook
def filter_case(_: HookContext, case: Case[Any]) -> bool:
    """Take one of so many cases of each operation, always the same ones.

    Another method with an address that no server reads to its end is left out: the server answers 414 before anyone
    looks at the method, and schemathesis expects 405.
    """
    if case.method.lower() != case.operation.method.lower() and len(repr(case.query)) > _LONGEST_QUERY:
        return False
    if _ONE_OF == 1 or not (case.query or case.body):  # few, and the only ones of some operations
        return True
    sent = (case.operation.label, case.path_parameters, case.query, case.headers, case.body)
    return zlib.crc32(repr(sent).encode()) % _ONE_OF == 0


@schemathesis.check
def what_the_document_allows_is_understood(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """In place of `positive_data_acceptance`, which takes every 422 for a breach of the schema."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in (400, 415, 422):
        return
    problem = response.json()
    told = {error["code"] for error in problem["errors"] if not _is_stripped_away(error)}
    if problem["code"] == "invalid_input" and problem["errors"] and told <= _BEYOND_THE_SCHEMA:
        return
    assert problem["code"] not in _NOT_OF_THE_SCHEMA, f"the document allows it: {problem['detail']}"


def _is_stripped_away(error: dict[str, str]) -> bool:
    code, detail = _STRIPPED_AWAY
    return error["code"] == code and error["detail"].endswith(detail)
