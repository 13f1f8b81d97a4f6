"""Which supplier sells which item, and how: `product_suppliers/{item key + supplier}`, decimals as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from google.api_core import exceptions as google
from google.cloud.firestore import FieldFilter

from shared.domain.errors import NotFound
from shared.domain.purchasing.product import Condition
from shared.firestore.bulk import every_document
from shared.firestore.products import write_batches
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

_RENAMED_AT_ONCE = 400
_ITEMS_PER_QUERY = 30  # Firestore takes as many values
_DECIMALS = ("moq", "packaging_qty", "supplier_cost")


class Conditions:
    """The conditions of one tenant. They change only together with the item's change document (catalog/edit.py)."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("product_suppliers")

    def get(self, item_id: str, supplier_id: str) -> tuple[Condition, str]:
        """The condition and its version (ETag); raises NotFound."""
        found = self._reference(item_id, supplier_id).get()
        if not found.exists:
            raise NotFound("condition_not_found", f"supplier {supplier_id!r} is not linked to product {item_id!r}")
        return _condition(found.to_dict()), found.update_time.isoformat()

    def of_item(self, item_id: str) -> list[Condition]:
        """The item's conditions, the primary supplier's first; a read for each."""
        return [each.value for each in self.of_item_with_versions(item_id)]

    def of_item_with_versions(self, item_id: str) -> list[Versioned[Condition]]:
        """The item's conditions as `of_item` has them, each with its version (ETag)."""
        query = self._collection.where(filter=FieldFilter("item_id", "==", item_id))
        conditions = [Versioned(_condition(each.to_dict()), each.update_time.isoformat()) for each in query.stream()]
        return sorted(conditions, key=lambda each: _rank(each.value))

    def get_many(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Condition]:
        """The conditions of these items and suppliers, those that there are; one call, a read for each pair."""
        references = [self._reference(item_id, supplier_id) for item_id, supplier_id in pairs]
        found = [_condition(one.to_dict()) for one in self._tenant.database.get_all(references) if one.exists]
        return {(one.item_id, one.supplier_id): one for one in found}

    def of_supplier(self, supplier_id: str, size: int, after: str | None = None) -> list[Condition]:
        """Up to `size` conditions of a supplier by item_id, those of the items behind `after`; a read for each."""
        query = self._collection.where(filter=FieldFilter("supplier_id", "==", supplier_id)).order_by("item_id")
        if after is not None:
            query = query.start_after({"item_id": after})
        return [_condition(one.to_dict()) for one in query.limit(size).stream()]

    def rename_supplier(self, supplier_id: str, name: str) -> int:
        """Bring the copies of a supplier's name in its conditions in line; returns how many were not. Repeatable."""
        named_otherwise = (
            self._collection.where(filter=FieldFilter("supplier_id", "==", supplier_id))
            .where(filter=FieldFilter("supplier_name", "!=", name))
            .order_by("supplier_name")
            .limit(_RENAMED_AT_ONCE)
        )
        renamed = 0
        while found := list(named_otherwise.stream()):
            batch = self._tenant.database.batch()
            for one in found:
                batch.update(one.reference, {"supplier_name": name})
            try:
                batch.commit()
            except google.NotFound:  # one was deleted meanwhile: look again
                continue
            renamed += len(found)
        return renamed

    def of_items(self, item_ids: Iterable[str]) -> dict[str, list[Condition]]:
        """The conditions of each of these items; a read for each condition."""
        grouped: dict[str, list[Condition]] = {item_id: [] for item_id in item_ids}
        wanted = iter(list(grouped))
        while some := list(islice(wanted, _ITEMS_PER_QUERY)):
            query = self._collection.where(filter=FieldFilter("item_id", "in", some))
            for one in query.stream():
                condition = _condition(one.to_dict())
                grouped[condition.item_id].append(condition)
        return grouped

    def by_item(self) -> dict[str, list[Condition]]:
        """All conditions; one read each."""
        grouped: dict[str, list[Condition]] = defaultdict(list)
        for fields in every_document(self._collection):
            grouped[fields["item_id"]].append(_condition(fields))
        return grouped

    def rename_suppliers(self, names: Mapping[str, str]) -> int:
        """`rename_supplier` for each of these suppliers; one read for every condition of the tenant."""
        otherwise = {
            fields["supplier_id"]
            for fields in every_document(self._collection)
            if names.get(fields["supplier_id"], fields["supplier_name"]) != fields["supplier_name"]
        }
        return sum(self.rename_supplier(supplier_id, names[supplier_id]) for supplier_id in sorted(otherwise))

    def put(self, transaction: Transaction, condition: Condition) -> Versioned[Condition]:
        reference = self._reference(condition.item_id, condition.supplier_id)
        return Versioned(condition, transaction.set(reference, _fields(condition)))

    def delete(self, transaction: Transaction, item_id: str, supplier_id: str) -> None:
        transaction.delete(self._reference(item_id, supplier_id))

    def put_many(self, conditions: Sequence[Condition]) -> int:
        """Write conditions outside a transaction, in batches; returns how many. For imports, which may be repeated."""
        return write_batches(
            self._tenant, ((self._reference(one.item_id, one.supplier_id), _fields(one)) for one in conditions)
        )

    def _reference(self, item_id: str, supplier_id: str) -> DocumentReference:
        item = item_id.replace("%", "%25").replace("|", "%7C")  # the first bar is where the supplier begins
        return self._collection.document(document_key(f"{item}|{supplier_id}"))


def _rank(condition: Condition) -> tuple[bool, int, str]:
    """The primary supplier's first, then those who deliver sooner."""
    return not condition.is_primary, condition.lead_time_days, condition.supplier_id


def _fields(condition: Condition) -> dict[str, Any]:
    return {**vars(condition)} | {name: str(getattr(condition, name)) for name in _DECIMALS}


def _condition(fields: Any) -> Condition:
    decimals = {name: Decimal(fields[name]) for name in _DECIMALS}
    return Condition(**{**fields, **decimals})
