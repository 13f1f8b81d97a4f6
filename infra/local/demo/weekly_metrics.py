"""The metrics of every week of the played year, as the refresh of that morning would have kept them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from infra.local.demo.frozen_forecasts import FrozenForecast
from infra.local.demo.past import Past
from infra.local.demo.played_year import WEEKS
from infra.local.demo.shop_metrics import SETTINGS, Holding
from shared.arrays import Bools, Ints
from shared.bigquery.tables import ALL_LOCATIONS, METRICS
from shared.domain.planning.metrics import HUNDREDTHS, TEN_THOUSANDTHS, Metrics
from shared.domain.planning.ordering_policy import OrderingPolicy
from shared.domain.planning.quantities import UNITS

_NUMERIC = pl.Decimal(38, 9)


def weekly_metrics(past: Past, client_id: str, computed_at: dt.datetime) -> pl.DataFrame:
    """Rows of `inventory_metrics`, of every item that was known by then and of every place that kept it; today's are
    the refresh's own."""
    by_date = {frozen.run_date: frozen for frozen in past.frozen.forecasts}
    weeks = [frame for week in range(WEEKS) for frame in _week(past, week, by_date)]
    return (
        pl.concat(weeks)
        .select(
            pl.all(),
            client_id=pl.lit(client_id),
            computed_at=pl.lit(computed_at, dtype=pl.Datetime("us", "UTC")),
        )
        .select(METRICS.column_names)
    )


def _week(past: Past, week: int, by_date: dict[dt.date, FrozenForecast]) -> Iterator[pl.DataFrame]:
    date = past.year.morning(week)
    day, stock, forecast = (date - past.first_day).days, past.year.stock[week], by_date.get(date)
    holding = _holding(past, date, stock.sum(axis=1))
    metrics = past.metrics.of_items(day, holding, forecast)
    known = (past.first_sale < day) | (holding.stock > 0) | (holding.on_order > 0)
    run_id = forecast.run_id if forecast else None
    yield _frame(past, metrics, holding, known, {"date": date, "location_id": ALL_LOCATIONS, "run_id": run_id})
    for number, place in enumerate(past.places):
        own = stock[:, number]
        at_place = Holding(own, *((holding.on_order, holding.due, holding.covering) if number == 0 else (own * 0,) * 3))
        figures = past.metrics.of_place(past.sales_in_places[number], day, at_place, metrics.service_level)
        kept = known & (past.shop.stocked[:, number] | (own > 0) | (number == 0))
        yield _frame(past, figures, at_place, kept, {"date": date, "location_id": place, "run_id": None})


def _holding(past: Past, date: dt.date, stock: Ints) -> Holding:
    """What was expected by when, on that morning; what was late then counts as soon to come."""
    lead_time = past.terms.lead_time_days
    at_risk = lead_time + SETTINGS.safety_buffer_days
    covered = OrderingPolicy.of(SETTINGS).window_days(lead_time)
    on_order, due, covering = (np.zeros(len(stock), dtype=np.int64) for _ in range(3))
    for order in past.year.orders:
        outstanding = order.outstanding(date)
        if not outstanding.any():
            continue
        wait = (order.promised - date).days
        np.add.at(on_order, order.items, outstanding)
        np.add.at(due, order.items, np.where(wait <= at_risk[order.items], outstanding, 0))
        np.add.at(covering, order.items, np.where(wait <= covered[order.items], outstanding, 0))
    return Holding(stock, on_order, due, covering)


def _frame(past: Past, metrics: Metrics, holding: Holding, shown: Bools, about: dict[str, Any]) -> pl.DataFrame:
    rows = pl.DataFrame(
        {
            "item_id": past.item_ids,
            "current_stock": holding.stock * UNITS,
            "on_order": holding.on_order * UNITS,
            "inventory_position": metrics.inventory_position,
            "unit_cost": past.goods.unit_cost,
            "inventory_value": metrics.inventory_value,
            "sales_at_risk": metrics.sales_at_risk,
            "excess_value": metrics.excess_value,
            "status": metrics.status,
            "expected_daily_demand": metrics.expected_daily_demand,
            "forecasted_demand_30d": metrics.forecasted_demand_30d,
            "stockout_risk": metrics.stockout_risk,
            "lead_time_days": past.terms.lead_time_days,
            "demand_basis": metrics.demand_basis,
            "risk_basis": metrics.risk_basis,
            "dir": metrics.dir,
        }
    )
    quantities = ("current_stock", "on_order", "inventory_position")
    money = ("inventory_value", "sales_at_risk", "excess_value")
    return rows.filter(pl.Series(shown)).with_columns(
        *(pl.col(name).cast(_NUMERIC) / UNITS for name in quantities),
        *(pl.col(name).cast(_NUMERIC) / HUNDREDTHS for name in money),
        pl.col("unit_cost").cast(_NUMERIC) / TEN_THOUSANDTHS,
        pl.col("dir").fill_nan(None),
        date=pl.lit(about["date"]),
        location_id=pl.lit(about["location_id"]),
        forecast_run_id=pl.lit(about["run_id"], dtype=pl.String),
    )
