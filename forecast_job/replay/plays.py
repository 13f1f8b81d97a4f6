"""Plays of a shop's past demand: what is played, under which terms, and each policy with more and with less safety.

The policies are the two of the settings (`forecast_30d` and `service_level`), `service_level` with a
`suggestion_min_risk` that lets every order through that it asks for, and service levels by unit cost. Every forecast
uses what the shop had sold by then in that play.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from forecast_job.backtest.rolling_origin import most_active
from forecast_job.demand.panel import whole_items
from forecast_job.progress import Progress
from forecast_job.replay.policies import RulesPolicy, ServiceLevelPolicy
from forecast_job.replay.report import Run
from forecast_job.replay.simulated_store import Policy, SupplyTerms, draw_terms, score, simulate
from forecast_job.replay.supply import ItemSupply, costs_of, supplied
from shared.arrays import Ints
from shared.domain.errors import Invalid
from shared.domain.planning.quantities import UNITS
from shared.domain.settings import Settings

BUFFER_DAYS = (0, 7, 14, 30, 60)
SERVICE_LEVELS = (0.8, 0.9, 0.95, 0.98)
_LEAST_HISTORY_DAYS = 182


@dataclass(frozen=True)
class Plan:
    """What is played: the `items` most active ones over the last `weeks`; `seed` draws the terms that are not known.

    With `draw_lead_times` those within `lead_time_days` are drawn for all items, known or not.
    """

    items: int = 300
    weeks: int = 20
    lead_time_days: tuple[int, int] = (5, 30)
    draw_lead_times: bool = False
    review_days: int = 7
    seed: int = 0


@dataclass(frozen=True)
class Shelf:
    """The demand that is played: items x days in thousandths from `first` on, played from day `start`."""

    first: dt.date
    item_ids: tuple[str, ...]
    demand: Ints
    start: int

    def rows(self, chosen: Ints) -> Shelf:
        """Some of the items."""
        return Shelf(self.first, tuple(self.item_ids[row] for row in chosen), self.demand[chosen], self.start)


@dataclass(frozen=True)
class Play:
    """The shelf and the terms under which it is supplied, scored from day `since` on; `left_out`: items whose lead time
    is too long for it."""

    shelf: Shelf
    terms: SupplyTerms
    supply: Sequence[ItemSupply]
    since: int
    left_out: int


def shelf_of(records: pl.DataFrame, plan: Plan) -> Shelf:
    """The most active items before the first day played. Raises Invalid when the records do not reach back so far."""
    panel = whole_items(records)
    start = panel.days - 7 * plan.weeks
    if start < _LEAST_HISTORY_DAYS:
        raise Invalid(
            "too_little_history",
            f"the demand spans {panel.days} days; {plan.weeks} weeks need {_LEAST_HISTORY_DAYS + 7 * plan.weeks}: "
            "try --weeks",
        )
    rows = most_active(panel, start, plan.items)
    demand = np.rint(np.nan_to_num(panel.units[rows].astype(np.float64)) * UNITS).astype(np.int64)
    return Shelf(panel.first, tuple(panel.item_ids[row] for row in rows), demand, start)


def play_of(shelf: Shelf, supply_of: Mapping[str, ItemSupply], plan: Plan) -> Play:
    """The shelf under its items' own terms, and drawn ones where they are not known.

    The time that the slowest first order takes is played but not scored: opening stocks are not the policy's doing. It
    is at most half of the time; items with longer lead times are left out. Raises Invalid when none is left.
    """
    supply = [supply_of.get(item_id, ItemSupply()) for item_id in shelf.item_ids]
    if plan.draw_lead_times:
        supply = [replace(one, lead_time_days=None) for one in supply]
    drawn = draw_terms(shelf.demand, costs_of(supply), shelf.start, plan.lead_time_days, plan.review_days, plan.seed)
    terms = supplied(drawn, supply)
    warm_up = terms.lead_time_days + plan.review_days
    rows = np.flatnonzero(2 * warm_up <= 7 * plan.weeks)
    if not len(rows):
        raise Invalid(
            "too_little_time",
            f"with lead time and review of {warm_up.min()} days and more, {plan.weeks} weeks are too short to tell: "
            "try --weeks or --lead-time",
        )
    chosen = shelf.rows(rows)
    since = shelf.start + int(warm_up[rows].max())
    return Play(chosen, terms.rows(rows), [supply[row] for row in rows], since, len(supply) - len(rows))


def compare(play: Play, settings: Settings | None, progress: Progress) -> list[Run]:
    """Play every policy at every setting, under the same demand and terms; those of `settings` (a client's own) too."""
    shelf, terms = play.shelf, play.terms
    plays = _plays(settings, terms.review_days)
    runs = []
    for policy, setting, make in progress.track(plays, "replay", len(plays)):
        ledger = simulate(shelf.first, shelf.demand, terms, make(), shelf.start)
        runs.append(Run(policy, setting, score(ledger, terms.unit_cost, play.since)))
    return runs


def _plays(settings: Settings | None, review_days: int) -> list[tuple[str, str, Callable[[], Policy]]]:
    own = settings or Settings()

    def rules(**chosen: object) -> Callable[[], Policy]:
        return lambda: RulesPolicy(own.model_copy(update=chosen))

    def levels(level: float) -> Callable[[], Policy]:
        return lambda: ServiceLevelPolicy(level, by_cost=True)

    def as_set(policy: str, *, equal: bool) -> str:
        return " (as set)" if settings is not None and settings.replenishment_policy == policy and equal else ""

    buffers = sorted({*BUFFER_DAYS, own.safety_buffer_days})
    service_levels = sorted({*SERVICE_LEVELS, own.service_level})
    return [
        *(
            (
                "forecast_30d",
                f"buffer {days} days{as_set('forecast_30d', equal=days == own.safety_buffer_days)}",
                rules(replenishment_policy="forecast_30d", safety_buffer_days=days),
            )
            for days in buffers
        ),
        *(
            (
                "service_level",
                f"level {one:g}{as_set('service_level', equal=one == own.service_level)}",
                rules(replenishment_policy="service_level", service_level=one),
            )
            for one in service_levels
        ),
        *(
            (
                "service_level (matched)",
                f"level {one:g}, min risk {1 - one:.3g}",
                rules(
                    replenishment_policy="service_level",
                    service_level=one,
                    suggestion_min_risk=1 - one,
                    safety_buffer_days=review_days,
                ),
            )
            for one in SERVICE_LEVELS
        ),
        *(("levels by unit cost", f"mean level {one:g}", levels(one)) for one in SERVICE_LEVELS),
    ]
