"""What an endpoint declares: who may call it, whether it is safe to repeat, and which errors it can give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast, overload

from flask import g, request

from shared.config import config
from shared.domain.access.client import ClientNotFound, ClientSuspended, is_client_id
from shared.domain.access.ended_access import SessionEnded
from shared.domain.access.principal import EVERY_ROLE, Principal, Role
from shared.domain.access.service_token import KEY_PREFIX, ServiceToken
from shared.domain.errors import Invalid, StockcastError
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http import idempotency
from shared.http.etag import expected_version
from shared.http.rate_limit import count_request
from shared.http.refusals import (
    OtherClient,
    RateLimited,
    RoleNotAllowed,
    TaskAccountNotAllowed,
    TaskTokenInvalid,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from shared.http.tokens import token_expiry, verify_access_token
from shared.request_context import RequestContext

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
ErrorType = type[StockcastError]
_TOKEN_ERRORS: tuple[ErrorType, ...] = (
    TokenMissing,
    TokenInvalid,
    TokenExpired,
    SessionEnded,
    ClientSuspended,
    OtherClient,
    ClientNotFound,
    RateLimited,
)
_TASK_ERRORS: tuple[ErrorType, ...] = (TokenMissing, TaskTokenInvalid, TaskAccountNotAllowed)


def allow(roles: Iterable[Role]) -> Callable[[Endpoint], Endpoint]:
    """Only callers with one of these roles reach the endpoint."""
    allowed = frozenset(roles)

    def check() -> None:
        caller = _counted_caller()
        if caller.role not in allowed and not caller.platform:
            names = ", ".join(sorted(role.value for role in allowed))
            raise RoleNotAllowed(f"your role {caller.role.value} may not do this; allowed: {names}")

    refused = () if allowed >= frozenset(EVERY_ROLE) else (RoleNotAllowed,)
    return _declare(check, (*_TOKEN_ERRORS, *refused))


def platform_only(endpoint: Endpoint) -> Endpoint:
    """Only those who run Stockcast reach the endpoint."""

    def check() -> None:
        if not _counted_caller().platform:
            raise RoleNotAllowed("only an administrator of the platform may do this")

    return _declare(check, (*_TOKEN_ERRORS, RoleNotAllowed))(endpoint)


def public(endpoint: Endpoint) -> Endpoint:
    """Anyone reaches the endpoint: it hands out tokens, say."""
    endpoint.public = True  # type: ignore[attr-defined]
    return _declare(lambda: None, ())(endpoint)


def internal(function: str) -> Callable[[Endpoint], Endpoint]:
    """Only Cloud Tasks and Cloud Scheduler reach the endpoint, with an OIDC token made out for this function."""

    def check() -> None:
        from shared.http.oidc import verify_task_token

        verify_task_token(config(), bearer(), audience=config().url_of(function))

    def decorate(endpoint: Endpoint) -> Endpoint:
        endpoint.internal = True  # type: ignore[attr-defined]
        return _declare(check, _TASK_ERRORS)(endpoint)

    return decorate


@overload
def idempotent(endpoint: Endpoint) -> Endpoint: ...


@overload
def idempotent(*, fingerprint: Callable[..., str], keeps_answer: bool = True) -> Callable[[Endpoint], Endpoint]: ...


def idempotent(
    endpoint: Endpoint | None = None,
    *,
    fingerprint: Callable[..., str] | None = None,
    keeps_answer: bool = True,
) -> Endpoint | Callable[[Endpoint], Endpoint]:
    """The endpoint honours Idempotency-Key. `fingerprint(context, body)` stands for the request's content.

    Without one that is the body as it was understood, which the database then keeps for a day. An endpoint that answers
    with a secret does not have its answer kept: sent again, the request is done again, and finds what it made.
    """

    def decorate(endpoint: Endpoint) -> Endpoint:
        endpoint.keeps_answer = keeps_answer  # type: ignore[attr-defined]
        endpoint.fingerprint = fingerprint or _body_text  # type: ignore[attr-defined]
        return _may_give(endpoint, idempotency.ERRORS)

    return decorate if endpoint is None else decorate(endpoint)


def versioned(endpoint: Endpoint) -> Endpoint:
    """The endpoint's answer carries an ETag."""
    endpoint.versioned = True  # type: ignore[attr-defined]
    return endpoint


def makes_several(endpoint: Endpoint) -> Endpoint:
    """The endpoint's 201 has no Location: it makes several things."""
    endpoint.makes_several = True  # type: ignore[attr-defined]
    return endpoint


def errors(*gives: ErrorType, fields: Iterable[ErrorType] = ()) -> Callable[[Endpoint], Endpoint]:
    """The errors that the endpoint's own work gives; `fields` are those that it gives of a field, with 422.

    What follows from the other declarations and from the types of the parameters need not be named.
    """

    def decorate(endpoint: Endpoint) -> Endpoint:
        endpoint.field_errors = tuple(fields)  # type: ignore[attr-defined]
        return _may_give(endpoint, gives)

    return decorate


def principal() -> Principal:
    """The verified caller of the current request."""
    if "principal" not in g:
        g.principal = _verified(bearer())
    return cast(Principal, g.principal)


def access_ends_at() -> dt.datetime:
    """When the token or the key of the current request expires, UTC."""
    token = bearer()
    return _key(token).expires_at if token.startswith(KEY_PREFIX) else token_expiry(config(), token)


def tenant() -> Tenant:
    """The caller's tenant, or the one that a platform caller names with `client_id`."""
    caller = principal()
    client_id = request.args.get("client_id") or caller.client_id
    if client_id != caller.client_id and not caller.platform:
        raise OtherClient(f"client_id {client_id!r} is not yours; leave it out or give {caller.client_id!r}")
    if not is_client_id(client_id):
        raise ClientNotFound(client_id)
    return Tenant(database(config()), client_id)


def source() -> str:
    """The network address that the request comes from, as the outermost proxy of ours saw it."""
    hops = config().trusted_proxies
    forwarded = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    # What stands before our own proxies' entries is whatever the caller wrote.
    return forwarded[-hops] if 0 < hops <= len(forwarded) else request.remote_addr or ""


def now() -> dt.datetime:
    """The time of the request, UTC."""
    if "now" not in g:
        g.now = clock()
    return cast(dt.datetime, g.now)


def clock() -> dt.datetime:
    """The time at this moment, UTC: for workers, which outlast the `now` of their request."""
    return dt.datetime.now(dt.UTC)


def request_context() -> RequestContext:
    """The context of the current request, made the first time that it is asked for."""
    if "context" not in g:
        owner, caller = tenant(), principal()
        g.context = RequestContext(
            config(), owner, caller, now(), expected_version(), idempotency.request_id(owner, caller.user_id)
        )
    return cast(RequestContext, g.context)


def codes_by_status(endpoint: Callable[..., Any], implied: Iterable[ErrorType]) -> dict[int, list[str]]:
    """The codes that an endpoint declares and those of `implied`, by their status."""
    codes: dict[int, set[str]] = {}
    for kind in (*getattr(endpoint, "errors", ()), *implied):
        codes.setdefault(kind.status, set()).add(kind.code)
    for kind in getattr(endpoint, "field_errors", ()):
        codes.setdefault(Invalid.status, set()).add(kind.code)
    return {status: sorted(codes[status]) for status in sorted(codes)}


def _counted_caller() -> Principal:
    """The caller, whose client has this request left of its minute; raises RateLimited."""
    caller = principal()
    count_request(caller)
    return caller


def _body_text(_context: RequestContext, body: Any = None) -> str:
    return "" if body is None else cast(str, body.model_dump_json())


def _declare(check: Callable[[], None], gives: Iterable[ErrorType]) -> Callable[[Endpoint], Endpoint]:
    def decorate(endpoint: Endpoint) -> Endpoint:
        endpoint.access = check  # type: ignore[attr-defined]
        return _may_give(endpoint, gives)

    return decorate


def _may_give(endpoint: Endpoint, gives: Iterable[ErrorType]) -> Endpoint:
    endpoint.errors = (*getattr(endpoint, "errors", ()), *gives)  # type: ignore[attr-defined]
    return endpoint


def _verified(bearer: str) -> Principal:
    if not bearer.startswith(KEY_PREFIX):
        return verify_access_token(config(), bearer)
    return _key(bearer).principal


def _key(bearer: str) -> ServiceToken:
    from shared.firestore.service_tokens import token_of_key

    token = token_of_key(database(config()), bearer, now())
    if token is None:
        raise TokenInvalid("the service token is not valid; an administrator makes one at /auth/service-tokens")
    if token.expires_at <= now():
        raise TokenExpired("the service token has expired; an administrator makes another at /auth/service-tokens")
    return token


def bearer() -> str:
    """The token that the request carries; raises TokenMissing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenMissing("send `Authorization: Bearer <token>`; get a token at /auth/token")
    return token.strip()
