"""Idempotency-Key: a POST that creates is safe to repeat.

The first response is kept for a day under the caller's key. The same key with the same request returns it; with
another request it is refused (422), while the first still runs 409. A request that fails frees its key. One that is
killed leaves it claimed for a minute; what it then creates again has the same id, `RequestContext.request_id`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction, read
from shared.http.refusals import IdempotencyKeyReused, InvalidIdempotencyKey, RequestInProgress
from shared.http.reply import response_of
from shared.request_context import RequestContext

_KEPT = dt.timedelta(hours=24)
_CLAIM = dt.timedelta(seconds=60)
_MAX_KEY_LENGTH = 255
_LARGEST_KEPT = 250_000  # characters: a document holds 1 MiB, and one may take four bytes
ERRORS = (InvalidIdempotencyKey, IdempotencyKeyReused, RequestInProgress)


@dataclass(frozen=True)
class _Claim:
    """What an earlier request with this key left; None: the key is ours now."""

    stored: Mapping[str, Any] | None


def once(context: RequestContext, fingerprint: str, act: Callable[[], object]) -> Response:
    """Do `act` and answer with its result, or with the kept one of an earlier request with this Idempotency-Key.

    `fingerprint` stands for the request's content. Without the header `act` is simply done.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None or context.request_id is None:
        return response_of(act())
    if not 0 < len(key) <= _MAX_KEY_LENGTH:
        raise InvalidIdempotencyKey(f"Idempotency-Key has {len(key)} characters; allowed: 1 to 255")
    document, now = context.tenant.collection("idempotency").document(context.request_id), context.now

    def claim(transaction: Transaction) -> _Claim:
        snapshot = read(document, transaction)
        fields = snapshot.to_dict() if snapshot.exists else None
        if fields is not None and now < fields["expires_at"]:
            if fields["fingerprint"] != fingerprint:
                raise IdempotencyKeyReused("this Idempotency-Key came with another request before")
            if fields["response"] is not None:
                return _Claim(fields["response"])
            if now < fields["claimed_at"] + _CLAIM:
                raise RequestInProgress("the first request with this Idempotency-Key is still running")
        transaction.set(
            document,
            {"fingerprint": fingerprint, "response": None, "claimed_at": now, "expires_at": now + _KEPT},
        )
        return _Claim(None)

    earlier = context.tenant.transact(claim).stored
    if earlier is not None:
        return Response(earlier["body"], earlier["status"], headers=earlier["headers"], content_type="application/json")
    try:
        response = response_of(act())
    except BaseException:
        document.delete()
        raise
    body = response.get_data(as_text=True)
    if len(body) > _LARGEST_KEPT:
        # More than a document holds; a repeated request finds what this one made, by the id derived from its key.
        document.delete()
        return response
    kept = {name: value for name, value in response.headers.items() if name in ("Location", "ETag")}
    document.update({"response": {"body": body, "status": response.status_code, "headers": kept}})
    return response


def request_id(tenant: Tenant, user_id: str) -> str | None:
    """The id of the request: the same when it is repeated; None without an Idempotency-Key."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    parts = "\0".join((tenant.client_id, user_id, request.method, request.path, key))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]
