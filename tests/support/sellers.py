"""A shop with a catalog and some weeks of sales."""

from __future__ import annotations

from tests.support.catalogs import catalog_rows, publish
from tests.support.tenants import TestClient

SOLD = {"A/1": 4, "b 2": 2, "c": 1}
CLASSES = {"A/1": "A", "b 2": "B", "c": "B", "quiet": None}
EVIL_NAME = '<script>alert("1")</script> & more'


def make_seller(client: TestClient) -> TestClient:
    """Three items that sold on each of the last 60 days at LONDON, one of them at DUBLIN too; one that never did."""
    client.sell_daily(SOLD)
    client.sell_daily({"A/1": 1}, location_id="DUBLIN")
    rows = [{"item_id": item, "product_name": f"{item} {EVIL_NAME}", "abc": abc} for item, abc in CLASSES.items()]
    publish(client.tenant, catalog_rows(*rows))
    return client
