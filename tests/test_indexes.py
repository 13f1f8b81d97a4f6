"""Which queries need an index, and that one without it is refused as in the cloud (infra/terraform/firestore.json)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google.api_core.exceptions import FailedPrecondition
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import Client, FieldFilter
from google.cloud.firestore_v1.base_query import BaseQuery

from tests.support.firestore_meter import FirestoreMeter
from tests.support.indexes import INDEXES, missing_index, shape_of
from tests.support.tenants import TestClient


def test_queries_that_need_an_index_have_it(client: TestClient, meter: FirestoreMeter) -> None:
    for query in ("", "kind=forecast", "status=failed", "kind=forecast&status=failed"):
        assert client.get(f"/operations?{query}").status_code == 200
    assert len([shape for shape in meter.shapes if shape.needs_composite]) >= 3


def test_no_index_is_declared_twice() -> None:
    """Terraform keeps them by their fields, and refuses a plan with the same key twice."""
    declared = [(collection, *fields) for collection, fields in INDEXES]
    assert len(set(declared)) == len(declared)


_EQUAL = FieldFilter("a", "==", 1)
_RANGE = FieldFilter("b", ">", 1)


def _client() -> Client:
    return Client(project="p", credentials=AnonymousCredentials())


@pytest.mark.parametrize(
    ("build", "lacks"),
    [
        (lambda client: client.collection("operations").where(filter=_EQUAL).order_by("b"), "no composite index"),
        (lambda client: client.collection_group("operations").where(filter=_EQUAL), "over all tenants"),
        (lambda client: client.collection_group("outbox").where(filter=FieldFilter("created_at", ">", 1)), None),
        (lambda client: client.collection("carts").where(filter=FieldFilter("lines", "==", 1)), "is not indexed"),
        (lambda client: client.collection("carts").where(filter=_EQUAL), None),
    ],
)
def test_what_a_query_lacks(build: Callable[[Client], BaseQuery], lacks: str | None) -> None:
    missing = missing_index(shape_of(build(_client())._to_protobuf()._pb))
    assert missing is None if lacks is None else lacks in str(missing)


def test_a_query_without_its_index_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = FirestoreMeter("127.0.0.1:9")  # nobody is asked
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", meter.address)
    query = _client().collection("operations").where(filter=_EQUAL).order_by("b")
    with pytest.raises(FailedPrecondition, match="requires an index"):
        query.get()
    assert len(meter.refused) == 1
    meter.stop()


@pytest.mark.parametrize(
    ("build", "index"),
    [
        (lambda query: query.limit(3), None),
        (lambda query: query.where(filter=_EQUAL), None),
        (lambda query: query.where(filter=_EQUAL).where(filter=FieldFilter("c", "in", [1, 2])), None),
        (lambda query: query.where(filter=_RANGE), None),
        (lambda query: query.where(filter=FieldFilter("a", "==", None)).order_by("b"), "a,b"),
        (lambda query: query.where(filter=_RANGE).order_by("b"), None),
        (lambda query: query.order_by("b", direction="DESCENDING").order_by("__name__", direction="DESCENDING"), None),
        (lambda query: query.order_by("__name__"), None),
        (lambda query: query.where(filter=_EQUAL).order_by("__name__"), None),
        (lambda query: query.where(filter=_EQUAL).where(filter=_RANGE), "a,b"),
        (lambda query: query.where(filter=_EQUAL).order_by("b", direction="DESCENDING"), "a,-b"),
        (lambda query: query.where(filter=FieldFilter("a", "array_contains", 1)).order_by("b"), "a,b"),
        (lambda query: query.order_by("b").order_by("c", direction="DESCENDING"), "b,-c"),
        (lambda query: query.order_by("b").order_by("__name__", direction="DESCENDING"), "b,-__name__"),
    ],
)
def test_which_index_a_query_needs(build: Any, index: str | None) -> None:
    query: BaseQuery = build(_client().collection("x"))
    shape = shape_of(query._to_protobuf()._pb)
    assert shape.needs_composite == (index is not None)
    if index is not None:
        fields = [(part.lstrip("-"), "DESCENDING" if part[0] == "-" else "ASCENDING") for part in index.split(",")]
        assert shape.served_by(fields)
        assert not shape.served_by(fields[::-1])
        assert not shape.served_by(fields[:1])
        last, way = fields[-1]
        assert not shape.served_by([*fields[:-1], (last, "ASCENDING" if way == "DESCENDING" else "DESCENDING")])
