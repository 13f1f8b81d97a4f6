"""Rolling-origin scores of the engines on demand from a file: `python -m forecast_job.backtest PARQUET`.

The protocol: the most active items (days with a sale in the year before the first origin), origins a fixed number of
days apart with the last window ending on the data's last day, at most two years of history, everything learned from
days before each origin. Daily forecasts are scored by WQL and by the WAPE of their median; the calibrated total over
the lead time by coverage and by the stock that its .9 quantile asks for.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forecast_job import backtest_picture, calibration, level
from forecast_job.backtest_picture import WorstItem
from forecast_job.demand_file import read_demand
from forecast_job.engines import Engine, champion
from forecast_job.engines.same_weekday import SameWeekdayEngine
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.panel import HISTORY_DAYS, Panel, build_panel
from forecast_job.progress import Progress
from forecast_job.scores import (
    Scores,
    coverage,
    pinball_losses,
    weighted_absolute_percentage_error,
    weighted_quantile_loss,
)
from forecast_job.shop import Shop
from shared.bigquery.tables import DAILY_QUANTILES, WINDOW_DAYS, WINDOW_QUANTILES
from shared.domain.errors import Invalid

SHOWN_LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)
_STOCK_LEVEL = 0.9
_WORST_ITEMS = 10
_YEAR_DAYS = 365
_BASELINE_DAYS = 91


@dataclass(frozen=True)
class Protocol:
    """What is scored; the default is the project's."""

    items: int = 500
    origins: int = 3
    step_days: int = 14
    horizon_days: int = 28
    lead_time_days: int = 14

    def origins_of(self, days: int) -> list[int]:
        """Days before each origin, oldest first. Raises Invalid when the data is too short for them."""
        last = days - max(self.horizon_days, self.lead_time_days)
        first = last - (self.origins - 1) * self.step_days
        if first < _BASELINE_DAYS:
            needed = days - first + _BASELINE_DAYS
            raise Invalid("too_little_history", f"the file spans {days} days; these origins need at least {needed}")
        return list(range(first, last + 1, self.step_days))


@dataclass(frozen=True)
class Backtest:
    """`scores` by engine; `worst`: the items with the highest loss of the statistical engine, the worst first."""

    scores: dict[str, Scores]
    worst: list[WorstItem]


def whole_items(records: pl.DataFrame) -> Panel:
    """The panel of item totals over all the days of the records."""
    if not len(records):
        raise Invalid("no_demand", "the file holds no demand")
    dates = records["date_local"]
    first, last = dates.min(), dates.max()
    if not isinstance(first, dt.date) or not isinstance(last, dt.date):
        raise Invalid("no_demand", "the file holds no date")
    panel, _ = build_panel(records, first, last + dt.timedelta(days=1))
    return panel.rows(panel.totals())


def most_active(panel: Panel, origin: int, count: int) -> NDArray[np.int64]:
    """The rows with most days with a sale in the year before the origin."""
    sold = (panel.units[:, max(0, origin - _YEAR_DAYS) : origin] > 0).sum(axis=1)
    return np.argsort(-sold, kind="stable")[:count]


def run(panel: Panel, protocol: Protocol, progress: Progress) -> Backtest:
    """Score the engines by the protocol. Raises Invalid when the data is too short for it."""
    origins = protocol.origins_of(panel.days)
    rows = most_active(panel, origins[0], protocol.items)
    daily: dict[str, list[NDArray[np.floating]]] = {}
    totals: dict[str, list[NDArray[np.floating]]] = {}
    actual, actual_totals, means = [], [], []
    for origin in progress.track(origins, "origins", len(origins)):
        before = _history(panel, origin)
        shop = Shop(before.first, (np.nan_to_num(before.units) > 0).sum(axis=0).astype(np.float64))
        calibrated = _calibrated_totals(before, rows, shop, protocol.lead_time_days)
        engines: tuple[tuple[Engine, NDArray[np.floating]], ...] = (
            (SameWeekdayEngine(), _own_past_totals(before, rows, protocol.lead_time_days)),
            (StatisticalEngine(), calibrated),
            (champion.learn(before, shop), calibrated),  # totals are of the level, which engines share
        )
        for engine, window in engines:
            forecast = engine.forecast(before.rows(rows), protocol.horizon_days, DAILY_QUANTILES, shop)
            daily.setdefault(engine.name, []).append(forecast.quantiles)
            totals.setdefault(engine.name, []).append(window)
            if engine.name == StatisticalEngine.name:
                means.append(forecast.mean.sum(axis=1))
        actual.append(panel.units[rows, origin : origin + protocol.horizon_days])
        actual_totals.append(panel.units[rows, origin : origin + protocol.lead_time_days].sum(axis=1))
    sold, sold_totals = np.concatenate(actual), np.concatenate(actual_totals)
    scores = {
        name: _score(sold, np.concatenate(daily[name]), sold_totals, np.concatenate(totals[name])) for name in daily
    }
    names = [panel.item_ids[row] for row in rows]
    return Backtest(scores, _worst(names, sold, np.concatenate(daily[StatisticalEngine.name]), np.concatenate(means)))


def table(scores: dict[str, Scores]) -> str:
    """The scores as text, the change against the first engine beside each loss."""
    header = ["engine", "WQL", "", "WAPE", "", *(f"cov {one:g}" for one in SHOWN_LEVELS), "stock .9"]
    lines = [header]
    base = next(iter(scores.values()))
    for name, one in scores.items():
        losses = [
            f"{one.wql:.4f}",
            f"{one.wql / base.wql - 1:+.1%}",
            f"{one.wape:.4f}",
            f"{one.wape / base.wape - 1:+.1%}",
        ]
        lines.append([name, *losses, *(f"{one.coverage[shown]:.3f}" for shown in SHOWN_LEVELS), f"{one.stock:.2f}"])
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        )
        for line in lines
    )


def _history(panel: Panel, origin: int) -> Panel:
    """The panel before an origin, at most two years of it."""
    start = max(0, origin - HISTORY_DAYS)
    before = panel.until(origin)
    return Panel(
        before.first + dt.timedelta(days=start),
        before.item_ids,
        before.location_ids,
        before.units[:, start:],
        before.same_as,
    )


def _calibrated_totals(before: Panel, rows: NDArray[np.int64], shop: Shop, days: int) -> NDArray[np.floating]:
    windows = sorted({*WINDOW_DAYS, days})
    learned = calibration.fit(before, shop, windows, WINDOW_QUANTILES)
    expected = level.expect(before.units, shop, windows[-1], shop.season(windows[-1]))
    return learned.totals(expected).quantiles[rows, windows.index(days)]


def _own_past_totals(before: Panel, rows: NDArray[np.int64], days: int) -> NDArray[np.floating]:
    """The baseline's totals: empirical quantiles of each item's own totals over windows in the last 13 weeks."""
    recent = np.nan_to_num(before.units[rows, -_BASELINE_DAYS:]).astype(np.float64)
    sums = np.cumsum(np.pad(recent, ((0, 0), (1, 0))), axis=1)
    return np.quantile(sums[:, days:] - sums[:, :-days], WINDOW_QUANTILES, axis=1).T


def _worst(
    item_ids: Sequence[str],
    sold: NDArray[np.floating],
    quantiles: NDArray[np.floating],
    expected: NDArray[np.floating],
) -> list[WorstItem]:
    """The arrays hold one origin's items after the other's."""

    def by_item(values: NDArray[np.floating]) -> NDArray[np.float64]:
        total: NDArray[np.float64] = values.reshape(-1, len(item_ids)).sum(axis=0, dtype=np.float64)
        return total

    loss = by_item(pinball_losses(sold, quantiles, DAILY_QUANTILES))
    share = loss / max(float(loss.sum()), 1e-9)
    units, mean = by_item(np.nansum(sold, axis=1)), by_item(expected)
    order = np.argsort(-loss, kind="stable")[:_WORST_ITEMS]
    return [WorstItem(item_ids[row], float(share[row]), float(units[row]), float(mean[row])) for row in order]


def _score(
    sold: NDArray[np.floating],
    daily: NDArray[np.floating],
    sold_totals: NDArray[np.floating],
    totals: NDArray[np.floating],
) -> Scores:
    median = daily[..., DAILY_QUANTILES.index(0.5)]
    known = ~np.isnan(sold_totals)
    return Scores(
        weighted_quantile_loss(sold, daily, DAILY_QUANTILES),
        weighted_absolute_percentage_error(sold, median),
        coverage(sold_totals, totals, WINDOW_QUANTILES),
        float(totals[known, WINDOW_QUANTILES.index(_STOCK_LEVEL)].sum() / max(sold_totals[known].sum(), 1e-9)),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Score and print; returns the exit status."""
    default = Protocol()
    parser = argparse.ArgumentParser(
        prog="python -m forecast_job.backtest", description="Score the engines on demand from a Parquet file."
    )
    parser.add_argument(
        "parquet", type=Path, help="daily demand (item_id, date_local, units_sold) or raw invoice lines"
    )
    parser.add_argument("--items", type=int, default=default.items, help="most active items (default %(default)s)")
    parser.add_argument("--origins", type=int, default=default.origins, help="number of origins (default %(default)s)")
    parser.add_argument("--step", type=int, default=default.step_days, help="days between them (default %(default)s)")
    parser.add_argument("--horizon", type=int, default=default.horizon_days, help="days (default %(default)s)")
    parser.add_argument("--lead-time", type=int, default=default.lead_time_days, help="days (default %(default)s)")
    parser.add_argument("--until", type=dt.date.fromisoformat, help="use the data up to this day only")
    parser.add_argument("--picture", type=Path, metavar="PNG", help="draw the coverage and the ten worst items")
    asked = parser.parse_args(arguments)
    protocol = Protocol(asked.items, asked.origins, asked.step, asked.horizon, asked.lead_time)
    if min(asked.items, asked.origins, asked.step, asked.horizon, asked.lead_time) < 1:
        parser.error("items, origins, step, horizon and lead time must be at least 1")
    try:
        records = read_demand(asked.parquet)
        if asked.until is not None:
            records = records.filter(pl.col("date_local") <= asked.until)
        panel = whole_items(records)
        result = run(panel, protocol, Progress())
        if asked.picture is not None:
            backtest_picture.draw(result.scores, result.worst, StatisticalEngine.name, asked.picture)
    except Invalid as error:
        sys.stderr.write(f"{error.detail}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{asked.picture}: {error.strerror or error}\n")
        return 1
    first, last = panel.first, panel.origin - dt.timedelta(days=1)
    sys.stdout.write(
        f"{min(protocol.items, panel.series)} most active of {panel.series} items, {first} to {last}; "
        f"{protocol.origins} origins, horizon {protocol.horizon_days} days, lead time {protocol.lead_time_days} days\n"
        f"{table(result.scores)}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
