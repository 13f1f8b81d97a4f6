"""A simulation of past demand: which items, under which terms, and each policy with more and with less safety.

The policies are those of the settings: `forecast_30d`, `service_level` with levels by cost, by value or equal ones, and
`least_cost`; and beside them the mean demand of 13 weeks. Every forecast uses what had been sold by then under that
policy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import get_args

import numpy as np
import polars as pl

from forecast_job.backtest.rolling_origin import most_active
from forecast_job.demand.panel import HistoryTooShort, whole_items
from forecast_job.progress import JobProgress
from forecast_job.replay.policies import MeanDemandPolicy, ShippedPolicy
from forecast_job.replay.report import Run
from forecast_job.replay.simulated_store import Policy, SupplyTerms, TermsDraw, draw_terms, score, simulate
from forecast_job.replay.supply import ItemSupply, supplied, worth_of
from shared.arrays import Ints
from shared.domain.errors import Invalid
from shared.domain.planning.costs import OrderCosts
from shared.domain.planning.quantities import UNITS
from shared.domain.settings import LevelAllocation, ReplenishmentPolicy, Settings

HOLDING_FACTORS = tuple(map(Decimal, ("3", "1", "0.3")))
BUFFER_DAYS = (0, 7, 14, 30, 60)
SERVICE_LEVELS = (0.8, 0.9, 0.95, 0.98)
_LEAST_HISTORY_DAYS = 182


class TooLittleTime(Invalid):
    """The weeks to replay are shorter than lead time and review."""

    code = "too_little_time"


@dataclass(frozen=True)
class ReplayPlan:
    """The `items` most active ones over the last `weeks`; `seed` draws the terms that are not known.

    With `draw_lead_times` those within `lead_time_days` are drawn for all items, known or not.
    """

    items: int = 300
    weeks: int = 20
    lead_time_days: tuple[int, int] = (5, 30)
    draw_lead_times: bool = False
    review_days: int = 7
    seed: int = 0


@dataclass(frozen=True)
class ReplayDemand:
    """The demand that is played again: `units`, items x days in thousandths from `first` on, from day `start` on."""

    first: dt.date
    item_ids: tuple[str, ...]
    units: Ints
    start: int

    def rows(self, chosen: Ints) -> ReplayDemand:
        """Some of the items."""
        return ReplayDemand(self.first, tuple(self.item_ids[row] for row in chosen), self.units[chosen], self.start)


@dataclass(frozen=True)
class Simulation:
    """Demand and the terms under which it is supplied, scored from day `since` on; `left_out`: items whose lead time is
    too long for it."""

    demand: ReplayDemand
    terms: SupplyTerms
    supply: Sequence[ItemSupply]
    since: int
    left_out: int


def replay_demand(records: pl.DataFrame, plan: ReplayPlan) -> ReplayDemand:
    """The most active items before the first day played. Raises Invalid when the records do not reach back so far."""
    panel = whole_items(records)
    start = panel.days - 7 * plan.weeks
    if start < _LEAST_HISTORY_DAYS:
        raise HistoryTooShort(
            f"the demand spans {panel.days} days; {plan.weeks} weeks need {_LEAST_HISTORY_DAYS + 7 * plan.weeks}: "
            "try --weeks",
        )
    rows = most_active(panel, start, plan.items)
    units = np.rint(np.nan_to_num(panel.units[rows].astype(np.float64)) * UNITS).astype(np.int64)
    return ReplayDemand(panel.first, tuple(panel.item_ids[row] for row in rows), units, start)


def simulation_of(demand: ReplayDemand, supply_of: Mapping[str, ItemSupply], plan: ReplayPlan) -> Simulation:
    """The demand under its items' own terms, and drawn ones where they are not known.

    The time that the slowest first order takes is played but not scored: opening stocks are not the policy's doing. It
    is at most half of the time; items with longer lead times are left out. Raises Invalid when none is left.
    """
    supply = [supply_of.get(item_id, ItemSupply()) for item_id in demand.item_ids]
    if plan.draw_lead_times:
        supply = [replace(item, lead_time_days=None) for item in supply]
    draw = TermsDraw(plan.lead_time_days, plan.review_days, plan.seed)
    terms = supplied(draw_terms(demand.units, worth_of(supply), demand.start, draw), supply)
    warm_up = terms.lead_time_days + plan.review_days
    rows = np.flatnonzero(2 * warm_up <= 7 * plan.weeks)
    if not len(rows):
        raise TooLittleTime(
            f"with lead time and review of {warm_up.min()} days and more, {plan.weeks} weeks are too short to tell: "
            "try --weeks or --lead-time",
        )
    since = demand.start + int(warm_up[rows].max())
    return Simulation(
        demand=demand.rows(rows),
        terms=terms.rows(rows),
        supply=[supply[row] for row in rows],
        since=since,
        left_out=len(supply) - len(rows),
    )


@dataclass(frozen=True)
class _Variant:
    """A policy at one of its settings, both in words; `make` gives it without any memory of another run."""

    policy: str
    setting: str
    make: Callable[[], Policy]


def compare(simulation: Simulation, settings: Settings, progress: JobProgress) -> list[Run]:
    """Run every policy at every setting, under the same demand and terms; what `settings` say as it is among them."""
    demand, terms, costs = simulation.demand, simulation.terms, OrderCosts.of(settings)
    variants = _variants(settings)
    runs = []
    for variant in progress.track(variants, "replay", len(variants)):
        ledger = simulate(demand.first, demand.units, terms, variant.make(), demand.start)
        runs.append(Run(variant.policy, variant.setting, score(ledger, terms, costs, simulation.since)))
    return runs


def _variants(settings: Settings) -> list[_Variant]:
    def variant(policy: ReplenishmentPolicy, setting: str, **changes: object) -> _Variant:
        changed = settings.model_copy(update={"replenishment_policy": policy, **changes})
        name = f"{policy}, {changed.level_allocation}" if policy == "service_level" else policy
        return _Variant(name, setting + (" (as set)" if changed == settings else ""), partial(ShippedPolicy, changed))

    holding = settings.holding_cost
    return [
        _Variant("mean demand", "of 13 weeks", MeanDemandPolicy),
        *(
            variant("forecast_30d", f"buffer {days} days", safety_buffer_days=days)
            for days in sorted({*BUFFER_DAYS, settings.safety_buffer_days})
        ),
        *(
            variant("service_level", f"level {level:g}", level_allocation=allocation, service_level=level)
            for allocation in get_args(LevelAllocation)
            for level in sorted({*SERVICE_LEVELS, settings.service_level})
        ),
        *(
            variant(
                "least_cost",
                f"holding x {factor}",
                holding_cost_rate=settings.holding_cost_rate * float(factor),
                holding_cost=None if holding is None else holding * factor,
            )
            for factor in HOLDING_FACTORS
        ),
    ]
