"""What each ordering policy would have cost: `python -m forecast_job.replay PARQUET`, or `--client ID`.

Plays the last months of the demand again, each policy with more and with less safety: the two of the settings
(`forecast_30d` and `service_level`), `service_level` with a `suggestion_min_risk` that lets every order through that it
asks for, and service levels by unit cost. Every forecast uses what the shop had sold by then in that play. Items are
supplied by their own terms where these are known (a client's conditions, a file's columns), else by terms drawn by
seed. Compare stock at an equal fill rate; one line of the table says little.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from forecast_job.panel import whole_items
from forecast_job.policies import RulesPolicy, ServiceLevelPolicy
from forecast_job.progress import Progress
from forecast_job.replay_picture import draw
from forecast_job.replay_report import Run, advice, curves, table
from forecast_job.replay_shop import Policy, Terms, draw_terms, score, simulate
from forecast_job.replay_source import Source, from_client, from_file
from forecast_job.rolling_origin import most_active
from forecast_job.supply import ItemSupply, costs_of, in_words, supplied
from shared.domain.errors import Invalid, StockcastError
from shared.domain.metrics import UNITS
from shared.domain.service_level import Ints
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
    terms: Terms
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, print and draw; returns the exit status."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    least, most = asked.lead_time or Plan.lead_time_days
    if (
        min(asked.items, asked.weeks, 1 if asked.review is None else asked.review) < 1
        or not 0 <= least <= most
        or asked.seed < 0
    ):
        parser.error("items, weeks and review must be at least 1, the seed at least 0, lead times ascending from 0")
    if not asked.picture.parent.is_dir():
        parser.error(f"there is no folder {asked.picture.parent} for the picture")
    progress = Progress()
    try:
        source = from_client(asked.client, progress) if asked.client is not None else from_file(asked.parquet)
        plan = Plan(
            asked.items, asked.weeks, (least, most), asked.lead_time is not None, _review(asked, source), asked.seed
        )
        records = source.records
        if asked.until is not None:
            records = records.filter(pl.col("date_local") <= asked.until)
        shelf = shelf_of(records, plan)
        play = play_of(shelf, source.supply_of(shelf.item_ids), plan)
        runs = compare(play, source.settings, progress)
        costed = any(one.unit_cost is not None for one in play.supply)
        label = "mean stock at cost" if costed else "mean stock in units (no unit cost is known)"
        draw(curves(runs), label, asked.picture)
    except (StockcastError, OSError) as error:
        sys.stderr.write(f"{error.detail if isinstance(error, StockcastError) else error}\n")
        return 1
    scored = shelf.first + dt.timedelta(days=play.since)
    left_out = f"{play.left_out} left out, whose lead times are too long for that; " if play.left_out else ""
    sys.stdout.write(
        f"{len(play.shelf.item_ids)} most active items, played for {plan.weeks} weeks, scored from {scored}; "
        f"{left_out}stock is the {label}\n"
        f"{in_words(play.supply)}; reviewed every {plan.review_days} days\n"
        f"{table(runs)}\n{advice(runs)}\nPicture: {asked.picture}\n"
    )
    return 0


def _review(asked: argparse.Namespace, source: Source) -> int:
    """The days between reviews: those asked for, else the client's, else the usual ones; at least one."""
    own = Plan.review_days if source.settings is None else source.settings.review_period_days
    return max(1, own if asked.review is None else asked.review)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m forecast_job.replay", description="Replay demand under ordering policies."
    )
    played = parser.add_mutually_exclusive_group(required=True)
    played.add_argument(
        "parquet",
        type=Path,
        nargs="?",
        help="daily demand (item_id, date_local, units_sold) or raw invoice lines; where known with unit_cost, "
        "lead_time_days, moq, packaging_qty",
    )
    played.add_argument("--client", metavar="ID", help="a client's own demand, products, conditions and settings")
    parser.add_argument("--items", type=int, default=Plan.items, help="most active items (default %(default)s)")
    parser.add_argument("--weeks", type=int, default=Plan.weeks, help="weeks to play (default %(default)s)")
    parser.add_argument(
        "--lead-time",
        type=int,
        nargs=2,
        metavar=("LEAST", "MOST"),
        help="draw all lead times within these days (default: the items' own; where not known within 5 to 30)",
    )
    parser.add_argument("--review", type=int, help="days between reviews (default: the client's, else 7)")
    parser.add_argument("--seed", type=int, default=Plan.seed, help="draws the terms (default %(default)s)")
    parser.add_argument("--until", type=dt.date.fromisoformat, help="use the data up to this day only")
    parser.add_argument("--picture", type=Path, default=Path("replay.png"), help="PNG to write (default %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
