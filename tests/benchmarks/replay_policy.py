"""Our ordering policies for an outside replay tool: `--policy tests.benchmarks.replay_policy:ByCost`.

The tool calls `order(t, history, on_hand, on_order, lead_time_days, review_days, moq, pack)` with arrays over the items
under review; `history` has `rows`, and in `panel` the `dates`, `sales`, `in_stock`, `unit_cost`, `lead_time` of all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_job.policies import ServiceLevelPolicy
from forecast_job.replay_shop import Known, Terms
from shared.domain.metrics import UNITS

Numbers = NDArray[Any]


class ByCost:
    """Service levels by unit cost: `level` is their mean."""

    by_cost = True

    def __init__(self, level: float = 0.95) -> None:
        self.level = level
        self._policy = ServiceLevelPolicy(level, by_cost=self.by_cost)

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
        all_moq, all_packs = (np.full(len(panel.items), UNITS) for _ in range(2))
        all_moq[rows], all_packs[rows] = _thousandths(moq), _thousandths(pack)
        unused = np.zeros(len(panel.items), dtype=np.int64)
        terms = Terms(
            lead_time_days=np.asarray(panel.lead_time, dtype=np.int64),
            review_days=int(review_days),
            first_review=unused,
            moq=all_moq,
            packaging_qty=all_packs,
            unit_cost=np.asarray(panel.unit_cost, dtype=np.float64),
            opening_stock=unused,
        )
        known = Known(panel.dates[0].date(), _thousandths(panel.sales), np.asarray(panel.in_stock), terms)
        return self._policy.order(known, rows, _thousandths(on_hand), _thousandths(on_order)) / UNITS


class EqualLevels(ByCost):
    """The same service level for every item."""

    by_cost = False


def _thousandths(units: Numbers) -> NDArray[np.int64]:
    return np.rint(np.asarray(units, dtype=np.float64) * UNITS).astype(np.int64)
