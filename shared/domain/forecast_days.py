"""What a forecast says of a day or of a window of days, wherever it is shown: its mean and its quantiles, in units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Protocol, cast

from pydantic import Field
from typing_extensions import TypedDict

Units = Annotated[float, Field(description="Units that demand stays below or at with this probability, in percent.")]
Mean = Annotated[float, Field(description="Units that are expected to sell.")]
Day = Annotated[dt.date, Field(description="The day, by the client's calendar.")]
Share = Annotated[float | None, Field(description="Share of days; null: unknown.")]


class DailyQuantiles(TypedDict):
    """The distribution of a day's demand."""

    q05: Units
    q10: Units
    q20: Units
    q30: Units
    q40: Units
    q50: Units
    q60: Units
    q70: Units
    q80: Units
    q90: Units
    q95: Units


class WindowQuantiles(TypedDict):
    """The distribution of the demand of some days together."""

    q01: Units
    q05: Units
    q10: Units
    q20: Units
    q30: Units
    q40: Units
    q50: Units
    q60: Units
    q70: Units
    q80: Units
    q90: Units
    q95: Units
    q98: Units
    q99: Units


class ForecastDayView(TypedDict):
    """A day's expected demand."""

    date_local: Day
    mean: Mean
    quantiles: DailyQuantiles


class WindowTotalView(TypedDict):
    """Demand over the first `window_days` days, from run_date on: calibrated, which no sum of daily quantiles is."""

    window_days: Annotated[int, Field(description="How many days the window has.")]
    mean: Mean
    quantiles: WindowQuantiles


class Coverage(TypedDict):
    """The share of days that sold no more than the quantile; ideally equal to its level. Days without a sale raise
    it."""

    q50: Share
    q80: Share
    q90: Share
    q95: Share


_DAILY = tuple(DailyQuantiles.__annotations__)
_WINDOW = tuple(WindowQuantiles.__annotations__)


class _DayRow(Protocol):
    """A row of a day as a query gives it, with a column for each quantile."""

    @property
    def date_local(self) -> dt.date: ...
    @property
    def mean(self) -> float: ...


class _WindowRow(Protocol):
    """A row of a window as a query gives it, with a column for each quantile."""

    @property
    def window_days(self) -> int: ...
    @property
    def mean(self) -> float: ...


def daily_quantiles(row: _DayRow) -> DailyQuantiles:
    """The quantiles of a row of a day."""
    return cast(DailyQuantiles, {name: getattr(row, name) for name in _DAILY})


def forecast_day(row: _DayRow) -> ForecastDayView:
    """A day as it is shown; the engine, which every day of a series has in common, is said elsewhere."""
    return {"date_local": row.date_local, "mean": row.mean, "quantiles": daily_quantiles(row)}


def window_total(row: _WindowRow) -> WindowTotalView:
    """A window as it is shown."""
    quantiles = cast(WindowQuantiles, {name: getattr(row, name) for name in _WINDOW})
    return {"window_days": row.window_days, "mean": row.mean, "quantiles": quantiles}


def window_quantiles(levels: Sequence[float]) -> WindowQuantiles:
    """The quantiles of a window, from the lowest level to the highest."""
    return cast(WindowQuantiles, dict(zip(_WINDOW, levels, strict=True)))
