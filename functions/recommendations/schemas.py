"""What the recommendations endpoints take and give.

A recommendation is a TypedDict: its columns go from the catalog's frame into the answer as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from functions.recommendations.explanation import Action
from shared.domain.access.principal import Role
from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.planning.recommendation import MAX_RECOMMENDATION_ID_LENGTH
from shared.domain.settings import RecommendationType
from shared.http.app import BodyModel
from shared.http.paging import NumberedItems, NumberedPage, PageEnvelope
from shared.http.several import MAX_VALUES, SEVERAL
from shared.http.texts import Lines
from shared.http.types import Money, Quantity, UnitMoney


class RecommendationQuery(NumberedPage):
    """Filters narrow together, several values of one to any of them."""

    type: Annotated[
        list[RecommendationType] | None, SEVERAL, Field(max_length=MAX_VALUES, description="What is recommended.")
    ] = None
    role: Annotated[Role | None, Field(description="Show what this role sees. Default: your own role.")] = None
    location_id: Annotated[
        str | None,
        Field(
            max_length=MAX_LOCATION_ID_LENGTH,
            description="Recommendations for the items at this location instead of all locations together.",
        ),
    ] = None
    include_dismissed: Annotated[bool, Field(description="Show also those that are dismissed today.")] = False


class RecommendationPath(BaseModel):
    recommendation_id: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MAX_RECOMMENDATION_ID_LENGTH,
            description="TYPE:item_id or TYPE:item_id@location_id.",
        ),
    ]


class DismissBody(BodyModel):
    until: Annotated[dt.date | None, Field(description="The last day on which it is hidden. Default: for good.")] = None
    reason: Annotated[Lines | None, Field(description="Why it is hidden.")] = None


class Figures(TypedDict):
    """The figures behind the recommendation, as in the product list."""

    current_stock: Annotated[Quantity, Field(description="Units in stock.")]
    on_order: Annotated[Quantity, Field(description="Units ordered that have not arrived.")]
    unit_cost: Annotated[UnitMoney, Field(description="What a unit costs, in the client's currency.")]
    inventory_value: Annotated[Money, Field(description="Stock at unit cost, in the client's currency.")]
    dir: Annotated[float | None, Field(description="Days of inventory remaining; null: nothing is expected to sell.")]
    stockout_risk: Annotated[float, Field(description="Probability of running out before an order placed now arrives.")]
    sales_at_risk: Annotated[Money, Field(description="Sales expected to be lost until the next order could arrive.")]
    excess_value: Annotated[
        Money, Field(description="Stock beyond overstocked_threshold days of demand, at unit cost.")
    ]
    expected_daily_demand: Annotated[float, Field(description="Units expected to sell a day.")]
    units_sold_28d: Annotated[Quantity | None, Field(description="Units sold in the last 28 days; null: no record.")]
    lead_time_days: Annotated[int, Field(description="Days from order to arrival.")]
    last_sale: Annotated[dt.date | None, Field(description="Day of the last sale; null: none on record.")]
    threshold: Annotated[
        float,
        Field(
            description="The limit of the rule: for URGENT a risk, for REORDER the units up to which is ordered, for "
            "all others days."
        ),
    ]


class SuggestedActionView(TypedDict):
    """What to do about it."""

    action: Annotated[Action, Field(description="What to do.")]
    quantity: Annotated[Quantity, Field(description="How many units it is about.")]


class OpenOrder(TypedDict):
    """The outstanding part of an order."""

    order_id: Annotated[str, Field(description="The order's id.")]
    po_number: Annotated[str, Field(description="The order's number, for people.")]
    location_id: Annotated[str | None, Field(description="Where it is delivered; null: not said.")]
    outstanding: Annotated[Quantity, Field(description="Units that have not arrived.")]
    expected_delivery_date: Annotated[dt.date | None, Field(description="When they are expected; null: unknown.")]


class Dismissed(TypedDict):
    """Who hides a recommendation, and until when."""

    recommendation_id: Annotated[
        str,
        Field(description="What was dismissed, and can be undone; that of a product hides those of its locations too."),
    ]
    by: Annotated[str, Field(description="The user who dismissed it.")]
    at: Annotated[dt.datetime, Field(description="When they did.")]
    until: Annotated[dt.date | None, Field(description="The last day on which it is hidden; null: for good.")]


class Recommendation(TypedDict):
    """What to do about a product, and why."""

    id: Annotated[str, Field(description="The same every day: of type, product and location.")]
    type: Annotated[RecommendationType, Field(description="What is recommended.")]
    priority: Annotated[int, Field(description="1 is the most pressing for the role; the list is in this order.")]
    item_id: Annotated[str, Field(description="The product's item_id.")]
    product_name: Annotated[str, Field(description="The product's name.")]
    location_id: Annotated[str | None, Field(description="Where; null: all locations together.")]
    category: Annotated[str, Field(description="The product's category.")]
    supplier_id: Annotated[str | None, Field(description="Whom planning orders from; null: nobody is linked.")]
    supplier_name: Annotated[str | None, Field(description="The supplier's name.")]
    money_at_stake: Annotated[
        Money,
        Field(
            description="Sales at risk, at the sale price, of what is to be ordered; else the capital tied up, at cost."
        ),
    ]
    reason: Annotated[str, Field(description="Why, in figures, for people.")]
    figures: Figures
    suggested_action: SuggestedActionView
    open_orders: Annotated[list[OpenOrder], Field(description="What is on its way.")]
    dismissed: Annotated[Dismissed | None, Field(description="null: it is not dismissed.")]


class RecommendationPage(PageEnvelope):
    items: list[Recommendation]
    counts: dict[str, int] = Field(
        description="Number of recommendations by type, of all that the role sees, regardless of the filter `type`."
    )
    as_of: dt.date = Field(description="The client's day that the figures are of.")


@dataclass(frozen=True)
class RecommendationItems(NumberedItems[Recommendation]):
    """What RecommendationPage describes."""

    counts: Mapping[str, int]
    as_of: dt.date


class DismissalView(BaseModel):
    """A recommendation as it is hidden now."""

    id: str = Field(description="The recommendation's id.")
    type: RecommendationType = Field(description="What is recommended.")
    item_id: str = Field(description="The product's item_id.")
    location_id: str | None = Field(description="Where; null: all locations together.")
    dismissed: Dismissed
    reason: str | None = Field(description="Why it is hidden, where a reason was given.")
