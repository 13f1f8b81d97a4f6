"""Lists that are computed from the catalog alone: they carry its version, and asking again costs one read.

Beside the pipeline, because it brings polars along, which not every function has.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from shared.catalog.live import reading
from shared.domain.errors import NotFound
from shared.http.conditional import conditional
from shared.request_context import RequestContext


@contextmanager
def _version(context: RequestContext) -> Iterator[str]:
    with reading(context.tenant) as catalog:
        yield catalog.state


@contextmanager
def _version_or_none(context: RequestContext) -> Iterator[str]:
    with ExitStack() as stack:
        try:
            version = stack.enter_context(reading(context.tenant)).state
        except NotFound:  # before the first metrics: what documents say has no version
            version = uuid.uuid4().hex
        yield version


from_catalog = conditional(_version)
from_catalog_or_documents = conditional(_version_or_none)
