"""What the dashboard gives."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from shared.catalog.alert_conditions import AlertCode
from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.planning.stock_status import StockStatus
from shared.http.app import QueryModel
from shared.http.types import Money, Quantity


class DashboardQuery(QueryModel):
    location_id: Annotated[
        str | None, Field(max_length=MAX_LOCATION_ID_LENGTH, description="Of this location alone; default: of all.")
    ] = None


class DashboardRow(BaseModel):
    """A product, as its row in the product list has it."""

    item_id: str = Field(description="The client's id of the product.")
    product_name: str = Field(description="Name.")
    category: str = Field(description='Category; "Uncategorized" where none is known.')
    location_id: str | None = Field(description="Location that the row is of; null: all locations together.")
    current_stock: Quantity = Field(description="Units in stock.")
    inventory_value: Money = Field(description="Stock at unit_cost.")
    dir: float | None = Field(description="Days of inventory remaining; null: nothing is expected to sell.")
    stockout_risk: float = Field(description="Probability of running out before an order placed now arrives, 0 to 1.")
    status: StockStatus = Field(description="Stock status, by the thresholds of the settings.")
    sales_at_risk: Money = Field(description="Sales expected to be lost until the next order could arrive.")
    excess_value: Money = Field(description="Stock beyond overstocked_threshold days of demand, at unit_cost.")
    supplier_id: str | None = Field(description="Supplier that planning uses; null: none is linked.")
    supplier_name: str | None = Field(description="Its name.")


class DashboardMetrics(BaseModel, from_attributes=True):
    """Headline figures; values are stock at unit_cost."""

    total_skus: int = Field(description="Number of products.")
    total_inventory_value: Money = Field(description="Value of all stock.")
    understocked_count: int = Field(description="Number of understocked products.")
    overstocked_count: int = Field(description="Number of overstocked products.")
    dead_stock_count: int = Field(description="Number of products that are dead stock.")
    out_of_stock_count: int = Field(
        description="Number of products without stock that are expected to sell; those whose recommendation to order "
        "is dismissed with them."
    )
    average_dir: float | None = Field(
        description="Days that the money in stock lasts: total inventory value by the cost of what is expected to sell "
        "a day, without dead stock; null: nothing is expected to sell."
    )
    median_dir: float | None = Field(
        description="Half of the products that are expected to sell last longer, in days, dead stock left out; null: "
        "there are none."
    )
    understocked_value: Money = Field(description="Value of the understocked products.")
    overstocked_value: Money = Field(description="Value of the overstocked products.")
    dead_stock_value: Money = Field(description="Value of the dead stock.")
    sales_at_risk: Money = Field(
        description="Sales expected to be lost until the next orders could arrive, at the sale price."
    )
    excess_value: Money = Field(
        description="Value of the stock beyond overstocked_threshold days of demand, that of dead stock with it."
    )


class PastMetrics(DashboardMetrics):
    """The headline figures of a day before, as its last refresh computed them: with the forecast, the settings and the
    costs of then."""

    date: dt.date = Field(description="The day, by the client's calendar.")
    sales_at_risk: Money | None = Field(  # type: ignore[assignment]
        description="Sales expected then to be lost until the next orders could arrive; null: not kept of that day."
    )
    excess_value: Money | None = Field(  # type: ignore[assignment]
        description="Value of the stock beyond overstocked_threshold days of demand; null: not kept of that day."
    )


Severity = Literal["critical", "warning", "info"]


class Alert(BaseModel):
    """Something to act on: how many products, and where to see them."""

    code: AlertCode = Field(description="Stable; meant for programs. The filter `alert` of product lists.")
    severity: Severity = Field(description="How soon to act: critical first.")
    count: int = Field(description="Number of products that it is about.")
    snoozed: int = Field(
        description="Number of products left out because their recommendation to order is dismissed; they are listed "
        "by /recommendations with include_dismissed, and DELETE /recommendations/{id}/dismiss brings them back."
    )
    message: str = Field(description="What is the matter; meant for people.")
    link: str = Field(description="Address of the list of these products, without /api/v1.")


class Dashboard(BaseModel):
    """The state of the whole client, or of one location."""

    metrics: DashboardMetrics = Field(description="Headline figures.")
    week_before: PastMetrics | None = Field(
        description="Those of 7 days before `as_of`, or of the last day with metrics of the three before that; null: "
        "none are known."
    )
    four_weeks_before: PastMetrics | None = Field(
        description="Those of 28 days before `as_of`, or of the last day with metrics of the three before that; null: "
        "none are known."
    )
    top_understocked: list[DashboardRow] = Field(
        description="The five understocked products with the highest stockout risk, of 2 decimals; of equals, with "
        "more sales at risk."
    )
    top_overstocked: list[DashboardRow] = Field(
        description="The five overstocked products with the highest DIR, null counting as 999; of equals, with the "
        "higher excess value."
    )
    alerts: list[Alert] = Field(description="What to act on, the most serious first.")
    as_of: dt.date = Field(description="Business date that the figures are of.")
    computed_at: dt.datetime = Field(description="When they were computed, UTC.")
    forecast_run_id: str | None = Field(description="Forecast that they are computed from; null: none.")
