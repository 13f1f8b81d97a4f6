"""Catalogs of any size that look like a shop's: names, categories and suppliers as people write them, skewed demand.

The same size gives the same data. Some items are kept at three locations, the others at one.
"""

from __future__ import annotations

import datetime as dt
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.bigquery.tables import WINDOW_DAYS, WINDOW_QUANTILES
from shared.catalog.demand_profiles import PROFILE_SCHEMA
from shared.catalog.schema import ROW_SCHEMA

TODAY = dt.date(2024, 6, 3)
HORIZON_DAYS = 90
LOCATIONS = ("LONDON", "DUBLIN", "ROTTERDAM")
_SUPPLIERS = 60
CATEGORIES = tuple(
    f"{room} {kind}"
    for room in ("Kitchen", "Garden", "Office", "Bathroom", "Nursery", "Christmas")
    for kind in ("Storage", "Textiles", "Lighting", "Decoration")
)
_SIZES = ("SMALL", "LARGE", "SET OF 3", "SET OF 6", "PACK OF 12", "MINI", "JUMBO")
_STYLES = ("RETROSPOT", "VINTAGE", "REGENCY", "POLKADOT", "SCANDINAVIAN", "RUSTIC", "ENAMEL", "FELTCRAFT", "WOODLAND")
_THINGS = (
    "LUNCH BAG",
    "CAKE STAND",
    "TEA TOWEL",
    "LANTERN",
    "T-LIGHT HOLDER",
    "BUNTING",
    "ALARM CLOCK",
    "WATER BOTTLE",
    "PHOTO FRAME",
    "WALL CLOCK",
    "CUTLERY TRAY",
    "DOORMAT",
    "PARASOL",
    "JEWELLERY BOX",
)
_COLOURS = ("RED", "PINK", "IVORY", "BLUE", "GREEN", "CREAM", "BLACK", "SILVER")
# Something that a person would search for, and that a few per cent of the items have in their name.
SEARCHES = ("lantern", "vintage t-light", "cake stand", "retrospot", "10042", "pink bunting")


def item_ids(items: int) -> list[str]:
    """Codes like those of the real shop, in order: 10000, 10000A, 10000B, 10001, ..."""
    return [f"{10_000 + number // 3}{('', 'A', 'B')[number % 3]}" for number in range(items)]


def catalog_rows(items: int, at_all_locations: float = 0.4) -> pl.DataFrame:
    """Rows of ROW_SCHEMA for items and for items at locations, what is computed still null; sorted by key.

    `at_all_locations` is the share of the items that every location has; the others are at one.
    """
    random = np.random.default_rng(items)
    frame = _items(items, random)
    everywhere = random.random(items) < at_all_locations
    home = random.integers(0, len(LOCATIONS), items)
    at_location = [
        frame.filter(pl.Series(everywhere | (home == place))).with_columns(location_id=pl.lit(name))
        for place, name in enumerate(LOCATIONS)
    ]
    located = pl.concat(at_location).with_columns(
        current_stock=pl.Series(_stock(random, sum(part.height for part in at_location))).cast(pl.Decimal(18, 3))
    )
    totals = located.group_by("item_id").agg(total=pl.col("current_stock").sum())
    whole = frame.join(totals, on="item_id", how="left", maintain_order="left").with_columns(current_stock="total")
    rows = pl.concat([whole.drop("total").with_columns(location_id=pl.lit(None, pl.String())), located], how="diagonal")
    return (
        rows.with_columns(
            pl.lit(None, kind).alias(name) for name, kind in ROW_SCHEMA.items() if name not in rows.columns
        )
        .with_columns(
            pl.lit(0).cast(pl.Decimal(18, 3)).alias(name) for name in ("on_order", "committed", "receipts_due")
        )
        .select(ROW_SCHEMA.names())
        .cast(dict(ROW_SCHEMA))  # type: ignore[arg-type]
        .sort("item_id", "location_id", nulls_last=False)
    )


def demand_profiles(rows: pl.DataFrame) -> pl.DataFrame:
    """A forecast for each row, of items whose daily demand is spread from one a year to hundreds a day."""
    random = np.random.default_rng(rows.height)
    mean = daily_means(random, rows.height)
    windows = window_quantiles(mean)
    return pl.DataFrame(
        {
            "item_id": rows["item_id"],
            "location_id": rows["location_id"],
            "forecast_start": pl.Series([TODAY]).new_from_index(0, rows.height),
            "daily": pl.Series(np.repeat(mean[:, None], HORIZON_DAYS, axis=1).astype(np.float32)).cast(
                pl.List(pl.Float32)
            ),
            "window_quantiles": pl.Series(windows.reshape(rows.height, -1).astype(np.float32)).cast(
                pl.List(pl.Float32)
            ),
            "recent_mean": mean,
            "recent_variance": mean * 2,
        },
        schema=dict(PROFILE_SCHEMA),
    )


def daily_means(random: np.random.Generator, series: int) -> NDArray[np.float64]:
    """Expected demand a day: log-normal, and nothing for one series in five."""
    return np.where(random.random(series) < 0.2, 0.0, random.lognormal(-0.5, 1.5, series).clip(0, 500)).round(3)


def window_quantiles(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of total demand (series x windows x levels), spread like a demand with twice Poisson's variance."""
    total = mean[:, None] * np.array(WINDOW_DAYS)
    score = np.array([NormalDist().inv_cdf(level) for level in WINDOW_QUANTILES])
    return (total[:, :, None] + np.sqrt(2 * total)[:, :, None] * score).clip(0).round(2)


def _items(items: int, random: np.random.Generator) -> pl.DataFrame:
    def pick(words: tuple[str, ...]) -> NDArray[np.str_]:
        return np.array(words)[random.integers(0, len(words), items)]

    names = [" ".join(parts) for parts in zip(pick(_SIZES), pick(_STYLES), pick(_THINGS), pick(_COLOURS), strict=True)]
    supplier = random.integers(0, _SUPPLIERS, items)
    last_sale = random.integers(0, 200, items)
    cost = random.lognormal(1, 1, items).clip(0.05, 500)
    return pl.DataFrame(
        {
            "item_id": item_ids(items),
            "sku": [f"SKU-{number:06d}" for number in range(items)],
            "product_name": names,
            "category": pick(CATEGORIES),
            "unit_cost": pl.Series(cost.round(2)).cast(pl.Decimal(18, 2)),
            "unit_price": pl.Series((cost * 2).round(2)).cast(pl.Decimal(18, 2)),
            "lead_time_days": random.integers(2, 45, items),
            "supplier_id": [f"SUP-{number:03d}" for number in supplier],
            "supplier_name": [f"{_STYLES[number % len(_STYLES)].title()} Trading {number} Ltd" for number in supplier],
            "needs_review": random.random(items) < 0.02,
            "strategic": random.random(items) < 0.03,
            "moq": pl.Series(random.choice([1, 6, 12, 24], items)).cast(pl.Decimal(18, 3)),
            "packaging_qty": pl.Series(random.choice([1, 6, 12], items)).cast(pl.Decimal(18, 3)),
            "supplier_cost": pl.Series((cost * 0.8).round(2)).cast(pl.Decimal(18, 2)),
            "abc": pick(("A", "B", "C")),
            "xyz": pick(("X", "Y", "Z")),
            "demand_pattern": pick(("smooth", "erratic", "intermittent", "lumpy")),
            "first_record": pl.Series([TODAY - dt.timedelta(days=700)]).new_from_index(0, items),
            "last_sale": pl.Series(np.datetime64(TODAY) - last_sale.astype("timedelta64[D]")).cast(pl.Date),
        }
    )


def _stock(random: np.random.Generator, rows: int) -> NDArray[np.int64]:
    return np.where(random.random(rows) < 0.1, 0, random.lognormal(3.5, 1.2, rows).clip(0, 20_000)).astype(np.int64)
