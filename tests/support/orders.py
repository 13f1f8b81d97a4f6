"""Purchase orders made by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.purchase_order import OrderLine, PurchaseOrder
from shared.firestore.purchase_orders import PurchaseOrders
from tests.support.tenants import TODAY, TestClient


def order(
    number: int, *, status: str = "confirmed", item_ids: tuple[str, ...] = ("a",), **fields: Any
) -> PurchaseOrder:
    """Order PO-2024-<number>, placed `number` days before TODAY: 10 units at 2.50 of each item."""
    given: dict[str, Any] = {
        "id": f"order-{number}",
        "po_number": f"PO-2024-{number:06d}",
        "supplier_id": "acme",
        "supplier_name": "Acme Ltd",
        "status": OrderStatus(status),
        "location_id": "LONDON",
        "currency": "GBP",
        "order_date": TODAY - dt.timedelta(number),
        "expected_delivery_date": TODAY + dt.timedelta(10),
        "lines": tuple(
            OrderLine(item, item.title(), Decimal("10.000"), Decimal("0.000"), Decimal("2.50"), 10) for item in item_ids
        ),
        "created_by": "someone",
        "created_at": dt.datetime(2024, 6, 1, tzinfo=dt.UTC),
    }
    return PurchaseOrder(**given | fields)


def put_order(client: TestClient, placed: PurchaseOrder) -> None:
    client.tenant.transact(lambda transaction: PurchaseOrders(client.tenant).put(transaction, placed))
