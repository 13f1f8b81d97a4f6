"""A shop planned by hand: every figure of its suggestions can be checked in the head.

Each item sells the same every day, so with a safety buffer of 7 days the policy forecast_30d orders up to 37 times as
much.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from shared.catalog.edit import edit_catalog
from shared.catalog.supplier_records import supplier_record
from shared.config import config
from shared.domain.access.principal import Principal, Role
from shared.domain.location import Location
from shared.domain.purchasing.product import Condition, Product
from shared.domain.purchasing.supplier import Supplier
from shared.domain.settings import Settings
from shared.firestore.conditions import Conditions
from shared.firestore.locations import Locations
from shared.firestore.suppliers import Suppliers
from shared.http.tokens import issue_access_token
from tests.support.catalogs import catalog_rows, profile, profile_frame, publish
from tests.support.tenants import TestClient

SUPPLIERS = {"acme": "Acme Ltd", "fast": "Fast Ltd"}


def item(
    item_id: str,
    stock: str,
    daily: float,
    supplier: str | None = "acme",
    *,
    lead: int = 10,
    moq: str = "0",
    pack: str = "1",
    cost: str = "1.00",
    places: dict[str, str] | None = None,
) -> dict[str, Any]:
    """An item with its stock, its demand a day and the terms of its supplier."""
    terms: dict[str, Any] = {"lead_time_days": lead}
    if supplier is not None:
        terms |= {"supplier_id": supplier, "supplier_name": SUPPLIERS[supplier], "moq": Decimal(moq)}
        terms |= {"packaging_qty": Decimal(pack), "supplier_cost": Decimal(cost)}
    row = {"item_id": item_id, "product_name": f"The {item_id}", "current_stock": Decimal(stock), **terms}
    return {"row": row, "daily": daily, "places": places or {}}


ITEMS = (
    item("A/1", "15", 3.0, moq="12", pack="6", cost="1.75", places={"LONDON": "15", "DUBLIN": "0"}),
    item("uplifted", "10", 1.0, moq="50", pack="4", cost="2.00"),
    item("next", "30", 1.0, moq="60", pack="12", cost="3.00"),
    item("later", "36", 1.0, moq="10", cost="5.00"),
    item("latest", "60", 1.0, cost="5.00"),
    item("quick", "2", 1.0, "fast", lead=3, cost="0.50"),
    item("plenty", "400", 1.25, "fast", lead=5, moq="12", pack="6", cost="4.00"),
    item("quiet", "20.5", 0.0, "fast", cost="9.99"),
    item("orphan", "0", 2.0, None, lead=14),
)
OTHER_TERMS = (
    Condition("A/1", "fast", "Fast Ltd", 3, Decimal(5), Decimal(5), Decimal("2.00"), is_primary=False),
    Condition("uplifted", "fast", "Fast Ltd", 30, Decimal(0), Decimal("0.5"), Decimal("0.25"), is_primary=False),
)


THIRTY_DAYS = Settings(replenishment_policy="forecast_30d")


def plan(client: TestClient, settings: Settings = THIRTY_DAYS) -> TestClient:
    client.put_settings(settings)
    rows, profiles = [], []
    lead_time_days = settings.default_lead_time_days
    for one in ITEMS:
        default = {} if "supplier_id" in one["row"] else {"lead_time_days": lead_time_days}
        rows.append(one["row"] | default)
        profiles.append(profile(one["row"]["item_id"], daily=[one["daily"]] * 90))
        for place, units in one["places"].items():
            rows.append(one["row"] | {"location_id": place, "current_stock": Decimal(units)})
            profiles.append(profile(one["row"]["item_id"], place, daily=[one["daily"] / len(one["places"])] * 90))
    publish(client.tenant, catalog_rows(*rows), profile_frame(*profiles), settings=settings)
    Conditions(client.tenant).put_many(OTHER_TERMS)
    acme = Supplier("acme", "Acme Ltd", minimum_order_value=Decimal("500.00"))
    edit_catalog(client.tenant, lambda edit: edit.put("suppliers", supplier_record(acme, None)))
    return client


def plan_to_order(client: TestClient) -> TestClient:
    """The same shop with the documents of what its catalog names, so that its orders are placed and received."""
    plan(client)
    Suppliers(client.tenant).put_many(
        Supplier(supplier_id, name, minimum_order_value=Decimal("500.00") if supplier_id == "acme" else None)
        for supplier_id, name in SUPPLIERS.items()
    )
    Locations(client.tenant).put_many(Location(place, place.title()) for place in ("LONDON", "DUBLIN"))
    rows = [(one["row"], one["places"]) for one in ITEMS]
    client.stock(
        [Product(row["item_id"], row["product_name"]) for row, _ in rows],
        {row["item_id"]: places or {"LONDON": str(row["current_stock"])} for row, places in rows},
    )
    Conditions(client.tenant).put_many([_terms_of(row) for row, _ in rows if "supplier_id" in row])
    return client


def _terms_of(row: dict[str, Any]) -> Condition:
    names = ("item_id", "supplier_id", "supplier_name", "lead_time_days", "moq", "packaging_qty", "supplier_cost")
    return Condition(**{name: row[name] for name in names}, is_primary=True)


def signed_in(client: TestClient, user_id: str, role: Role = Role.PROCUREMENT) -> dict[str, str]:
    """The header of another user of the client."""
    token = issue_access_token(config(), Principal(user_id, client.client_id, role), dt.datetime.now(dt.UTC))
    return {"Authorization": f"Bearer {token}"}
