"""How good forecasts were: of days and of totals by group, and in money. Two queries at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from functions.analytics.period import Period, period
from functions.analytics.schemas import (
    AccuracyPage,
    AccuracyQuery,
    AccuracyRow,
    ForecastValue,
    TotalAccuracy,
    TotalCoverage,
)
from shared.bigquery.accuracy_queries import ACCURACY_BY_CATEGORY, ACCURACY_BY_GROUP, GroupAccuracy
from shared.bigquery.query import FIRST_ID, LAST_ID
from shared.bigquery.tables import ACCURACY_LAGS, ALL_LOCATIONS
from shared.bigquery.total_accuracy_queries import STOCK_CURVES, StockOverForecast
from shared.bigquery.warehouse import Parameter, Warehouse
from shared.catalog.live import current_catalog
from shared.domain.forecast_days import Coverage
from shared.domain.forecast_value import WINDOW_DAYS, NoForecastValue, StockPoint, stock_for
from shared.domain.money import round_money
from shared.request_context import RequestContext
from shared.telemetry.threads import Threads

_SEPARATOR = "\x1f"  # no item_id holds it: they are printable


def accuracy(context: RequestContext, query: AccuracyQuery) -> AccuracyPage:
    """One page of the accuracy of runs in the period; raises what `period` raises."""
    days = period(context, query.from_date, query.to_date)
    with Threads(1) as other:
        curves = other.submit(_stock_curves, context, query, days)
        groups = _groups(context, query, days)
        value = _forecast_value(curves.result(), query.fill_rate, context.client.currency)
    rows = [_accuracy_row(list(of_group)) for _, of_group in groupby(groups, key=lambda row: row.group_key)]
    return AccuracyPage(
        items=[row for row in rows if row is not None],
        page=query.page,
        page_size=query.page_size,
        total=groups[0].total,
        lag=query.measured_lag,
        from_date=days.first,
        to_date=days.last,
        location_id=query.location_id,
        as_of=groups[0].as_of,
        fva_money=value if isinstance(value, ForecastValue) else None,
        no_fva_money=value if isinstance(value, NoForecastValue) else None,
    )


def _filters(query: AccuracyQuery, days: Period) -> dict[str, Parameter]:
    return {
        "first": days.first,
        "last": days.last,
        "first_item": query.item_id or FIRST_ID,
        "last_item": query.item_id or LAST_ID,
        "location_id": query.location_id or ALL_LOCATIONS,
    }


def _groups(context: RequestContext, query: AccuracyQuery, days: Period) -> list[GroupAccuracy]:
    lag = query.measured_lag
    parameters = _filters(query, days) | {
        "first_lag": lag or min(ACCURACY_LAGS),
        "last_lag": lag or max(ACCURACY_LAGS),
        "offset": query.offset,
        "size": query.page_size,
    }
    warehouse = Warehouse(context.config, context.tenant.client_id)
    if query.group_by != "category":
        return warehouse.rows(ACCURACY_BY_GROUP, group_by=query.group_by, **parameters)
    products = current_catalog(context.tenant).items.frame
    return warehouse.rows(
        ACCURACY_BY_CATEGORY,
        separator=_SEPARATOR,
        item_ids=_SEPARATOR.join(products["item_id"]),
        categories=_SEPARATOR.join(category.replace(_SEPARATOR, " ") for category in products["category"]),
        **parameters,
    )


def _stock_curves(context: RequestContext, query: AccuracyQuery, days: Period) -> list[StockOverForecast]:
    return Warehouse(context.config, context.tenant.client_id).rows(STOCK_CURVES, **_filters(query, days))


def _forecast_value(
    curves: Sequence[StockOverForecast], fill_rate: float, currency: str
) -> ForecastValue | NoForecastValue:
    """What the forecasts saved at a fill rate, or why that is not known."""
    first = curves[0]
    if not first.known_windows:
        return NoForecastValue.NO_WINDOW
    if not first.windows_with_cost:
        return NoForecastValue.NO_COST
    if not first.windows:
        return NoForecastValue.NO_NAIVE_FORECAST
    if not first.units:
        return NoForecastValue.NOTHING_SOLD
    served = fill_rate * first.units
    ours = stock_for([StockPoint(point.filled, point.stock_value) for point in curves], served)
    naive = stock_for([StockPoint(point.naive_filled, point.naive_stock_value) for point in curves], served)
    if ours is None or naive is None:
        return NoForecastValue.OUT_OF_REACH
    stock, naive_stock = (round_money(Decimal(worth / first.runs)) for worth in (ours, naive))
    return ForecastValue(
        amount=naive_stock - stock,
        currency=currency,
        stock_value=stock,
        naive_stock_value=naive_stock,
        fill_rate=fill_rate,
        window_days=WINDOW_DAYS,
        windows=first.windows,
        runs=first.runs,
    )


def _accuracy_row(rows: Sequence[GroupAccuracy]) -> AccuracyRow | None:
    """A group, from its rows of one window each; None behind the last page.

    Without a day that counts, nothing is known but how many forecasts there were.
    """
    row = rows[0]
    if row.forecasts is None:
        return None
    counted = row.days > 0
    return AccuracyRow(
        group=row.group_key,
        forecasts=row.forecasts,
        days=row.days,
        units=row.actual if counted else None,
        forecast_units=row.forecast if counted else None,
        expected_per_sold=row.forecast / row.actual if row.actual else None,
        wape=row.wape,
        bias=row.bias,
        mape_nonzero_days=row.mape,
        rmse=row.rmse,
        mase=row.mase,
        wql=row.wql,
        coverage=Coverage(q50=row.covered_q50, q80=row.covered_q80, q90=row.covered_q90, q95=row.covered_q95),
        naive_wape=row.naive_wape,
        fva=row.fva,
        totals=[_total(window, window.window_days) for window in rows if window.window_days is not None],
    )


def _total(row: GroupAccuracy, window_days: int) -> TotalAccuracy:
    windows, units, forecast = row.windows or 0, row.window_units or 0.0, row.window_forecast or 0.0
    return TotalAccuracy(
        window_days=window_days,
        windows=windows,
        units=units if windows else None,
        forecast_units=forecast if windows else None,
        expected_per_sold=forecast / units if units else None,
        wape=row.window_wape,
        coverage=TotalCoverage(
            q80=row.window_covered_q80,
            q90=row.window_covered_q90,
            q95=row.window_covered_q95,
            q98=row.window_covered_q98,
        ),
    )
