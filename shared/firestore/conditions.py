"""Which supplier sells which item, and how: `product_suppliers/{item key + supplier}`, decimals as text.

`item_key` is what queries look for: an item_id may have more bytes than they can compare.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from google.api_core import exceptions as google
from google.cloud.firestore import FieldFilter

from shared.domain.purchasing.product import Condition, SupplierNotLinked
from shared.firestore.bulk import every_document
from shared.firestore.codec import Codec
from shared.firestore.page import Page, PageRequest
from shared.firestore.repository import Documents
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentSnapshot

_RENAMED_AT_ONCE = 400
_ITEMS_PER_QUERY = 30  # Firestore takes as many values
_FIELDS = tuple(Condition.__dataclass_fields__)
_DECIMALS = ("moq", "packaging_qty", "supplier_cost")


class Conditions:
    """The conditions of one tenant. They change only together with the item's change document (catalog/edit.py)."""

    def __init__(self, tenant: Tenant) -> None:
        self._documents = Documents(tenant.database, tenant.collection("product_suppliers"), _CODEC)
        self._collection = self._documents.collection

    def get(self, item_id: str, supplier_id: str) -> Versioned[Condition]:
        """The condition; raises NotFound."""
        stored = self._documents.find(_identifier(item_id, supplier_id))
        if stored is None:
            raise SupplierNotLinked(supplier_id, item_id)
        return stored

    def of_item(self, item_id: str) -> list[Condition]:
        """The item's conditions, the primary supplier's first; a read for each."""
        return [condition.value for condition in self.of_item_with_versions(item_id)]

    def of_item_with_versions(self, item_id: str) -> list[Versioned[Condition]]:
        """The item's conditions as `of_item` has them, each with its times."""
        query = self._collection.where(filter=FieldFilter("item_key", "==", document_key(item_id)))
        conditions = [self._documents.versioned(each) for each in query.stream()]
        return sorted(conditions, key=lambda each: _rank(each.value))

    def get_many(
        self, pairs: Iterable[tuple[str, str]], transaction: Transaction | None = None
    ) -> dict[tuple[str, str], Condition]:
        """The conditions of these items and suppliers, those that there are; one call, a read for each pair."""
        identifiers = [_identifier(item_id, supplier_id) for item_id, supplier_id in pairs]
        conditions = self._documents.get_many(identifiers, transaction)
        return {(each.item_id, each.supplier_id): each for each in conditions.values()}

    def of_supplier(self, supplier_id: str, size: int) -> list[Versioned[Condition]]:
        """Up to `size` conditions of a supplier by item_id, each with its times; a read for each."""
        found = self._of_supplier(supplier_id).limit(size).stream()
        return [self._documents.versioned(snapshot) for snapshot in found]

    def page_of_supplier(self, page: PageRequest, supplier_id: str) -> Page[Versioned[Condition]]:
        """A page of a supplier's conditions by item_id, each with its times."""
        query = self._of_supplier(supplier_id)
        return self._documents.page_of_versions(
            query, page, lambda place: {"item_key": document_key(place)}, lambda each: each.item_id
        )

    def _of_supplier(self, supplier_id: str) -> Any:
        return self._collection.where(filter=FieldFilter("supplier_id", "==", supplier_id)).order_by("item_key")

    def rename_supplier(self, supplier_id: str, name: str) -> int:
        """Update the copies of a supplier's name in its conditions; returns how many changed. Repeatable."""
        named_otherwise = (
            self._collection.where(filter=FieldFilter("supplier_id", "==", supplier_id))
            .where(filter=FieldFilter("supplier_name", "!=", name))
            .order_by("supplier_name")
            .limit(_RENAMED_AT_ONCE)
        )
        renamed = 0
        while found := list(named_otherwise.stream()):
            batch = self._documents.database.batch()
            for snapshot in found:
                batch.update(snapshot.reference, {"supplier_name": name})
            try:
                batch.commit()
            except google.NotFound:  # a document was deleted meanwhile: look again
                continue
            renamed += len(found)
        return renamed

    def of_items(self, item_ids: Iterable[str]) -> dict[str, list[Condition]]:
        """The conditions of each of these items; a read for each condition."""
        grouped: dict[str, list[Condition]] = {item_id: [] for item_id in item_ids}
        wanted = iter(list(grouped))
        while some := list(islice(wanted, _ITEMS_PER_QUERY)):
            query = self._collection.where(
                filter=FieldFilter("item_key", "in", [document_key(item_id) for item_id in some])
            )
            for condition in self._documents.found_by(query):
                grouped[condition.item_id].append(condition)
        return grouped

    def by_item(self) -> dict[str, list[Condition]]:
        """All conditions; one read each."""
        grouped: dict[str, list[Condition]] = defaultdict(list)
        for condition in self._documents.every():
            grouped[condition.item_id].append(condition)
        return grouped

    def rename_suppliers(self, names: Mapping[str, str]) -> int:
        """`rename_supplier` for each of these suppliers; one read for every condition of the tenant."""
        otherwise = {
            fields["supplier_id"]
            for fields in every_document(self._collection)
            if names.get(fields["supplier_id"], fields["supplier_name"]) != fields["supplier_name"]
        }
        return sum(self.rename_supplier(supplier_id, names[supplier_id]) for supplier_id in sorted(otherwise))

    def put(
        self, transaction: Transaction, condition: Condition, before: Versioned[Condition] | None = None
    ) -> Versioned[Condition]:
        """Write the condition; `before` is what a query has found of it, whose document then has to be as it was."""
        if before is not None:
            transaction.depend_on(cast("DocumentSnapshot[Any]", before.times))
        return self._documents.put(transaction, condition)

    def create(self, transaction: Transaction, condition: Condition) -> Versioned[Condition]:
        """Write a condition that there is none of yet, or the commit fails."""
        return self._documents.create(transaction, condition)

    def delete(self, transaction: Transaction, item_id: str, supplier_id: str) -> None:
        self._documents.delete(transaction, _identifier(item_id, supplier_id))

    def put_many(self, conditions: Sequence[Condition]) -> int:
        """Write conditions outside a transaction, in batches; returns how many. For imports, which may be repeated."""
        return self._documents.put_many(conditions)


def _identifier(item_id: str, supplier_id: str) -> str:
    item = item_id.replace("%", "%25").replace("|", "%7C")  # the first bar is where the supplier begins
    return f"{item}|{supplier_id}"


def _rank(condition: Condition) -> tuple[bool, int, str]:
    """The primary supplier's first, then those who deliver sooner."""
    return not condition.is_primary, condition.lead_time_days, condition.supplier_id


def _encode(condition: Condition) -> dict[str, Any]:
    decimals = {name: str(getattr(condition, name)) for name in _DECIMALS}
    return {**vars(condition)} | decimals | {"item_key": document_key(condition.item_id)}


def _decode(fields: Any) -> Condition:
    held = {name: fields[name] for name in _FIELDS if name in fields}
    return Condition(**held | {name: Decimal(fields[name]) for name in _DECIMALS})


_CODEC = Codec[Condition](lambda condition: _identifier(condition.item_id, condition.supplier_id), _encode, _decode)
