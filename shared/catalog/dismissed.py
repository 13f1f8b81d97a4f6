"""Which recommendations are dismissed on the catalog's day, and what that takes out of lists and alerts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from shared.catalog.live import Catalog
from shared.catalog.per_catalog import PerCatalog
from shared.domain.planning.recommendation import RecommendationKey

_SCHEMA = pl.Schema(
    {
        "type": pl.String(),
        "item_id": pl.String(),
        "location_id": pl.String(),
        "until": pl.Date(),
        "dismissed_by": pl.String(),
        "dismissed_at": pl.Datetime("us", "UTC"),
    }
)


@dataclass(frozen=True)
class Snooze:
    """The dismissal of `recommendation_id` keeps its item from being suggested, up to and including `until`; None: for
    good."""

    recommendation_id: str
    until: dt.date | None

    def __str__(self) -> str:
        until = "for good" if self.until is None else f"until {self.until}"
        return f"snoozed {until}; undo it: DELETE /recommendations/{self.recommendation_id}/dismiss"


Snoozes = Mapping[tuple[str, str | None], Snooze]
"""The snoozes in force on a catalog's day, by item and location; None: the item as a whole."""


def dismissals(catalog: Catalog) -> pl.DataFrame:
    """What is dismissed on the catalog's day, each type, item and location once: by whom, when, and until when (null:
    for good).

    Who dismisses a REORDER dismisses the URGENT of the same item too, and the other way round; of several the last one
    counts.
    """
    return _DISMISSALS.of(catalog, None)


def snoozes(catalog: Catalog) -> Snoozes:
    """The dismissals of what is to be ordered that hold on the catalog's day."""
    return _SNOOZES.of(catalog, None)


def is_snoozed(catalog: Catalog) -> pl.Expr:
    """Of a row, of an item or of an item at a location: whether the advice to order it is dismissed."""
    return _IS_SNOOZED.of(catalog, None)


def _in_force(catalog: Catalog) -> Iterator[tuple[RecommendationKey, dict[str, Any]]]:
    """What was dismissed and the record of it, the last one last."""
    until = pl.col("until")
    table = catalog.dismissals.filter(until.is_null() | (until >= catalog.pointer.as_of)).sort("dismissed_at")
    for record in table.iter_rows(named=True):
        yield RecommendationKey.parse(record["recommendation_id"]), record


def _dismissals(catalog: Catalog, _: None) -> pl.DataFrame:
    entries = [
        {"type": key.type.value, "item_id": key.item_id, "location_id": key.location_id}
        | {name: record[name] for name in ("until", "dismissed_by", "dismissed_at")}
        for dismissed, record in _in_force(catalog)
        for key in dismissed.same_advice
    ]
    return pl.DataFrame(entries, schema=_SCHEMA).unique(["type", "item_id", "location_id"], keep="last")


def _snoozes(catalog: Catalog, _: None) -> Snoozes:
    found: dict[tuple[str, str | None], Snooze] = {}
    for key, record in _in_force(catalog):
        if key.orders_more:
            place = key.item_id, key.location_id
            found[place] = _longer(found.get(place), Snooze(record["recommendation_id"], record["until"]))
    return found


def _is_snoozed(catalog: Catalog, _: None) -> pl.Expr:
    items_of: dict[str | None, list[str]] = {}
    for item_id, place in snoozes(catalog):
        items_of.setdefault(place, []).append(item_id)
    snoozed = pl.lit(value=False)
    for place, items in items_of.items():
        here = pl.col("location_id").eq_missing(pl.lit(place, pl.String()))
        snoozed |= here & pl.col("item_id").is_in(items)
    return snoozed


def _longer(held: Snooze | None, other: Snooze) -> Snooze:
    """Of the dismissals of an item's URGENT and REORDER the one that ends last: after it the item is suggested."""
    if held is None or other.until is None:
        return other
    return held if held.until is None or held.until >= other.until else other


_DISMISSALS = PerCatalog[None, pl.DataFrame](_dismissals)
_SNOOZES = PerCatalog[None, Snoozes](_snoozes)
_IS_SNOOZED = PerCatalog[None, pl.Expr](_is_snoozed)
