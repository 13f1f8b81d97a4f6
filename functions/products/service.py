"""Products: lists and details over the catalog, and edits that show in it at once."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
from flask import Response

from functions.products.conditions import terms
from functions.products.export import export_response
from functions.products.schemas import ExportFormat, ProductDetail
from shared.bigquery.demand_queries import ITEM_HISTORY
from shared.bigquery.forecast_queries import ITEM_FORECAST
from shared.bigquery.tables import ALL_LOCATIONS, WINDOW_DAYS, WINDOW_QUANTILES, quantile_column
from shared.bigquery.warehouse import Warehouse
from shared.catalog.edit import CatalogEdit, edit_item
from shared.catalog.indexed import SortKey
from shared.catalog.item_profiles import profiles_of_items
from shared.catalog.listing import ProductFilter, product_page, product_rows
from shared.catalog.live import Catalog, current_catalog
from shared.catalog.schema import PUBLIC_COLUMNS
from shared.config import Config
from shared.domain.campaigns.campaign import Campaign
from shared.domain.purchasing.product import Product, ProductNotFound
from shared.domain.purchasing.purchase_order import PurchaseOrder
from shared.firestore.campaigns import Campaigns
from shared.firestore.conditions import Conditions
from shared.firestore.products import Products
from shared.firestore.purchase_orders import OpenOrders
from shared.firestore.tenant import Tenant
from shared.firestore.versioned import Versioned
from shared.http.etag import check_if_match

_UNITS, _CENTS = Decimal("0.001"), Decimal("0.01")  # as api.md has quantities and money


def list_products(
    tenant: Tenant, wanted: ProductFilter, sort: tuple[SortKey, ...], offset: int, size: int
) -> tuple[int, list[dict[str, Any]]]:
    """How many products there are under the filter, and the rows of one page."""
    total, rows = product_page(current_catalog(tenant), wanted, sort, offset, size)
    return total, rows.rows(named=True)


def export_products(
    tenant: Tenant, wanted: ProductFilter, sort: tuple[SortKey, ...], format_: ExportFormat
) -> Response:
    """All products under the filter as a file, named for the day of the catalog."""
    catalog = current_catalog(tenant)
    rows = product_rows(catalog, wanted, sort)
    return export_response(rows, format_, f"products-{catalog.pointer.as_of}")


def product_detail(config: Config, tenant: Tenant, item_id: str, history_days: int) -> tuple[dict[str, Any], str]:
    """Everything about one product, and its version."""
    catalog = current_catalog(tenant)
    _, version = Products(tenant).get(item_id)
    item = _item_row(catalog, item_id)
    places = catalog.locations.rows_of(item_id).select(list(PUBLIC_COLUMNS)).rows(named=True)
    warehouse = Warehouse(config, tenant.client_id)
    with ThreadPoolExecutor(max_workers=2) as side_by_side:
        history = side_by_side.submit(_history, warehouse, item_id, catalog.pointer.as_of, history_days)
        forecast = side_by_side.submit(_forecast, warehouse, catalog, item_id)
        return {
            **{name: item[name] for name in ProductDetail.model_fields if name in item},
            "stock_per_location": places,
            "suppliers": [terms(one) for one in Conditions(tenant).of_item(item_id)],
            "campaigns": [_promoted(each, catalog.pointer.as_of) for each in Campaigns(tenant).of_item(item_id)],
            "open_orders": [_on_order(order, item_id) for order in OpenOrders(tenant).of_item(item_id)],
            "demand_history": history.result(),
            "forecast": forecast.result(),
        }, version


def product_metrics(tenant: Tenant, item_id: str) -> dict[str, Any]:
    """The item's metrics and what each was computed from."""
    catalog = current_catalog(tenant)
    row = _item_row(catalog, item_id)
    settings = catalog.pointer.settings
    profile = profiles_of_items(catalog, [item_id]).filter(pl.col("location_id").is_null())
    metrics = (
        "item_id",
        "dir",
        "stockout_risk",
        "expected_daily_demand",
        "forecasted_demand_30d",
        "inventory_position",
        "inventory_value",
        "status",
        "as_of",
    )
    inputs = (
        "demand_basis",
        "risk_basis",
        "current_stock",
        "receipts_due",
        "on_order",
        "committed",
        "unit_cost",
        "lead_time_days",
        "last_sale",
    )
    thresholds = ("safety_buffer_days", "understocked_threshold", "overstocked_threshold", "dead_stock_days")
    window_days = row["lead_time_days"] + settings.safety_buffer_days
    return {name: row[name] for name in metrics} | {
        "computed_from": {name: row[name] for name in inputs}
        | {name: getattr(settings, name) for name in thresholds}
        | {
            "forecast_run_id": catalog.pointer.forecast_run_id,
            "forecast_run_date": catalog.pointer.forecast_run_date,
            "risk_window": {"days": window_days, "quantiles": _window_quantiles(profile, window_days)},
        }
    }


def edit_product(tenant: Tenant, item_id: str, fields: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Change fields of a product, and its row in every list with them. Gives the product and its version."""

    def work(edit: CatalogEdit) -> Versioned[Product]:
        current, version = Products(tenant).get(item_id, edit.transaction)
        check_if_match(version)
        changed = replace(current, **fields)
        edit.set_product(changed)
        return Products(tenant).put(edit.transaction, changed)

    product = edit_item(tenant, item_id, work)
    return vars(product.value), product.version


def _item_row(catalog: Catalog, item_id: str) -> dict[str, Any]:
    rows = catalog.items.rows_of(item_id)
    if rows.is_empty():
        raise ProductNotFound(item_id)
    return rows.row(0, named=True)


def _promoted(campaign: Campaign, today: dt.date) -> dict[str, Any]:
    shown = {name: getattr(campaign, name) for name in ("campaign_id", "name", "start_date", "end_date")}
    return shown | {"status": campaign.status(today).value}


def _on_order(order: PurchaseOrder, item_id: str) -> dict[str, Any]:
    outstanding = sum((line.outstanding for line in order.lines if line.item_id == item_id), Decimal(0))
    return {
        "order_id": order.id,
        "po_number": order.po_number,
        "supplier_id": order.supplier_id,
        "status": order.status.value,
        "expected_delivery_date": order.expected_delivery_date,
        "outstanding": outstanding.quantize(_UNITS),
    }


def _history(warehouse: Warehouse, item_id: str, as_of: dt.date, days: int) -> list[dict[str, Any]]:
    first, last = as_of - dt.timedelta(days=days), as_of - dt.timedelta(days=1)
    return [
        {
            "date_local": day.date_local,
            "units_sold": day.units_sold.quantize(_UNITS),
            "revenue": None if day.revenue is None else day.revenue.quantize(_CENTS),
        }
        for day in warehouse.rows(ITEM_HISTORY, item_id=item_id, location_id=ALL_LOCATIONS, first=first, last=last)
    ]


def _forecast(warehouse: Warehouse, catalog: Catalog, item_id: str) -> dict[str, Any] | None:
    pointer = catalog.pointer
    if pointer.forecast_run_id is None or pointer.forecast_run_date is None:
        return None
    days = warehouse.rows(
        ITEM_FORECAST,
        item_id=item_id,
        location_id=ALL_LOCATIONS,
        run_date=pointer.forecast_run_date,
        run_id=pointer.forecast_run_id,
    )
    return {
        "run_id": pointer.forecast_run_id,
        "run_date": pointer.forecast_run_date,
        "engine": days[0].engine if days else None,
        "days": [day.without_engine() for day in days],
    }


def _window_quantiles(profile: pl.DataFrame, window_days: int) -> dict[str, float] | None:
    import numpy as np

    from shared.domain.planning.demand_distribution import quantiles_over
    from shared.domain.planning.metrics import TAIL_DAYS

    if profile.is_empty() or profile["window_quantiles"][0] is None:
        return None
    table = profile["window_quantiles"][0].to_numpy().astype(np.float64)
    daily = profile["daily"][0].to_numpy().astype(np.float64)
    over = quantiles_over(
        np.array([window_days]),
        WINDOW_DAYS,
        table.reshape(1, len(WINDOW_DAYS), len(WINDOW_QUANTILES)),
        daily[None, -TAIL_DAYS:].mean(axis=1),
    )
    return {
        quantile_column(level): round(float(units), 3) for level, units in zip(WINDOW_QUANTILES, over[0], strict=True)
    }
