"""What the recommendations endpoints take and give.

A recommendation is a TypedDict: its columns go from the catalog's frame into the answer as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field
from typing_extensions import TypedDict

from functions.recommendations.explanation import Action
from shared.domain.access.principal import Role
from shared.domain.settings import RecommendationType
from shared.http.app import BodyModel
from shared.http.paging import NumberedItems, NumberedPage, PageEnvelope
from shared.http.texts import Lines
from shared.http.types import Money, Quantity


def _split(values: object) -> object:
    """`type=a,b` and `type=a&type=b` mean the same."""
    return [part for value in values for part in str(value).split(",")] if isinstance(values, list) else values


class RecommendationQuery(NumberedPage):
    """Filters narrow together."""

    type: Annotated[list[RecommendationType] | None, BeforeValidator(_split)] = None
    role: Annotated[Role | None, Field(description="Show what this role sees. Default: your own role.")] = None
    location_id: Annotated[
        str | None,
        Field(description="Recommendations for the items at this location instead of all locations together."),
    ] = None
    include_dismissed: bool = False


class RecommendationPath(BaseModel):
    recommendation_id: Annotated[str, Field(min_length=1, description="TYPE:item_id or TYPE:item_id@location_id")]


class DismissBody(BodyModel):
    until: Annotated[dt.date | None, Field(description="The last day on which it is hidden. Default: for good.")] = None
    reason: Lines | None = None


class Figures(TypedDict):
    """The figures behind the recommendation, as in the product list."""

    current_stock: Quantity
    on_order: Quantity
    unit_cost: Money
    inventory_value: Money
    dir: float | None
    stockout_risk: float
    expected_daily_demand: float
    lead_time_days: int
    last_sale: dt.date | None
    threshold: Annotated[float, Field(description="The limit of the rule: a risk for URGENT, days for all others")]


class SuggestedActionView(TypedDict):
    action: Action
    quantity: Quantity


class OpenOrder(TypedDict):
    """The outstanding part of an order."""

    order_id: str
    po_number: str
    location_id: str | None
    outstanding: Quantity
    expected_delivery_date: dt.date | None


class Dismissed(TypedDict):
    by: str
    at: dt.datetime
    until: dt.date | None


class Recommendation(TypedDict):
    id: str
    type: RecommendationType
    priority: Annotated[int, Field(description="1 is the most pressing")]
    item_id: str
    product_name: str
    location_id: Annotated[str | None, Field(description="null: all locations together")]
    category: str
    supplier_id: str | None
    supplier_name: str | None
    money_at_stake: Annotated[Money, Field(description="At cost: sales that may be lost, or capital tied up")]
    reason: str
    figures: Figures
    suggested_action: SuggestedActionView
    open_orders: list[OpenOrder]
    dismissed: Dismissed | None


class RecommendationPage(PageEnvelope):
    items: list[Recommendation]
    counts: dict[str, int] = Field(
        description="Number of recommendations by type, of all that the role sees, regardless of the filter `type`."
    )
    as_of: dt.date


@dataclass(frozen=True)
class RecommendationItems(NumberedItems[Recommendation]):
    """What RecommendationPage describes."""

    counts: Mapping[str, int]
    as_of: dt.date


class DismissalView(BaseModel):
    id: str
    type: RecommendationType
    item_id: str
    location_id: str | None
    dismissed: Dismissed
    reason: str | None
