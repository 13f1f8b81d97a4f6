"""Which recommendations are dismissed on the catalog's day, and what that takes out of lists and alerts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from shared.catalog.live import Catalog
from shared.catalog.per_catalog import PerCatalog
from shared.domain.planning.recommendation import ORDERING, RecommendationKey

_KEY = ("type", "item_id", "location_id")
_ABOUT: dict[str, pl.DataType] = {
    "recommendation_id": pl.String(),
    "dismissed_by": pl.String(),
    "dismissed_at": pl.Datetime("us", "UTC"),
    "until": pl.Date(),
}
_ORDERING = [kind.value for kind in ORDERING]
_OF_ITEM = "_of_item"
_SCHEMA = pl.Schema({**dict.fromkeys(_KEY, pl.String()), **_ABOUT})


@dataclass(frozen=True)
class Snooze:
    """The dismissal of `recommendation_id` keeps its item from being suggested, up to and including `until`; None: for
    good."""

    recommendation_id: str
    until: dt.date | None

    def __str__(self) -> str:
        until = "for good" if self.until is None else f"until {self.until}"
        return f"snoozed {until}; undo it: DELETE /recommendations/{self.recommendation_id}/dismiss"


_Snoozes = Mapping[str | None, Mapping[str, Snooze]]  # by location, None: the item as a whole, and item


def with_dismissals(found: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """Recommendations, rows with type, item_id and location_id, with the dismissal that hides each on the catalog's
    day: its recommendation_id, by whom, when, and until when (null: for good); all null where none does.

    Who dismisses a REORDER dismisses the URGENT of the same item too, and the other way round; of several the last one
    counts. What is not to be ordered of an item is not to be ordered for one of its locations either.
    """
    dismissed = _DISMISSALS.of(catalog, None)
    of_items = dismissed.filter(pl.col("location_id").is_null(), pl.col("type").is_in(_ORDERING)).drop("location_id")
    joined = found.join(dismissed, on=_KEY, how="left", nulls_equal=True, maintain_order="left").join(
        of_items, on=_KEY[:2], how="left", suffix=_OF_ITEM, maintain_order="left"
    )
    own = pl.col("recommendation_id").is_not_null()
    return joined.with_columns(
        pl.when(own).then(name).otherwise(f"{name}{_OF_ITEM}").alias(name) for name in _ABOUT
    ).drop(f"{name}{_OF_ITEM}" for name in _ABOUT)


def snoozes(catalog: Catalog, location_id: str | None) -> Mapping[str, Snooze]:
    """By item: the dismissals of what is to be ordered that hold on the catalog's day, of items as a whole and, if it
    is given, at the location."""
    found = _SNOOZES.of(catalog, None)
    whole = found.get(None, {})
    return whole if location_id is None else {**found.get(location_id, {}), **whole}


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
        | {name: record[name] for name in _ABOUT}
        for dismissed, record in _in_force(catalog)
        for key in dismissed.same_advice
    ]
    return pl.DataFrame(entries, schema=_SCHEMA).unique(_KEY, keep="last")


def _snoozes(catalog: Catalog, _: None) -> _Snoozes:
    found: dict[str | None, dict[str, Snooze]] = {}
    for key, record in _in_force(catalog):
        if key.orders_more:
            here = found.setdefault(key.location_id, {})
            snooze = Snooze(record["recommendation_id"], record["until"])
            here[key.item_id] = _longer(here.get(key.item_id), snooze)
    return found


def _is_snoozed(catalog: Catalog, _: None) -> pl.Expr:
    snoozed = pl.lit(value=False)
    for place, items in _SNOOZES.of(catalog, None).items():
        here = pl.lit(value=True) if place is None else pl.col("location_id").eq_missing(place)
        snoozed |= here & pl.col("item_id").is_in(list(items))
    return snoozed


def _longer(held: Snooze | None, other: Snooze) -> Snooze:
    """Of the dismissals of an item's URGENT and REORDER the one that ends last: after it the item is suggested."""
    if held is None or other.until is None:
        return other
    return held if held.until is None or held.until >= other.until else other


_DISMISSALS = PerCatalog[None, pl.DataFrame](_dismissals)
_SNOOZES = PerCatalog[None, _Snoozes](_snoozes)
_IS_SNOOZED = PerCatalog[None, pl.Expr](_is_snoozed)
