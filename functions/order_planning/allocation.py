"""Who gets how much of what is ordered, as the lines of the suggestions show it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from functions.order_planning.transfer_schemas import ItemTransfer, Share
from shared.catalog.allocation import Allocation, allocations
from shared.catalog.live import Catalog
from shared.catalog.per_catalog import PerCatalog
from shared.domain.planning.allocation import units

_KEPT_LOCATIONS = 8  # of a catalog
_COLUMNS = ("item_id", "location_id", "order_up_to", "current_stock", "committed", "receipts_covering", "lifecycle")


@dataclass(frozen=True)
class AllocationView:
    """An allocation as answers have it."""

    allocation: list[Share]
    transfers: list[ItemTransfer]

    @classmethod
    def of(cls, allocated: Allocation) -> AllocationView:
        return cls(
            [{"location_id": place, "quantity": units(share)} for place, share in allocated.shares.items()],
            [
                {
                    "from_location_id": move.from_location_id,
                    "to_location_id": move.to_location_id,
                    "quantity": units(move.quantity),
                }
                for move in allocated.moves
            ],
        )


NOWHERE = AllocationView([], [])


def allocations_of(catalog: Catalog, ordered: pl.DataFrame) -> dict[str, AllocationView]:
    """The allocation of each of these suggestions that is kept somewhere."""
    places = catalog.locations.rows_of_items(ordered["item_id"].to_list(), _COLUMNS)
    items = ordered.select("item_id", "packaging_qty", reorder_quantity="order_quantity")
    return {item_id: AllocationView.of(allocated) for item_id, allocated in allocations(items, places)}


def whole_rows(catalog: Catalog) -> pl.DataFrame:
    """The rows of items as a whole, with `order_quantity`."""
    return catalog.items.frame.with_columns(order_quantity="reorder_quantity")


def rows_at(catalog: Catalog, location_id: str) -> pl.DataFrame:
    """The rows of the items at a location; `reorder_quantity` is its share of `order_quantity`, which is ordered of the
    item for all locations."""
    return _AT_LOCATION.of(catalog, location_id)


def _rows_at(catalog: Catalog, location_id: str) -> pl.DataFrame:
    rows = catalog.locations.frame.filter(pl.col("location_id") == location_id)
    orders = catalog.items.frame.select("item_id", order_quantity="reorder_quantity")
    return rows.join(orders, on="item_id", how="left", maintain_order="left")


# For everybody.
_AT_LOCATION = PerCatalog[str, pl.DataFrame](_rows_at, kept=_KEPT_LOCATIONS)
