"""A gRPC service from plain functions, for the message types of Google's client libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import grpc

Handler = Callable[[Any], Any]


class Refused(Exception):
    """The call ends with this status."""

    def __init__(self, code: grpc.StatusCode, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def service(name: str, methods: Mapping[str, tuple[type, Handler]]) -> grpc.GenericRpcHandler:
    """The service `name`, each method given as (request type, function of the request that returns the answer)."""
    return grpc.method_handlers_generic_handler(
        name,
        {
            method: grpc.unary_unary_rpc_method_handler(
                _answering(handler), request_deserializer=_reader(request), response_serializer=_write
            )
            for method, (request, handler) in methods.items()
        },
    )


def _answering(handler: Handler) -> Callable[[Any, grpc.ServicerContext], Any]:
    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return handler(request)
        except Refused as refused:
            return context.abort(refused.code, refused.detail)

    return answer


def _reader(kind: Any) -> Callable[[bytes], Any]:
    return kind.deserialize if hasattr(kind, "deserialize") else kind.FromString


def _write(message: Any) -> bytes:
    kind = type(message)
    return kind.serialize(message) if hasattr(kind, "serialize") else message.SerializeToString()
