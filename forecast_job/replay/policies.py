"""Ordering policies for the replay: a buyer who follows the suggestions, and one who orders all that a level asks for.

Both ask `shared.domain.planning.ordering_policy`, as the metrics refresh and the API do, and read the job's own
forecast, made anew at each review from what was sold so far: expected demand (level) and the calibrated distribution of
its total (calibration), as published.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from forecast_job.client_history import level
from forecast_job.client_history.season_and_open_days import YEAR_DAYS, ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.replay.own_totals import own_totals
from forecast_job.replay.simulated_store import ObservedSales
from forecast_job.totals import calibration
from forecast_job.totals.calibration import Calibration
from shared.arrays import Floats, Floats32, Ints
from shared.bigquery.tables import ALL_LOCATIONS, WINDOW_DAYS, WINDOW_QUANTILES
from shared.domain.planning import metrics
from shared.domain.planning.ordering_policy import DemandAhead, LevelAllocation, OrderingPolicy, PurchaseTerms
from shared.domain.planning.service_level import OwnTotals, PublishedTotals
from shared.domain.planning.urgency import is_pressing
from shared.domain.settings import Settings

_REFIT_DAYS = 28  # errors are those of a year of origins: four weeks change them little


@dataclass(frozen=True)
class Forecast:
    """Of some items: expected `daily` units (items x days) and the distribution of totals."""

    daily: Floats
    totals: PublishedTotals

    def ahead(self, own: OwnTotals | None) -> DemandAhead:
        """As an ordering policy reads it; `own`: what the items sold in past windows."""
        items = len(self.daily)
        nothing = np.zeros(items)
        total_30d = self.daily[:, : metrics.DEMAND_DAYS].sum(axis=1)
        return DemandAhead(
            total_30d=total_30d,
            per_day=total_30d / metrics.DEMAND_DAYS,
            forecast=np.ones(items, dtype=np.bool_),
            published=self.totals,
            recent_mean=nothing,
            recent_variance=nothing,
            own=own,
        )

    def expected_over(self, days: Ints) -> Floats:
        """What each item is expected to sell over its own number of days; beyond the forecast as in its mean."""
        ahead = np.minimum(days, self.daily.shape[1])
        sold = np.cumsum(self.daily, axis=1)[np.arange(len(days)), ahead - 1]
        return np.asarray(sold * days / ahead, dtype=np.float64)


class Forecaster:
    """The job's forecast of single items; keeps what it learned of past errors for four weeks."""

    def __init__(self) -> None:
        self._learned: tuple[int, Calibration] | None = None

    def forecast(self, observed: ObservedSales, rows: Ints, longest_window: int) -> Forecast:
        """The forecast of the items `rows`, for windows of up to `longest_window` days (at least 30) and beyond."""
        units = observed.units
        days = units.shape[1]
        history = ClientHistory.of(observed.first, units)
        learned = self._calibration(units, history, longest_window)
        horizon = learned.windows[-1]
        expected = level.expect(units[rows], history, horizon, history.season(horizon))
        daily = expected.daily().astype(np.float64)
        quantiles = learned.totals(expected).quantiles.astype(np.float64)
        tail = daily[:, -metrics.TAIL_DAYS :].mean(axis=1) if days else np.zeros(len(rows))
        return Forecast(daily, PublishedTotals(learned.windows, learned.levels, quantiles, tail))

    def _calibration(self, units: Floats32, history: ClientHistory, longest_window: int) -> Calibration:
        period = history.days // _REFIT_DAYS
        if self._learned is None or self._learned[0] != period:
            longest = max(longest_window, metrics.DEMAND_DAYS)
            count = min(int(np.searchsorted(WINDOW_DAYS, longest)) + 1, len(WINDOW_DAYS))
            ids = tuple(str(row) for row in range(len(units)))
            panel = Panel(history.first, ids, (ALL_LOCATIONS,) * len(units), units, np.arange(len(units)))
            self._learned = (period, calibration.fit(panel, history, WINDOW_DAYS[:count], WINDOW_QUANTILES))
        return self._learned[1]


class RulesPolicy:
    """What a buyer orders who follows every suggestion (rules.md, "Order suggestions") under these settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._forecaster = Forecaster()

    def order(self, observed: ObservedSales, rows: Ints, on_hand: Ints, on_order: Ints) -> Ints:
        """The suggested quantities: 0 for items that are not at risk and last until an order would arrive."""
        terms, settings = observed.terms, self._settings
        review = max(terms.review_days, settings.safety_buffer_days)
        forecast = self._forecaster.forecast(observed, rows, int(terms.lead_time_days.max()) + review)
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
        reviewed = settings.model_copy(update={"review_period_days": terms.review_days})
        figures = metrics.evaluate(position, demand, reviewed)
        columns = pl.DataFrame(
            {
                "dir": pl.Series(figures.dir).fill_nan(None),
                "stockout_risk": figures.stockout_risk,
                "lead_time_days": lead_time,
            }
        )
        pressing = columns.select(is_pressing(settings)).to_series().to_numpy()
        return np.where(pressing, figures.reorder_quantity, 0)


class ServiceLevelPolicy:
    """Orders up to the quantile of demand over lead time + review period, whenever the position is below it.

    With `by_cost` the level is a mean, higher for what is cheap and lower for what is dear or ordered for long, so that
    an equal share of units is served from less money, and the item's own past counts beside the pooled distribution.
    """

    def __init__(self, service_level: float, *, by_cost: bool) -> None:
        self._service_level = service_level
        self._allocation = LevelAllocation.BY_COST if by_cost else LevelAllocation.EQUAL
        self._forecaster = Forecaster()

    def order(self, observed: ObservedSales, rows: Ints, on_hand: Ints, on_order: Ints) -> Ints:
        """The amount below the level, at least the MOQ and in whole packs."""
        terms = observed.terms
        policy = OrderingPolicy(
            kind="service_level",
            safety_buffer_days=0,  # the level is all the safety there is
            service_level=self._service_level,
            review_period_days=terms.review_days,
            allocation=self._allocation,
        )
        forecast = self._forecaster.forecast(observed, rows, int(terms.lead_time_days.max()) + terms.review_days)
        own = None
        if policy.allocation is LevelAllocation.BY_COST:
            days = terms.lead_time_days[rows] + terms.review_days
            own = own_totals(observed.units[rows], days, forecast.expected_over(days))
        purchase = PurchaseTerms(terms.lead_time_days[rows], terms.moq[rows], terms.packaging_qty[rows])
        levels = _levels(policy, observed)[rows]
        return policy.order(forecast.ahead(own), on_hand + on_order, purchase, levels).quantity


def _levels(policy: OrderingPolicy, observed: ObservedSales) -> Floats:
    """A level for each of all items. How often an item is ordered follows from its sales of a year."""
    terms, recent = observed.terms, observed.units[:, -YEAR_DAYS:]
    days = np.maximum((~np.isnan(recent)).sum(axis=1), 1)
    daily = np.nansum(recent, axis=1, dtype=np.float64) / days
    purchase = PurchaseTerms(terms.lead_time_days, terms.moq, terms.packaging_qty)
    return policy.levels(terms.unit_cost, daily, purchase)
