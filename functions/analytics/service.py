"""Stock over time, and what suppliers delivered: one query each over what the warehouse keeps."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from functions.analytics.period import period
from functions.analytics.schemas import (
    SupplierPerformancePage,
    SupplierRow,
    SuppliersQuery,
    TrendPoint,
    Trends,
    TrendsQuery,
)
from shared.bigquery.analytics_queries import (
    INVENTORY_TRENDS,
    ORDER_LIFETIME_DAYS,
    SUPPLIER_PERFORMANCE,
    StockDay,
    SupplierDeliveries,
)
from shared.bigquery.query import FIRST_ID, LAST_ID
from shared.bigquery.tables import ALL_LOCATIONS
from shared.bigquery.warehouse import Warehouse
from shared.catalog.live import current_catalog
from shared.domain.money import round_money, round_quantity
from shared.request_context import RequestContext

_DAY = dt.timedelta(1)
_NO_DELIVERIES = SupplierDeliveries("", *[None] * (len(SupplierDeliveries._fields) - 1))


def trends(context: RequestContext, query: TrendsQuery) -> Trends:
    """The days, or last days of weeks, that there are metrics of, in their order; raises what `period` raises."""
    days = period(context, query.from_date, query.to_date)
    rows = Warehouse(context.config, context.tenant.client_id).rows(
        INVENTORY_TRENDS,
        first=days.first,
        last=days.last,
        location_id=query.location_id or ALL_LOCATIONS,
        weekly=query.interval == "week",
    )
    points = [_trend_point(row) for row in rows]
    return Trends(
        items=points,
        interval=query.interval,
        from_date=days.first,
        to_date=days.last,
        location_id=query.location_id,
        as_of=points[-1].date if points else None,
    )


def suppliers(context: RequestContext, query: SuppliersQuery) -> SupplierPerformancePage:
    """One page of the suppliers of the catalog or with events, by spend; raises what `period` raises.

    With supplier_ids those suppliers, as far as there are any.
    """
    days = period(context, query.from_date, query.to_date)
    chosen = sorted(query.supplier_id or ())
    rows = Warehouse(context.config, context.tenant.client_id).rows(
        SUPPLIER_PERFORMANCE,
        first_supplier=chosen[0] if chosen else FIRST_ID,
        last_supplier=chosen[-1] if chosen else LAST_ID,
        first=days.first,
        last=days.last,
        due_until=min(days.last, days.today - _DAY),
        today=days.today,
        orders_from=days.first - min(ORDER_LIFETIME_DAYS * _DAY, days.first - dt.date.min),
    )
    deliveries = {row.supplier_id: row for row in rows}
    names = dict(current_catalog(context.tenant).suppliers.select("supplier_id", "name").iter_rows())
    views = [
        _supplier_row(supplier_id, names.get(supplier_id), deliveries.get(supplier_id, _NO_DELIVERIES))
        for supplier_id in deliveries.keys() | names.keys()
        if not chosen or supplier_id in chosen
    ]
    views.sort(key=lambda view: (view.spend is None, -(view.spend or 0), view.supplier_id))
    return SupplierPerformancePage(
        items=views[query.offset : query.offset + query.page_size],
        page=query.page,
        page_size=query.page_size,
        total=len(views),
        from_date=days.first,
        to_date=days.last,
        as_of=days.today,
    )


def _trend_point(row: StockDay) -> TrendPoint:
    return TrendPoint(
        date=row.date,
        items=row.items,
        inventory_value=round_money(row.inventory_value),
        units=round_quantity(row.units),
        on_order=round_quantity(row.on_order),
        dead_stock=row.dead_stock,
        understocked=row.understocked,
        overstocked=row.overstocked,
        normal=row.normal,
        dead_stock_value=round_money(row.dead_stock_value),
        understocked_value=round_money(row.understocked_value),
        overstocked_value=round_money(row.overstocked_value),
        normal_value=round_money(row.normal_value),
        average_dir=None if row.average_dir is None else round(row.average_dir, 1),
        sales_at_risk=None if row.sales_at_risk is None else round_money(row.sales_at_risk),
        excess_value=None if row.excess_value is None else round_money(row.excess_value),
    )


def _supplier_row(supplier_id: str, name: str | None, row: SupplierDeliveries) -> SupplierRow:
    due, units_due = row.lines_due or 0, row.units_due or Decimal(0)
    received = row.units_received or Decimal(0)
    return SupplierRow(
        supplier_id=supplier_id,
        supplier_name=name,
        lines_due=due,
        lines_in_full=row.lines_in_full or 0,
        lines_on_time_in_full=row.lines_on_time_in_full or 0,
        otif=(row.lines_on_time_in_full or 0) / due if due else None,
        lead_time_days_mean=row.lead_time_days_mean,
        lead_time_days_deviation=row.lead_time_days_deviation,
        lead_times=row.lead_times or 0,
        units_due=round_quantity(units_due),
        units_received=round_quantity(received),
        fill_rate=float(received / units_due) if units_due else None,
        spend=None if row.spend is None else round_money(row.spend),
    )
