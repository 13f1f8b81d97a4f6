"""The tables of the dataset: columns, partition and clustering, in one place.

infra/terraform creates them in the cloud from the same definitions (a test compares), the local stack from these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

ColumnType = Literal["STRING", "INT64", "FLOAT64", "NUMERIC", "BOOL", "DATE", "DATETIME", "TIMESTAMP"]

# In the `location_id` column: the item as a whole, all locations together. No location may have this id.
ALL_LOCATIONS = "*"

DAILY_QUANTILES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
WINDOW_QUANTILES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
# Lengths for which the distribution of total demand is published; readers interpolate (demand_distribution).
WINDOW_DAYS = (1, 3, 7, 10, 14, 21, 28, 42, 60, 90)

# A forecast's accuracy is measured on the first, seventh, ... day that it is for: `lag` 1 is the run date itself.
ACCURACY_LAGS = (1, 7, 14, 28)
# Levels whose coverage is kept.
COVERED_QUANTILES = (0.5, 0.8, 0.9, 0.95)
# The forecast of a total is measured over the first days of a run, so many of them.
SCORED_WINDOWS = (7, 28)
COVERED_WINDOW_QUANTILES = (0.8, 0.9, 0.95, 0.98)


def quantile_column(level: float) -> str:
    """0.05 -> "q05"."""
    return f"q{round(level * 100):02d}"


class Column(NamedTuple):
    """A column of a table. A NamedTuple, as there are 140 of them to make at every cold start."""

    name: str
    type: ColumnType
    required: bool = False
    description: str = ""


@dataclass(frozen=True)
class Table:
    """A table of the dataset. `key` is what makes a row unique, and what a MERGE joins on."""

    name: str
    columns: tuple[Column, ...]
    partition: str
    partition_by: Literal["DAY", "MONTH"]
    cluster: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def _required(**columns: ColumnType) -> tuple[Column, ...]:
    return tuple(Column(name, type_, required=True) for name, type_ in columns.items())


def _optional(**columns: ColumnType) -> tuple[Column, ...]:
    return tuple(Column(name, type_) for name, type_ in columns.items())


def _quantiles(levels: Iterable[float]) -> tuple[Column, ...]:
    return tuple(Column(quantile_column(level), "FLOAT64", required=True) for level in levels)


DEMAND = Table(
    "ts_demand_daily",
    (
        *_required(client_id="STRING", item_id="STRING", location_id="STRING", date_local="DATE", units_sold="NUMERIC"),
        *_optional(
            revenue="NUMERIC",
            promotion_flag="BOOL",
            holiday_flag="BOOL",
            is_weekend="BOOL",
            marketing_spend="NUMERIC",
            stock_on_date="NUMERIC",
        ),
        *_required(run_id="STRING"),  # the import that last changed the row
    ),
    partition="date_local",
    partition_by="MONTH",
    cluster=("client_id", "item_id", "location_id"),
    key=("client_id", "item_id", "location_id", "date_local"),
)

# Lines of invoices and receipts, of which the days of DEMAND are summed, so that a day that comes in several files is
# added up and a cancellation finds its purchase. `line_no` counts those of an item and location on an invoice, from 1;
# a line that an invoice has no more has 0 units.
SALES_LINES = Table(
    "sales_lines",
    (
        *_required(client_id="STRING", item_id="STRING", location_id="STRING", invoice_no="STRING", line_no="INT64"),
        *_required(date_local="DATE", sold_at="DATETIME", units_sold="NUMERIC"),
        *_optional(price="NUMERIC", customer_id="STRING"),
        *_required(run_id="STRING"),  # the import that last changed the row
    ),
    partition="date_local",
    partition_by="MONTH",
    cluster=("client_id", "item_id", "location_id"),
    key=("client_id", "item_id", "location_id", "invoice_no", "line_no"),
)

FORECASTS = Table(
    "forecast_results",
    (
        *_required(client_id="STRING", run_date="DATE", run_id="STRING", item_id="STRING", location_id="STRING"),
        *_required(date_local="DATE", mean="FLOAT64"),
        *_quantiles(DAILY_QUANTILES),
        *_required(engine="STRING"),
    ),
    partition="run_date",
    partition_by="DAY",
    cluster=("client_id", "item_id"),
    key=("client_id", "run_id", "item_id", "location_id", "date_local"),
)

# Items as a whole as they would have been forecast from `origin_date` on, some weeks before the run, beside what sold;
# `naive` is what sold on the same weekday of the week before that. Null: not known, a day without stock and sale.
# `days_since_sale` as of the origin; null: never sold before it.
BACKTESTS = Table(
    "forecast_backtest",
    (
        *_required(client_id="STRING", run_date="DATE", run_id="STRING", item_id="STRING", location_id="STRING"),
        *_required(origin_date="DATE", date_local="DATE"),
        *_optional(units_sold="FLOAT64", naive="FLOAT64", days_since_sale="INT64"),
        *_required(mean="FLOAT64"),
        *_quantiles(DAILY_QUANTILES),
        *_required(engine="STRING"),
    ),
    partition="run_date",
    partition_by="DAY",
    cluster=("client_id", "item_id"),
    key=("client_id", "run_id", "item_id", "location_id", "date_local"),
)

LEAD_TIME_DEMAND = Table(
    "lead_time_demand",
    (
        *_required(client_id="STRING", run_date="DATE", run_id="STRING", item_id="STRING", location_id="STRING"),
        *_required(window_days="INT64", mean="FLOAT64"),
        *_quantiles(WINDOW_QUANTILES),
    ),
    partition="run_date",
    partition_by="DAY",
    cluster=("client_id", "item_id"),
    key=("client_id", "run_id", "item_id", "location_id", "window_days"),
)

CLASSIFICATIONS = Table(
    "sku_classifications",
    (
        *_required(client_id="STRING", run_date="DATE", run_id="STRING", item_id="STRING"),
        *_optional(
            abc="STRING",
            xyz="STRING",
            demand_pattern="STRING",
            lifecycle="STRING",
            adi="FLOAT64",
            cv2="FLOAT64",
            revenue="FLOAT64",
            first_sale="DATE",
            last_sale="DATE",
        ),
    ),
    partition="run_date",
    partition_by="DAY",
    cluster=("client_id", "item_id"),
    key=("client_id", "run_id", "item_id"),
)

# A series' forecast of one day, scored once the day is over: ratios of that day alone, and the sums from which those of
# any group follow exactly (accuracy_queries). A day without stock and without a sale has `days` 0 and no sums.
ACCURACY = Table(
    "forecast_accuracy",
    (
        *_required(client_id="STRING", run_date="DATE", run_id="STRING", item_id="STRING", location_id="STRING"),
        *_required(lag="INT64"),
        *_optional(
            wape="FLOAT64",
            mape="FLOAT64",
            rmse="FLOAT64",
            mase="FLOAT64",
            bias="FLOAT64",
            wql="FLOAT64",
            fva="FLOAT64",
            engine="STRING",
            demand_pattern="STRING",
            days_since_sale="INT64",  # of the item before the run date; null: never sold
            days="INT64",
            actual="FLOAT64",
            error="FLOAT64",  # forecast - actual
            absolute_error="FLOAT64",
            squared_error="FLOAT64",
            nonzero_days="INT64",
            percentage_error="FLOAT64",  # |forecast - actual| / actual, of days with a sale
            scale="FLOAT64",  # mean error of the seasonal naive in sample; null: none above zero
            scaled_days="INT64",
            scaled_error="FLOAT64",  # |forecast - actual| / scale
            quantile_loss="FLOAT64",  # mean over the levels of 2 x pinball loss
        ),
        *(Column(f"covered_{quantile_column(level)}", "INT64") for level in COVERED_QUANTILES),
        # Days of which the seasonal naive forecast is known too, and both errors on just these.
        *_optional(
            naive_days="INT64",
            naive_actual="FLOAT64",
            naive_absolute_error="FLOAT64",
            paired_absolute_error="FLOAT64",
        ),
    ),
    partition="run_date",
    partition_by="DAY",
    cluster=("client_id", "item_id"),
    key=("client_id", "run_id", "item_id", "location_id", "lag"),
)

# A series' forecast of what the first `window_days` of a run sell together, scored once they are over. A window with a
# day without stock and without a sale has `windows` 0 and no sums.
TOTAL_ACCURACY = Table(
    "total_accuracy",
    (
        *_required(client_id="STRING", run_date="DATE", run_id="STRING", item_id="STRING", location_id="STRING"),
        *_required(window_days="INT64"),
        *_optional(
            engine="STRING",
            demand_pattern="STRING",
            days_since_sale="INT64",
            windows="INT64",
            actual="FLOAT64",
            forecast="FLOAT64",
            absolute_error="FLOAT64",
        ),
        *(Column(f"covered_{quantile_column(level)}", "INT64") for level in COVERED_WINDOW_QUANTILES),
        # What the week before the run sold, as often as the window has weeks; null: not known.
        *_optional(naive="FLOAT64"),
        # Of forecast_accuracy, and what a unit cost in the last days of the scoring; null: not known.
        *_optional(scale="FLOAT64", unit_cost="NUMERIC"),
    ),
    partition="run_date",
    partition_by="DAY",
    cluster=("client_id", "item_id"),
    key=("client_id", "run_id", "item_id", "location_id", "window_days"),
)

# `unit_cost` is what a unit in stock is valued at: the product's, or where that is not known its supplier's.
METRICS = Table(
    "inventory_metrics",
    (
        *_required(client_id="STRING", date="DATE", item_id="STRING", location_id="STRING"),
        *_required(
            current_stock="NUMERIC",
            on_order="NUMERIC",
            inventory_position="NUMERIC",
            unit_cost="NUMERIC",
            inventory_value="NUMERIC",
            status="STRING",
            expected_daily_demand="FLOAT64",
            forecasted_demand_30d="FLOAT64",
            stockout_risk="FLOAT64",
            lead_time_days="INT64",
            demand_basis="STRING",
            risk_basis="STRING",
        ),
        *_optional(dir="FLOAT64", forecast_run_id="STRING", sales_at_risk="NUMERIC", excess_value="NUMERIC"),
        *_required(computed_at="TIMESTAMP"),
    ),
    partition="date",
    partition_by="DAY",
    cluster=("client_id", "item_id"),
    key=("client_id", "date", "item_id", "location_id"),
)

# `date` is the client's business day, as is `promised_date`: the delivery date that was promised when it happened.
ORDER_EVENTS = Table(
    "purchase_order_events",
    (
        *_required(client_id="STRING", date="DATE", supplier_id="STRING", order_id="STRING", event_id="STRING"),
        *_required(event="STRING", occurred_at="TIMESTAMP"),
        *_optional(item_id="STRING", location_id="STRING", quantity="NUMERIC", unit_cost="NUMERIC"),
        *_optional(promised_date="DATE"),
    ),
    partition="date",
    partition_by="DAY",
    cluster=("client_id", "supplier_id"),
    key=("client_id", "event_id"),
)

REJECTS = Table(
    "etl_rejects",
    (
        *_required(client_id="STRING", date="DATE", run_id="STRING", row_number="INT64"),
        *_required(check="STRING", reason="STRING", record="STRING"),
        *_optional(field="STRING"),
    ),
    partition="date",
    partition_by="DAY",
    cluster=("client_id", "run_id"),
    key=("client_id", "run_id", "row_number"),
)

TABLES: tuple[Table, ...] = (
    DEMAND,
    SALES_LINES,
    FORECASTS,
    LEAD_TIME_DEMAND,
    CLASSIFICATIONS,
    BACKTESTS,
    ACCURACY,
    TOTAL_ACCURACY,
    METRICS,
    ORDER_EVENTS,
    REJECTS,
)
