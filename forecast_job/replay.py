"""What each ordering policy would have cost: `python -m forecast_job.replay PARQUET`.

Plays the last months of the file's demand again, under the two policies of the settings (`forecast_30d` and
`service_level`) and under service levels by unit cost, each with more and with less safety. Every forecast uses what
the shop had sold by then in that play. Compare stock at an equal fill rate; one line of the table says little.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from forecast_job.backtest import most_active, whole_items
from forecast_job.demand_file import read_demand
from forecast_job.policies import RulesPolicy, ServiceLevelPolicy
from forecast_job.progress import Progress
from forecast_job.replay_picture import draw
from forecast_job.replay_shop import Outcome, Policy, draw_terms, score, simulate
from shared.domain.errors import Invalid
from shared.domain.invoice_lines import item_code
from shared.domain.metrics import UNITS
from shared.domain.service_level import Floats, Ints
from shared.domain.settings import Settings

BUFFER_DAYS = (0, 7, 14, 30, 60)
SERVICE_LEVELS = (0.8, 0.9, 0.95, 0.98)
_COMPARED_FILL_RATE = 0.95
_COST_SHARE_OF_PRICE = 0.5
_LEAST_HISTORY_DAYS = 182


@dataclass(frozen=True)
class Plan:
    """What is played: the `items` most active ones over the last `weeks`, under terms drawn by `seed`."""

    items: int = 300
    weeks: int = 20
    lead_time_days: tuple[int, int] = (5, 30)
    review_days: int = 7
    seed: int = 0


@dataclass(frozen=True)
class Shelf:
    """The demand that is played: items x days in thousandths from `first` on, played from `start`, scored `since`."""

    first: dt.date
    demand: Ints
    start: int
    since: int
    unit_cost: Floats


@dataclass(frozen=True)
class Run:
    """One play: a policy, its setting in words, and what came of it."""

    policy: str
    setting: str
    outcome: Outcome


def shelf_of(records: pl.DataFrame, costs: Mapping[str, float], plan: Plan) -> Shelf:
    """The most active items before the first day played. Items without a cost get the median one.

    The time that an order takes at first is played but not scored: opening stocks are not the policy's doing. Raises
    Invalid when the records do not reach back far enough.
    """
    panel = whole_items(records)
    start = panel.days - 7 * plan.weeks
    warm_up = plan.lead_time_days[1] + plan.review_days
    if start < _LEAST_HISTORY_DAYS or 7 * plan.weeks <= warm_up:
        raise Invalid(
            "too_little_history",
            f"the file spans {panel.days} days; {plan.weeks} weeks need {_LEAST_HISTORY_DAYS + 7 * plan.weeks}, "
            f"and must be longer than the {warm_up} days of lead time and review: try --weeks or --lead-time",
        )
    rows = most_active(panel, start, plan.items)
    demand = np.rint(np.nan_to_num(panel.units[rows].astype(np.float64)) * UNITS).astype(np.int64)
    usual = float(np.median(list(costs.values()))) if costs else 1.0
    cost = np.array([costs.get(panel.item_ids[row], usual) for row in rows])
    return Shelf(panel.first, demand, start, start + warm_up, cost)


def unit_costs(path: Path) -> dict[str, float]:
    """Cost of a unit by item: the mean of the file's unit_cost, else half the median unit_price, else none at all."""
    columns = pl.read_parquet_schema(path)
    item = next((name for name in ("item_id", "sku", "stock_code") if name in columns), None)
    source = next((name for name in ("unit_cost", "unit_price") if name in columns), None)
    if item is None or source is None:
        return {}
    code = pl.col(item).cast(pl.String)
    frame = pl.read_parquet(path, columns=list[str]([item, source])).select(
        (item_code(code) if item == "stock_code" else code).alias("item"),
        pl.col(source).cast(pl.Float64).alias("money"),
    )
    money = pl.col("money").mean() if source == "unit_cost" else pl.col("money").median() * _COST_SHARE_OF_PRICE
    found = frame.filter(pl.col("item").is_not_null() & (pl.col("money") > 0)).group_by("item").agg(money)
    return dict(found.iter_rows())


def compare(shelf: Shelf, plan: Plan, progress: Progress) -> list[Run]:
    """Play every policy at every setting, under the same demand and terms."""
    terms = draw_terms(shelf.demand, shelf.unit_cost, shelf.start, plan.lead_time_days, plan.review_days, plan.seed)
    plays = _plays()
    runs = []
    for policy, setting, make in progress.track(plays, "replay", len(plays)):
        ledger = simulate(shelf.first, shelf.demand, terms, make(), shelf.start)
        runs.append(Run(policy, setting, score(ledger, shelf.unit_cost, shelf.since)))
    return runs


def stock_needed(outcomes: Sequence[Outcome], fill_rate: float) -> float | None:
    """The stock at a fill rate, linear between the two outcomes around it; None where they do not reach it."""
    ordered = sorted(outcomes, key=lambda one: one.stock)
    for low, high in itertools.pairwise(ordered):
        if low.fill_rate <= fill_rate <= high.fill_rate and low.fill_rate < high.fill_rate:
            share = (fill_rate - low.fill_rate) / (high.fill_rate - low.fill_rate)
            return low.stock + share * (high.stock - low.stock)
    return None


def table(runs: Sequence[Run]) -> str:
    """The runs as text, a line each."""
    lines = [["policy", "setting", "stock", "fill rate", "cycle service", "orders"]]
    for run in runs:
        one = run.outcome
        figures = [f"{one.stock:,.0f}", f"{one.fill_rate:.1%}", f"{one.cycle_service:.1%}", f"{one.orders:,}"]
        lines.append([run.policy, run.setting, *figures])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def advice(runs: Sequence[Run]) -> str:
    """What the comparison says and what to do next."""
    curves = _curves(runs)
    needed = {name: stock_needed(curve, _COMPARED_FILL_RATE) for name, curve in curves.items()}
    reached = {name: stock for name, stock in needed.items() if stock is not None}
    if not reached:
        return (
            f"No policy passes a fill rate of {_COMPARED_FILL_RATE:.0%} between two of its settings, so they cannot be "
            "compared there: look at the picture, or play more items or weeks (--items, --weeks)."
        )
    stocks = ", ".join(f"{name} {stock:,.0f}" for name, stock in sorted(reached.items(), key=lambda pair: pair[1]))
    best = min(reached, key=lambda name: reached[name])
    return (
        f"Stock needed for a fill rate of {_COMPARED_FILL_RATE:.0%}: {stocks}. Least with {best}.\n"
        "Next: play it with your own lead times (--lead-time 7 21) and with other draws (--seed 1, 2, ...); if the "
        "order of the policies holds, set replenishment_policy, service_level and safety_buffer_days in the settings."
    )


def _plays() -> list[tuple[str, str, Callable[[], Policy]]]:
    def rules(**chosen: object) -> Callable[[], Policy]:
        return lambda: RulesPolicy(Settings.model_validate(chosen))

    def levels(level: float) -> Callable[[], Policy]:
        return lambda: ServiceLevelPolicy(level, by_cost=True)

    return [
        *(
            ("forecast_30d", f"buffer {days} days", rules(replenishment_policy="forecast_30d", safety_buffer_days=days))
            for days in BUFFER_DAYS
        ),
        *(
            ("service_level", f"level {one:g}", rules(replenishment_policy="service_level", service_level=one))
            for one in SERVICE_LEVELS
        ),
        *(("levels by unit cost", f"mean level {one:g}", levels(one)) for one in SERVICE_LEVELS),
    ]


def _curves(runs: Sequence[Run]) -> dict[str, list[Outcome]]:
    curves: dict[str, list[Outcome]] = {}
    for run in runs:
        curves.setdefault(run.policy, []).append(run.outcome)
    return curves


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, print and draw; returns the exit status."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    least, most = asked.lead_time
    if min(asked.items, asked.weeks, asked.review) < 1 or not 0 <= least <= most or asked.seed < 0:
        parser.error("items, weeks and review must be at least 1, the seed at least 0, lead times ascending from 0")
    if not asked.picture.parent.is_dir():
        parser.error(f"there is no folder {asked.picture.parent} for the picture")
    plan = Plan(asked.items, asked.weeks, (least, most), asked.review, asked.seed)
    try:
        records = read_demand(asked.parquet)
        if asked.until is not None:
            records = records.filter(pl.col("date_local") <= asked.until)
        costs = unit_costs(asked.parquet)
        shelf = shelf_of(records, costs, plan)
        runs = compare(shelf, plan, Progress())
        label = "mean stock at cost" if costs else "mean stock in units (the file has no unit_cost)"
        draw(_curves(runs), label, asked.picture)
    except (Invalid, OSError) as error:
        sys.stderr.write(f"{error.detail if isinstance(error, Invalid) else error}\n")
        return 1
    scored = shelf.first + dt.timedelta(days=shelf.since)
    sys.stdout.write(
        f"{len(shelf.demand)} most active items, played for {plan.weeks} weeks, scored from {scored}; "
        f"stock is the {label}\n"
        f"{table(runs)}\n{advice(runs)}\nPicture: {asked.picture}\n"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    default = Plan()
    parser = argparse.ArgumentParser(
        prog="python -m forecast_job.replay", description="Replay demand from a Parquet file under ordering policies."
    )
    parser.add_argument(
        "parquet",
        type=Path,
        help="daily demand (item_id, date_local, units_sold; unit_cost if known) or raw invoice lines",
    )
    parser.add_argument("--items", type=int, default=default.items, help="most active items (default %(default)s)")
    parser.add_argument("--weeks", type=int, default=default.weeks, help="weeks to play (default %(default)s)")
    parser.add_argument(
        "--lead-time",
        type=int,
        nargs=2,
        default=default.lead_time_days,
        metavar=("LEAST", "MOST"),
        help="days, drawn per item (default %(default)s)",
    )
    parser.add_argument("--review", type=int, default=default.review_days, help="days (default %(default)s)")
    parser.add_argument("--seed", type=int, default=default.seed, help="draws the terms (default %(default)s)")
    parser.add_argument("--until", type=dt.date.fromisoformat, help="use the data up to this day only")
    parser.add_argument("--picture", type=Path, default=Path("replay.png"), help="PNG to write (default %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
