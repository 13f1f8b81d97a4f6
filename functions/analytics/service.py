"""Analytics: one query each over what the warehouse keeps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from functions.analytics.schemas import (
    AccuracyPage,
    AccuracyQuery,
    AccuracyRow,
    SupplierPerformancePage,
    SupplierRow,
    SuppliersQuery,
    TrendPoint,
    Trends,
    TrendsQuery,
)
from shared.bigquery.accuracy_queries import ACCURACY_BY_CATEGORY, ACCURACY_BY_GROUP, GroupAccuracy
from shared.bigquery.analytics_queries import (
    INVENTORY_TRENDS,
    ORDER_LIFETIME_DAYS,
    SUPPLIER_PERFORMANCE,
    StockDay,
    SupplierDeliveries,
)
from shared.bigquery.query import FIRST_ID, LAST_ID
from shared.bigquery.tables import ACCURACY_LAGS, ALL_LOCATIONS
from shared.bigquery.warehouse import Parameter, Warehouse
from shared.catalog.live import current_catalog
from shared.domain.dates import InvalidRange
from shared.domain.errors import InvalidField
from shared.domain.forecast_days import Coverage
from shared.domain.money import round_money, round_quantity
from shared.request_context import RequestContext

DEFAULT_DAYS = 91
MAX_DAYS = 731
_DAY = dt.timedelta(1)
_SEPARATOR = "\x1f"  # no item_id holds it: they are printable
_NO_DELIVERIES = SupplierDeliveries("", *[None] * (len(SupplierDeliveries._fields) - 1))


class PeriodTooLong(InvalidField):
    """The period is longer than one request may ask for."""

    code = "period_too_long"


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, seen from `today`."""

    first: dt.date
    last: dt.date
    today: dt.date


def period(context: RequestContext, first: dt.date | None, last: dt.date | None) -> Period:
    """The period of a request; one read. Raises InvalidRange when it ends before it begins, and PeriodTooLong."""
    today = context.today
    last = last or max(today, first or today)
    if first is None:
        first = last - min((DEFAULT_DAYS - 1) * _DAY, last - dt.date.min)
    if first > last:
        raise InvalidRange("query/from_date", f"from_date {first} lies behind to_date {last}")
    if (last - first).days >= MAX_DAYS:
        raise PeriodTooLong(
            "query/from_date", f"{first} to {last} is longer than {MAX_DAYS} days: ask for less at a time"
        )
    return Period(first, last, today)


def accuracy(context: RequestContext, query: AccuracyQuery) -> AccuracyPage:
    """One page of the accuracy of runs in the period; raises what `period` raises."""
    days, lag = period(context, query.from_date, query.to_date), query.measured_lag
    parameters: dict[str, Parameter] = {
        "first": days.first,
        "last": days.last,
        "first_lag": lag or min(ACCURACY_LAGS),
        "last_lag": lag or max(ACCURACY_LAGS),
        "first_item": query.item_id or FIRST_ID,
        "last_item": query.item_id or LAST_ID,
        "location_id": query.location_id or ALL_LOCATIONS,
        "offset": query.offset,
        "size": query.page_size,
    }
    warehouse = Warehouse(context.config, context.tenant.client_id)
    if query.group_by == "category":
        products = current_catalog(context.tenant).items.frame
        parameters |= {
            "separator": _SEPARATOR,
            "item_ids": _SEPARATOR.join(products["item_id"]),
            "categories": _SEPARATOR.join(category.replace(_SEPARATOR, " ") for category in products["category"]),
        }
        groups = warehouse.rows(ACCURACY_BY_CATEGORY, **parameters)
    else:
        groups = warehouse.rows(ACCURACY_BY_GROUP, group_by=query.group_by, **parameters)
    return AccuracyPage(
        items=[_accuracy_row(group, group.forecasts) for group in groups if group.forecasts is not None],
        page=query.page,
        page_size=query.page_size,
        total=groups[0].total,
        lag=lag,
        from_date=days.first,
        to_date=days.last,
        location_id=query.location_id,
        as_of=groups[0].as_of,
    )


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


def _accuracy_row(row: GroupAccuracy, forecasts: int) -> AccuracyRow:
    """Without a day that counts, nothing is known but how many forecasts there were."""
    counted = row.days > 0
    return AccuracyRow(
        group=row.group_key,
        forecasts=forecasts,
        days=row.days,
        units=row.actual if counted else None,
        forecast_units=row.forecast if counted else None,
        wape=row.wape,
        bias=row.bias,
        mape_nonzero_days=row.mape,
        rmse=row.rmse,
        mase=row.mase,
        wql=row.wql,
        coverage=Coverage(q50=row.covered_q50, q80=row.covered_q80, q90=row.covered_q90, q95=row.covered_q95),
        naive_wape=row.naive_wape,
        fva=row.fva,
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
