"""Everything that touches private members of google-cloud-firestore, in one place.

The library has no public way to do what is here: to give it a channel, to bound its calls, to put a precondition on any
write, to read the answer of a single GetDocument, and to stream documents without making objects of them. Its private
names may change with any release, so a test pins the version; whoever changes it reads this module against the new one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from shared.grpc_channel import CHANNEL_OPTIONS, insecure_channel

if TYPE_CHECKING:
    from google.cloud.firestore import Client, CollectionReference, DocumentReference, DocumentSnapshot

    from shared.config import Config

DRIVER_VERSION = "2.34.1"  # of google-cloud-firestore, whose private names are used here

_CALL_OPTIONS = (
    *CHANNEL_OPTIONS,
    ("SingleThreadedUnaryStream", 1),  # grpc.experimental.ChannelOptions: a stream is read by the thread that asks
)
_KEEPALIVE = ("grpc.keepalive_time_ms", 30_000)  # as the library has it; an emulator refuses it
_CALLS = (
    "get_document",
    "batch_get_documents",
    "run_query",
    "begin_transaction",
    "commit",
    "rollback",
    "run_aggregation_query",
)
_TIMEOUT_S = 8.0
_RETRY_FOR_S = 3.0


def database(config: Config) -> Client:
    """The client of this process, made at the first call: importing and connecting it is most of a cold start."""
    return _client(config.project_id, config.firestore_emulator_host)


@cache
def _client(project_id: str, emulator_host: str | None) -> Client:
    from google.cloud import firestore
    from google.cloud.firestore_v1.services.firestore import FirestoreClient
    from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

    # The client's own channel takes a thread for every stream, and two switches of it for every document: 100,000
    # documents take 12 s by it and 7 s by ours (measured). To an emulator it also reconnects slowly.
    if emulator_host is None:
        client = firestore.Client(project=project_id)
        channel = FirestoreGrpcTransport.create_channel(
            client._target, credentials=client._credentials, options=(*_CALL_OPTIONS, _KEEPALIVE)
        )
    else:
        from google.auth.credentials import AnonymousCredentials

        client = firestore.Client(project=project_id, credentials=AnonymousCredentials())
        # With this it names itself the emulator's owner in every call. (As call credentials of the channel that
        # would take a thread for each call, 1 ms.)
        client._emulator_host = emulator_host
        channel = insecure_channel(emulator_host, _CALL_OPTIONS)
    transport = FirestoreGrpcTransport(host=client._target, channel=channel)
    client._firestore_api_internal = FirestoreClient(transport=transport)
    _fail_fast(transport)
    return client


def _fail_fast(transport: Any) -> None:
    """Bound every call: a request is to get its 503 in seconds, where the library tries for minutes.

    The library takes such bounds call by call only, and not for those that a transaction makes; its table of wrapped
    methods is where the defaults are. Bulk reads pass a longer timeout of their own.
    """
    from google.api_core import gapic_v1
    from google.api_core.exceptions import ServiceUnavailable
    from google.api_core.retry import Retry, if_exception_type

    retry = Retry(predicate=if_exception_type(ServiceUnavailable), initial=0.1, maximum=0.5, timeout=_RETRY_FOR_S)
    for method in _CALLS:
        call = getattr(transport, method)
        transport._wrapped_methods[call] = gapic_v1.method.wrap_method(
            call, default_retry=retry, default_timeout=_TIMEOUT_S
        )


def full_path(reference: DocumentReference) -> str:
    """The document's name over all databases: `projects/.../databases/.../documents/...`."""
    return reference._document_path


@dataclass(frozen=True, eq=False)
class Document:
    """A document as the API answered with it; its fields are decoded when they are first looked at."""

    message: Any
    client: Client

    @property
    def update_time(self) -> dt.datetime:
        return self.message.update_time

    @cached_property
    def fields(self) -> dict[str, Any]:
        from google.cloud.firestore_v1._helpers import decode_dict

        fields: Any = decode_dict(self.message.fields, self.client)
        return fields


def get_document(reference: DocumentReference) -> Document | None:
    """The document, None when there is none; one read.

    By GetDocument, where the library would send BatchGetDocuments: its streamed answer takes a thread of its own and
    2 ms more (measured), and gives only the time of the read in return. By the bare channel, because the library's
    wrappers take as long as half of the call; where it would try again, it does.
    """
    import grpc
    from google.api_core.exceptions import NotFound, from_grpc_error
    from google.api_core.gapic_v1.routing_header import to_grpc_metadata
    from google.cloud.firestore_v1.types import GetDocumentRequest

    client, name = reference._client, reference._document_path
    request = GetDocumentRequest(name=name)
    metadata = (*client._rpc_metadata, to_grpc_metadata((("name", name),)))
    try:
        return Document(_get_document_stub(client)(request, metadata=metadata, timeout=_TIMEOUT_S), client)
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.NOT_FOUND:
            return None
        if error.code() is not grpc.StatusCode.UNAVAILABLE:
            raise from_grpc_error(error) from error
    try:
        message = client._firestore_api.get_document(request=request, metadata=client._rpc_metadata)
    except NotFound:
        return None
    return Document(message, client)


@cache
def _get_document_stub(client: Client) -> Any:
    from google.cloud.firestore_v1.types import Document as Message
    from google.cloud.firestore_v1.types import GetDocumentRequest

    return client._firestore_api.transport.grpc_channel.unary_unary(
        "/google.firestore.v1.Firestore/GetDocument",
        request_serializer=GetDocumentRequest.serialize,
        response_deserializer=Message.deserialize,
    )


def stream_documents(collection: CollectionReference, timeout_s: float) -> Iterator[Any]:
    """Each document of the collection as the API's message, in the order of their ids. One read a document."""
    client = collection._client
    parent = collection.parent
    request = {
        "parent": f"{client._database_string}/documents" + (f"/{parent.path}" if parent is not None else ""),
        "structured_query": collection.order_by("__name__")._to_protobuf(),
    }
    for response in client._firestore_api.run_query(request=request, metadata=client._rpc_metadata, timeout=timeout_s):
        document = response._pb.document
        if document.name:
            yield document


class Write:
    """A write of a commit. It has its times once that is made, and from nowhere but its answer: a read after the commit
    may find the next writer's document."""

    def __init__(self, makes: bool = False) -> None:
        self._makes = makes  # a document that there is not, or the commit fails
        self._update_time: dt.datetime | None = None
        self._before: DocumentSnapshot[Any] | None = None

    def committed(self, update_time: dt.datetime, before: DocumentSnapshot[Any] | None) -> None:
        """The document's update time after the write; a write that changed nothing keeps the one before.

        `before` is what was seen of the document.
        """
        self._update_time, self._before = update_time, before

    @property
    def update_time(self) -> dt.datetime:
        """When the document was last changed; raises RuntimeError before the commit."""
        if self._update_time is None:
            raise RuntimeError("a document has its version once its transaction is committed: ask for it after that")
        return self._update_time

    @property
    def create_time(self) -> dt.datetime:
        """When the document was made; raises RuntimeError before the commit, and for one that was not looked at."""
        if self._before is not None and self._before.exists:
            return self._before.create_time
        if self._before is None and not self._makes:
            raise RuntimeError("read a document in the transaction that writes it: only that tells when it was made")
        return self.update_time


class Commit:
    """Writes that are made together, if documents are still what was seen of them."""

    def __init__(self, database: Client) -> None:
        self._batch = database.batch()
        self._writes: dict[int, Write] = {}  # by their places in the batch

    def create(self, reference: DocumentReference, fields: dict[str, Any]) -> Write:
        self._batch.create(reference, fields)
        return self._added(makes=True)

    def set(self, reference: DocumentReference, fields: dict[str, Any], merge: bool = False) -> Write:
        self._batch.set(reference, fields, merge=merge)
        return self._added()

    def update(self, reference: DocumentReference, fields: dict[str, Any]) -> Write:
        self._batch.update(reference, fields)
        return self._added()

    def delete(self, reference: DocumentReference) -> None:
        self._batch.delete(reference)

    def make(self, seen: Mapping[str, DocumentSnapshot[Any]]) -> None:
        """Send the writes unless there are none; each gets its version. `seen`: the documents by their full paths.

        Raises what the database raises, one of its own errors for a document that is not what was seen.
        """
        messages = self._batch._write_pbs
        if not messages:
            return
        pending = dict(seen)
        for message in messages:
            snapshot = pending.pop(message.update.name or message.delete, None)
            if snapshot is not None:
                message.current_document = _still(snapshot)
        messages.extend(_unchanged(path, snapshot) for path, snapshot in pending.items())
        # Not retried: a commit whose answer was lost may have happened, and its preconditions would then fail.
        results = self._batch.commit(retry=None)
        for place, write in self._writes.items():
            write.committed(results[place].update_time, seen.get(messages[place].update.name))

    def _added(self, makes: bool = False) -> Write:
        write = Write(makes)
        self._writes[len(self._batch._write_pbs) - 1] = write
        return write


def _still(snapshot: DocumentSnapshot[Any]) -> Any:
    from google.cloud.firestore_v1.types import Precondition

    return Precondition(update_time=snapshot.update_time) if snapshot.exists else Precondition(exists=False)


def _unchanged(path: str, snapshot: DocumentSnapshot[Any]) -> Any:
    """A write that changes nothing and fails if the document is not what was seen. (The API's `verify` is not in the
    library.)"""
    from google.cloud.firestore_v1 import types

    if not snapshot.exists:
        return types.Write(delete=path, current_document=_still(snapshot))
    return types.Write(update={"name": path}, update_mask=types.DocumentMask(), current_document=_still(snapshot))
