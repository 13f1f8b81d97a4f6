"""The ordering policy for the replay: a buyer who orders every suggestion, under a client's settings.

The suggestions are those of the metrics refresh, made by the same functions (`metrics.evaluate`) from the job's own
forecast, anew at each review from what was sold so far: expected demand (level) and the distribution of its total
(calibration, own past), as published.
"""

from __future__ import annotations

import numpy as np

from forecast_job.client_history import level
from forecast_job.client_history.season_and_open_days import YEAR_DAYS, ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.replay.simulated_store import ObservedSales
from forecast_job.totals import calibration
from forecast_job.totals.calibration import Calibration
from forecast_job.totals.own_past import with_own_past
from shared.arrays import Floats, Floats32, Ints
from shared.bigquery.tables import ALL_LOCATIONS, WINDOW_DAYS, WINDOW_QUANTILES
from shared.domain.planning import metrics
from shared.domain.planning.costs import Worth
from shared.domain.planning.metrics import TEN_THOUSANDTHS
from shared.domain.planning.ordering_policy import Guidance, OrderingPolicy, PurchaseTerms
from shared.domain.planning.quantities import quantity_to_order, thousandths
from shared.domain.settings import Settings

_MEAN_DAYS = 91
_REFIT_DAYS = 28  # errors are those of a year of origins: four weeks change them little


class ShippedPolicy:
    """What a buyer orders who follows every suggestion (rules.md, "Order suggestions") under these settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._learned: tuple[int, Calibration] | None = None  # in which period

    def order(self, observed: ObservedSales, rows: Ints, on_hand: Ints, on_order: Ints) -> Ints:
        """The suggested quantities."""
        settings = self._settings.model_copy(update={"review_period_days": observed.terms.review_days})
        history = ClientHistory.of(observed.first, observed.units)
        learned = self._calibration(observed, history, settings)
        terms = observed.terms
        levels = OrderingPolicy.of(settings).service_levels(
            Worth(terms.unit_cost, terms.price),
            np.nan_to_num(_past(observed.units)["usual"]),
            PurchaseTerms(terms.lead_time_days, terms.moq, terms.packaging_qty),
        )
        demand = demand_of(observed, rows, history, learned)
        position = _position(observed, rows, on_hand, on_order)
        return metrics.evaluate(position, demand, settings, levels).reorder_quantity

    def _calibration(self, observed: ObservedSales, history: ClientHistory, settings: Settings) -> Calibration:
        period = history.days // _REFIT_DAYS
        if self._learned is None or self._learned[0] != period:
            terms = observed.terms
            reach = int(terms.lead_time_days.max()) + max(terms.review_days, settings.safety_buffer_days)
            self._learned = period, _calibrated(observed.units, history, max(reach, metrics.DEMAND_DAYS))
        return self._learned[1]


class MeanDemandPolicy:
    """Up to the mean demand of the last 13 weeks times lead time and review period: what a spreadsheet does."""

    def order(self, observed: ObservedSales, rows: Ints, on_hand: Ints, on_order: Ints) -> Ints:
        """Whole packs up to that level."""
        terms = observed.terms
        recent = observed.units[rows, -_MEAN_DAYS:].astype(np.float64)
        known = ~np.isnan(recent)
        mean = np.nansum(recent, axis=1) / np.maximum(known.sum(axis=1), 1)
        need = thousandths(mean * (terms.lead_time_days[rows] + terms.review_days)) - on_hand - on_order
        return quantity_to_order(need, terms.moq[rows], terms.packaging_qty[rows])


def demand_of(observed: ObservedSales, rows: Ints, history: ClientHistory, learned: Calibration) -> metrics.Demand:
    """The forecast of the items `rows`, as the metrics read it from what the job published."""
    units = observed.units[rows]
    horizon = learned.windows[-1]
    expected = level.expect(units, history, horizon, history.season(horizon))
    totals = with_own_past(learned.totals(expected), units, history.day_shares(), learned.windows, learned.levels)
    unknown = np.full(len(rows), np.nan)
    return metrics.Demand(
        daily=expected.daily().astype(np.float64),
        windows=learned.windows,
        levels=learned.levels,
        window_quantiles=totals.quantiles.astype(np.float64),
        recent_mean=unknown,
        recent_variance=unknown,
        **_past(units),
    )


def _past(units: Floats32) -> dict[str, Floats]:
    """Days since the last sale, since the first, and for each day with one; days of unknown demand do not count."""
    known, sold = ~np.isnan(units), units > 0
    year = units[:, -YEAR_DAYS:]
    known_year = (~np.isnan(year)).sum(axis=1)
    after = known[:, ::-1].cumsum(axis=1)[:, ::-1]  # known days from each day on
    never = ~sold.any(axis=1)
    last = units.shape[1] - 1 - sold[:, ::-1].argmax(axis=1)
    row = np.arange(len(units))
    return {
        "days_since_sale": np.where(never, np.nan, after[row, last]),
        "days_known": np.where(never, np.nan, known.sum(axis=1)),
        "usual": np.where(known_year > 0, np.nansum(year, axis=1) / np.maximum(known_year, 1), np.nan),
        "days_per_sale": np.where(never, np.nan, known.sum(axis=1) / np.maximum(sold.sum(axis=1), 1)),
    }


def _position(observed: ObservedSales, rows: Ints, on_hand: Ints, on_order: Ints) -> metrics.Position:
    terms, nothing = observed.terms, np.zeros(len(rows), dtype=np.int64)
    return metrics.Position(
        current_stock=on_hand,
        on_order=on_order,
        committed=nothing,
        receipts_due=on_order,  # all of it arrives within the lead time
        receipts_covering=on_order,
        ordered_lately=nothing,  # the last order was made a review period ago
        unit_cost=np.rint(terms.unit_cost[rows] * TEN_THOUSANDTHS).astype(np.int64),
        sale_price=np.rint(terms.price[rows] * TEN_THOUSANDTHS).astype(np.int64),
        lead_time_days=terms.lead_time_days[rows],
        moq=terms.moq[rows],
        packaging_qty=terms.packaging_qty[rows],
        strategic=nothing.astype(np.bool_),
        own_level=np.full(len(rows), np.nan),
        guidance=Guidance.none(len(rows)),
    )


def _calibrated(units: Floats32, history: ClientHistory, longest_window: int) -> Calibration:
    count = min(int(np.searchsorted(WINDOW_DAYS, longest_window)) + 1, len(WINDOW_DAYS))
    ids = tuple(str(row) for row in range(len(units)))
    panel = Panel(history.first, ids, (ALL_LOCATIONS,) * len(units), units, np.arange(len(units)))
    return calibration.fit(panel, history, WINDOW_DAYS[:count], WINDOW_QUANTILES)
