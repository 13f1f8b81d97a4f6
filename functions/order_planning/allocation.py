"""The catalog's items at their locations: who gets how much of a purchase, and what moves between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

import polars as pl

from functions.order_planning.transfer_schemas import ItemTransfer, Share
from shared.catalog.live import Catalog
from shared.catalog.per_catalog import PerCatalog
from shared.catalog.schema import ROW_SCHEMA
from shared.domain.planning.allocation import Move, PlaceStock, moves, shares, sold_in
from shared.domain.planning.stock_status import Lifecycle

_QUANTITY = ROW_SCHEMA["reorder_quantity"]
_KEPT_LOCATIONS = 8  # of a catalog
_COLUMNS = ("item_id", "location_id", "order_up_to", "current_stock", "committed", "receipts_covering", "lifecycle")


@dataclass(frozen=True)
class Allocation:
    """An item at its locations, in thousandths: each one's share of the purchase, and what to move."""

    shares: dict[str, int]
    moves: list[Move]

    @property
    def allocation(self) -> list[Share]:
        """The shares as answers have them."""
        return [{"location_id": place, "quantity": units(share)} for place, share in self.shares.items()]

    @property
    def transfers(self) -> list[ItemTransfer]:
        """The moves as answers have them."""
        return [
            {
                "from_location_id": move.from_location_id,
                "to_location_id": move.to_location_id,
                "quantity": units(move.quantity),
            }
            for move in self.moves
        ]


NOWHERE = Allocation({}, [])


def allocations(catalog: Catalog, items: pl.DataFrame) -> dict[str, Allocation]:
    """Of each item that is kept somewhere: its allocation.

    Of the rows `items` item_id, order_quantity and packaging_qty count.
    """
    columns = (pl.col("item_id"), *(_thousandths(name) for name in ("order_quantity", "packaging_qty")))
    purchases = {item_id: terms for item_id, *terms in items.select(columns).iter_rows()}
    rows = catalog.locations.rows_of_items(list(purchases), _COLUMNS)
    allocated = {}
    for item_id, places in items_with_places(rows):
        quantity, packaging_qty = purchases[item_id]
        unit = sold_in(packaging_qty)
        made = moves(places, unit)
        allocated[item_id] = Allocation(shares(quantity, places, made, unit), made)
    return allocated


def whole_rows(catalog: Catalog) -> pl.DataFrame:
    """The rows of items as a whole, with `order_quantity`."""
    return catalog.items.frame.with_columns(order_quantity="reorder_quantity")


def rows_at(catalog: Catalog, location_id: str) -> pl.DataFrame:
    """The rows of the items at a location; `reorder_quantity` is its share of `order_quantity`, which is ordered of the
    item for all locations."""
    return _AT_LOCATION.of(catalog, location_id)


def _rows_at(catalog: Catalog, location_id: str) -> pl.DataFrame:
    rows = catalog.locations.frame.filter(pl.col("location_id") == location_id)
    here = pl.col("item_id").is_in(rows["item_id"].implode())
    items = whole_rows(catalog).filter(pl.col("order_quantity") > 0, here)
    parts = [
        (item_id, units(allocated.shares.get(location_id, 0)))
        for item_id, allocated in allocations(catalog, items).items()
    ]
    share = pl.DataFrame(parts, schema={"item_id": pl.String(), "share": _QUANTITY}, orient="row")
    nothing = pl.lit(0, _QUANTITY)
    return (
        rows.join(items.select("item_id", "order_quantity"), on="item_id", how="left", maintain_order="left")
        .join(share, on="item_id", how="left", maintain_order="left")
        .with_columns(pl.col("order_quantity").fill_null(nothing), reorder_quantity=pl.col("share").fill_null(nothing))
        .drop("share")
    )


def items_with_places(rows: pl.DataFrame) -> Iterator[tuple[str, list[PlaceStock]]]:
    """The items of rows of locations, which are sorted by their key, each with its locations."""
    stocks = rows.select("item_id", "location_id", ORDER_UP_TO, POSITION, MOVABLE).iter_rows()
    for item_id, places in groupby(stocks, key=lambda row: row[0]):
        yield item_id, [PlaceStock(*place) for _, *place in places]


def units(thousandths: int) -> Decimal:
    """So many thousandths as units, 3 decimals."""
    return Decimal(thousandths).scaleb(-3)


def _thousandths(name: str) -> pl.Expr:
    return pl.col(name).to_physical().cast(pl.Int64)


# Of a row of a location, in thousandths. Where an item does not sell any more it lacks nothing.
MOVABLE = (_thousandths("current_stock") - _thousandths("committed")).alias("movable")
POSITION = (MOVABLE + _thousandths("receipts_covering")).alias("position")
ORDER_UP_TO = (
    pl.when(pl.col("lifecycle") == Lifecycle.DEAD.value)
    .then(pl.min_horizontal(_thousandths("order_up_to"), POSITION))
    .otherwise(_thousandths("order_up_to"))
    .alias("order_up_to")
)


# For everybody.
_AT_LOCATION = PerCatalog[str, pl.DataFrame](_rows_at, kept=_KEPT_LOCATIONS)
