"""Ordering policies for the replay: those of rules.md as the product applies them, and service levels by unit cost.

All read the job's own forecast, made anew at each review from what was sold so far: expected demand (level) and the
calibrated distribution of its total (calibration), as published.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_job.client_history import level
from forecast_job.client_history.season_and_open_days import YEAR_DAYS, Shop
from forecast_job.demand.panel import Panel
from forecast_job.replay.own_totals import own_totals
from forecast_job.replay.simulated_store import Known
from forecast_job.totals import calibration
from forecast_job.totals.calibration import Calibration
from shared.bigquery.tables import ALL_LOCATIONS, WINDOW_DAYS, WINDOW_QUANTILES
from shared.domain.planning import metrics
from shared.domain.planning.service_level import (
    Floats,
    Ints,
    PublishedTotals,
    allocated_levels,
    order_cycle_days,
    order_up_to,
    quantity_to_order,
)
from shared.domain.settings import Settings

_REFIT_DAYS = 28  # errors are those of a year of origins: four weeks change them little


@dataclass(frozen=True)
class Forecast:
    """Of some items: expected `daily` units (items x days) and the distribution of totals."""

    daily: Floats
    totals: PublishedTotals

    def expected_over(self, days: Ints) -> Floats:
        """What each item is expected to sell over its own number of days; beyond the forecast as in its mean."""
        ahead = np.minimum(days, self.daily.shape[1])
        sold = np.cumsum(self.daily, axis=1)[np.arange(len(days)), ahead - 1]
        return np.asarray(sold * days / ahead, dtype=np.float64)


class Forecaster:
    """The job's forecast of single items; keeps what it learned of past errors for four weeks."""

    def __init__(self) -> None:
        self._learned: tuple[int, Calibration] | None = None

    def forecast(self, known: Known, rows: NDArray[np.int64], longest_window: int) -> Forecast:
        """The forecast of the items `rows`, for windows of up to `longest_window` days (at least 30) and beyond."""
        units = known.units
        days = units.shape[1]
        shop = Shop.of(known.first, units)
        learned = self._calibration(units, shop, longest_window)
        horizon = learned.windows[-1]
        expected = level.expect(units[rows], shop, horizon, shop.season(horizon))
        daily = expected.daily().astype(np.float64)
        quantiles = learned.totals(expected).quantiles.astype(np.float64)
        tail = daily[:, -metrics.TAIL_DAYS :].mean(axis=1) if days else np.zeros(len(rows))
        return Forecast(daily, PublishedTotals(learned.windows, learned.levels, quantiles, tail))

    def _calibration(self, units: level.Floats32, shop: Shop, longest_window: int) -> Calibration:
        period = shop.days // _REFIT_DAYS
        if self._learned is None or self._learned[0] != period:
            longest = max(longest_window, metrics.DEMAND_DAYS)
            count = min(int(np.searchsorted(WINDOW_DAYS, longest)) + 1, len(WINDOW_DAYS))
            ids = tuple(str(row) for row in range(len(units)))
            panel = Panel(shop.first, ids, (ALL_LOCATIONS,) * len(units), units, np.arange(len(units)))
            self._learned = (period, calibration.fit(panel, shop, WINDOW_DAYS[:count], WINDOW_QUANTILES))
        return self._learned[1]


class RulesPolicy:
    """What a buyer orders who follows every suggestion (rules.md, "Order suggestions") under these settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._forecaster = Forecaster()

    def order(self, known: Known, rows: NDArray[np.int64], on_hand: Ints, on_order: Ints) -> Ints:
        """The suggested quantities: 0 for items that are not at risk and last until an order would arrive."""
        terms, settings = known.terms, self._settings
        review = max(terms.review_days, settings.safety_buffer_days)
        forecast = self._forecaster.forecast(known, rows, int(terms.lead_time_days.max()) + review)
        lead_time = terms.lead_time_days[rows]
        none, unknown = np.zeros(len(rows), dtype=np.int64), np.full(len(rows), np.nan)
        position = metrics.Position(
            current_stock=on_hand,
            on_order=on_order,
            committed=none,
            receipts_due=on_order,  # all of it arrives within the lead time
            unit_cost=none,
            lead_time_days=lead_time,
            moq=terms.moq[rows],
            packaging_qty=terms.packaging_qty[rows],
            strategic=none.astype(np.bool_),
        )
        totals = forecast.totals
        demand = metrics.Demand(
            daily=forecast.daily,
            windows=totals.windows,
            levels=totals.levels,
            window_quantiles=totals.quantiles,
            recent_mean=unknown,
            recent_variance=unknown,
            days_since_sale=unknown,
            days_known=unknown,
        )
        found = metrics.evaluate(
            position, demand, settings.model_copy(update={"review_period_days": terms.review_days})
        )
        short = np.nan_to_num(found.dir, nan=np.inf) < lead_time + settings.safety_buffer_days
        pressing = (found.stockout_risk >= settings.suggestion_min_risk) | short
        return np.where(pressing, found.reorder_quantity, 0)


class ServiceLevelPolicy:
    """Orders up to the quantile of demand over lead time + review period, whenever the position is below it.

    With `by_cost` the level is a mean, higher for what is cheap and lower for what is dear or ordered for long, so that
    an equal share of units is served from less money, and the item's own past counts beside the pooled distribution
    (shared/domain/planning/service_level.py).
    """

    def __init__(self, service_level: float, *, by_cost: bool) -> None:
        self._service_level, self._by_cost = service_level, by_cost
        self._forecaster = Forecaster()

    def order(self, known: Known, rows: NDArray[np.int64], on_hand: Ints, on_order: Ints) -> Ints:
        """What the position lacks, at least the MOQ and in whole packs."""
        terms = known.terms
        lead_time, review = terms.lead_time_days[rows], terms.review_days
        forecast = self._forecaster.forecast(known, rows, int(terms.lead_time_days.max()) + review)
        levels: float | Floats = self._service_level
        own = None
        if self._by_cost:
            levels = self._allocated(known)[rows]
            days = lead_time + review
            own = own_totals(known.units[rows], days, forecast.expected_over(days))
        wanted = order_up_to(forecast.totals, levels, lead_time, review, own)
        return quantity_to_order(wanted, on_hand + on_order, terms.moq[rows], terms.packaging_qty[rows])

    def _allocated(self, known: Known) -> Floats:
        """A level for each of all items. How often one is ordered is told by its sales of a year."""
        terms, recent = known.terms, known.units[:, -YEAR_DAYS:]
        days = np.maximum((~np.isnan(recent)).sum(axis=1), 1)
        daily = np.nansum(recent, axis=1, dtype=np.float64) / days
        cycle_days = order_cycle_days(daily, terms.moq, terms.packaging_qty, terms.review_days)
        return allocated_levels(self._service_level, terms.unit_cost, cycle_days)
