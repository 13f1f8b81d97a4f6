"""A shop that buys thirty items from three suppliers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests

from shared.config import config
from shared.domain.access.principal import Principal, Role
from shared.domain.location import Location
from shared.domain.purchasing.cart import Cart, CartLine
from shared.domain.purchasing.product import Condition, Product
from shared.domain.purchasing.supplier import Supplier
from shared.domain.settings import Settings
from shared.firestore.carts import Carts
from shared.firestore.conditions import Conditions
from shared.firestore.locations import Locations
from shared.firestore.suppliers import Suppliers
from shared.firestore.transaction import Transaction
from shared.http.tokens import issue_access_token
from tests.support.catalogs import catalog_rows, publish
from tests.support.tenants import TestClient

ITEMS = tuple(f"item {number:02d}/x" for number in range(30))
SUPPLIERS = ("acme", "best", "cheap")
AT = dt.datetime(2024, 6, 3, 9, tzinfo=dt.UTC)


def supplier_of(item_id: str) -> str:
    """Ten items in a row have the same one."""
    return SUPPLIERS[ITEMS.index(item_id) // 10]


def condition(item_id: str) -> Condition:
    """MOQ 12 in packs of 6 at 1.75; the lead time is 5 days for the first item and a day more for each next one."""
    supplier, days = supplier_of(item_id), 5 + ITEMS.index(item_id)
    return Condition(
        item_id, supplier, supplier.title(), days, Decimal(12), Decimal(6), Decimal("1.75"), is_primary=True
    )


@dataclass(frozen=True)
class Shop:
    """The shop's client, and what the tests look at again and again."""

    client: TestClient

    def fill_cart(self, *items: str, user_id: str | None = None, quantity: str = "12.000") -> None:
        """Put these items into a user's cart, each from its supplier."""
        lines = tuple(CartLine(item, supplier_of(item), Decimal(quantity), AT) for item in items)
        cart = Cart(user_id or self.user_id, lines)
        self.client.tenant.transact(lambda transaction: Carts(self.client.tenant).put(transaction, cart))

    def cart(self, user_id: str | None = None) -> list[str]:
        return [line.item_id for line in Carts(self.client.tenant).get(user_id or self.user_id).lines]

    def create(self, *items: str, key: str | None = None, **fields: Any) -> requests.Response:
        """Order 12 of each item from the first one's supplier."""
        body = {"supplier_id": supplier_of(items[0]), "items": [{"item_id": one, "quantity": 12} for one in items]}
        return self.client.post("/purchase-orders", json=body | fields, headers=_key(key))

    def order(self, *items: str, status: str = "pending", **fields: Any) -> dict[str, Any]:
        """An order in this status."""
        response = self.create(*(items or ITEMS[:2]), **fields)
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.json()
        for to in {"confirmed": ["confirmed"], "shipped": ["confirmed", "shipped"]}.get(status, []):
            made = self.move(made["id"], to).json()
        assert made["status"] == status
        return made

    def from_cart(self, key: str | None = None, **fields: Any) -> requests.Response:
        return self.client.post("/purchase-orders/from-cart", json=fields, headers=_key(key))

    def move(self, order_id: str, to: str, **fields: Any) -> requests.Response:
        return self.client.call("PUT", f"/purchase-orders/{order_id}/status", json={"status": to} | fields)

    def receive(
        self, order_id: str, arrived: Mapping[str, float], key: str | None = None, **fields: Any
    ) -> requests.Response:
        lines = [{"item_id": item, "quantity": units} for item, units in arrived.items()]
        body = {"lines": lines} | fields
        return self.client.post(f"/purchase-orders/{order_id}/receipts", json=body, headers=_key(key))

    def orders(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(f"/purchase-orders?page_size=200&{query}").json()["items"]
        return found

    def row(self, item_id: str) -> dict[str, Any]:
        """The item as the product list has it."""
        (found,) = self.client.get("/products", params={"search": item_id}).json()["items"]
        return dict(found)

    def set(self, **settings: Any) -> None:
        self.client.put_settings(Settings(**settings))

    def as_user(self, user_id: str) -> dict[str, str]:
        """The headers of a request by another buyer."""
        caller = Principal(user_id, self.client.client_id, Role.PROCUREMENT, platform=False)
        return {"Authorization": f"Bearer {issue_access_token(config(), caller, dt.datetime.now(dt.UTC))}"}

    @property
    def user_id(self) -> str:
        return f"user-{self.client.client_id}"


def _key(key: str | None) -> dict[str, str]:
    return {} if key is None else {"Idempotency-Key": key}


def open_shop(client: TestClient) -> Shop:
    """Give the client products with 10 in London each, suppliers, conditions, two locations and a catalog."""
    tenant = client.tenant
    client.stock([Product(item, item.title()) for item in ITEMS], {item: {"LONDON": "10"} for item in ITEMS})
    Suppliers(tenant).put_many(Supplier(one, f"{one.title()} Ltd") for one in SUPPLIERS)
    Conditions(tenant).put_many([condition(item) for item in ITEMS])

    def locations(transaction: Transaction) -> None:
        Locations(tenant).put(transaction, Location("LONDON", "London", is_default=True))
        transaction.set(tenant.collection("locations").document("DUBLIN"), {"location_id": "DUBLIN", "name": "Dublin"})

    tenant.transact(locations)
    rows = [
        {"item_id": item, "product_name": item.title(), "location_id": place, "current_stock": Decimal(10)}
        for item in ITEMS
        for place in (None, "LONDON")
    ]
    publish(tenant, catalog_rows(*rows))
    return Shop(client)
