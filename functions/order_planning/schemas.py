"""What the order planning endpoints take and give.

Lines of suggestions and of the cart are TypedDicts: there may be thousands, which go into the answer as they are.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field
from typing_extensions import TypedDict

from shared.domain.money import round_quantity
from shared.domain.planning.stock_status import StockStatus
from shared.domain.purchasing.cart import MAX_CART_LINES
from shared.domain.purchasing.order_quantity import MAX_QUANTITY
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH
from shared.domain.purchasing.supplier import MAX_SUPPLIER_ID_LENGTH
from shared.http.app import BodyModel, QueryModel
from shared.http.types import Money, Quantity


def _to_thousandths(quantity: Decimal) -> Decimal:
    return round_quantity(quantity)


ItemId = Annotated[str, Field(min_length=1, max_length=MAX_ITEM_ID_LENGTH)]
SupplierId = Annotated[str, Field(min_length=1, max_length=MAX_SUPPLIER_ID_LENGTH)]
Risk = Annotated[float, Field(ge=0, le=1)]
# 0 is below every MOQ, and is answered so.
Ordered = Annotated[Quantity, Field(ge=0, le=MAX_QUANTITY, decimal_places=3), AfterValidator(_to_thousandths)]


class SuggestionQuery(QueryModel):
    """Filters of suggestions; they narrow together."""

    location_id: Annotated[
        str | None, Field(description="What this location needs, instead of all locations together.")
    ] = None
    supplier_id: Annotated[str | None, Field(description="Only lines that are ordered from this supplier.")] = None
    min_risk: Annotated[Risk | None, Field(description="Replaces the limits of the settings.")] = None


class QuantityExplanation(TypedDict):
    """How the quantity is computed: need + moq_uplift + pack_uplift."""

    policy: Literal["forecast_30d", "service_level"]
    order_up_to: Annotated[Quantity, Field(description="The inventory position that the policy aims for")]
    need: Annotated[Quantity, Field(description="order_up_to - inventory_position")]
    moq: Quantity | None
    moq_uplift: Quantity
    packaging_qty: Quantity | None
    pack_uplift: Quantity
    on_order: Annotated[Quantity, Field(description="Counted in the inventory position")]
    days_of_cover_after_receipt: Annotated[float | None, Field(description="null: nothing is expected to sell")]
    order_by_date: Annotated[
        dt.date | None, Field(description="The day on which stock on hand falls to what lead time and buffer need")
    ]
    expected_arrival: dt.date
    reason: str


class PlannedColumns(TypedDict):
    """What a suggestion shows of the catalog's row."""

    item_id: str
    product_name: str
    category: str
    location_id: Annotated[str | None, Field(description="null: all locations together")]
    current_stock: Quantity
    on_order: Quantity
    inventory_position: Quantity
    dir: float | None
    stockout_risk: float
    status: StockStatus
    expected_daily_demand: float
    forecasted_demand_30d: float
    lead_time_days: int


class Suggestion(PlannedColumns):
    """How much of an item to order, and why."""

    quantity: Quantity
    unit_cost: Annotated[Money | None, Field(description="The supplier's cost; null without a supplier")]
    cost: Money | None
    in_cart: Annotated[bool, Field(description="Whether the item is in your cart, from any supplier")]
    explanation: QuantityExplanation


class FillColumns(TypedDict):
    """What a fill item shows of the catalog's row."""

    item_id: str
    product_name: str
    current_stock: Quantity
    dir: float | None
    stockout_risk: float


class FillItem(FillColumns):
    """An item that would bring the order closer to the supplier's minimum, in the least quantity that can be
    ordered."""

    quantity: Quantity
    unit_cost: Money
    cost: Money
    in_cart: bool


class SuggestionGroup(BaseModel):
    """What to order from one supplier, the most urgent first."""

    supplier_id: str | None = Field(description="null: items without a linked supplier")
    supplier_name: str | None
    note: str | None = Field(description="What to do before this can be ordered")
    lines: list[Suggestion]
    total_cost: Money | None
    minimum_order_value: Money | None
    shortfall: Money = Field(description="The amount below the minimum; 0: none")
    fill_items: list[FillItem] = Field(
        description="The next most urgent items, as many as are needed to reach the minimum"
    )
    remaining_shortfall: Money = Field(description="The amount below the minimum with the fill items included")


class Suggestions(BaseModel):
    groups: list[SuggestionGroup]
    total_lines: int
    total_cost: Money = Field(description="Total of the lines that have a supplier")
    policy: Literal["forecast_30d", "service_level"]
    as_of: dt.date


class CartPath(BaseModel):
    item_id: ItemId


class CartLineQuery(QueryModel):
    supplier_id: Annotated[str | None, Field(description="Required when two lines share the item.")] = None


class AddBody(BodyModel):
    item_id: ItemId
    supplier_id: SupplierId
    quantity: Annotated[Ordered | None, Field(description="Default: the least quantity that the supplier sells.")] = (
        None
    )


class ChosenItem(BodyModel):
    item_id: ItemId


class AddSuggestionsBody(BodyModel):
    """Which current suggestions to add; all of them by default."""

    items: Annotated[list[ChosenItem] | None, Field(min_length=1, max_length=MAX_CART_LINES)] = None
    supplier_id: str | None = None
    location_id: str | None = None
    min_risk: Risk | None = None


class QuantityBody(BodyModel):
    quantity: Ordered


class Notice(BaseModel):
    """A warning or an error about a line."""

    code: str
    detail: str


class CartLineView(TypedDict):
    item_id: str
    product_name: Annotated[str | None, Field(description="null until metrics have been computed for the item")]
    supplier_id: str
    supplier_name: str | None
    quantity: Quantity
    unit_price: Annotated[Money | None, Field(description="null if the supplier is no longer linked to the item")]
    line_total: Money | None
    moq: Quantity | None
    packaging_qty: Quantity | None
    lead_time_days: int | None
    added_at: dt.datetime
    warnings: list[Notice]
    error: Annotated[Notice | None, Field(description="Why the line cannot be ordered as it is")]


class CartChange(BaseModel):
    line: CartLineView
    warnings: list[Notice] = Field(description="The warnings of the line")


class CartGroup(BaseModel):
    supplier_id: str
    supplier_name: str | None
    lines: list[CartLineView]
    total_cost: Money
    minimum_order_value: Money | None
    shortfall: Money


class CartView(BaseModel):
    groups: list[CartGroup]
    total_lines: int
    total_cost: Money
    as_of: dt.date


class Skipped(BaseModel):
    item_id: str
    reason: str


class AddedSuggestions(BaseModel):
    added: int
    already_in_cart: int = Field(
        description="Suggestions whose item is already in the cart, from any supplier; left as they are"
    )
    skipped: list[Skipped] = Field(description="The first 2,000 skipped suggestions")
    total_skipped: int
