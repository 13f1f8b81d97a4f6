"""Everything that touches private members of google-cloud-firestore, in one place.

The library has no public way to do what is here: to give it a channel, to bound its calls, to put a precondition on any
write, to read the answer of a single GetDocument, to stream documents without making objects of them, and to listen to
several things by one call. Its private
names may change with any release, so a test pins the version; whoever changes it reads this module against the new one.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from shared.firestore.document_messages import NoPlainValue, write_message, write_type
from shared.firestore.metering import counted, metered
from shared.grpc_channel import CHANNEL_OPTIONS, insecure_channel

if TYPE_CHECKING:
    from google.cloud.firestore import Client, CollectionReference, DocumentReference, DocumentSnapshot, WriteBatch

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
    "list_documents",
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
    """Bound every call, and note what it is billed for: a request is to get its 503 in seconds, where the library
    tries for minutes.

    The library takes such bounds call by call only, and not for those that a transaction makes; its table of wrapped
    methods is where the defaults are. Bulk reads pass a longer timeout of their own.
    """
    from google.api_core import gapic_v1
    from google.api_core.exceptions import ServiceUnavailable
    from google.api_core.retry import Retry, if_exception_type

    retry = Retry(predicate=if_exception_type(ServiceUnavailable), initial=0.1, maximum=0.5, timeout=_RETRY_FOR_S)
    for method in _CALLS:
        call = getattr(transport, method)
        # A query whose stream breaks looks here for what may be tried again, and fails on the way without it.
        call._retry = retry
        wrapped = gapic_v1.method.wrap_method(call, default_retry=retry, default_timeout=_TIMEOUT_S)
        transport._wrapped_methods[call] = metered(method, wrapped)


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
    began = time.perf_counter()
    try:
        message = _get_document_stub(client)(request, metadata=metadata, timeout=_TIMEOUT_S)
        counted("get_document", began, reads=1)
        return Document(message, client)
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.NOT_FOUND:
            counted("get_document", began, reads=1)
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


def open_listening(client: Client, requests: Iterator[Any]) -> Any:
    """A call of Listen: an iterator of the API's messages that can be cancelled; each request adds or removes a target.

    By the bare channel: the library listens to one query by a call, and with five threads for it.
    """
    from google.cloud.firestore_v1.types import ListenRequest, ListenResponse

    listen = client._firestore_api.transport.grpc_channel.stream_stream(
        "/google.firestore.v1.Firestore/Listen",
        request_serializer=ListenRequest.pb().SerializeToString,
        response_deserializer=ListenResponse.pb().FromString,
    )
    return listen(requests, metadata=client._rpc_metadata)


def listen_to_documents(target_id: int, references: Sequence[DocumentReference]) -> Any:
    """The request that adds these documents to a call of Listen."""
    from google.cloud.firestore_v1.types import ListenRequest

    request = ListenRequest.pb()(database=references[0]._client._database_string)
    request.add_target.target_id = target_id
    request.add_target.documents.documents.extend(map(full_path, references))
    return request


def listen_to_query(target_id: int, query: Any) -> Any:
    """The request that adds what a query finds to a call of Listen."""
    from google.cloud.firestore_v1.types import ListenRequest, StructuredQuery

    collection = query._parent
    request = ListenRequest.pb()(database=collection._client._database_string)
    request.add_target.target_id = target_id
    request.add_target.query.parent = full_path(collection.parent)
    request.add_target.query.structured_query.CopyFrom(StructuredQuery.pb(query._to_protobuf()))
    return request


def listen_no_more(client: Client, target_id: int) -> Any:
    """The request that removes a target from a call of Listen."""
    from google.cloud.firestore_v1.types import ListenRequest

    return ListenRequest.pb()(database=client._database_string, remove_target=target_id)


def listened_document(message: Any, client: Client) -> Document:
    """The document of an answer of Listen."""
    from google.cloud.firestore_v1.types import Document as Message

    return Document(Message.wrap(message), client)


class Write:
    """A write of a commit. It has its times once that is made, and from nowhere but its answer: a read after the commit
    may find the next writer's document."""

    def __init__(self, makes: bool = False) -> None:
        self._makes = makes  # a document that there is not, or the commit fails
        self._committed: Any = None  # the API's timestamp
        self._before: DocumentSnapshot[Any] | None = None

    def committed(self, update_time: Any, before: DocumentSnapshot[Any] | None) -> None:
        """The API's update time of the document after the write; a write that changed nothing keeps the one before.

        `before` is what was seen of the document.
        """
        self._committed, self._before = update_time, before

    @cached_property
    def update_time(self) -> dt.datetime:
        """When the document was last changed; raises RuntimeError before the commit."""
        from google.api_core.datetime_helpers import DatetimeWithNanoseconds

        if self._committed is None:
            raise RuntimeError("a document has its version once its transaction is committed: ask for it after that")
        moment: dt.datetime = DatetimeWithNanoseconds.from_timestamp_pb(self._committed)
        return moment

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
        self._client = database
        self._messages: list[Any] = []
        self._writes: dict[int, Write] = {}  # by their places among the messages

    def create(self, reference: DocumentReference, fields: dict[str, Any]) -> Write:
        try:
            message = write_message(full_path(reference), fields)
        except NoPlainValue:
            return self._by_library(lambda batch: batch.create(reference, fields), makes=True)
        message.current_document.exists = False
        return self._added(message, makes=True)

    def set(self, reference: DocumentReference, fields: dict[str, Any], merge: bool = False) -> Write:
        if not merge:
            try:
                return self._added(write_message(full_path(reference), fields))
            except NoPlainValue:
                pass
        return self._by_library(lambda batch: batch.set(reference, fields, merge=merge))

    def update(self, reference: DocumentReference, fields: dict[str, Any]) -> Write:
        return self._by_library(lambda batch: batch.update(reference, fields))

    def delete(self, reference: DocumentReference) -> None:
        self._messages.append(write_type()(delete=full_path(reference)))

    def make(self, seen: Mapping[str, DocumentSnapshot[Any]], *, repeatable: bool = False) -> None:
        """Send the writes unless there are none; each gets its version. `seen`: the documents by their full paths.

        A commit whose answer was lost may have happened, and its preconditions would then fail: only one that is
        `repeatable` is sent again, as the library does it. Raises what the database raises, one of its own errors for
        a document that is not what was seen.
        """
        from google.cloud.firestore_v1.types import CommitRequest, CommitResponse

        if not self._messages:
            return
        pending = dict(seen)
        for message in self._messages:
            snapshot = pending.pop(message.update.name or message.delete, None)
            if snapshot is not None:
                _demand_unchanged(message, snapshot)
        unchanged = [_unchanged(path, snapshot) for path, snapshot in pending.items()]
        request = CommitRequest.pb()(database=self._client._database_string, writes=[*self._messages, *unchanged])
        response = self._client._firestore_api.commit(
            request=CommitRequest.wrap(request),
            metadata=self._client._rpc_metadata,
            **({} if repeatable else {"retry": None}),
        )
        results = CommitResponse.pb(response).write_results
        for place, write in self._writes.items():
            write.committed(results[place].update_time, seen.get(self._messages[place].update.name))

    def _by_library(self, add: Callable[[WriteBatch], object], makes: bool = False) -> Write:
        batch = self._client.batch()
        add(batch)
        (message,) = batch._write_pbs
        return self._added(type(message).pb(message), makes)

    def _added(self, message: Any, makes: bool = False) -> Write:
        write = Write(makes)
        self._writes[len(self._messages)] = write
        self._messages.append(message)
        return write


def _demand_unchanged(message: Any, snapshot: DocumentSnapshot[Any]) -> None:
    """Let the write fail if the document is not what was seen."""
    if snapshot.exists:
        message.current_document.update_time.CopyFrom(snapshot.update_time.timestamp_pb())
    else:
        message.current_document.exists = False


def _unchanged(path: str, snapshot: DocumentSnapshot[Any]) -> Any:
    """A write that changes nothing and fails if the document is not what was seen. (The API's `verify` is not in the
    library.)"""
    if snapshot.exists:
        message = write_type()(update={"name": path})
        message.update_mask.SetInParent()
    else:
        message = write_type()(delete=path)
    _demand_unchanged(message, snapshot)
    return message
