"""Reading a whole collection."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from shared.firestore.bulk import every_document
from tests.support.tenants import TestClient


def test_every_document_comes_with_plain_values(client: TestClient) -> None:
    things = client.tenant.collection("things")
    kept = {
        "text": "ünï",
        "number": 3,
        "share": 0.5,
        "yes": True,
        "nothing": None,
        "bytes": b"\x00\xff",
        "nested": {"list": [1, "two", {"three": None}], "empty": {}},
    }
    things.document("b").set(kept)
    things.document("a").set({"first": True})
    things.document("b").collection("below").document("c").set({"not": "mine"})
    assert list(every_document(things)) == [{"first": True}, kept]


def test_an_empty_collection_has_no_documents(client: TestClient, new_client: Callable[[], TestClient]) -> None:
    other = new_client()
    other.tenant.collection("things").document("a").set({"at": dt.datetime(2024, 6, 3, tzinfo=dt.UTC)})
    assert list(every_document(client.tenant.collection("things"))) == []
