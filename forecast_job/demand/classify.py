"""The classes of a block's items, from its panel and from the list of all the client's items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forecast_job.demand.panel import Panel
from shared.domain.planning import classification

_WEEK_DAYS = 7


@dataclass(frozen=True)
class Classified:
    """One entry an item, in the order of `item_ids`; `revenue` of the last year; dates None where never sold."""

    item_ids: tuple[str, ...]
    abc: NDArray[np.str_]
    xyz: NDArray[np.str_]
    pattern: NDArray[np.str_]
    lifecycle: NDArray[np.str_]
    adi: NDArray[np.float64]
    cv2: NDArray[np.float64]
    revenue: NDArray[np.float64]
    first_sale: Sequence[dt.date | None]
    last_sale: Sequence[dt.date | None]


def classify(panel: Panel, items: pl.DataFrame) -> Classified:
    """Classes of the panel's items. `items`: all items of the client, with item_id, revenue, first_sale, last_sale; ABC
    is a rank among them."""
    rows = panel.totals()
    item_ids = tuple(panel.item_ids[row] for row in rows)
    weekly = weeks(panel.units[rows])
    adi, cv2 = classification.intermittence(weekly)
    ranked = items.with_columns(abc=pl.Series(classification.abc(items["revenue"].to_numpy()), dtype=pl.String))
    known = pl.DataFrame({"item_id": item_ids}, schema={"item_id": pl.String}).join(
        ranked, on="item_id", how="left", maintain_order="left"
    )
    return Classified(
        item_ids,
        known["abc"].to_numpy(),
        classification.xyz(weekly),
        classification.pattern(adi, cv2),
        classification.lifecycle(weekly),
        adi,
        cv2,
        known["revenue"].to_numpy(),
        known["first_sale"].to_list(),
        known["last_sale"].to_list(),
    )


def weeks(units: NDArray[np.float32]) -> NDArray[np.float64]:
    """Daily units summed to weeks that end with the last day; what is left at the start is dropped.

    Unknown days count as days like the week's others; a week without a known day is NaN.
    """
    full = units.shape[1] // _WEEK_DAYS
    daily = units[:, units.shape[1] - full * _WEEK_DAYS :].reshape(len(units), full, _WEEK_DAYS).astype(np.float64)
    known = (~np.isnan(daily)).sum(axis=2)
    total = np.nansum(daily, axis=2)
    return np.where(known > 0, total * _WEEK_DAYS / np.maximum(known, 1), np.nan)
