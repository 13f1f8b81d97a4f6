"""What the rows of a refresh start from: products, stock and conditions, from the last snapshot or their documents."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import polars as pl

from shared.catalog.live import Catalog
from shared.catalog.schema import ROW_SCHEMA
from shared.domain.product import Condition, OpenOrderLine, Product, StockLevel, ruling_condition
from shared.domain.settings import Settings
from shared.firestore.products import Products, StockLevels
from shared.firestore.purchasing import Conditions
from shared.firestore.tenant import Tenant

_QUANTITY = ROW_SCHEMA["on_order"]


def rows_from_catalog(catalog: Catalog) -> pl.DataFrame:
    """The rows of the last snapshot with the edits since."""
    return pl.concat([catalog.items.frame, catalog.locations.frame])


def rows_from_documents(tenant: Tenant, settings: Settings) -> pl.DataFrame:
    """Rows of every product, and of every product at each location that holds it; computed columns are null."""
    with ThreadPoolExecutor() as threads:  # each collection is a stream that mostly waits for the next document
        levels = threads.submit(lambda: {level.item_id: level for level in StockLevels(tenant).every()})
        terms = threads.submit(Conditions(tenant).by_item)
        products = list(Products(tenant).every())
        stock, conditions = levels.result(), terms.result()
    records: list[dict[str, Any]] = []
    for product in products:
        shared = _product_fields(product) | _condition_fields(conditions.get(product.item_id, []), settings)
        level = stock.get(product.item_id, StockLevel(product.item_id, {}))
        records.append(shared | {"location_id": None, "current_stock": level.total})
        records.extend(shared | {"location_id": place, "current_stock": units} for place, units in level.levels.items())
    return pl.DataFrame(records, schema=dict(ROW_SCHEMA)).with_columns(
        pl.lit(0).cast(_QUANTITY).alias(name) for name in ("on_order", "committed", "receipts_due")
    )


def with_open_orders(
    rows: pl.DataFrame, lines: list[OpenOrderLine], settings: Settings, as_of: dt.date
) -> pl.DataFrame:
    """The rows with on_order, and with the part of it that arrives within lead time + safety buffer."""
    frame = pl.DataFrame(
        [vars(line) for line in lines],
        schema={
            "item_id": pl.String(),
            "location_id": pl.String(),
            "outstanding": _QUANTITY,
            "expected_delivery_date": pl.Date(),
        },
    )
    both = pl.concat([frame.with_columns(location_id=pl.lit(None, pl.String())), frame.drop_nulls("location_id")])
    window_end = pl.lit(as_of) + pl.duration(days=pl.col("lead_time_days") + settings.safety_buffer_days)
    totals = (
        both.join(
            rows.select("item_id", "location_id", "lead_time_days"), on=["item_id", "location_id"], nulls_equal=True
        )
        .group_by("item_id", "location_id")
        .agg(
            on_order=pl.col("outstanding").sum(),
            receipts_due=pl.col("outstanding").filter(pl.col("expected_delivery_date") <= window_end).sum(),
        )
    )
    return (
        rows.drop("on_order", "receipts_due")
        .join(totals, on=["item_id", "location_id"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col("on_order", "receipts_due").fill_null(Decimal(0)).cast(_QUANTITY))
        .select(ROW_SCHEMA.names())
    )


def _product_fields(product: Product) -> dict[str, Any]:
    return dict(vars(product))


def _condition_fields(conditions: list[Condition], settings: Settings) -> dict[str, Any]:
    """What planning goes by: the primary supplier's terms, else those of the shortest lead time, else the defaults."""
    ruling = ruling_condition(conditions)
    if ruling is None:
        return {"lead_time_days": settings.default_lead_time_days}
    names = ("supplier_id", "supplier_name", "lead_time_days", "moq", "packaging_qty", "supplier_cost")
    return {name: getattr(ruling, name) for name in names}
