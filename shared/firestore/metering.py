"""What Firestore bills for a call, noted with the work that it is made for.

By the published prices: a document returned by a get (a missing one too), a query or a list is a read, a query without
a result is one, so are each document that an offset skips and every 1,000 index entries that are counted; every write
and every delete of a commit is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from shared.telemetry.spans import call_made
from shared.telemetry.work_record import WorkRecord, current_record

_ENTRIES_PER_READ = 1000  # of the index, in an aggregation
Call = Callable[..., Any]
Meter = Callable[[WorkRecord, Call, Any, dict[str, Any]], Any]


def metered(method: str, call: Call) -> Call:
    """The library's `call` of that method of the API, whose cost is noted."""
    meter = _METERS.get(method)
    if meter is None:
        return call

    def metered_call(request: Any, **options: Any) -> Any:
        record = current_record.get()
        return call(request, **options) if record is None else meter(record, call, request, options)

    return metered_call


def counted(method: str, began: float, *, reads: int = 0, writes: int = 0, deletes: int = 0) -> None:
    """A call that began then (by `time.perf_counter`) has ended, and is billed so."""
    record = current_record.get()
    if record is not None:
        _count(record, method, time.perf_counter() - began, reads, writes, deletes)


def _count(record: WorkRecord, method: str, seconds: float, reads: int, writes: int = 0, deletes: int = 0) -> None:
    record.firestore(seconds, reads, writes, deletes)
    call_made(f"firestore {method}", seconds, {"reads": reads, "writes": writes, "deletes": deletes})


def _get_document(record: WorkRecord, call: Call, request: Any, options: dict[str, Any]) -> Any:
    from google.api_core.exceptions import NotFound

    began = time.perf_counter()
    try:
        document = call(request, **options)
    except NotFound:
        _count(record, "get_document", time.perf_counter() - began, 1)
        raise
    _count(record, "get_document", time.perf_counter() - began, 1)
    return document


def _list_documents(record: WorkRecord, call: Call, request: Any, options: dict[str, Any]) -> Any:
    began = time.perf_counter()
    page = call(request, **options)
    _count(record, "list_documents", time.perf_counter() - began, max(1, len(page.documents)))
    return page


def _commit(record: WorkRecord, call: Call, request: Any, options: dict[str, Any]) -> Any:
    writes = type(request).pb(request).writes
    deletes = sum(1 for write in writes if write.WhichOneof("operation") == "delete")
    began = time.perf_counter()
    try:
        return call(request, **options)
    finally:
        _count(record, "commit", time.perf_counter() - began, 0, len(writes) - deletes, deletes)


def _streamed(method: str, reads_of: Callable[[Any], int], besides: Callable[[Any, int], int]) -> Meter:
    """A meter of a streamed answer: by the reads of each response, and by those of a request that got so many."""

    def meter(record: WorkRecord, call: Call, request: Any, options: dict[str, Any]) -> Iterator[Any]:
        began = time.perf_counter()
        responses = call(request, **options)  # at once, not with the first response: the library tries it again here
        return counting(record, request, responses, time.perf_counter() - began)

    def counting(record: WorkRecord, request: Any, responses: Any, seconds: float) -> Iterator[Any]:
        reads, began = 0, time.perf_counter()
        try:
            for response in responses:
                seconds += time.perf_counter() - began
                reads += reads_of(type(response).pb(response))
                yield response
                began = time.perf_counter()
            seconds += time.perf_counter() - began
        finally:
            reads += besides(type(request).pb(request), reads)
            _count(record, method, seconds, reads)

    return meter


def _reads_of_count(response: Any) -> int:
    return sum(
        max(1, -(-value.integer_value // _ENTRIES_PER_READ)) for value in response.result.aggregate_fields.values()
    )


_METERS: dict[str, Meter] = {
    "get_document": _get_document,
    "list_documents": _list_documents,
    "commit": _commit,
    "batch_get_documents": _streamed(
        "batch_get_documents",
        lambda response: int(response.WhichOneof("result") is not None),
        lambda _request, _reads: 0,
    ),
    "run_query": _streamed(
        "run_query",
        lambda response: int(response.HasField("document")),
        lambda request, reads: request.structured_query.offset + (reads == 0),
    ),
    "run_aggregation_query": _streamed("run_aggregation_query", _reads_of_count, lambda _request, _reads: 0),
}
