"""Synthetic demand of a small shop, closed on Saturdays and over Christmas: the same for every run."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import Panel, build_panel

FIRST = dt.date(2022, 6, 6)  # a Monday
SATURDAY = 5


def is_open(day: dt.date) -> bool:
    return day.weekday() != SATURDAY and (day.month, day.day) not in {(12, d) for d in range(24, 32)} | {(1, 1)}


def demand(days: int, items: int = 30, seed: int = 7, first: dt.date = FIRST) -> pl.DataFrame:
    """Poisson demand: item i sells about i / 4 units an open day at NORTH, and every other one at SOUTH too."""
    generator = np.random.default_rng(seed)
    dates = [day for offset in range(days) if is_open(day := first + dt.timedelta(days=offset))]
    series = [(item, place) for item in range(items) for place in ("NORTH", "SOUTH")[: 1 + item % 2]]
    units = generator.poisson([[0.1 + item / 4 for item, _ in series]] * len(dates))
    rows: list[dict[str, Any]] = [
        {
            "item_id": f"I{item:03}",
            "location_id": place,
            "date_local": day,
            "units_sold": int(sold),
            "revenue": int(sold) * (1 + item % 5),
        }
        for day, of_day in zip(dates, units, strict=True)
        for (item, place), sold in zip(series, of_day, strict=True)
        if sold
    ]
    return pl.DataFrame(rows)


def bare_panel(units: np.ndarray) -> Panel:
    """Items I0, I1, ... with these days from FIRST on; `units`: items x days."""
    series = len(units)
    names = tuple(f"I{row}" for row in range(series))
    return Panel(FIRST, names, ("*",) * series, units.astype(np.float32), np.arange(series))


def panel_of(records: pl.DataFrame, days: int, first: dt.date = FIRST) -> tuple[Panel, ClientHistory]:
    """The panel over the days from `first`, and its shop."""
    panel, _ = build_panel(records, first, first + dt.timedelta(days=days))
    return panel, history_of(panel)


def history_of(panel: Panel) -> ClientHistory:
    sold = np.nan_to_num(panel.units[panel.totals()]) > 0
    return ClientHistory(panel.first, sold.sum(axis=0).astype(np.float64))
