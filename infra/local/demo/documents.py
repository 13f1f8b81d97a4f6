"""The demo's documents that no import brings: clients, users, locations, suppliers, conditions, open orders."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from functions.auth.service import hash_password
from infra.local.demo.assortment import LOCATION_NAMES, SUPPLIERS, TODAY, Assortment, draw
from shared.config import Config
from shared.domain.client import Client
from shared.domain.principal import Role
from shared.domain.product import Condition
from shared.firestore.clients import Clients
from shared.firestore.products import write_batches
from shared.firestore.purchasing import Conditions
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.users import User, Users

DEMO = Client("demo", "Regency Gifts Ltd (demo)", "Europe/London", "GBP", business_date=TODAY)
OTHER = Client("other", "Corner Shop (demo)", "Europe/Dublin", "EUR", business_date=TODAY)
PASSWORD = "stockcast-demo"  # noqa: S105 - the local demo's, printed by `make run`
_OPEN_ORDERS = 24
_LINES_PER_ORDER = 6


def demo_users() -> list[User]:
    """One user a role in the demo client, an administrator in the other one; all with the demo's password."""
    password_hash = hash_password(PASSWORD)
    users = [
        User(f"demo-{role.value.lower()}", f"{role.value.lower()}@demo.example", password_hash, role, DEMO.client_id)
        for role in Role
        if role is not Role.SERVICE
    ]
    # The daily sync works for every client: its token may name any.
    users.append(
        User("demo-service", "service@demo.example", password_hash, Role.SERVICE, DEMO.client_id, platform=True)
    )
    users.append(User("other-admin", "admin@other.example", password_hash, Role.ADMIN, OTHER.client_id))
    return users


def write_master_data(config: Config, assortment: Assortment) -> None:
    """Clients, users, and the demo's locations, suppliers, conditions and open orders. Repeating it changes nothing."""
    for client in (DEMO, OTHER):
        Clients(config.firestore).put(client)
    for user in demo_users():
        Users(config.firestore).put(user)
    tenant = Tenant(config.firestore, DEMO.client_id)
    _write(
        tenant,
        "locations",
        "location_id",
        [{"location_id": place, "name": name, "is_synced": True} for place, name in LOCATION_NAMES.items()],
    )
    _write(
        tenant,
        "suppliers",
        "supplier_id",
        [
            {
                "supplier_id": one.supplier_id,
                "name": one.name,
                "lead_time_days": one.lead_time_days,
                "minimum_order_value": str(one.minimum_order_value) if one.minimum_order_value else None,
                "is_synced": True,
            }
            for one in SUPPLIERS
        ],
    )
    conditions = assortment.conditions()
    Conditions(tenant).put_many(conditions)
    _write(tenant, "purchase_orders", "id", _open_orders(conditions))
    other = Tenant(config.firestore, OTHER.client_id)
    _write(other, "locations", "location_id", [{"location_id": "SHOP", "name": "Corner Shop", "is_synced": True}])


def _open_orders(conditions: list[Condition]) -> list[dict[str, Any]]:
    """Orders on their way, in every open status: placed days ago with the primary supplier of a few items each."""
    primary = [one for one in conditions if one.is_primary and draw(one.item_id, "ordered") < 0.06]
    by_supplier: dict[str, list[Condition]] = {}
    for one in primary:
        by_supplier.setdefault(one.supplier_id, []).append(one)
    statuses = ("pending", "confirmed", "shipped", "partially_received")
    orders: list[dict[str, Any]] = []
    for supplier_id, lines in sorted(by_supplier.items()):
        for start in range(0, len(lines), _LINES_PER_ORDER):
            if len(orders) == _OPEN_ORDERS:
                return orders
            number = len(orders) + 1
            orders.append(
                _order(number, supplier_id, lines[start : start + _LINES_PER_ORDER], statuses[number % len(statuses)])
            )
    return orders


def _order(number: int, supplier_id: str, lines: list[Condition], status: str) -> dict[str, Any]:
    ordered = TODAY - dt.timedelta(days=2 + number % 9)
    expected = ordered + dt.timedelta(days=max(line.lead_time_days for line in lines))
    return {
        "id": f"demo-po-{number:03d}",
        "po_number": f"PO-{ordered.year}-{number:06d}",
        "supplier_id": supplier_id,
        "status": status,
        "location_id": "LONDON",
        "order_date": ordered.isoformat(),
        "expected_delivery_date": expected.isoformat(),
        "item_ids": [line.item_id for line in lines],
        "items": [
            {
                "item_id": line.item_id,
                "quantity": str(line.moq * 2),
                "received": str(line.moq if status == "partially_received" else Decimal("0.000")),
                "unit_price": str(line.supplier_cost),
            }
            for line in lines
        ],
    }


def _write(tenant: Tenant, collection: str, key: str, documents: list[dict[str, Any]]) -> None:
    references = tenant.collection(collection)
    write_batches(tenant, ((references.document(document_key(one[key])), one) for one in documents))
