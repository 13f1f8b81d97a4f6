"""Stock to move before more is bought: from where an item is in surplus to where it is short."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict, cast

import polars as pl

from functions.order_planning.selection import in_categories
from functions.order_planning.transfer_schemas import SuggestedTransfer, SuggestedTransferQuery
from shared.catalog.allocation import has_transfers, items_with_places
from shared.catalog.live import Catalog, current_catalog
from shared.catalog.per_catalog import PerCatalog
from shared.catalog.schema import ROW_SCHEMA
from shared.domain.money import plain
from shared.domain.planning.allocation import moves, sold_in, units
from shared.request_context import RequestContext

_QUANTITY = ROW_SCHEMA["current_stock"]
_MOVE = {"item_id": pl.String(), "from_location_id": pl.String(), "to_location_id": pl.String(), "quantity": _QUANTITY}
_ALL = "all"


class _Row(TypedDict):
    """A move with what both of its ends have; `ahead` is what is there or arrives in time, less what is committed."""

    item_id: str
    product_name: str
    category: str
    from_location_id: str
    to_location_id: str
    quantity: Decimal
    from_stock: Decimal
    from_ahead: Decimal
    from_order_up_to: Decimal
    to_stock: Decimal
    to_ahead: Decimal
    to_order_up_to: Decimal
    stockout_risk: float
    sales_at_risk: Decimal


def suggested_transfers(context: RequestContext, query: SuggestedTransferQuery) -> tuple[int, list[SuggestedTransfer]]:
    """How many transfers the filters leave, and a page of them: those first that save most sales."""
    catalog = current_catalog(context.tenant)
    rows = _TRANSFERS.of(catalog, _ALL)
    conditions = [
        pl.col(name).is_in(list(values))
        for name in ("item_id", "from_location_id", "to_location_id")
        if (values := getattr(query, name))
    ]
    if query.category:
        conditions.append(in_categories(query.category))
    if conditions:
        rows = rows.filter(conditions)
    page = rows.slice(query.offset, query.page_size).iter_rows(named=True)
    return rows.height, [_line(cast(_Row, row), catalog) for row in page]


def _computed(catalog: Catalog, _key: str) -> pl.DataFrame:
    """All transfers, as rows of _Row, in the order of the list."""
    rows = catalog.locations.frame.filter(has_transfers())
    packs = dict(rows.select("item_id", pl.col("packaging_qty").to_physical().cast(pl.Int64)).iter_rows())
    made = pl.DataFrame(
        [
            (item_id, move.from_location_id, move.to_location_id, units(move.quantity))
            for item_id, places in items_with_places(rows)
            for move in moves(places, sold_in(packs[item_id]))
        ],
        schema=_MOVE,
        orient="row",
    )
    ahead = pl.col("current_stock") + pl.col("receipts_covering") - pl.col("committed")
    ends = rows.select(
        "item_id",
        "location_id",
        "product_name",
        "category",
        "order_up_to",
        "stockout_risk",
        "sales_at_risk",
        stock="current_stock",
        ahead=ahead.cast(_QUANTITY),
    )
    sides = ("stock", "ahead", "order_up_to")
    givers = ends.select("item_id", "location_id", *(pl.col(name).alias(f"from_{name}") for name in sides))
    receivers = ends.rename({name: f"to_{name}" for name in sides})
    return (
        made.join(givers, left_on=["item_id", "from_location_id"], right_on=["item_id", "location_id"])
        .join(receivers, left_on=["item_id", "to_location_id"], right_on=["item_id", "location_id"])
        .select(*_Row.__annotations__)
        .sort(
            "sales_at_risk",
            "stockout_risk",
            "item_id",
            "to_location_id",
            "from_location_id",
            descending=[True, True, False, False, False],
        )
    )


def _line(row: _Row, catalog: Catalog) -> SuggestedTransfer:
    """Not validated: its figures are the catalog's own."""
    shown = {name: row[name] for name in _SHOWN}  # type: ignore[literal-required]
    return cast(SuggestedTransfer, shown | {"reason": _reason(row), "as_of": catalog.pointer.as_of})


_SHOWN = tuple(name for name in SuggestedTransfer.__annotations__ if name in _Row.__annotations__)


def _reason(row: _Row) -> str:
    lack = row["to_order_up_to"] - row["to_ahead"]
    surplus = row["from_ahead"] - row["from_order_up_to"]
    lost = f", and sales of {row['sales_at_risk']} are at risk there" if row["sales_at_risk"] > 0 else ""
    return (
        f"{row['to_location_id']} has {plain(row['to_stock'])} in stock and lacks {plain(lack)} of the "
        f"{plain(row['to_order_up_to'])} that it is ordered up to{lost}; {row['from_location_id']} has "
        f"{plain(row['from_stock'])}, {plain(surplus)} more than it needs itself: "
        f"move {plain(row['quantity'])}."
    )


# For everybody.
_TRANSFERS = PerCatalog[str, pl.DataFrame](_computed)
