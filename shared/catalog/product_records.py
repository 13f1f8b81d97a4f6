"""What rows of the catalog show of a product's own fields."""

from __future__ import annotations

from typing import Any

from shared.domain.purchasing.product import Product


def product_record(product: Product) -> dict[str, Any]:
    """The product's columns (schema.ROW_SCHEMA), item_id among them."""
    planning = None if product.planning is None else dict(vars(product.planning))
    return {**vars(product), "planning": planning}
