"""The catalog's items at their locations: who gets how much of a purchase, and what moves between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from shared.catalog.schema import ROW_SCHEMA
from shared.domain.planning.allocation import Move, PlaceStock, moves, shares, sold_in, units
from shared.domain.planning.stock_status import Lifecycle


@dataclass(frozen=True)
class Allocation:
    """An item at its locations, in thousandths: each one's share of the purchase, and what to move."""

    shares: Mapping[str, int]
    moves: list[Move]


def allocations(items: pl.DataFrame, places: pl.DataFrame) -> Iterator[tuple[str, Allocation]]:
    """Of each item that is kept somewhere: its allocation.

    Of the rows `items`, of items as a whole, item_id, reorder_quantity and packaging_qty count; `places` are rows of
    locations, sorted by their key. Those of other items are left out.
    """
    columns = (pl.col("item_id"), *(_thousandths(name) for name in ("reorder_quantity", "packaging_qty")))
    purchases = {item_id: terms for item_id, *terms in items.select(columns).iter_rows()}
    for item_id, stocks in items_with_places(places):
        if item_id in purchases:
            quantity, packaging_qty = purchases[item_id]
            unit = sold_in(packaging_qty)
            made = moves(stocks, unit)
            yield item_id, Allocation(shares(quantity, stocks, made, unit), made)


def with_shares(items: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """The rows of locations with their share of what is ordered of the item as `reorder_quantity`, and what is to be
    moved to them as `transfer_in`. The item's own row is among `items`."""
    parts = [
        (item_id, place, units(allocated.shares.get(place, 0)), units(moved))
        for item_id, allocated in allocations(items, _in_question(items, places))
        for place, moved in _moved_to(allocated).items()
    ]
    quantity = ROW_SCHEMA["reorder_quantity"]
    schema = {"item_id": pl.String(), "location_id": pl.String(), "share": quantity, "moved": quantity}
    nothing = pl.lit(0, quantity)
    return (
        places.join(
            pl.DataFrame(parts, schema=schema, orient="row"),
            on=["item_id", "location_id"],
            how="left",
            maintain_order="left",
        )
        .with_columns(
            reorder_quantity=pl.col("share").fill_null(nothing), transfer_in=pl.col("moved").fill_null(nothing)
        )
        .select(places.columns)
    )


def items_with_places(rows: pl.DataFrame) -> Iterator[tuple[str, list[PlaceStock]]]:
    """The items of rows of locations, which are sorted by their key, each with its locations."""
    stocks = rows.select("item_id", "location_id", ORDER_UP_TO, POSITION, MOVABLE).iter_rows()
    for item_id, places in groupby(stocks, key=lambda row: row[0]):
        yield item_id, [PlaceStock(*place) for _, *place in places]


def has_transfers() -> pl.Expr:
    """Of rows of locations: whether one location of the row's item has a surplus that another one lacks."""
    surplus = (pl.min_horizontal(POSITION - ORDER_UP_TO, MOVABLE) > 0).any().over("item_id")
    lack = (POSITION < ORDER_UP_TO).any().over("item_id")
    return surplus & lack


def _in_question(items: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """The locations of items that are ordered, or moved from one to another: few of all, which makes this quick."""
    ordered = items.filter(pl.col("reorder_quantity") > 0)["item_id"]
    return places.filter(pl.col("item_id").is_in(ordered.implode()) | has_transfers())


def _moved_to(allocated: Allocation) -> dict[str, int]:
    """How much is moved to each location that gets something, moved or bought."""
    moved = dict.fromkeys(allocated.shares, 0)
    for move in allocated.moves:
        moved[move.to_location_id] = moved.get(move.to_location_id, 0) + move.quantity
    return moved


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
