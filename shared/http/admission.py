"""Whether the caller's access has ended though the token has not expired: asked before a request is looked at.

An endpoint that declares nothing reads the document that says so. One that reads the catalog anyway declares that
(from_catalog.py), because the catalog's pointer says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

from shared.domain.access.ended_access import EndedAccess
from shared.firestore.ended_access import EndedAccessStore
from shared.firestore.tenant import Tenant
from shared.http.access import request_context
from shared.request_context import RequestContext

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
# What access to the caller's client has ended; what was read for it may serve until the end of the block.
Lookup = Callable[[RequestContext], AbstractContextManager[EndedAccess]]


@contextmanager
def by_document(context: RequestContext) -> Iterator[EndedAccess]:
    """One read."""
    home = Tenant(context.tenant.database, context.principal.client_id)
    yield EndedAccessStore(home).get()


def told_by(lookup: Lookup) -> Callable[[Endpoint], Endpoint]:
    """What the endpoint reads anyway tells whether access has ended."""

    def decorate(endpoint: Endpoint) -> Endpoint:
        endpoint.ended_access = lookup  # type: ignore[attr-defined]
        return endpoint

    return decorate


def admission(endpoint: Callable[..., Any]) -> Callable[[], AbstractContextManager[None]]:
    """What the work of an endpoint goes on in: entered, it raises SessionEnded or ClientSuspended. Who comes without
    an access token is asked for nothing."""
    if getattr(endpoint, "public", False) or getattr(endpoint, "internal", False):
        return nullcontext
    lookup: Lookup = getattr(endpoint, "ended_access", by_document)

    @contextmanager
    def admitted() -> Iterator[None]:
        context = request_context()
        with lookup(context) as ended:
            ended.check(context.principal)
            yield

    return admitted
