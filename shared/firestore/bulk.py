"""Read a whole collection, fast: a rebuild of the catalog reads every product of a client.

The client library makes a snapshot object and a dictionary of converted values for each document, 2,700 documents a
second where this reads 10,000 (measured against the emulator); the price is that only plain values are understood.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from shared.firestore.driver import stream_documents

if TYPE_CHECKING:
    from google.cloud.firestore import CollectionReference

_TIMEOUT_S = 300.0


def every_document(collection: CollectionReference) -> Iterator[dict[str, Any]]:
    """The fields of each document, in the order of their ids. One read a document."""
    for document in stream_documents(collection, _TIMEOUT_S):
        yield {name: _plain(value) for name, value in document.fields.items()}


def _plain(value: Any) -> Any:
    kind = value.WhichOneof("value_type")
    if kind == "null_value":
        return None
    if kind == "map_value":
        return {name: _plain(inner) for name, inner in value.map_value.fields.items()}
    if kind == "array_value":
        return [_plain(inner) for inner in value.array_value.values]
    return getattr(value, kind)
