"""A small shop in which every status, basis and filter occurs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from shared.domain.campaigns.campaign import Campaign, CampaignProduct
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.product import Condition, Product
from shared.domain.purchasing.purchase_order import OrderLine, PurchaseOrder
from shared.firestore.campaigns import Campaigns
from shared.firestore.conditions import Conditions
from tests.support.forecasts import publish_forecast
from tests.support.orders import put_order
from tests.support.tenants import TODAY, TestClient

PRODUCTS = (
    Product("A/1", "Red lantern", category="Lights", unit_cost=Decimal("2.50"), unit_price=Decimal("5.90")),
    Product("b 2", "Blue mug", sku="MUG-BLUE", category="Kitchen", unit_cost=Decimal("4.00")),
    Product("ünï©ødé", "Green LANTERN", category="Lights", unit_cost=Decimal("10.00"), needs_review=True),
    Product("dead", "Grey hat", category="Clothes", unit_cost=Decimal("0.35")),
    Product("strategic", "Spare part", category="Parts", unit_cost=Decimal("99.99"), strategic=True),
    Product("normal", "Tea towel", category="Kitchen", unit_cost=Decimal("1.00")),
    Product("gone", "Candle", category="Lights", unit_cost=Decimal("0.15")),
    Product("ordered", "Bunting", category="Parts", unit_cost=Decimal("3.00")),
    Product("empty", "Nothing", unit_cost=Decimal("0.00"), needs_review=True),
)
STOCK = {
    "A/1": {"LONDON": "10", "DUBLIN": "5"},
    "b 2": {"LONDON": "400"},
    "ünï©ødé": {"LONDON": "7"},
    "dead": {"LONDON": "20.5"},
    "strategic": {"LONDON": "1", "ROTTERDAM": "2"},
    "normal": {"DUBLIN": "30"},
    "gone": {"LONDON": "0"},
    "ordered": {"LONDON": "5"},
}
STATUSES = {
    "A/1": "understocked",
    "b 2": "overstocked",
    "ünï©ødé": "overstocked",
    "dead": "dead_stock",
    "strategic": "overstocked",
    "normal": "normal",
    "gone": "understocked",
    "ordered": "understocked",
    "empty": "normal",
}


def condition(item_id: str, supplier_id: str, days: int, *, primary: bool = False) -> Condition:
    return Condition(
        item_id, supplier_id, f"{supplier_id.title()} Ltd", days, Decimal(12), Decimal(6), Decimal("1.75"), primary
    )


CONDITIONS = [
    condition("A/1", "acme", 10, primary=True),
    condition("A/1", "fast", 3),
    condition("b 2", "fast", 5),
    condition("ordered", "acme", 20),
]


def fill(client: TestClient, *, forecast: bool = True) -> TestClient:
    """Give the client products, stock, sales, a forecast, conditions, an order and a campaign, and refresh."""
    client.stock(PRODUCTS, STOCK)
    Conditions(client.tenant).put_many(CONDITIONS)
    put_order(client, order())
    products = (CampaignProduct("b 2", Decimal("12.50"), "families"),)
    summer = Campaign("1", "Summer", dt.date(2024, 6, 1), dt.date(2024, 6, 30), products, campaign_type="season")
    client.tenant.transact(lambda transaction: Campaigns(client.tenant).put(transaction, summer))
    client.sell(_sales())
    if forecast:
        publish_forecast(client, {"A/1": {"*": 3.0, "LONDON": 2.0, "DUBLIN": 1.0}, "b 2": 1.25})
    client.refresh(rebuild=True)
    return client


def order(order_id: str = "1", **fields: Any) -> PurchaseOrder:
    """20 of `ordered` at 1.75, confirmed, of which 2.5 have arrived; due in three days."""
    received = OrderLine("ordered", "Bunting", Decimal("20.000"), Decimal("2.500"), Decimal("1.75"), 20)
    usual: dict[str, Any] = {
        "id": order_id,
        "po_number": "PO-2024-000001",
        "supplier_id": "acme",
        "supplier_name": "Acme Ltd",
        "status": OrderStatus.CONFIRMED,
        "location_id": "LONDON",
        "currency": "GBP",
        "order_date": TODAY - dt.timedelta(17),
        "expected_delivery_date": TODAY + dt.timedelta(3),
        "created_by": "someone",
        "created_at": dt.datetime(2024, 5, 17, 9, tzinfo=dt.UTC),
        "lines": (received,),
    }
    return PurchaseOrder(**usual | fields)


def _sales() -> list[dict[str, Any]]:
    daily = {"A/1": ("LONDON", 3), "b 2": ("LONDON", 1), "normal": ("DUBLIN", 1), "gone": ("LONDON", 2)}
    recent = [_sale(item, place, day, units) for item, (place, units) in daily.items() for day in range(1, 61)]
    recent += [_sale("ordered", "LONDON", day, day % 3) for day in range(1, 61)]
    return recent + [_sale(item, "LONDON", 200 + day, 4) for item in ("dead", "strategic") for day in range(10)]


def _sale(item_id: str, location_id: str, days_ago: int, units: int) -> dict[str, Any]:
    when = TODAY - dt.timedelta(days_ago)
    return {
        "item_id": item_id,
        "location_id": location_id,
        "date_local": when,
        "units_sold": units,
        "revenue": Decimal(units) * Decimal("7.25"),
    }
