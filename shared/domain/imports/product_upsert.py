"""What an import makes of a product: a new one is completed, a stored one keeps what the source leaves blank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from shared.domain.imports.record_checks import Check, field_checks, length_check
from shared.domain.imports.record_fields import PRODUCT_FIELDS
from shared.domain.purchasing.product import (
    MAX_PRODUCT_NAME_LENGTH,
    MAX_PRODUCT_TEXT_LENGTH,
    UNCATEGORIZED,
    Product,
)

_NAMES = tuple(field.name for field in fields(Product))
_LONGEST = {
    "sku": MAX_PRODUCT_TEXT_LENGTH,
    "product_name": MAX_PRODUCT_NAME_LENGTH,
    "category": MAX_PRODUCT_TEXT_LENGTH,
}


def product_checks() -> list[Check]:
    """What every record of a product has to pass: what a request could set."""
    lengths = [length_check(field, _LONGEST[field.name]) for field in PRODUCT_FIELDS if field.name in _LONGEST]
    return [*field_checks(PRODUCT_FIELDS), *lengths]


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
