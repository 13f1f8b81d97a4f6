"""What the forecast endpoints take and give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from shared.catalog.listing import ProductFilter
from shared.domain.forecast_days import Coverage, DailyQuantiles, ForecastDayView, WindowTotalView
from shared.domain.forecast_engine import EngineName, FallbackReason
from shared.domain.forecast_request import DEFAULT_HORIZON_DAYS, MAX_HORIZON_DAYS, MAX_ITEMS
from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.operation import OperationStatus
from shared.http.app import BodyModel, QueryModel
from shared.http.identifiers import ItemId
from shared.http.paging import TokenEnvelope, TokenPage
from shared.http.product_filter import product_filter, with_product_filters
from shared.http.types import Money, Quantity

MAX_HISTORY_DAYS = 730
_MAX_FUTURE_DAYS = 50_000
_MAX_AMOUNT = 1_000_000_000


class ForecastFilters(with_product_filters(BodyModel)):  # type: ignore[misc]
    """Filters of the product list; they narrow together."""

    demand_pattern: Annotated[
        list[Annotated[str, Field(max_length=50)]] | None,
        Field(max_length=10, description="Any of these: smooth, erratic, intermittent, lumpy; of the last forecast."),
    ] = None

    def selection(self) -> ProductFilter:
        return product_filter(self)


class FutureCovariates(BodyModel):
    """What is known about a future day, for one item or, without item_id, for all items of the run."""

    date_local: Annotated[dt.date, Field(description="The day, within the horizon.")]
    item_id: Annotated[ItemId | None, Field(description="Of this product; omitted: of all products of the run.")] = None
    promotion_flag: Annotated[bool | None, Field(description="Whether there is a promotion.")] = None
    holiday_flag: Annotated[bool | None, Field(description="Whether it is a holiday.")] = None
    marketing_spend: Annotated[
        float | None, Field(ge=0, le=_MAX_AMOUNT, description="What is spent on marketing, in the client's currency.")
    ] = None
    price: Annotated[
        float | None, Field(ge=0, le=_MAX_AMOUNT, description="What a unit sells for, in the client's currency.")
    ] = None


class ForecastBody(BodyModel):
    """The items to forecast: `item_ids`, or those that `filters` select; all of them with neither."""

    item_ids: Annotated[
        list[ItemId] | None, Field(max_length=MAX_ITEMS, description="The products to forecast, each once.")
    ] = None
    filters: ForecastFilters | None = None
    horizon_days: Annotated[int, Field(ge=1, le=MAX_HORIZON_DAYS, description="How many days ahead are forecast.")] = (
        DEFAULT_HORIZON_DAYS
    )
    engine: Annotated[
        EngineName | None,
        Field(description="What makes the forecast; omitted: the setting `forecast_engine`."),
    ] = None
    fallback: Annotated[
        bool, Field(description="Use the statistical engine when the requested one is unavailable.")
    ] = True
    backtest: Annotated[
        bool,
        Field(description="Also forecast up to four weeks before the run as of then, for comparison with what sold."),
    ] = True
    future_covariates: Annotated[
        list[FutureCovariates],
        Field(default_factory=list, max_length=_MAX_FUTURE_DAYS, description="Used by engines that take covariates."),
    ]


class WatchResult(BaseModel):
    """How many runs were unfinished, and how many of them have ended now."""

    watched: int
    ended: int


class RunPath(BaseModel):
    run_id: Annotated[
        str, Field(min_length=1, max_length=200, description="A run's id, or `latest` for the run that lists use.")
    ]


class RunItemPath(RunPath):
    item_id: ItemId


class RunQuery(TokenPage):
    """One page of runs."""


class Shards(BaseModel):
    """The parts that a run is worked on in."""

    done: int = Field(description="Parts whose forecasts are written.")
    total: int | None = Field(description="Parts in all; null until the job has started.")


class RunAccuracy(BaseModel):
    """The run's daily forecasts compared with what was sold since, all items together; null where nothing was sold."""

    lag: int = Field(description="Which day ahead was forecast; 1 is run_date itself.")
    forecasts: int = Field(description="Number of items compared.")
    wape: float | None = Field(description="sum |sold - expected| / units sold.")
    bias: float | None = Field(description="(expected - sold) / units sold; above 0: too much was forecast.")
    wql: float | None = Field(description="Mean over the quantiles of 2 x pinball loss / units sold.")


class BacktestMetrics(BaseModel):
    """How good the same forecast was for the days just before the run, made as of `from_date` with what was known
    then. Ratios are null where nothing was sold."""

    from_date: dt.date = Field(description="The first day that was forecast.")
    to_date: dt.date = Field(description="The last day that was forecast.")
    days: int = Field(description="Number of item-days that count; a day without stock and sale does not.")
    units: float | None = Field(description="Units sold on these days.")
    forecast_units: float | None = Field(description="Units forecast for these days.")
    wql: float | None = Field(description="Mean over the quantiles of 2 x pinball loss / units.")
    wape: float | None = Field(description="sum |expected - sold| / units.")
    bias: float | None = Field(description="(forecast_units - units) / units; above 0: too much was forecast.")
    coverage: Coverage
    naive_wape: float | None = Field(description="WAPE of the same weekday of the week before the origin")
    fva: float | None = Field(description="naive_wape - wape, on days where both are known")


class RecencyBacktest(BaseModel):
    """Of the items that had last sold about as long before the origin."""

    recency: str | None = Field(
        description="How long before: 0-30 days, 31-90 days, 91-180 days or over 180 days; null: they had never sold"
    )
    items: int = Field(description="How many items these are")
    units: float | None = Field(description="Units sold on the days that count")
    forecast_units: float | None = Field(description="Units forecast for these days")
    expected_per_sold: float | None = Field(description="forecast_units / units")
    coverage: Coverage


class RunBacktestView(BacktestMetrics):
    items: int = Field(description="Items with at least two weeks of records before the origin")
    by_recency: list[RecencyBacktest] = Field(
        description="The same by how long before the origin items had last sold, the latest first"
    )


class RunFailure(BaseModel):
    """Why a run failed."""

    code: str = Field(description="Stable; meant for programs.")
    detail: str = Field(description="Meant for people.")


class ForecastRunView(BaseModel):
    run_id: str = Field(description="The run's id; that of its operation where it was requested.")
    status: OperationStatus = Field(description="How far it is, or how it ended.")
    engine: str = Field(
        description="The engine that made it, of most series where several did; at first, the one to work."
    )
    requested_engine: str = Field(description="The engine that was asked for, by the request or by the settings.")
    fallback_reason: FallbackReason | None = Field(
        description="Why another engine made the run, or a part of it; null: the requested one did."
    )
    series_by_engine: dict[str, int] = Field(
        description="How many series each engine has forecast so far: a few with too little history are not the "
        "requested one's in any run."
    )
    run_date: dt.date = Field(description="The first day that is forecast.")
    horizon_days: int = Field(description="How many days are forecast.")
    requested_items: int | None = Field(description="How many items were requested; null: all of them.")
    items: int = Field(description="Items with a forecast so far; an item without any record in two years has none.")
    series: int = Field(description="Items, and items at their locations, with a forecast so far.")
    shards: Shards
    is_for_lists: bool = Field(
        description="Covers every item and the usual horizon, so that lists and metrics may use it."
    )
    requested_by: str | None = Field(description="The user who requested it; null: the daily run.")
    created_at: dt.datetime = Field(description="When it was asked for or, of a daily run, when its job began.")
    updated_at: dt.datetime = Field(description="When it last changed.")
    published_at: dt.datetime | None = Field(description="When its results could be read; null: not yet.")
    error: RunFailure | None = Field(description="Why it failed; null unless it did.")


class ForecastRunDetail(ForecastRunView):
    accuracy: list[RunAccuracy] | None = Field(description="By lag; null: unknown so far.")
    backtest: RunBacktestView | None = Field(description="How good the same forecast was for the weeks before it.")
    backtest_missing: str | None = Field(description="Why there is no backtest; null if there is one.")


class ForecastRunPage(TokenEnvelope):
    items: list[ForecastRunView]


class SeriesQuery(QueryModel):
    location_id: Annotated[
        str | None,
        Field(min_length=1, max_length=MAX_LOCATION_ID_LENGTH, description="Default: all locations together."),
    ] = None
    history_days: Annotated[
        int, Field(ge=0, le=MAX_HISTORY_DAYS, description="Days of history before the forecast.")
    ] = 90


class ChartQuery(SeriesQuery):
    format: Literal["svg", "png"] = "svg"


class HistoryDayView(BaseModel):
    """A day that is over."""

    date_local: dt.date = Field(description="The day, by the client's calendar.")
    units_sold: Quantity = Field(description="Units sold on it.")
    revenue: Money | None = Field(description="What they brought, in the client's currency; null: unknown.")


class BacktestDay(BaseModel):
    """A day that is over as it would have been forecast."""

    date_local: dt.date = Field(description="The day, by the client's calendar.")
    units_sold: float | None = Field(description="Null: the day began without stock and sold nothing.")
    mean: float = Field(description="Units that would have been expected.")
    quantiles: DailyQuantiles


class ItemForecast(BaseModel):
    """An item\'s forecast by day and by window, with what came before it, and the run that made it."""

    run_id: str = Field(description="The run that made the forecast.")
    run_date: dt.date = Field(description="The first day that is forecast.")
    as_of: dt.date = Field(description="The first day whose demand was not known to the run: the same day.")
    published_at: dt.datetime = Field(description="When the run's results could be read.")
    item_id: str = Field(description="The product's item_id.")
    location_id: str | None = Field(description="Where; null: all locations together.")
    engine: str = Field(description="The engine that made the forecast of this item.")
    history: list[HistoryDayView] = Field(
        description="Days with a record before run_date; a day between them without a record is 0."
    )
    days: list[ForecastDayView] = Field(description="Each day of the horizon.")
    lead_time_demand: list[WindowTotalView] = Field(description="The demand of the first days together.")
    backtest: list[BacktestDay] = Field(
        description="The days before run_date as they would have been forecast; empty if the run had no backtest, "
        "if the item was too new for it, and at a single location."
    )
    backtest_metrics: BacktestMetrics | None = Field(description="Over the days of the backtest; null without one.")
