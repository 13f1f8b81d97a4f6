"""Answers from the catalog: its pointer, which they read anyway, tells whether the caller's access has ended.

Lists that are computed from the catalog alone carry its version as well, and asking again costs one read. Beside the
pipeline, because it brings polars along, which not every function has.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from shared.catalog.live import catalog_or_none, current_catalog, reading
from shared.domain.access.ended_access import EndedAccess
from shared.http.admission import by_document, told_by
from shared.http.conditional import conditional
from shared.request_context import RequestContext

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@contextmanager
def _by_pointer(context: RequestContext) -> Iterator[EndedAccess]:
    """No read beside that of the catalog, which the block goes on with."""
    with reading(context.tenant) as ended:
        if context.principal.client_id == context.tenant.client_id:
            yield ended
        else:  # one who runs Stockcast is at home elsewhere
            with by_document(context) as at_home:
                yield at_home


def _version(context: RequestContext) -> str:
    return current_catalog(context.tenant).state


def _version_or_none(context: RequestContext) -> str:
    catalog = catalog_or_none(context.tenant)
    return uuid.uuid4().hex if catalog is None else catalog.state  # what documents say has no version


def from_catalog(endpoint: Endpoint) -> Endpoint:
    """The endpoint's answers follow from the catalog alone."""
    return conditional(_version)(reads_catalog(endpoint))


def from_catalog_or_documents(endpoint: Endpoint) -> Endpoint:
    """As `from_catalog`; before the first metrics they are made from documents."""
    return conditional(_version_or_none)(reads_catalog(endpoint))


reads_catalog = told_by(_by_pointer)
"""The endpoint looks at the catalog as it is when the request comes, and changes nothing."""
