"""What an import makes of a product: a new one is completed, a stored one keeps what the source leaves blank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from shared.domain.purchasing.product import UNCATEGORIZED, Product

_NAMES = tuple(field.name for field in fields(Product))


def upserted(stored: Product | None, record: Mapping[str, Any]) -> Product:
    """The product after an import of this record (None: blank in the source).

    A new product without a name is called by its id, without a category is "Uncategorized", without a cost costs 0;
    any of these marks it `needs_review`. The mark goes when it has all three, and does not come back to a product
    that a person has reviewed.
    """
    item_id = record["item_id"]
    values = {name: value for name, value in record.items() if name in _NAMES and value is not None}
    product = replace(stored or Product(item_id=item_id, product_name=item_id), **values)
    incomplete = product.category == UNCATEGORIZED or product.unit_cost == 0 or product.product_name == item_id
    return replace(product, needs_review=incomplete and (stored is None or stored.needs_review))
