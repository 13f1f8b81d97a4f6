"""The demo shop's metrics on a day of its past, by the product's own rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from infra.local.demo.buyer import Terms
from infra.local.demo.frozen_forecasts import FrozenForecast
from shared.arrays import Bools, Floats, Ints
from shared.bigquery.tables import WINDOW_DAYS, WINDOW_QUANTILES
from shared.domain.planning.costs import Worth
from shared.domain.planning.metrics import TEN_THOUSANDTHS, Demand, Metrics, Position, evaluate
from shared.domain.planning.ordering_policy import Guidance, OrderingPolicy
from shared.domain.planning.quantities import UNITS
from shared.domain.planning.service_level import ServiceLevels
from shared.domain.settings import Settings

SETTINGS = Settings()
_RECENT_DAYS = 28
_YEAR_DAYS = 364


@dataclass(frozen=True)
class Goods:
    """What each item costs and sells for, in hundredths, and whether it is kept whatever it sells."""

    unit_cost: Ints
    sale_price: Ints
    strategic: Bools


@dataclass(frozen=True)
class Holding:
    """Units of each item on a morning: in stock, on order, and of that what is expected within lead time + buffer
    (`due`) and within lead time + review (`covering`)."""

    stock: Ints
    on_order: Ints
    due: Ints
    covering: Ints

    @classmethod
    def of_stock(cls, stock: Ints) -> Holding:
        """With nothing on order."""
        nothing = np.zeros_like(stock)
        return cls(stock, nothing, nothing, nothing)


@dataclass(frozen=True)
class ShopMetrics:
    """Computes metrics of all items of a shop with the default settings. `sales`: days x items."""

    sales: Ints
    terms: Terms
    goods: Goods

    def advice(self, day: int, forecast: FrozenForecast) -> Ints:
        """Units up to which the product suggests to order each item on that day; 0 where it suggests nothing."""
        nothing = Holding.of_stock(np.zeros(self.sales.shape[1], dtype=np.int64))
        metrics = self.of_items(day, nothing, forecast)
        return np.where(metrics.reorder_quantity > 0, -(-metrics.order_up_to // UNITS), 0)

    def of_items(self, day: int, holding: Holding, forecast: FrozenForecast | None) -> Metrics:
        """Of items as a whole on the morning of that day, of which the last `day` days are known."""
        demand = _demand(self.sales, day, forecast)
        position = self._position(holding)
        policy = OrderingPolicy.of(SETTINGS)
        worth = Worth(self.goods.unit_cost / TEN_THOUSANDTHS, self.goods.sale_price / TEN_THOUSANDTHS)
        levels = policy.service_levels(worth, np.nan_to_num(demand.usual), position.terms)
        return evaluate(position, demand, SETTINGS, levels)

    def of_place(self, sales: Ints, day: int, holding: Holding, levels: Floats) -> Metrics:
        """Of items in one place, which sold `sales` (days x items); `levels` are those of the items."""
        demand = _demand(sales, day, None)
        no_lots, whole_units = np.zeros_like(self.terms.moq), np.full_like(self.terms.moq, UNITS)
        position = replace(self._position(holding), own_level=levels, moq=no_lots, packaging_qty=whole_units)
        return evaluate(position, demand, SETTINGS, ServiceLevels(SETTINGS.service_level))

    def _position(self, holding: Holding) -> Position:
        items = len(self.terms.moq)
        return Position(
            current_stock=holding.stock * UNITS,
            on_order=holding.on_order * UNITS,
            committed=np.zeros(items, dtype=np.int64),
            receipts_due=holding.due * UNITS,
            receipts_covering=holding.covering * UNITS,
            ordered_lately=np.zeros(items, dtype=np.int64),  # only the policy least_cost asks
            unit_cost=self.goods.unit_cost,
            sale_price=self.goods.sale_price,
            lead_time_days=self.terms.lead_time_days,
            moq=self.terms.moq * UNITS,
            packaging_qty=self.terms.packaging_qty * UNITS,
            strategic=self.goods.strategic,
            own_level=np.full(items, np.nan),
            guidance=Guidance.none(items),
        )


def _demand(sales: Ints, day: int, forecast: FrozenForecast | None) -> Demand:
    """What is known on the morning of the day: the past, and the forecast of it where there is one."""
    past = sales[:day]
    items = past.shape[1]
    sold = past > 0
    ever = sold.any(axis=0)
    first = np.where(ever, sold.argmax(axis=0), day)
    known = np.where(ever, (day - first).astype(np.float64), np.nan)
    recent, recent_days = past[-_RECENT_DAYS:].astype(np.float64), np.minimum(known, _RECENT_DAYS)
    mean = recent.sum(axis=0) / recent_days
    daily = np.full((items, 0), np.nan)
    windows = np.full((items, len(WINDOW_DAYS), len(WINDOW_QUANTILES)), np.nan)
    if forecast is not None:
        daily = np.full((items, forecast.daily.mean.shape[1]), np.nan)
        daily[forecast.items] = forecast.daily.mean
        windows[forecast.items] = forecast.totals.quantiles
    return Demand(
        daily=daily,
        windows=WINDOW_DAYS,
        levels=WINDOW_QUANTILES,
        window_quantiles=windows,
        recent_mean=mean,
        recent_variance=(recent**2).sum(axis=0) / recent_days - mean**2,
        days_since_sale=np.where(ever, 1.0 + sold[::-1].argmax(axis=0), np.nan),
        days_known=known,
        days_per_sale=known / np.maximum(sold.sum(axis=0), 1),
        usual=past[-_YEAR_DAYS:].sum(axis=0) / np.minimum(known, _YEAR_DAYS),
    )
