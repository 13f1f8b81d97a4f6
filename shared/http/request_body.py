"""The body of a request: how large it may be, in which media type it comes, and how its end is read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from flask import Response, request
from pydantic import BaseModel

from shared.http.refusals import BodyTooLarge, MalformedJson, WrongMediaType

BODY_LIMIT_BYTES = 1024 * 1024
JSON = "application/json"
FORM = "multipart/form-data"
# Of a body that is refused so much is read: some clients send all of a file before they read the refusal. A sender that
# is silent for a while has gone away.
_DRAINED_BYTES = 1024 * 1024 * 1024
_DRAINED_S = 30.0
_SILENCE_S = 5.0


def limit_body() -> None:
    """Raises BodyTooLarge for a body that says so itself; only forms may be as large as the function allows."""
    if request.mimetype != FORM:
        request.max_content_length = BODY_LIMIT_BYTES
    limit = request.max_content_length or BODY_LIMIT_BYTES
    if (request.content_length or 0) > limit:
        raise BodyTooLarge(f"the body has {request.content_length:,} bytes; allowed are {limit:,}")


def is_optional(model: type[BaseModel]) -> bool:
    """Whether a body of this model may be left out: a POST's, all of whose fields are optional."""
    return not any(field.is_required() for field in model.model_fields.values())


def json_body(model: type[BaseModel]) -> object:
    """The JSON of the body; an empty object where it is left out and may be."""
    limit = request.max_content_length or BODY_LIMIT_BYTES
    content = request.get_data()
    if request.content_length is None and len(content) >= limit:
        # Sent in chunks, it has been cut off here without a word.
        raise BodyTooLarge(f"the body has more bytes than are allowed: {limit:,}")
    if not content and request.method == "POST" and is_optional(model):
        return {}
    if not request.is_json:
        raise _wrong_type(JSON, JSON)
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # nested deeper than any body of ours
        body = None
    if body is None:
        raise MalformedJson("the body is not valid JSON" if content else "the body is empty; send a JSON object")
    return body


def form_body() -> dict[str, Any]:
    """The fields and files of a form."""
    if request.mimetype != FORM:
        raise _wrong_type(FORM, f"{FORM}; boundary=...")
    return {**request.form.to_dict(), **request.files.to_dict()}


def _wrong_type(allowed: str, example: str) -> WrongMediaType:
    given = repr(request.mimetype) if request.mimetype else "none"
    return WrongMediaType(
        f"the body's Content-Type is {given}; allowed: {allowed}. Send it with `Content-Type: {example}`"
    )


def answer_before_the_end(response: Response) -> Response:
    """The response; a refusal of a request with a body in a form that reaches its sender, who may send all of it first.

    The answer goes out at once, and what is still coming is read for a while: a connection that is closed with unread
    bytes is reset, and the answer is lost with it.
    """
    if response.status_code < 400 or not (request.content_length or "Transfer-Encoding" in request.headers):
        return response
    source, sock = request.environ["wsgi.input"], request.environ.get("gunicorn.socket")
    content = response.get_data()

    def slices() -> Iterator[bytes]:
        yield content
        deadline, left = time.monotonic() + _DRAINED_S, _DRAINED_BYTES
        if sock is not None:
            sock.settimeout(_SILENCE_S)
        try:
            while left > 0 and time.monotonic() < deadline and (part := source.read(65_536)):
                left -= len(part)
        except OSError:  # the sender went away, or stopped sending
            return

    response.response = slices()
    response.headers["Content-Length"] = str(len(content))
    return response
