"""Lists that are computed from the catalog alone: they carry its version, and asking again costs one read.

Beside the pipeline, because it brings polars along, which not every function has.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shared.catalog.live import reading
from shared.http.conditional import conditional
from shared.request_context import RequestContext


@contextmanager
def _version(context: RequestContext) -> Iterator[str]:
    with reading(context.tenant) as catalog:
        yield catalog.state


from_catalog = conditional(_version)
