"""What each ordering policy would have cost: `python -m forecast_job.replay PARQUET`, or `--client ID`.

Plays the last months of the demand again (forecast_job/replay/simulation.py). Items are supplied by their own terms
where these are known (a client's conditions, a file's columns), else by terms drawn by seed. Compare stock at an equal
fill rate; one line of the table says little.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

import polars as pl

from forecast_job.progress import JobProgress
from forecast_job.replay.picture import draw
from forecast_job.replay.report import advice, curves, table
from forecast_job.replay.simulation import ReplayPlan, compare, replay_demand, simulation_of
from forecast_job.replay.source import ReplaySource, from_client, from_file
from forecast_job.replay.supply import in_words
from shared.domain.errors import StockcastError
from shared.domain.settings import SettingsChange


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, print and draw; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    least, most = options.lead_time or ReplayPlan.lead_time_days
    if (
        min(options.items, options.weeks, 1 if options.review is None else options.review) < 1
        or not 0 <= least <= most
        or options.seed < 0
    ):
        parser.error("items, weeks and review must be at least 1, the seed at least 0, lead times ascending from 0")
    if not options.picture.parent.is_dir():
        parser.error(f"there is no folder {options.picture.parent} for the picture")
    progress = JobProgress()
    try:
        source = _source(options, progress)
        plan = ReplayPlan(
            options.items,
            options.weeks,
            (least, most),
            options.lead_time is not None,
            max(1, source.settings.review_period_days),
            options.seed,
        )
        records = source.records
        if options.until is not None:
            records = records.filter(pl.col("date_local") <= options.until)
        demand = replay_demand(records, plan)
        simulation = simulation_of(demand, source.supply_of(demand.item_ids), plan)
        runs = compare(simulation, source.settings, progress)
        costed = any(item.unit_cost is not None for item in simulation.supply)
        label = "mean stock at cost" if costed else "mean stock in units (no unit cost is known)"
        draw(curves(runs), label, options.picture)
    except (StockcastError, OSError) as error:
        sys.stderr.write(f"{error.detail if isinstance(error, StockcastError) else error}\n")
        return 1
    scored = demand.first + dt.timedelta(days=simulation.since)
    left_out = (
        f"{simulation.left_out} left out, whose lead times are too long for that; " if simulation.left_out else ""
    )
    sys.stdout.write(
        f"{len(simulation.demand.item_ids)} most active items, played for {plan.weeks} weeks, scored from {scored}; "
        f"{left_out}stock is the {label}\n"
        f"{in_words(simulation.supply)}; reviewed every {plan.review_days} days\n"
        f"{table(runs)}\n{advice(runs)}\nPicture: {options.picture}\n"
    )
    return 0


def _source(options: argparse.Namespace, progress: JobProgress) -> ReplaySource:
    """What is to be played. Raises Invalid, NotFound and Unavailable."""
    source = from_client(options.client, progress) if options.client is not None else from_file(options.parquet)
    changes: dict[str, object] = {}
    if options.review is not None:
        changes["review_period_days"] = options.review
    if options.costs is not None:
        changes["holding_cost"], changes["shortage_cost"] = options.costs
    source = replace(source, settings=source.settings.changed(SettingsChange.model_validate(changes)))
    if options.by_location:
        source = source.by_location()
    return source.by_week() if options.weekly else source


def _money(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if not (value.is_finite() and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no amount above 0")
    return value


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
    parser.add_argument("--items", type=int, default=ReplayPlan.items, help="most active items (default %(default)s)")
    parser.add_argument("--weeks", type=int, default=ReplayPlan.weeks, help="weeks to play (default %(default)s)")
    parser.add_argument(
        "--lead-time",
        type=int,
        nargs=2,
        metavar=("LEAST", "MOST"),
        help="draw all lead times within these days (default: the items' own; where not known within 5 to 30)",
    )
    parser.add_argument("--review", type=int, help="days between reviews (default: the client's, else 7)")
    parser.add_argument(
        "--costs",
        type=_money,
        nargs=2,
        metavar=("HOLDING", "SHORTAGE"),
        help="what a unit in stock costs a review period, and a lost unit, in money (default: by the settings' rates)",
    )
    parser.add_argument("--weekly", action="store_true", help="play weekly sums instead of days")
    parser.add_argument("--by-location", action="store_true", help="play each item at each location by itself")
    parser.add_argument("--seed", type=int, default=ReplayPlan.seed, help="draws the terms (default %(default)s)")
    parser.add_argument("--until", type=dt.date.fromisoformat, help="use the data up to this day only")
    parser.add_argument("--picture", type=Path, default=Path("replay.png"), help="PNG to write (default %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
