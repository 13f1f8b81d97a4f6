"""What a request is refused for before an endpoint sees it, and what any of them may answer."""

from __future__ import annotations

from shared.domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    MalformedRequest,
    TooLarge,
    TooLongAddress,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)


class OtherClient(Forbidden):
    """client_id names another client than the token's."""

    code = "other_client"


class TokenMissing(Unauthenticated):
    """The request has no bearer token."""

    code = "token_missing"


class RateLimited(TooManyRequests):
    """The client has sent as many requests as it may in a minute; Retry-After says when the next one begins."""

    code = "rate_limited"

    def __init__(self, limit: int, seconds_left: int) -> None:
        detail = f"your client may send {limit:,} requests in a minute, and has; the next begins in {seconds_left} s"
        super().__init__(detail, headers={"Retry-After": str(seconds_left)})


class UriTooLong(TooLongAddress):
    """The path and the query have more bytes than are allowed; the server refuses it before a function sees it."""

    code = "uri_too_long"


class BodyTooLarge(TooLarge):
    """The body has more bytes than are allowed."""

    code = "body_too_large"


class WrongMediaType(UnsupportedMediaType):
    """The body comes in another media type than the endpoint takes."""

    code = "unsupported_media_type"


class MalformedJson(MalformedRequest):
    """The body is not valid JSON."""

    code = "malformed_json"


class MalformedEntityTag(MalformedRequest):
    """If-Match or If-None-Match holds no ETag."""

    code = "malformed_entity_tag"


class RoleNotAllowed(Forbidden):
    """The caller's role may not do this."""

    code = "role_not_allowed"


class InvalidIdempotencyKey(Invalid):
    """The Idempotency-Key is empty or too long."""

    code = "invalid_idempotency_key"


class IdempotencyKeyReused(Invalid):
    """The Idempotency-Key came with another request before."""

    code = "idempotency_key_reused"


class RequestInProgress(Conflict):
    """The first request with this Idempotency-Key is still running."""

    code = "request_in_progress"


class TaskAccountNotAllowed(Forbidden):
    """An internal endpoint was called by another account than the tasks'."""

    code = "task_account_not_allowed"


class TaskTokenInvalid(Unauthenticated):
    """An internal endpoint was called without a task's OIDC token."""

    code = "task_token_invalid"


class InvalidInput(Invalid):
    """Parameters or fields are missing or have values that are not allowed; errors names each."""

    code = "invalid_input"


class BackendUnavailable(Unavailable):
    """A database did not answer; try again after Retry-After seconds."""

    code = "backend_unavailable"

    def __init__(self) -> None:
        super().__init__("a database did not answer; try again shortly")


class TokenInvalid(Unauthenticated):
    """The access token is not valid."""

    code = "token_invalid"


class TokenExpired(Unauthenticated):
    """The access token has expired."""

    code = "token_expired"
