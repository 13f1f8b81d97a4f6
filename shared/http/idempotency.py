"""Idempotency-Key: a POST that creates is safe to repeat.

The first response is kept for a day under the caller's key. The same key with the same request returns it; with
another request it is refused (422), while the first still runs 409. A request that fails frees its key. One that is
killed leaves it claimed for a minute; what it then creates again has the same id, `RequestContext.request_id`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask import Response, request

from shared.firestore.idempotency_keys import Claim, IdempotencyKeys, KeptAnswer
from shared.firestore.tenant import Tenant
from shared.http.refusals import IdempotencyKeyReused, InvalidIdempotencyKey, RequestInProgress
from shared.http.reply import response_of
from shared.request_context import RequestContext

_MAX_KEY_LENGTH = 255
_LARGEST_KEPT = 250_000  # characters: a document holds 1 MiB, and one may take four bytes
ERRORS = (InvalidIdempotencyKey, IdempotencyKeyReused, RequestInProgress)


def once(
    context: RequestContext, fingerprint: str, act: Callable[[], object], *, keeps_answer: bool = True
) -> Response:
    """Do `act` and answer with its result, or with the kept one of an earlier request with this Idempotency-Key.

    `fingerprint` stands for the request's content. Without the header `act` is simply done. Where the answer is not
    kept, because there is a secret in it, `act` is done again and finds what it made.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None or context.request_id is None:
        return response_of(act())
    if not 0 < len(key) <= _MAX_KEY_LENGTH:
        raise InvalidIdempotencyKey(f"Idempotency-Key has {len(key)} characters; allowed: 1 to 255")
    keys = IdempotencyKeys(context.tenant)
    claim = keys.claim(context.request_id, fingerprint, context.now)
    if claim is Claim.OTHER_CONTENT:
        raise IdempotencyKeyReused("this Idempotency-Key came with another request before")
    if claim is Claim.RUNNING:
        raise RequestInProgress("the first request with this Idempotency-Key is still running")
    if isinstance(claim, KeptAnswer):
        if not keeps_answer:
            return response_of(act())
        return Response(claim.body, claim.status, headers=dict(claim.headers), content_type="application/json")
    try:
        response = response_of(act())
    except BaseException:
        keys.free(context.request_id)
        raise
    body = response.get_data(as_text=True) if keeps_answer else ""
    if len(body) > _LARGEST_KEPT:
        # More than a document holds; a repeated request finds what this one made, by the id derived from its key.
        keys.free(context.request_id)
        return response
    kept = {name: value for name, value in response.headers.items() if name in ("Location", "ETag")}
    keys.keep(context.request_id, KeptAnswer(body, response.status_code, kept))
    return response


def request_id(tenant: Tenant, user_id: str) -> str | None:
    """The id of the request: the same when it is repeated; None without an Idempotency-Key."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    parts = "\0".join((tenant.client_id, user_id, request.method, request.path, key))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]
