"""What the rows of a refresh start from: products, stock, conditions and open orders, from the last snapshot or from
their documents."""

from __future__ import annotations

from typing import Any

import polars as pl

from shared.catalog.edit import condition_fields
from shared.catalog.live import Catalog
from shared.catalog.open_orders import lines_by_item, with_open_lines
from shared.catalog.product_records import product_record
from shared.catalog.schema import ROW_SCHEMA
from shared.catalog.stock_records import stock_records
from shared.domain.purchasing.product import StockLevel
from shared.domain.settings import Settings
from shared.firestore.conditions import Conditions
from shared.firestore.products import Products, StockLevels
from shared.firestore.purchase_orders import OpenOrders
from shared.firestore.tenant import Tenant
from shared.telemetry.threads import Threads


def rows_from_catalog(catalog: Catalog) -> pl.DataFrame:
    """The rows of the last snapshot with the edits since."""
    return pl.concat([catalog.items.frame, catalog.locations.frame])


def rows_from_documents(tenant: Tenant, settings: Settings) -> pl.DataFrame:
    """Rows of every product, and of every product at each location that holds it; computed columns are null."""
    with Threads() as threads:  # each collection is a stream that mostly waits for the next document
        levels = threads.submit(lambda: {level.item_id: level for level in StockLevels(tenant).every()})
        terms = threads.submit(Conditions(tenant).by_item)
        products = list(Products(tenant).every())
        stock, conditions = levels.result(), terms.result()
    records: list[dict[str, Any]] = []
    for product in products:
        ruling = condition_fields(conditions.get(product.item_id, []), settings.default_lead_time_days)
        shared = {**product_record(product), **ruling}
        level = stock.get(product.item_id, StockLevel(product.item_id, {}))
        records.extend(shared | stock_fields for stock_fields in stock_records(level))
    rows = pl.DataFrame(records, schema=dict(ROW_SCHEMA))
    return with_open_lines(rows, lines_by_item(OpenOrders(tenant).lines()))
