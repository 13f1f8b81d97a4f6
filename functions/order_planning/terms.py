"""The purchase terms of a cart's lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict, cast

import polars as pl

from shared.catalog.live import Catalog
from shared.domain.errors import InvalidField
from shared.domain.purchasing.cart import Pair
from shared.domain.purchasing.product import Condition, SupplierNotLinked
from shared.firestore.conditions import Conditions
from shared.firestore.products import Products
from shared.firestore.tenant import Tenant


class ItemRow(TypedDict):
    """An item in the catalog: its stock, and the terms of the supplier that planning goes by, null without one."""

    item_id: str
    product_name: str
    current_stock: Decimal
    dir: float | None
    lifecycle: str
    last_sale: dt.date | None
    as_of: dt.date
    lead_time_days: int
    supplier_id: str | None
    supplier_name: str
    moq: Decimal
    packaging_qty: Decimal
    supplier_cost: Decimal


class SoldRow(TypedDict):
    """An item in the catalog that a supplier sells, and its terms."""

    item_id: str
    supplier_id: str
    supplier_name: str
    lead_time_days: int
    moq: Decimal
    packaging_qty: Decimal
    supplier_cost: Decimal


_COLUMNS = tuple(ItemRow.__annotations__)
SOLD_COLUMNS = tuple(SoldRow.__annotations__)


@dataclass(frozen=True)
class LineTerms:
    """An item's catalog row, and the condition of the line's supplier; None where there is none."""

    row: ItemRow | None
    condition: Condition | None


def terms_of(tenant: Tenant, catalog: Catalog, pairs: Collection[Pair]) -> dict[Pair, LineTerms]:
    """The terms of these items and suppliers.

    Those of the suppliers that planning goes by are in the catalog; the others cost a read each.
    """
    items = [item_id for item_id, _ in pairs]
    frame = catalog.items.frame.filter(pl.col("item_id").is_in(items)).select(_COLUMNS)
    row_of = {row["item_id"]: cast(ItemRow, row) for row in frame.iter_rows(named=True)}
    conditions = {pair: _ruling(row_of.get(pair[0]), pair) for pair in pairs}
    others = [pair for pair, condition in conditions.items() if condition is None]
    if others:
        conditions |= Conditions(tenant).get_many(others)
    return {pair: LineTerms(row_of.get(pair[0]), conditions[pair]) for pair in pairs}


def condition_of(tenant: Tenant, catalog: Catalog, pair: Pair) -> tuple[LineTerms, Condition]:
    """The terms of one line; they must exist.

    Raises NotFound `product_not_found`, and Invalid `supplier_not_linked` where the supplier does not sell the item.
    """
    terms = terms_of(tenant, catalog, [pair])[pair]
    if terms.condition is not None:
        return terms, terms.condition
    if terms.row is None:
        Products(tenant).get(pair[0])
    raise not_linked(pair)


def not_linked(pair: Pair) -> InvalidField:
    """The refusal of a supplier that does not sell the item."""
    return SupplierNotLinked(pair[1], pair[0]).at("/supplier_id", "link it first: POST /products/{item_id}/suppliers")


def condition_in_catalog(row: SoldRow) -> Condition:
    """The terms of the supplier that planning goes by, as the catalog has them."""
    return Condition(
        item_id=row["item_id"],
        supplier_id=row["supplier_id"],
        supplier_name=row["supplier_name"],
        lead_time_days=row["lead_time_days"],
        moq=row["moq"],
        packaging_qty=row["packaging_qty"],
        supplier_cost=row["supplier_cost"],
        is_primary=True,  # or the only one, or the fastest: it rules, which is all that matters here
    )


def _ruling(row: ItemRow | None, pair: Pair) -> Condition | None:
    """The condition as the catalog has it, if the item is planned with this supplier."""
    if row is None or row["supplier_id"] != pair[1]:
        return None
    return condition_in_catalog(cast(SoldRow, row))
