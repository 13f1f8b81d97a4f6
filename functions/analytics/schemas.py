"""What the analytics endpoints take and give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from shared.bigquery.accuracy_queries import AccuracyGroup
from shared.domain.forecast_days import Coverage
from shared.domain.forecast_value import NoForecastValue
from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH
from shared.domain.purchasing.supplier import MAX_SUPPLIER_ID_LENGTH
from shared.http.app import BodyModel, QueryModel
from shared.http.paging import NumberedPage, PageEnvelope
from shared.http.several import MAX_VALUES, SEVERAL
from shared.http.types import Money, Quantity

DEFAULT_LAG = 7


def _number(value: object) -> object:
    """A query holds text, of which pydantic makes a number by itself only where any number would do."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


LocationId = Annotated[
    str, Field(min_length=1, max_length=MAX_LOCATION_ID_LENGTH, description="Default: all locations together.")
]
FirstDay = Annotated[
    dt.date, Field(description="First day, included. Default: the first of the 13 weeks that end with to_date.")
]
LastDay = Annotated[dt.date, Field(description="Last day, included. Default: the client's today.")]
Ratio = float | None
Interval = Literal["day", "week"]


class AccuracyQuery(NumberedPage):
    """`from_date` and `to_date` are the first days of forecasts (their run dates)."""

    group_by: Annotated[
        AccuracyGroup,
        Field(
            description="What a row is about; `all`: one row of all of them. `recency` is how long before the run an "
            "item last sold: 0-30 days, 31-90 days, 91-180 days, over 180 days."
        ),
    ] = "all"
    lag: Annotated[
        Literal[1, 7, 14, 28] | None,
        BeforeValidator(_number),
        Field(description=f"Which day ahead was forecast. Default: {DEFAULT_LAG}; all lags when grouped by lag."),
    ] = None
    from_date: FirstDay | None = None
    to_date: LastDay | None = None
    item_id: (
        Annotated[str, Field(min_length=1, max_length=MAX_ITEM_ID_LENGTH, description="Forecasts of this product.")]
        | None
    ) = None
    location_id: LocationId | None = None
    fill_rate: Annotated[
        float, Field(gt=0, lt=1, description="Share of the demand that stock is to serve, of which `fva_money` is.")
    ] = 0.9

    @property
    def measured_lag(self) -> int | None:
        """The lag that is compared; None: all of them."""
        return self.lag if self.lag or self.group_by == "lag" else DEFAULT_LAG


class TotalCoverage(BaseModel):
    """The share of windows that sold no more than the quantile; ideally equal to its level. Windows without a sale
    raise it."""

    q80: Ratio = Field(description="Share of windows; null: unknown")
    q90: Ratio = Field(description="Share of windows; null: unknown")
    q95: Ratio = Field(description="Share of windows; null: unknown")
    q98: Ratio = Field(description="Share of windows; null: unknown")


class TotalAccuracy(BaseModel):
    """How good the forecasts of the demand of a run's first days together were, which is what an order rests on."""

    window_days: int = Field(description="How many days the window has, from the run date on")
    windows: int = Field(
        description="Windows that count, each of one series and run; those with a day that began without stock and "
        "sold nothing do not"
    )
    units: float | None = Field(description="Units sold in the windows that count")
    forecast_units: float | None = Field(description="Units forecast for them")
    expected_per_sold: Ratio = Field(description="forecast_units / units")
    wape: Ratio = Field(description="sum |A - F| / sum A, of whole windows")
    coverage: TotalCoverage


class AccuracyRow(BaseModel):
    """The accuracy of a group's frozen forecasts: ratios of sums over all its days. null: unknown."""

    group: str | None = Field(
        description="The value that its forecasts share; null: not classified, never sold, or no longer in the catalog"
    )
    forecasts: int = Field(description="Number of forecasts, each of one series for one past day")
    days: int = Field(description="Days that count; days that began without stock and sold nothing do not")
    units: float | None = Field(description="Units sold on the days that count")
    forecast_units: float | None = Field(description="Units forecast for these days")
    expected_per_sold: Ratio = Field(description="forecast_units / units")
    wape: Ratio = Field(description="sum |A - F| / sum A")
    bias: Ratio = Field(description="sum (F - A) / sum A; above 0: too much was forecast")
    mape_nonzero_days: Ratio = Field(description="Mean of |A - F| / A over days with a sale")
    rmse: Ratio = Field(description="In units a day")
    mase: Ratio = Field(description="Mean of |A - F| / mean error of the seasonal naive in the 13 weeks before the run")
    wql: Ratio = Field(description="Mean over the quantiles of 2 x pinball loss / sum A")
    coverage: Coverage
    naive_wape: Ratio = Field(
        description="WAPE of the naive forecast, the same weekday of the week before the run, where known"
    )
    fva: Ratio = Field(
        description="naive_wape - wape, both on the same days; above 0: the forecast beats the naive one"
    )
    totals: list[TotalAccuracy] = Field(
        description="The same of the published totals of 7 and of 28 days, whatever the lag; empty: none is over yet, "
        "or the rows are lags"
    )


class ForecastValue(BaseModel):
    """What the forecasts were worth, in money: the stock that the naive ones would have needed on top to serve as much.

    Stock is held as forecast for 28 days plus a factor times what the item's demand varies by (the mean difference of
    days a week apart, in the 13 weeks before the run, x the root of the days). The factor, one for all items, is the
    one that would have served `fill_rate` of all units sold, found for either forecast on its own.
    """

    amount: Money = Field(description="naive_stock_value - stock_value; above 0: the forecasts save stock")
    currency: str = Field(description="The client's currency, ISO 4217")
    stock_value: Money = Field(description="Stock that the forecasts need, at unit cost, on average of the runs")
    naive_stock_value: Money = Field(
        description="Stock that the naive forecasts need: of every day the same weekday of the week before the run"
    )
    fill_rate: float = Field(description="Share of the units sold that either stock serves")
    window_days: int = Field(description="How many days the stock is for")
    windows: int = Field(
        description="Windows that it is from, each of one series and run: those over, with a cost and a naive forecast"
    )
    runs: int = Field(description="Forecast runs that they are of")


class AccuracyPage(PageEnvelope):
    """Ordered by units sold, most first."""

    items: list[AccuracyRow]
    lag: int | None = Field(description="Which day ahead was forecast; null: all lags")
    from_date: dt.date = Field(description="The first run date, included")
    to_date: dt.date = Field(description="The last run date, included")
    location_id: str | None = Field(description="Where; null: all locations together")
    as_of: dt.date | None = Field(
        description="The last day on which forecasts were compared with sales; null: none yet"
    )
    fva_money: ForecastValue | None = Field(
        description="Of all forecasts that the filters choose, whatever the group, lag and page; null: not known"
    )
    no_fva_money: NoForecastValue | None = Field(
        description="Why fva_money is not known: no_window of 28 known days is over, no_cost is known, "
        "no_naive_forecast (no full week before the runs is known), nothing_sold, or the fill rate is out_of_reach of "
        "either forecast; null: it is known"
    )


class TrendsQuery(QueryModel):
    from_date: FirstDay | None = None
    to_date: LastDay | None = None
    location_id: LocationId | None = None
    interval: Annotated[Interval, Field(description="`week` shows the last known day of each week.")] = "day"


class TrendPoint(BaseModel):
    """Stock on a day that has metrics; other days are left out."""

    date: dt.date = Field(description="The day, by the client's calendar")
    items: int = Field(description="Products with metrics")
    inventory_value: Money = Field(description="Stock at unit cost, in the client's currency")
    units: Quantity = Field(description="Units in stock")
    on_order: Quantity = Field(description="Units ordered that had not arrived")
    dead_stock: int = Field(description="Products of the status dead_stock")
    understocked: int = Field(description="Products of the status understocked")
    overstocked: int = Field(description="Products of the status overstocked")
    normal: int = Field(description="Products of the status normal")
    dead_stock_value: Money = Field(description="Value of the products of the status dead_stock")
    understocked_value: Money = Field(description="Value of the products of the status understocked")
    overstocked_value: Money = Field(description="Value of the products of the status overstocked")
    normal_value: Money = Field(description="Value of the products of the status normal")
    average_dir: float | None = Field(
        description="Days that the money in stock lasts, without dead stock; null: nothing is expected to sell"
    )
    sales_at_risk: Money | None = Field(
        description="Sales expected to be lost until the next orders could arrive; null: not kept of that day"
    )
    excess_value: Money | None = Field(
        description="Value of the stock beyond overstocked_threshold days of demand; null: not kept of that day"
    )


class Trends(BaseModel):
    items: list[TrendPoint] = Field(description="By date")
    interval: Interval = Field(description="Whether each day is shown, or the last known one of each week")
    from_date: dt.date = Field(description="The first day, included")
    to_date: dt.date = Field(description="The last day, included")
    location_id: str | None = Field(description="Where; null: all locations together")
    as_of: dt.date | None = Field(description="The last day with metrics; null: none")


class SuppliersQuery(NumberedPage):
    from_date: FirstDay | None = None
    to_date: LastDay | None = None
    supplier_id: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=MAX_SUPPLIER_ID_LENGTH)]] | None,
        SEVERAL,
        Field(max_length=MAX_VALUES, description="Any of these suppliers."),
    ] = None


class SupplierRow(BaseModel):
    """A supplier's order lines that were due, delivered or not; null where there is no data.

    A line is due on the day promised when its order was confirmed, or else when it was created. Lines of orders
    cancelled by that day are not due; a line that was closed short was not delivered in full.
    """

    supplier_id: str = Field(description="The supplier's id")
    supplier_name: str | None = Field(description="The supplier's name; null: the catalog does not know it")
    lines_due: int = Field(description="Order lines that were due in the period")
    lines_in_full: int = Field(description="Those of them that were received in full")
    lines_on_time_in_full: int = Field(description="Those of them that were received in full by the promised day")
    otif: Ratio = Field(description="lines_on_time_in_full / lines_due")
    lead_time_days_mean: Ratio = Field(description="Mean days from confirmation to the receipt that completed the line")
    lead_time_days_deviation: Ratio = Field(
        description="Sample standard deviation in days; null with fewer than two lines"
    )
    lead_times: int = Field(description="Number of lines with a known lead time")
    units_due: Quantity = Field(description="Units of the lines that were due")
    units_received: Quantity = Field(
        description="Units of these lines received so far; at most the ordered quantity of each line"
    )
    fill_rate: Ratio = Field(description="units_received / units_due")
    spend: Money | None = Field(description="Value of goods received in the period, at order prices; null: none")


class SupplierPerformancePage(PageEnvelope):
    """Ordered by spend, then by supplier_id."""

    items: list[SupplierRow]
    from_date: dt.date = Field(description="The first day, included")
    to_date: dt.date = Field(description="The last day, included")
    as_of: dt.date = Field(description="The client's today; lines promised for today are not due yet")


class ScoringTask(BodyModel):
    """Body of a task from Cloud Tasks."""

    client_id: str


class ScoringResult(BaseModel):
    days: int
    rows_changed: int


class ScoringStarted(BaseModel):
    clients: int
