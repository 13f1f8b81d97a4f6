"""Which composite index a Firestore query needs: the emulator answers without any.

Source: https://firebase.google.com/docs/firestore/query-data/index-overview. Single-field indexes exist by themselves
and are merged for several equalities; an equality with an order or a range on another field needs a composite one. An
index is read in its own direction only: "To run the same queries but with a descending sort order, you need an
additional index in the descending direction". The direction of a field compared for equality does not matter.
Composite indexes can be merged too; that is slow where each part alone holds many documents, so it does not count here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.cloud.firestore_v1.types import StructuredQuery

from infra.local.stack.process import PROJECT

_ASCENDING, _DESCENDING = "ASCENDING", "DESCENDING"
_NAME = "__name__"
_Filter = StructuredQuery.FieldFilter.Operator
_DECLARED: dict[str, Any] = json.loads((PROJECT / "infra" / "terraform" / "firestore.json").read_text())
INDEXES = [
    (index["collection"], [(field["path"], field["order"]) for field in index["fields"]])
    for index in _DECLARED["composite_indexes"]
]
_EQUALITIES = {_Filter.EQUAL, _Filter.IN, _Filter.ARRAY_CONTAINS, _Filter.ARRAY_CONTAINS_ANY}


@dataclass(frozen=True)
class Shape:
    """What decides which index a query needs: fields compared for equality, and those that order it, with direction."""

    collection: str
    group: bool
    equal: frozenset[str]
    order: tuple[tuple[str, str], ...]

    @property
    def needs_composite(self) -> bool:
        return len(self.order) > 1 or (bool(self.equal) and bool(self.order))

    @property
    def fields(self) -> frozenset[str]:
        return self.equal | {name for name, _ in self.order}

    def served_by(self, index: Sequence[tuple[str, str]]) -> bool:
        """Whether an index (path, order) serves it: equalities first, in any order, then exactly the query's order."""
        count = len(self.equal)
        return {path for path, _ in index[:count]} == self.equal and tuple(index[count:]) == self.order


def missing_index(shape: Shape) -> str | None:
    """What firestore.json lacks for such a query, None when it is served in the cloud as by the emulator."""
    if shape.needs_composite and not _has_composite(shape):
        return f"{shape} has no composite index"
    fields = {f"{shape.collection}.{name}" for name in shape.fields}
    if shape.group and fields - set(_DECLARED["collection_group_fields"]):
        return f"{shape} goes over all tenants by a field that is not indexed for that"
    if fields & set(_DECLARED["unindexed_fields"]):
        return f"{shape} looks at a field that is not indexed"
    return None


def _has_composite(shape: Shape) -> bool:
    return not shape.group and any(
        collection == shape.collection and shape.served_by(index) for collection, index in INDEXES
    )


def shape_of(query: Any) -> Shape:
    """The shape of a StructuredQuery message."""
    (source,) = query.from_
    equal, ranged = set(), []
    for path, is_equality in _conditions(query.where):
        if is_equality:
            equal.add(path)
        elif path not in ranged:
            ranged.append(path)
    order = [
        (one.field.field_path, _DESCENDING if one.direction == StructuredQuery.Direction.DESCENDING else _ASCENDING)
        for one in query.order_by
    ]
    # What is compared for a range orders the result, explicitly or not.
    order = [(path, _ASCENDING) for path in ranged if path not in dict(order)] + order
    # Every index ends with the name, in the direction of the field before it.
    if order and order[-1][0] == _NAME and (len(order) == 1 or order[-2][1] == order[-1][1]):
        order.pop()
    return Shape(
        source.collection_id,
        source.all_descendants,
        frozenset(equal - {_NAME}),
        tuple((path, way) for path, way in order if path not in equal),
    )


def _conditions(where: Any) -> Iterator[tuple[str, bool]]:
    """(field, whether it is an equality) of each comparison."""
    kind = where.WhichOneof("filter_type")
    if kind == "composite_filter":
        for one in where.composite_filter.filters:
            yield from _conditions(one)
    elif kind == "field_filter":
        yield where.field_filter.field.field_path, _Filter(where.field_filter.op) in _EQUALITIES
    elif kind == "unary_filter":  # is null, is not a number; the negations order by their field
        operator = StructuredQuery.UnaryFilter.Operator(where.unary_filter.op)
        yield where.unary_filter.field.field_path, not operator.name.startswith("IS_NOT")
