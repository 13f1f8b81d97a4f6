"""A gRPC proxy in front of the Firestore emulator that counts what Firestore would bill, and refuses what it refuses:
a query whose index infra/terraform/firestore.json does not declare. The emulator itself needs no index.

Counted by the published prices: a document returned by a get (a missing one too) or by a query is a read, a query
without a result is one read, so are each document that an offset skips and every 1,000 index entries that are counted;
every write and delete of a commit is one. Of what is listened to, a document is a read when it is first told, also that
there is none, and each time it has changed; a query without a result is one.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc
from google.cloud.firestore_v1.types import (
    BatchGetDocumentsResponse,
    CommitRequest,
    ListDocumentsResponse,
    ListenRequest,
    ListenResponse,
    RunAggregationQueryRequest,
    RunAggregationQueryResponse,
    RunQueryRequest,
    RunQueryResponse,
    StructuredQuery,
)

from tests.support.indexes import Shape, missing_index, shape_of

_SERVICE = "/google.firestore.v1.Firestore/"
_ENTRIES_PER_READ = 1000  # of the index, in an aggregation


@dataclass(frozen=True)
class Billed:
    """What was billed since the last reset."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0

    def __add__(self, other: Billed) -> Billed:
        return Billed(self.reads + other.reads, self.writes + other.writes, self.deletes + other.deletes)


class FirestoreMeter:
    """Listens at `address`; `billed` is what passed since `reset`.

    `shapes` are those of all queries, `refused` says which of them lack an index.
    """

    def __init__(self, upstream: str) -> None:
        self._lock = threading.Lock()
        self._billed: dict[str, Billed] = {}
        self.shapes: set[Shape] = set()
        self.refused: list[str] = []
        self.is_away = False  # every call is answered as when the service is down
        self._listening: set[grpc.Call] = set()
        self._channel = grpc.insecure_channel(upstream, options=_UNLIMITED)
        self._server = grpc.server(ThreadPoolExecutor(max_workers=64), options=_UNLIMITED)
        self._server.add_generic_rpc_handlers((_Forwarder(self),))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    @property
    def billed(self) -> Billed:
        """Everything that passed."""
        with self._lock:
            return sum(self._billed.values(), Billed())

    def of(self, client_id: str) -> Billed:
        """What passed for one client: what is going on for others meanwhile does not matter.

        Without the read by which nearly every request begins, whether the caller's access has ended: `admissions`.
        """
        with self._lock:
            return self._billed.get(client_id, Billed())

    def admissions(self, client_id: str) -> int:
        """How often it was read whether access to the client has ended, where nothing told it that is read anyway."""
        with self._lock:
            return self._billed.get(_admissions(client_id), Billed()).reads

    def reset(self) -> None:
        with self._lock:
            self._billed = {}

    def stop(self) -> None:
        self._server.stop(grace=None).wait()
        self._channel.close()

    def cut_listening(self) -> int:
        """End every call of Listen, as the database does now and then; returns how many there were."""
        with self._lock:
            calls = list(self._listening)
        for call in calls:
            call.cancel()
        return len(calls)

    def forward(self, method: str, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        """Pass one call through, counting."""
        metadata = [(key, value) for key, value in context.invocation_metadata() if not key.startswith("grpc-")]
        if self.is_away:
            context.abort(grpc.StatusCode.UNAVAILABLE, "Firestore is away")
        name = method.removeprefix(_SERVICE)
        if name == "Listen":
            yield from self._listen(method, requests, context, metadata)
            return
        request = next(requests)  # each of the methods that we use takes one
        client_id = _client_of(request)
        if name == "GetDocument" and _ADMISSION.search(request):
            client_id = _admissions(client_id)
        if (query := _query(name, request)) is not None and (missing := self._missing_index(query)):
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"The query requires an index: {missing}")
        self._count(client_id, self._sent(name, request))
        call = self._channel.unary_stream(method)(request, metadata=metadata, timeout=context.time_remaining())
        documents = 0
        try:
            for response in call:
                # Counted before it is passed on: a client that has its document drops the stream.
                found = self._documents(name, response)
                documents += found
                self._count(client_id, Billed(reads=found))
                yield response
        except grpc.RpcError as error:
            if name == "GetDocument" and error.code() is grpc.StatusCode.NOT_FOUND:
                self._count(client_id, Billed(reads=1))
            context.abort(error.code(), error.details())
        if name == "RunQuery" and documents == 0:
            self._count(client_id, Billed(reads=1))

    def _listen(
        self, method: str, requests: Iterator[bytes], context: grpc.ServicerContext, metadata: list[tuple[str, str]]
    ) -> Iterator[bytes]:
        clients: dict[int, str] = {}
        told: dict[int, dict[str, object]] = defaultdict(dict)

        def passed_on() -> Iterator[bytes]:
            for request in requests:
                added = ListenRequest.pb().FromString(request).add_target
                if added.target_id:
                    clients[added.target_id] = _client_of(request)
                if added.HasField("query"):
                    self._missing_index(added.query.structured_query)
                yield request

        call = self._channel.stream_stream(method)(passed_on(), metadata=metadata)
        context.add_callback(call.cancel)
        with self._lock:
            self._listening.add(call)
        try:
            for content in call:
                response = ListenResponse.pb().FromString(content)
                change, gone = response.document_change, response.document_delete
                versions = [(target, change.document.name, change.document.update_time) for target in change.target_ids]
                versions += [(target, gone.document, None) for target in gone.removed_target_ids]
                for target, document, version in versions:
                    if document not in told[target] or told[target][document] != version:
                        told[target][document] = version
                        self._count(clients[target], Billed(reads=1))
                if response.target_change.target_change_type == _CURRENT:
                    for target in response.target_change.target_ids:
                        if not told[target]:
                            told[target][""] = None
                            self._count(clients[target], Billed(reads=1))
                yield content
        except grpc.RpcError:
            context.abort(grpc.StatusCode.UNAVAILABLE, "Listen has ended")
        finally:
            with self._lock:
                self._listening.discard(call)

    def _missing_index(self, query: StructuredQuery) -> str | None:
        shape = shape_of(query)
        missing = missing_index(shape)
        with self._lock:
            self.shapes.add(shape)
            if missing is not None:
                self.refused.append(missing)
        return missing

    def _sent(self, name: str, request: bytes) -> Billed:
        """What a request itself is billed for."""
        if name == "RunQuery":  # the emulator does not say how many it has skipped
            return Billed(reads=RunQueryRequest.pb().FromString(request).structured_query.offset)
        if name != "Commit":
            return Billed()
        writes = CommitRequest.pb().FromString(request).writes
        deletes = sum(1 for write in writes if write.WhichOneof("operation") == "delete")
        return Billed(writes=len(writes) - deletes, deletes=deletes)

    @staticmethod
    def _documents(name: str, response: bytes) -> int:
        if name == "RunQuery":
            return int(RunQueryResponse.pb().FromString(response).HasField("document"))
        if name == "RunAggregationQuery":
            (counted,) = RunAggregationQueryResponse.pb().FromString(response).result.aggregate_fields.values()
            return max(1, -(-counted.integer_value // _ENTRIES_PER_READ))
        if name == "BatchGetDocuments":
            return int(BatchGetDocumentsResponse.pb().FromString(response).WhichOneof("result") is not None)
        if name == "ListDocuments":
            return max(1, len(ListDocumentsResponse.pb().FromString(response).documents))
        return int(name == "GetDocument")

    def _count(self, client_id: str, more: Billed) -> None:
        with self._lock:
            self._billed[client_id] = self._billed.get(client_id, Billed()) + more


def _query(name: str, request: bytes) -> StructuredQuery | None:
    """The query that a request runs or counts."""
    if name == "RunQuery":
        return RunQueryRequest.pb().FromString(request).structured_query
    if name == "RunAggregationQuery":
        return RunAggregationQueryRequest.pb().FromString(request).structured_aggregation_query.structured_query
    return None


def _client_of(request: bytes) -> str:
    """The client below which the (first) document of a request lies, or its query looks; none: an empty text."""
    found = re.search(rb"/documents/clients/([A-Za-z0-9_-]+)[/\x12]", request)
    return found[1].decode() if found else ""


def _admissions(client_id: str) -> str:
    return f"{client_id}/access"


_CURRENT = 3  # TargetChange.TargetChangeType
_ADMISSION = re.compile(rb"/documents/clients/[A-Za-z0-9_-]+/access/ended")
_UNLIMITED = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))


class _Forwarder(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no types
    def __init__(self, meter: FirestoreMeter) -> None:
        self._meter = meter

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        method = details.method
        return grpc.stream_stream_rpc_method_handler(
            lambda requests, context: self._meter.forward(method, requests, context)
        )
