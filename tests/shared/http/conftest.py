"""A client whose catalog holds the item ids that are hard to put into a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.running import Running
    from tests.support.tenants import TestClient


@pytest.fixture(scope="module")
def shop(running: Running) -> TestClient:
    from shared.domain.purchasing.product import Product
    from tests.support.catalogs import catalog_rows, publish
    from tests.support.hard_ids import HARD_IDS

    client = running.new_client()
    products = [Product(item, f"Product {number}") for number, item in enumerate(HARD_IDS)]
    client.stock(products, {})
    rows = ({"item_id": product.item_id, "product_name": product.product_name} for product in products)
    publish(client.tenant, catalog_rows(*rows))
    return client
