"""What planning needs of suppliers, conditions, locations and open orders."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.product import Condition, OpenOrderLine
from shared.firestore.bulk import every_document
from shared.firestore.products import write_batches
from shared.firestore.tenant import Tenant, document_key

if TYPE_CHECKING:
    from google.cloud.firestore import Transaction

OPEN_ORDER_STATUSES = ("pending", "confirmed", "shipped", "partially_received")


class Conditions:
    """Which supplier sells which item, and how: `product_suppliers/{item key + supplier}`."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("product_suppliers")

    def of_item(self, item_id: str, transaction: Transaction | None = None) -> list[Condition]:
        """The item's conditions, the primary supplier's first."""
        query = self._collection.where(filter=FieldFilter("item_id", "==", item_id))
        found = [_condition(one.to_dict()) for one in query.stream(transaction=transaction)]
        return sorted(found, key=lambda one: (not one.is_primary, one.lead_time_days, one.supplier_id))

    def by_item(self) -> dict[str, list[Condition]]:
        """All conditions; one read each."""
        grouped: dict[str, list[Condition]] = defaultdict(list)
        for fields in every_document(self._collection):
            grouped[fields["item_id"]].append(_condition(fields))
        return grouped

    def put_many(self, conditions: list[Condition]) -> int:
        def reference(one: Condition) -> Any:
            item = one.item_id.replace("%", "%25").replace("|", "%7C")  # the first bar is where the supplier begins
            return self._collection.document(document_key(f"{item}|{one.supplier_id}"))

        return write_batches(
            self._tenant,
            (
                (
                    reference(one),
                    {**vars(one)}
                    | {name: str(getattr(one, name)) for name in ("moq", "packaging_qty", "supplier_cost")},
                )
                for one in conditions
            ),
        )


class OpenOrders:
    """What is still to come of purchase orders."""

    def __init__(self, tenant: Tenant) -> None:
        self._collection = tenant.collection("purchase_orders")

    def lines(self) -> list[OpenOrderLine]:
        """The outstanding lines of every open order; one read an order."""
        query = self._collection.where(filter=FieldFilter("status", "in", list(OPEN_ORDER_STATUSES)))
        return [line for found in query.stream() for line in _open_lines(found.to_dict())]

    def of_item(self, item_id: str) -> list[dict[str, Any]]:
        """The open orders that hold the item, as they are shown with it."""
        query = self._collection.where(filter=FieldFilter("item_ids", "array_contains", item_id))
        found = [one.to_dict() or {} for one in query.stream()]
        return [
            {
                "order_id": order["id"],
                "po_number": order["po_number"],
                "supplier_id": order["supplier_id"],
                "status": order["status"],
                "expected_delivery_date": order["expected_delivery_date"],
                "outstanding": sum(
                    (one.outstanding for one in _open_lines(order) if one.item_id == item_id), Decimal(0)
                ),
            }
            for order in found
            if order["status"] in OPEN_ORDER_STATUSES
        ]


class Locations:
    """The tenant's warehouses and shops."""

    def __init__(self, tenant: Tenant) -> None:
        self._collection = tenant.collection("locations")

    def names(self) -> dict[str, str]:
        """location_id -> name, of every location."""
        return {fields["location_id"]: fields["name"] for fields in every_document(self._collection)}


def _condition(fields: Any) -> Condition:
    decimals = {name: Decimal(fields[name]) for name in ("moq", "packaging_qty", "supplier_cost")}
    return Condition(**{**fields, **decimals})


def _open_lines(order: Any) -> list[OpenOrderLine]:
    expected = order.get("expected_delivery_date")
    return [
        OpenOrderLine(
            item_id=line["item_id"],
            location_id=order.get("location_id"),
            outstanding=max(Decimal(line["quantity"]) - Decimal(line["received"]), Decimal(0)),
            expected_delivery_date=dt.date.fromisoformat(expected) if expected else None,
        )
        for line in order["items"]
    ]
