"""Every query that was sent in this test run has the index that it needs in the cloud (infra/terraform/firestore.json).

The emulator needs none, so nothing else would notice. Collected last: it looks at what all other tests have sent.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.cloud.firestore import Client, FieldFilter
from google.cloud.firestore_v1.base_query import BaseQuery

from infra.local.stack.process import PROJECT
from tests.support.indexes import Shape, shape_of
from tests.support.running import Running
from tests.support.tenants import TestClient

_DECLARED: dict[str, Any] = json.loads((PROJECT / "infra" / "terraform" / "firestore.json").read_text())
_INDEXES = [
    (one["collection"], [(field["path"], field["order"]) for field in one["fields"]])
    for one in _DECLARED["composite_indexes"]
]


def sent(running: Running) -> set[Shape]:
    return {shape_of(query) for query in running.meter.queries}


def declared(shape: Shape) -> bool:
    return not shape.group and any(
        collection == shape.collection and shape.served_by(index) for collection, index in _INDEXES
    )


def test_every_query_has_its_index(running: Running, client: TestClient) -> None:
    for query in ("", "kind=import", "status=failed", "kind=import&status=failed"):
        client.get(f"/operations?{query}")
    needed = {shape for shape in sent(running) if shape.needs_composite}
    assert len(needed) >= 3
    assert {shape for shape in needed if not declared(shape)} == set()


def test_queries_over_all_tenants_have_their_field_indexed_for_that(running: Running) -> None:
    fields = {f"{shape.collection}.{name}" for shape in sent(running) if shape.group for name in shape.fields}
    assert fields <= set(_DECLARED["collection_group_fields"])


def test_no_query_looks_at_a_field_that_is_not_indexed(running: Running) -> None:
    fields = {f"{shape.collection}.{name}" for shape in sent(running) for name in shape.fields}
    assert fields & set(_DECLARED["unindexed_fields"]) == set()


_EQUAL = FieldFilter("a", "==", 1)
_RANGE = FieldFilter("b", ">", 1)


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
def test_which_index_a_query_needs(running: Running, build: Any, index: str | None) -> None:
    query: BaseQuery = build(Client(project="p").collection("x"))
    shape = shape_of(query._to_protobuf()._pb)
    assert shape.needs_composite == (index is not None)
    if index is not None:
        fields = [(part.lstrip("-"), "DESCENDING" if part[0] == "-" else "ASCENDING") for part in index.split(",")]
        assert shape.served_by(fields)
        assert not shape.served_by(fields[::-1])
        assert not shape.served_by(fields[:1])
