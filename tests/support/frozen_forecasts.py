"""Random sales and forecasts of them that were frozen at several dates, and their accuracy by its definition."""

from __future__ import annotations

import datetime as dt
import random
import statistics
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from shared.bigquery.tables import (
    ACCURACY_LAGS,
    ALL_LOCATIONS,
    CLASSIFICATIONS,
    DAILY_QUANTILES,
    FORECASTS,
    LEAD_TIME_DEMAND,
    SCORED_WINDOWS,
    WINDOW_QUANTILES,
    quantile_column,
)
from shared.firestore.forecast_runs import ForecastRuns
from tests.support.forecasts import append_rows
from tests.support.metrics_rows import metrics_row, put_metrics
from tests.support.tenants import TODAY, TestClient

Row = dict[str, Any]
DAY = dt.timedelta(1)
NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
SINCE = TODAY - 100 * DAY
PLACES = {"a": ("L", "D"), "b/1": ("L",), "new": ("L",), "never": ()}
ENGINES = {"a": "statistical", "b/1": "statistical", "new": "chronos2", "never": "chronos2"}
PATTERNS = {"a": "smooth", "b/1": "lumpy", "new": "lumpy"}
# When an item had last sold, as its classification has it; `new` never.
DAYS_SINCE_SALE = {"a": 1, "b/1": 91}
COSTS = {"a": Decimal("2.50"), "b/1": Decimal(10), "never": Decimal(1), "new": Decimal(0)}  # 0: not known
RUNS = {f"run-{ago}": TODAY - ago * DAY for ago in (40, 28, 27, 14, 8, 7, 1)} | {"again": TODAY - 7 * DAY}
_HORIZON_DAYS = 29


@dataclass(frozen=True)
class Day:
    """A forecast of a series for a day, with what came true of it."""

    run_id: str
    item_id: str
    location_id: str
    lag: int
    engine: str
    pattern: str | None
    mean: float
    quantiles: dict[float, float]
    actual: float | None  # None: no stock and no sale
    naive: float | None
    scale: float | None


@dataclass(frozen=True)
class Total:
    """A forecast of a series' first days together, with what came true of it."""

    run_id: str
    item_id: str
    location_id: str
    window_days: int
    mean: float
    quantiles: dict[float, float]
    actual: float | None  # None: a day without stock and sale is among them
    naive: float | None
    scale: float | None


class FrozenForecasts:
    """Sales up to yesterday, with gaps, returns and days without stock, and forecasts of each of RUNS."""

    def __init__(self, seed: int, runs: Collection[str] = tuple(RUNS)) -> None:
        chance = random.Random(seed)
        self.runs = {run_id: RUNS[run_id] for run_id in runs}
        self.sales = [row for item, places in PLACES.items() for place in places for row in _sales(chance, item, place)]
        self.forecasts: list[Row] = [
            {"run_id": run_id, "run_date": run_date, "item_id": item, "location_id": place}
            | {"date_local": run_date + ahead * DAY, "engine": ENGINES[item]}
            | _distribution(chance, DAILY_QUANTILES)
            for run_id, run_date in self.runs.items()
            for item, places in PLACES.items()
            for place in (ALL_LOCATIONS, *places)
            for ahead in range(_HORIZON_DAYS)
        ]
        self.totals: list[Row] = [
            {"run_id": run_id, "run_date": run_date, "item_id": item, "location_id": place, "window_days": days}
            | _distribution(chance, WINDOW_QUANTILES, days)
            for run_id, run_date in self.runs.items()
            for item, places in PLACES.items()
            for place in (ALL_LOCATIONS, *places)
            for days in (7, 14, 28)
        ]
        self._index()

    def put(self, client: TestClient) -> None:
        """Into the client's documents and tables; with a run that was never published."""
        client.sell(self.sales)
        unpublished = [row | {"run_id": "unpublished"} for row in self.forecasts if row["run_id"] == "run-7"]
        own = pl.lit(client.client_id).alias("client_id")
        append_rows(client, FORECASTS, pl.DataFrame(self.forecasts + unpublished).with_columns(own), "forecasts")
        append_rows(client, LEAD_TIME_DEMAND, pl.DataFrame(self.totals).with_columns(own), "totals")
        classes: list[Row] = [
            {"run_id": run_id, "run_date": run_date, "item_id": item, "demand_pattern": pattern}
            | {"last_sale": run_date - DAYS_SINCE_SALE[item] * DAY if item in DAYS_SINCE_SALE else None}
            for run_id, run_date in self.runs.items()
            for item, pattern in PATTERNS.items()
        ]
        append_rows(client, CLASSIFICATIONS, pl.DataFrame(classes).with_columns(own), "classes")
        costs = [metrics_row(TODAY, item, unit_cost=cost) for item, cost in COSTS.items()]
        put_metrics(client, [*costs, metrics_row(TODAY - 3 * DAY, "a", unit_cost=99)])
        runs = ForecastRuns(client.tenant)
        for run_id, run_date in self.runs.items():
            runs.begin(run_id, run_date, 1, NOW)
            runs.complete_shard(run_id, 0, NOW)
        runs.begin("unpublished", RUNS["run-7"], 1, NOW)

    def correct(self, client: TestClient, days_ago: int, units: int) -> None:
        """Sell so many of `a` at L on that day, whatever was sold on it before."""
        row = {"item_id": "a", "location_id": "L", "date_local": TODAY - days_ago * DAY, "units_sold": units}
        row["stock_on_date"] = Decimal(5)
        self.sales = [one for one in self.sales if not all(one[key] == row[key] for key in list(row)[:3])] + [row]
        self._index()
        client.sell([row])

    def days(self) -> list[Day]:
        """Every forecast, at one of the lags, of a day before TODAY."""
        return [
            self._day(row, lag)
            for row in self.forecasts
            if (lag := (row["date_local"] - row["run_date"]).days + 1) in ACCURACY_LAGS and row["date_local"] < TODAY
        ]

    def _index(self) -> None:
        self._by_day: dict[tuple[str, str, dt.date], list[Row]] = defaultdict(list)
        for row in self.sales:
            for place in (row["location_id"], ALL_LOCATIONS):
                self._by_day[row["item_id"], place, row["date_local"]].append(row)

    def _sold(self, item: str, place: str, day: dt.date) -> float | None:
        if day < SINCE:
            return None
        rows = self._by_day.get((item, place, day), [])
        units = sum(max(row["units_sold"], 0) for row in rows)
        if rows and units == 0 and all(row["stock_on_date"] == 0 for row in rows):
            return None
        return float(units)

    def window_totals(self) -> list[Total]:
        """Every scored forecast of a total of which the last day is before TODAY."""
        return [
            self._total(row)
            for row in self.totals
            if row["window_days"] in SCORED_WINDOWS and row["run_date"] + row["window_days"] * DAY <= TODAY
        ]

    def _day(self, row: Row, lag: int) -> Day:
        item, place, run_date = row["item_id"], row["location_id"], row["run_date"]
        week_before = [run_date - ahead * DAY for ahead in range(1, 8)]
        (naive_day,) = [day for day in week_before if day.weekday() == row["date_local"].weekday()]
        quantiles = {level: row[quantile_column(level)] for level in DAILY_QUANTILES}
        return Day(
            row["run_id"], item, place, lag, ENGINES[item], PATTERNS.get(item), row["mean"], quantiles,
            self._sold(item, place, row["date_local"]), self._sold(item, place, naive_day),
            self._scale(item, place, run_date),
        )  # fmt: skip

    def _total(self, row: Row) -> Total:
        item, place, run_date, days = row["item_id"], row["location_id"], row["run_date"], row["window_days"]
        quantiles = {level: row[quantile_column(level)] for level in WINDOW_QUANTILES}
        week = _sum([self._sold(item, place, run_date - ago * DAY) for ago in range(1, 8)])
        return Total(
            row["run_id"], item, place, days, row["mean"], quantiles,
            _sum([self._sold(item, place, run_date + ahead * DAY) for ahead in range(days)]),
            None if week is None else week * days / 7,
            self._scale(item, place, run_date),
        )  # fmt: skip

    def _scale(self, item: str, place: str, run_date: dt.date) -> float | None:
        sold = {day: self._sold(item, place, day) for day in (run_date - ahead * DAY for ahead in range(1, 92))}
        pairs = [(sold[day], sold[day - 7 * DAY]) for day in sold if day - 7 * DAY in sold]
        steps = [abs(now - before) for now, before in pairs if now is not None and before is not None]
        return (statistics.fmean(steps) or None) if steps else None


def accuracy(days: Iterable[Day]) -> dict[str, float | None]:
    """The ratios of a group, from its days one by one."""
    known = [(day, day.actual) for day in days if day.actual is not None]
    errors = [day.mean - actual for day, actual in known]
    sold = sum(actual for _, actual in known)
    naive = [
        (abs(day.naive - actual), abs(day.mean - actual), actual) for day, actual in known if day.naive is not None
    ]
    naive_sold = sum(actual for _, _, actual in naive)
    loss = [_quantile_loss(day, actual) for day, actual in known]
    found: dict[str, float | None] = {
        "wape": _ratio(sum(map(abs, errors)), sold),
        "bias": _ratio(sum(errors), sold),
        "mape": _mean([abs(day.mean - actual) / actual for day, actual in known if actual > 0]),
        "rmse": None if not known else statistics.fmean(error * error for error in errors) ** 0.5,
        "mase": _mean([abs(day.mean - actual) / day.scale for day, actual in known if day.scale]),
        "wql": _ratio(sum(loss), sold),
        "naive_wape": _ratio(sum(one[0] for one in naive), naive_sold),
        "fva": _ratio(sum(one[0] - one[1] for one in naive), naive_sold),
    }
    for level in (0.5, 0.8, 0.9, 0.95):
        within = [float(actual <= day.quantiles[level]) for day, actual in known]
        found[f"covered_{quantile_column(level)}"] = _mean(within)
    return found


def _quantile_loss(day: Day, actual: float) -> float:
    losses = [level * (actual - q) if actual > q else (1 - level) * (q - actual) for level, q in day.quantiles.items()]
    return 2 * statistics.fmean(losses)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None


def _sum(units: Iterable[float | None]) -> float | None:
    """The sum; None where any is."""
    known = list(units)
    return None if None in known else sum(one for one in known if one is not None)


def _sales(chance: random.Random, item: str, place: str) -> list[Row]:
    rows = []
    for ago in range(12 if item == "new" else 100, 0, -1):
        kind = chance.random()
        if kind < 0.25 and ago not in (1, 100):
            continue
        units = -1 if kind > 0.96 else 0 if kind < 0.5 else chance.randint(1, 9)
        stock = None if kind > 0.8 else Decimal(0) if kind < 0.4 else Decimal(chance.randint(0, 5))
        row = {"item_id": item, "location_id": place, "date_local": TODAY - ago * DAY, "units_sold": units}
        rows.append(row | {"stock_on_date": stock})
    return rows


def _distribution(chance: random.Random, levels: Sequence[float], days: int = 1) -> dict[str, float]:
    mean = round(chance.uniform(0, 5 * days), 3)
    return {"mean": mean} | {quantile_column(level): round(2 * mean * level, 4) for level in levels}
