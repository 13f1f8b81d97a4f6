"""Which recommendations are dismissed on the catalog's day, and what that takes out of lists and alerts."""

from __future__ import annotations

import polars as pl

from shared.catalog.live import Catalog
from shared.catalog.per_catalog import PerCatalog
from shared.domain.planning.recommendation import ORDERING, RecommendationKey

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


def dismissals(catalog: Catalog) -> pl.DataFrame:
    """What is dismissed on the catalog's day, each type, item and location once: by whom, when, and until when (null:
    for good).

    Who dismisses a REORDER dismisses the URGENT of the same item too, and the other way round; of several the last one
    counts.
    """
    return _DISMISSALS.of(catalog, None)


def is_snoozed(catalog: Catalog) -> pl.Expr:
    """Of a row, of an item or of an item at a location: whether the advice to order it is dismissed."""
    return _SNOOZED.of(catalog, None)


def _snoozed(catalog: Catalog, _: None) -> pl.Expr:
    snoozed = pl.lit(value=False)
    table = dismissals(catalog)
    if table.is_empty():
        return snoozed
    orders = table.filter(pl.col("type").is_in([kind.value for kind in ORDERING]))
    for (place,), rows in orders.group_by("location_id"):
        snoozed |= pl.col("location_id").eq_missing(pl.lit(place, pl.String())) & pl.col("item_id").is_in(
            rows["item_id"].unique().to_list()
        )
    return snoozed


def _dismissals(catalog: Catalog, _: None) -> pl.DataFrame:
    until = pl.col("until")
    table = catalog.dismissals.filter(until.is_null() | (until >= catalog.pointer.as_of)).sort("dismissed_at")
    entries = [
        {"type": key.type.value, "item_id": key.item_id, "location_id": key.location_id}
        | {name: record[name] for name in ("until", "dismissed_by", "dismissed_at")}
        for record in table.iter_rows(named=True)
        for key in RecommendationKey.parse(record["recommendation_id"]).same_advice
    ]
    return pl.DataFrame(entries, schema=_SCHEMA).unique(["type", "item_id", "location_id"], keep="last")


_DISMISSALS = PerCatalog[None, pl.DataFrame](_dismissals)
_SNOOZED = PerCatalog[None, pl.Expr](_snoozed)
