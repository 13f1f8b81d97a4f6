"""Demand profiles: what an edit needs to compute a row again without asking BigQuery.

One row per item and per item at a location, beside the catalog but not loaded with it: a list never looks at them, an
edit reads the one chunk that its item falls into. Figures are single precision, in the refresh too, so that both
compute from the very same numbers.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import polars as pl

from shared.bigquery.tables import WINDOW_DAYS, WINDOW_QUANTILES
from shared.catalog.codec import encode, split

PROFILE_SCHEMA = pl.Schema(
    {
        "item_id": pl.String(),
        "location_id": pl.String(),  # null: the item as a whole
        "forecast_start": pl.Date(),
        "daily": pl.List(pl.Float32()),  # expected demand from forecast_start on; null without a forecast
        "window_quantiles": pl.List(pl.Float32()),  # WINDOW_DAYS x WINDOW_QUANTILES, row by row
        "recent_mean": pl.Float64(),
        "recent_variance": pl.Float64(),
    }
)
QUANTILES_PER_PROFILE = len(WINDOW_DAYS) * len(WINDOW_QUANTILES)
# Just under a chunk's size if nothing compresses: 4 bytes for each daily mean and quantile.
_ROWS_PER_BUCKET = 800


def bucket_of(item_id: str, buckets: int) -> int:
    """Which of so many buckets holds the item's profiles; stable across processes."""
    return zlib.crc32(item_id.encode()) % buckets


def bucketed(profiles: pl.DataFrame) -> Iterator[tuple[str, bytes]]:
    """(chunk id, bytes) of each bucket, in the order of the buckets. Equal profiles give equal chunks."""
    buckets = max(1, -(-profiles.height // _ROWS_PER_BUCKET))
    place = profiles.select(
        pl.Series("bucket", [bucket_of(item, buckets) for item in profiles["item_id"]], dtype=pl.Int32),
        "item_id",
        "location_id",
    )
    # Only the order is sorted, not the curves: a sorted copy would double the memory of a refresh.
    order = place.select(pl.arg_sort_by("bucket", "item_id", "location_id")).to_series()
    held = place["bucket"].gather(order)
    for number in range(buckets):
        inside = order[held.search_sorted(number, side="left") : held.search_sorted(number, side="right")]
        data = encode(profiles[inside])
        parts = list(split(data))
        if len(parts) != 1:
            raise ValueError(f"the profiles of bucket {number} do not fit a chunk: {len(data)} bytes")
        yield parts[0]


def chunk_of(item_id: str, profile_chunks: Sequence[str]) -> str:
    """The id of the chunk with the item's profiles."""
    return profile_chunks[bucket_of(item_id, len(profile_chunks))]
