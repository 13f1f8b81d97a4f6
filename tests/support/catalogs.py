"""Catalog frames and snapshots made by hand, without a refresh."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from shared.bigquery.tables import WINDOW_DAYS, WINDOW_QUANTILES
from shared.catalog.codec import encode, split
from shared.catalog.demand_profiles import PROFILE_SCHEMA, bucketed
from shared.catalog.evaluation import refreshed_rows
from shared.catalog.schema import ROW_SCHEMA
from shared.catalog.store import CatalogStore, Pointer
from shared.domain.settings import Settings
from shared.firestore.tenant import Tenant
from tests.support.tenants import TODAY

_DEFAULTS: dict[str, Any] = {
    "product_name": "Something",
    "category": "Uncategorized",
    "current_stock": Decimal(0),
    "on_order": Decimal(0),
    "committed": Decimal(0),
    "receipts_due": Decimal(0),
    "unit_cost": Decimal("1.00"),
    "lead_time_days": 14,
    "needs_review": False,
    "strategic": False,
}


def catalog_rows(*rows: Mapping[str, Any]) -> pl.DataFrame:
    """Rows of ROW_SCHEMA, sorted by their key; a row names its item_id and what differs from the defaults."""
    frame = pl.DataFrame([_DEFAULTS | dict(row) for row in rows], schema=dict(ROW_SCHEMA))
    return frame.sort("item_id", "location_id", nulls_last=False)


def profile(item_id: str, location_id: str | None = None, **fields: Any) -> dict[str, Any]:
    """A demand profile: `daily` (a list, from `forecast_start` on) or `recent_mean` and `recent_variance`."""
    made: dict[str, Any] = {"item_id": item_id, "location_id": location_id, "forecast_start": None, **fields}
    if made.get("daily") is not None:
        made["forecast_start"] = fields.get("forecast_start", TODAY)
        daily, spread = made["daily"], len(WINDOW_QUANTILES) - 1
        made.setdefault(
            "window_quantiles",
            [sum(daily[:days]) * (0.5 + 1.5 * level / spread) for days in WINDOW_DAYS for level in range(spread + 1)],
        )
    return made


def profile_frame(*profiles: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(profiles), schema=dict(PROFILE_SCHEMA))


def publish(
    tenant: Tenant,
    rows: pl.DataFrame,
    profiles: pl.DataFrame | None = None,
    *,
    settings: Settings | None = None,
    as_of: dt.date = TODAY,
    read_time: dt.datetime | None = None,
    base_version: int | None = None,
) -> Pointer | None:
    """Compute the rows and publish them as a snapshot, as a refresh does; None when it was not needed any more."""
    store, settings = CatalogStore(tenant), settings or Settings()
    profiles = profile_frame() if profiles is None else profiles
    state = store.pointer()
    moment = read_time or state.read_time
    # What was edited until that time is in the rows.
    merged = [edit.id for edit in store.edits(state.edits) or () if edit.committed_at <= moment]
    computed, levels = refreshed_rows(rows, profiles, settings, as_of)
    whole = pl.col("location_id").is_null()
    pointer = Pointer(
        version=int(moment.timestamp() * 1_000_000),
        read_time=moment,
        base_version=base_version,
        as_of=as_of,
        computed_at=moment,
        forecast_run_id=None,
        forecast_run_date=None,
        settings=settings,
        level_factor=levels.log_factor,
        items=store.write_chunks(split(encode(computed.filter(whole))), ()),
        locations=store.write_chunks(split(encode(computed.filter(~whole))), ()),
        profiles=store.write_chunks(bucketed(profiles), ()),
    )
    return pointer if store.publish(pointer, merged) else None


def as_records(frame: pl.DataFrame, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    return frame.select(columns or frame.columns).to_dicts()
