"""Write a computed snapshot: its chunks first, and then, in one flip of the pointer, all of it at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from shared.catalog.codec import encode, split
from shared.catalog.demand_profiles import bucketed
from shared.catalog.headline import EarlierHeadlines
from shared.catalog.store import CatalogStore, Pointer
from shared.domain.forecast_run import ForecastRun
from shared.domain.planning.service_level import ServiceLevels
from shared.domain.settings import Settings


@dataclass(frozen=True, eq=False)
class NewSnapshot:
    """What a snapshot holds, and what it was computed from.

    `read_time` is the database's when products and stock were read; `base_version` is the snapshot that they were taken
    from, None for their documents.
    """

    rows: pl.DataFrame
    profiles: pl.DataFrame
    sides: Mapping[str, pl.DataFrame]
    settings: Settings
    levels: ServiceLevels
    run: ForecastRun | None
    earlier: EarlierHeadlines
    as_of: dt.date
    computed_at: dt.datetime
    read_time: dt.datetime
    base_version: int | None


def written_pointer(store: CatalogStore, new: NewSnapshot) -> Pointer:
    """Write the chunks of a snapshot that are not there yet, and return the pointer that names them all."""
    current = store.pointer().pointer
    present = current.chunks if current else set()
    whole = pl.col("location_id").is_null()
    return Pointer(
        version=int(new.read_time.timestamp() * 1_000_000),
        read_time=new.read_time,
        base_version=new.base_version,
        as_of=new.as_of,
        computed_at=new.computed_at,
        forecast_run_id=new.run.run_id if new.run else None,
        forecast_run_date=new.run.run_date if new.run else None,
        settings=new.settings,
        level_factor=new.levels.log_factor,
        earlier_headlines=new.earlier.encode(),
        items=store.write_chunks(split(encode(new.rows.filter(whole))), present),
        locations=store.write_chunks(split(encode(new.rows.filter(~whole))), present),
        profiles=store.write_chunks(bucketed(new.profiles), present),
        sides={
            table: store.write_chunks(split(encode(frame)), present)
            for table, frame in new.sides.items()
            if frame.height
        },
        last_sale=new.rows["last_sale"].max(),  # type: ignore[arg-type]  # of a column of dates
    )
