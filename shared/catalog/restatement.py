"""Rows computed again under other settings, when they are read: a change of settings shows in the next request.

The refresh that the change starts publishes the same rows; until then every instance computes them once (28,000 rows:
0.2 s and 35 reads, measured).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from shared.catalog.demand_profiles import PROFILE_SCHEMA, bucket_of
from shared.catalog.evaluation import computed_rows
from shared.catalog.item_profiles import profile_chunks
from shared.catalog.schema import KEY
from shared.domain.settings import Settings

if TYPE_CHECKING:
    from shared.catalog.live import Snapshot

_CHUNKS_AT_ONCE = 16  # a few megabytes each when decoded: what a function's memory bears beside the catalog


def restated(rows: pl.DataFrame, snapshot: Snapshot, settings: Settings) -> pl.DataFrame:
    """`rows` of items, each with those of its locations, as they are under these settings; sorted by their key.

    Raises CatalogMoving when the snapshot's profiles are gone.
    """
    as_of, chunks = snapshot.pointer.as_of, snapshot.pointer.profiles
    levels = snapshot.service_levels(settings)
    rows = with_default_lead_time(rows, settings)
    if not chunks:
        return computed_rows(rows, pl.DataFrame(schema=PROFILE_SCHEMA), settings, levels, as_of)
    place = pl.Series([bucket_of(item_id, len(chunks)) for item_id in rows["item_id"]], dtype=pl.Int32)
    computed = []
    for first in range(0, len(chunks), _CHUNKS_AT_ONCE):
        part = rows.filter(place.is_between(first, first + _CHUNKS_AT_ONCE - 1))
        if part.height:
            profiles = pl.concat(profile_chunks(snapshot.store, chunks[first : first + _CHUNKS_AT_ONCE]))
            computed.append(computed_rows(part, profiles, settings, levels, as_of))
    return pl.concat(computed).sort(KEY, nulls_last=False) if computed else rows


def with_default_lead_time(rows: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The rows with the client's default lead time where there is no supplier; the others carry their own."""
    own = pl.col("supplier_id").is_not_null()
    return rows.with_columns(
        lead_time_days=pl.when(own)
        .then("lead_time_days")
        .otherwise(pl.lit(settings.default_lead_time_days, rows.schema["lead_time_days"]))
    )
