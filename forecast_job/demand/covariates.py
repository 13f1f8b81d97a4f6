"""Covariates of an item's days, past and ahead: promotions, holidays, marketing spend, price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forecast_job.demand.panel import Panel
from shared.bigquery.demand_queries import COVARIATE_RECORDS
from shared.bigquery.tables import ALL_LOCATIONS
from shared.bigquery.warehouse import Warehouse
from shared.domain.forecast_request import FutureDay

Values = NDArray[np.float32]

COVARIATES = ("promotion_flag", "holiday_flag", "marketing_spend", "price")


@dataclass(frozen=True)
class Covariates:
    """By name: `past` series x days of the panel, `future` series x days of the horizon; NaN where not known.

    Both hold the same names.
    """

    past: Mapping[str, Values]
    future: Mapping[str, Values]


class CovariateSource(Protocol):
    def of(self, panel: Panel, horizon_days: int) -> Covariates:
        """The covariates of the panel's series, as known at its origin."""


@dataclass(frozen=True)
class WarehouseCovariates:
    """Those of a client's demand history, and for the days ahead those that a run was given (`planned`)."""

    warehouse: Warehouse
    planned: Sequence[FutureDay] = field(default=())

    def of(self, panel: Panel, horizon_days: int) -> Covariates:
        """One query of the panel's items and days; see `build_covariates`. Raises what BigQuery raises."""
        if not panel.series or not panel.days:
            return Covariates({}, {})
        items = sorted(set(panel.item_ids))
        last = panel.origin - dt.timedelta(days=1)
        table = self.warehouse.arrow(
            COVARIATE_RECORDS, first=panel.first, last=last, low=items[0], high=items[-1], items=items
        )
        return build_covariates(pl.DataFrame(pl.from_arrow(table)), panel, horizon_days, self.planned)


def build_covariates(
    records: pl.DataFrame, panel: Panel, horizon_days: int, planned: Sequence[FutureDay] = ()
) -> Covariates:
    """The covariates of each of the panel's series, "*" being all its locations together.

    - promotion_flag, marketing_spend: as recorded, several records of a day by their maximum and sum; 0 on days without
      a record, of series that have one of it at all;
    - holiday_flag: a day is one for everybody when any of the records says so;
    - price: revenue / units of the last day with both, so that it is known on days without a sale too.

    `planned` days are those of their item, or of all (and an item's own says more than that of all).
    """
    located = _by_day(records, "item_id", "location_id")
    total = _by_day(records, "item_id").with_columns(location_id=pl.lit(ALL_LOCATIONS)).select(located.columns)
    keys = pl.DataFrame({"item_id": panel.item_ids, "location_id": panel.location_ids}).with_row_index("row")
    daily = pl.concat([total, located]).join(keys, on=["item_id", "location_id"], maintain_order="left")
    daily = daily.with_columns((pl.col("date_local") - pl.lit(panel.first)).dt.total_days().alias("offset"))
    daily = daily.filter(pl.col("offset").is_between(0, panel.days, closed="left"))
    row, offset = daily["row"].to_numpy(), daily["offset"].to_numpy()

    def dense(name: str) -> Values:
        values = np.full((panel.series, panel.days), np.nan, dtype=np.float32)
        values[row, offset] = daily[name].cast(pl.Float32).fill_null(np.nan).to_numpy()
        return values

    past = {
        "promotion_flag": _else_zero(dense("promotion_flag")),
        "holiday_flag": _for_everybody(dense("holiday_flag")),
        "marketing_spend": _else_zero(dense("marketing_spend")),
        "price": _carried_on(dense("price")),
    }
    return Covariates(past, _future(panel, horizon_days, planned))


def _by_day(records: pl.DataFrame, *key: str) -> pl.DataFrame:
    priced = pl.col("revenue").is_not_null() & (pl.col("units_sold") > 0)
    units = pl.col("units_sold").filter(priced).sum()
    spend = pl.col("marketing_spend")
    return records.group_by(*key, "date_local").agg(
        pl.col("promotion_flag").cast(pl.Float32).max(),
        pl.col("holiday_flag").cast(pl.Float32).max(),
        pl.when(spend.is_not_null().any()).then(spend.sum()).alias("marketing_spend"),
        pl.when(units > 0).then(pl.col("revenue").filter(priced).sum() / units).alias("price"),
    )


def _else_zero(values: Values) -> Values:
    some = ~np.isnan(values).all(axis=1, keepdims=True)
    return np.where(some & np.isnan(values), np.float32(0), values)


def _for_everybody(values: Values) -> Values:
    some = not np.isnan(values).all()
    of_day = np.nan_to_num(np.fmax.reduce(values, axis=0, initial=np.nan)) if some else np.full(values.shape[1], np.nan)
    return np.broadcast_to(of_day.astype(np.float32), values.shape)


def _carried_on(values: Values) -> Values:
    last = np.maximum.accumulate(np.where(np.isnan(values), 0, np.arange(values.shape[1])), axis=1)
    return np.take_along_axis(values, last, axis=1)


def _future(panel: Panel, horizon_days: int, planned: Sequence[FutureDay]) -> dict[str, Values]:
    future = {name: np.full((panel.series, horizon_days), np.nan, dtype=np.float32) for name in COVARIATES}
    rows: dict[str, list[int]] = {}
    for row, item_id in enumerate(panel.item_ids):
        rows.setdefault(item_id, []).append(row)
    for day in sorted(planned, key=lambda planned_day: planned_day.item_id is not None):
        offset = (day.date_local - panel.origin).days
        if not 0 <= offset < horizon_days:
            continue
        chosen = slice(None) if day.item_id is None else rows.get(day.item_id, [])
        for name in COVARIATES:
            if (value := getattr(day, name)) is not None:
                future[name][chosen, offset] = float(value)
    return future
