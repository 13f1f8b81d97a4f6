"""Our ordering policies for an outside replay tool: `--policy tests.benchmarks.replay_policy:Shipped`.

The tool calls `order(t, history, on_hand, on_order, lead_time_days, review_days, moq, pack)` with arrays over the items
under review; `history` has `rows`, and in `panel` the `dates`, `sales`, `in_stock`, `unit_cost`,
`unit_price`, `lead_time` of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from forecast_job.replay.policies import ShippedPolicy
from forecast_job.replay.simulated_store import ObservedSales, SupplyTerms
from shared.domain.planning.quantities import UNITS
from shared.domain.settings import Settings

Numbers = NDArray[Any]


class Shipped:
    """What the suggestions of a client say that has the default settings but for the service level."""

    changes: ClassVar[Mapping[str, object]] = {}

    def __init__(self, level: float = 0.95) -> None:
        self.level = level
        self._policy = ShippedPolicy(Settings().model_copy(update={"service_level": level, **self.changes}))
        self._moq, self._packs = (np.zeros(0, dtype=np.int64) for _ in range(2))

    def order(
        self,
        t: int,
        history: Any,
        on_hand: Numbers,
        on_order: Numbers,
        lead_time_days: Numbers,
        review_days: int,
        moq: Numbers,
        pack: Numbers,
    ) -> Numbers:
        """Units to order now, one per item under review."""
        panel = history.panel
        rows = np.asarray(history.rows)
        if not len(self._moq):
            self._moq, self._packs = (np.full(len(panel.items), UNITS) for _ in range(2))
        self._moq[rows], self._packs[rows] = _thousandths(moq), _thousandths(pack)
        unused = np.zeros(len(panel.items), dtype=np.int64)
        terms = SupplyTerms(
            lead_time_days=np.asarray(panel.lead_time, dtype=np.int64),
            review_days=int(review_days),
            first_review=unused,
            moq=self._moq,
            packaging_qty=self._packs,
            unit_cost=np.asarray(panel.unit_cost, dtype=np.float64),
            price=np.asarray(panel.unit_price, dtype=np.float64),
            opening_stock=unused,
        )
        observed = ObservedSales(panel.dates[0].date(), _thousandths(panel.sales), np.asarray(panel.in_stock), terms)
        return self._policy.order(observed, rows, _thousandths(on_hand), _thousandths(on_order)) / UNITS


class ByValue(Shipped):
    """Levels that serve most sales, in money, for the money in stock."""

    changes: ClassVar[Mapping[str, object]] = {"level_allocation": "by_value"}


class LeastCost(Shipped):
    """What costs least where unmet demand is lost, at 0.2 a unit in stock and review period and 1 a lost unit. The
    level follows from these: the one that is given decides nothing."""

    changes: ClassVar[Mapping[str, object]] = {
        "replenishment_policy": "least_cost",
        "holding_cost": Decimal("0.2"),
        "shortage_cost": Decimal(1),
    }


class EqualLevels(Shipped):
    """The same service level for every item."""

    changes: ClassVar[Mapping[str, object]] = {"level_allocation": "equal"}


def _thousandths(units: Numbers) -> NDArray[np.int64]:
    return np.rint(np.asarray(units, dtype=np.float64) * UNITS).astype(np.int64)
