"""The products of the full shop, published by hand and free to change: faster than a refresh."""

from __future__ import annotations

from decimal import Decimal

from shared.catalog.live import current_catalog
from shared.domain.location import Location
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.locations import Locations
from shared.firestore.suppliers import Suppliers
from tests.support.catalogs import catalog_rows, profile, profile_frame, publish
from tests.support.shops import PRODUCTS, STOCK
from tests.support.tenants import TestClient

SUPPLIERS = (
    Supplier("acme", "Acme Ltd", lead_time_days=10),
    Supplier("fast", "Fast Ltd"),
    Supplier("Smith & Sons/Ltd", "Smith & Sons"),
)


def editable_shop(client: TestClient) -> TestClient:
    """Give the client products, stock, three locations and SUPPLIERS; 3 of A/1 are expected to sell a day."""
    client.stock(PRODUCTS, STOCK)
    Locations(client.tenant).put_many([Location(place, place.title()) for place in ("LONDON", "DUBLIN", "ROTTERDAM")])
    Suppliers(client.tenant).put_many(SUPPLIERS)
    rows = [
        {**vars(one), "location_id": place, "current_stock": units}
        for one in PRODUCTS
        for place, units in _levels(one.item_id).items()
    ]
    publish(client.tenant, catalog_rows(*rows), profile_frame(profile("A/1", daily=[3.0] * 90)))
    return client


def row(client: TestClient, item_id: str = "A/1") -> dict[str, object]:
    """The item's whole row in the catalog as the next request sees it."""
    return current_catalog(client.tenant).items.rows_of(item_id).row(0, named=True)


def _levels(item_id: str) -> dict[str | None, Decimal]:
    levels: dict[str | None, Decimal] = {place: Decimal(units) for place, units in STOCK.get(item_id, {}).items()}
    return {None: sum(levels.values(), Decimal(0))} | levels
