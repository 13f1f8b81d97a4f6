"""Rolling-origin scores of the engines: `python -m forecast_job.backtest PARQUET`, or of a client, `--client ID`.

The plan: the most active items (days with a sale in the year before the first origin), origins a fixed number of
days apart with the last window ending on the data's last day, at most two years of history, everything learned from
days before each origin. Daily forecasts are scored against a baseline; the calibrated total over the lead time by
coverage and by the stock that its 0.9 quantile asks for. All items are scored by how long ago they last sold: what was
expected of them against what they sold, and coverage.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from forecast_job.backtest import picture, rolling_origin, tables
from forecast_job.backtest.rolling_origin import BacktestPlan
from forecast_job.demand.client_demand import client_records
from forecast_job.demand.demand_file import read_demand
from forecast_job.demand.panel import whole_items
from forecast_job.engines.registry import engine_for
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.progress import JobProgress
from shared.domain.errors import StockcastError
from shared.domain.forecast_engine import ENGINES, STATISTICAL

_FURTHER_ENGINES = tuple(name for name in ENGINES if name != STATISTICAL)


def main(arguments: Sequence[str] | None = None) -> int:
    """Score and print; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if (options.parquet is None) == (options.client is None):
        parser.error("name a Parquet file or --client ID, one of them")
    if min(options.items, options.origins, options.step, options.horizon, options.lead_time) < 1:
        parser.error("items, origins, step, horizon and lead time must be at least 1")
    if options.picture is not None and not options.picture.parent.is_dir():
        parser.error(f"there is no folder {options.picture.parent} for the picture")
    plan = BacktestPlan(options.items, options.origins, options.step, options.horizon, options.lead_time)
    progress = JobProgress()
    try:
        further = [engine_for(name, fallback=False, progress=progress).engine for name in dict.fromkeys(options.engine)]
        records = read_demand(options.parquet) if options.client is None else client_records(options.client, progress)
        if options.until is not None:
            records = records.filter(pl.col("date_local") <= options.until)
        panel = whole_items(records)
        result = rolling_origin.run(panel, plan, progress, further)
        if options.picture is not None:
            picture.draw(result.totals, result.worst, StatisticalEngine.name, options.picture)
    except StockcastError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{options.picture}: {error.strerror or error}\n")
        return 1
    first, last = panel.first, panel.origin - dt.timedelta(days=1)
    sys.stdout.write(
        f"{min(plan.items, panel.series)} most active of {panel.series} items, {first} to {last}; "
        f"{plan.origins} origins, horizon {plan.horizon_days} days\n"
        f"{tables.daily(result.daily)}\n\n"
        f"Demand over {plan.lead_time_days} days: how many totals were at or below the quantile\n"
        f"{tables.totals(result.totals)}\n\n"
        f"All {panel.series} items by the days since their last sale: units expected over {plan.horizon_days} days per "
        f"unit sold, and the coverage of totals over {plan.lead_time_days} days\n"
        f"{tables.recency(result.recency)}\n"
    )
    if options.picture is not None:
        sys.stdout.write(f"Picture: {options.picture}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    default = BacktestPlan()
    parser = argparse.ArgumentParser(
        prog="python -m forecast_job.backtest",
        description="Score the engines on demand from a Parquet file or of a client.",
    )
    parser.add_argument(
        "parquet", type=Path, nargs="?", help="daily demand (item_id, date_local, units_sold) or raw invoice lines"
    )
    parser.add_argument("--client", metavar="ID", help="this client's demand, from BigQuery")
    parser.add_argument("--items", type=int, default=default.items, help="most active items (default %(default)s)")
    parser.add_argument("--origins", type=int, default=default.origins, help="number of origins (default %(default)s)")
    parser.add_argument("--step", type=int, default=default.step_days, help="days between them (default %(default)s)")
    parser.add_argument("--horizon", type=int, default=default.horizon_days, help="days (default %(default)s)")
    parser.add_argument("--lead-time", type=int, default=default.lead_time_days, help="days (default %(default)s)")
    parser.add_argument("--until", type=dt.date.fromisoformat, help="use the data up to this day only")
    parser.add_argument(
        "--engine",
        action="append",
        choices=_FURTHER_ENGINES,
        default=[],
        help="score this one too; may be repeated (auto_ets takes minutes)",
    )
    parser.add_argument("--picture", type=Path, metavar="PNG", help="draw the coverage and the ten worst items")
    return parser


if __name__ == "__main__":
    sys.exit(main())
