"""Made-up weekly demand of items that sell now and then, to replay: `python -m tests.benchmarks.weekly_items FILE`.

600 items over 150 weeks: a rate of its own, drifting, with a season; weeks without a sale; bulk. The columns are those
that `python -m forecast_job.replay` reads.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl

_FIRST = dt.date(2020, 1, 6)
_ITEMS, _WEEKS = 600, 150


def weekly_items(seed: int) -> pl.DataFrame:
    """Their demand on Mondays; they arrive after three weeks, in single units."""
    random = np.random.default_rng(seed)
    rate = np.exp(random.normal(0.3, 1.0, (_ITEMS, 1)))
    drift = np.exp(np.cumsum(random.normal(0, 0.05, (_ITEMS, _WEEKS)), axis=1))
    week = np.arange(_WEEKS)[None, :] + random.integers(0, 52, (_ITEMS, 1))
    mean = rate * drift * (1 + random.uniform(0, 0.5, (_ITEMS, 1)) * np.sin(2 * np.pi * week / 52))
    bulk = random.uniform(1, 4, (_ITEMS, 1))
    asked = random.random((_ITEMS, _WEEKS)) < random.uniform(0.5, 1, (_ITEMS, 1))
    units = random.poisson(random.gamma(bulk, mean / bulk)) * asked
    days = [_FIRST + dt.timedelta(weeks=number) for number in range(_WEEKS)]
    return pl.DataFrame(
        {
            "item_id": np.repeat([f"I{item:03}" for item in range(_ITEMS)], _WEEKS),
            "date_local": days * _ITEMS,
            "units_sold": units.ravel(),
        }
    ).with_columns(lead_time_days=21, moq=0, packaging_qty=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    weekly_items(options.seed).write_parquet(options.file)
