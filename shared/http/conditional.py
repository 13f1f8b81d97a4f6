"""Answers with the ETag of the state that they are computed from: `If-None-Match` is answered before they are."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, request

from shared.http.etag import is_known
from shared.http.reply import response_of
from shared.request_context import RequestContext

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
State = Callable[[RequestContext], str]  # the version of what an answer is computed from
# Another deployment may answer otherwise from the same state; locally every process is one.
_PROGRAM = os.environ.get("K_REVISION") or uuid.uuid4().hex


def conditional(state: State) -> Callable[[Endpoint], Endpoint]:
    """The endpoint's answers follow from `state`, the request's address, and the caller's client and role alone."""

    def decorate(endpoint: Endpoint) -> Endpoint:
        endpoint.state = state  # type: ignore[attr-defined]
        return endpoint

    return decorate


def unless_known(context: RequestContext, state: State, act: Callable[[], object]) -> Response:
    """What `act` answers with, under its ETag; 304 without doing it where the caller has that answer already."""
    caller = context.principal
    address = request.full_path if request.query_string else request.path
    known_by = "\0".join((_PROGRAM, context.tenant.client_id, caller.role, address, state(context)))
    tag = hashlib.sha256(known_by.encode()).hexdigest()[:32]
    return with_tag(tag, lambda: response_of(act()))


def unless_kept(content: str) -> Response:
    """JSON under an ETag of its own text; 304 where the caller has kept it."""
    tag = hashlib.sha256(content.encode()).hexdigest()[:32]
    return with_tag(tag, lambda: Response(content, content_type="application/json"))


def with_tag(tag: str, make: Callable[[], Response]) -> Response:
    """The response that `make` gives, for its caller to keep and to ask about; 304 where the request names the tag.

    The tag is weak: the same answer goes out compressed and not.
    """
    response = Response(status=304) if is_known(tag) else make()
    if response.status_code in (200, 304):
        response.headers["ETag"] = f'W/"{tag}"'
        response.headers["Cache-Control"] = "private, no-cache"
        response.vary.add("Accept-Encoding")
    return response
