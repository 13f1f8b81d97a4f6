"""What an import makes of a product: a new one is completed, a stored one keeps what the source leaves blank."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import polars as pl

from shared.domain.errors import InvalidField
from shared.domain.imports.record_checks import Check, field_checks, length_check, quoted
from shared.domain.imports.record_fields import PLANNING_FIELDS, PRODUCT_FIELDS
from shared.domain.purchasing.item_planning import ItemPlanning
from shared.domain.purchasing.product import (
    MAX_PRODUCT_NAME_LENGTH,
    MAX_PRODUCT_TEXT_LENGTH,
    UNCATEGORIZED,
    Product,
)

_NAMES = tuple(field.name for field in fields(Product))
_PLANNED = tuple(field.name for field in PLANNING_FIELDS)
_LONGEST = {
    "sku": MAX_PRODUCT_TEXT_LENGTH,
    "product_name": MAX_PRODUCT_NAME_LENGTH,
    "category": MAX_PRODUCT_TEXT_LENGTH,
}
_LEVEL = next(field for field in PLANNING_FIELDS if field.name == "service_level")


def product_checks() -> list[Check]:
    """What every record of a product has to pass: what a request could set."""
    lengths = [length_check(field, _LONGEST[field.name]) for field in PRODUCT_FIELDS if field.name in _LONGEST]
    certain = pl.format("service_level {} is not between 0 and 1, both excluded", quoted(_LEVEL))
    level = pl.col("service_level")
    return [
        *field_checks(PRODUCT_FIELDS),
        *lengths,
        Check("range", "service_level", (level <= 0) | (level >= 1), certain),
    ]


def planned(stored: ItemPlanning | None, record: Mapping[str, Any]) -> ItemPlanning | None:
    """The planning of an item after an import of this record; what is blank in the source stays. A reason alone plans
    nothing: it belongs to what is planned beside it."""
    values = {name: value for name in _PLANNED if (value := record.get(name)) is not None}
    if not values.keys() - {"reason"}:
        return stored
    if isinstance(level := values.get("service_level"), Decimal):
        values["service_level"] = float(level)
    if isinstance(until := values.get("do_not_order_until"), dt.datetime):
        values["do_not_order_until"] = until.date()
    if values.get("do_not_order") is False:
        values = {"do_not_order_until": None} | values
    changed = replace(stored or ItemPlanning(), **values)
    return None if changed == ItemPlanning() else changed


def planning_problem(stored: Product | None, record: Mapping[str, Any], today: dt.date) -> InvalidField | None:
    """What is wrong with the planning of an item after an import of this record, if anything is."""
    before = None if stored is None else stored.planning
    after = planned(before, record)
    try:
        if after is not None:
            after.check(today, before)
    except InvalidField as error:
        return error
    return None


def upserted(stored: Product | None, record: Mapping[str, Any]) -> Product:
    """The product after an import of this record (None: blank in the source).

    A new product without a name is called by its id, without a category is "Uncategorized", without a cost costs 0;
    any of these marks it `needs_review`. The mark goes when it has all three, and does not come back to a product
    that a person has reviewed.
    """
    item_id = record["item_id"]
    values = {name: value for name, value in record.items() if name in _NAMES and value is not None}
    product = replace(stored or Product(item_id=item_id, product_name=item_id), **values)
    product = replace(product, planning=planned(product.planning, record))
    incomplete = product.category == UNCATEGORIZED or product.unit_cost == 0 or product.product_name == item_id
    return replace(product, needs_review=incomplete and (stored is None or stored.needs_review))
