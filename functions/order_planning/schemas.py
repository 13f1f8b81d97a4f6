"""What the order planning endpoints take and give.

Lines of suggestions and of the cart are TypedDicts: there may be thousands, which go into the answer as they are.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from typing_extensions import TypedDict

from functions.order_planning.transfer_schemas import ItemTransfer, Share
from shared.domain.money import round_money, round_quantity
from shared.domain.planning.budget import BudgetUse
from shared.domain.planning.recommendation import MAX_RECOMMENDATION_ID_LENGTH
from shared.domain.planning.stock_status import Lifecycle, StockStatus
from shared.domain.purchasing.cart import MAX_CART_LINES
from shared.domain.purchasing.order_quantity import MAX_QUANTITY
from shared.domain.settings import ReplenishmentPolicy
from shared.http.app import BodyModel, QueryModel
from shared.http.identifiers import ItemId, LocationId, SupplierId
from shared.http.paging import DEFAULT_PAGE_SIZE, PageEnvelope, PageSize
from shared.http.several import MAX_VALUES, SEVERAL
from shared.http.types import Money, Quantity, UnitMoney

Category = Annotated[str, Field(min_length=1, max_length=200)]
Risk = Annotated[float, Field(ge=0, le=1)]
_MOST_LINES = 1_000_000
_MOST_MONEY = 1_000_000_000_000
RecommendationId = Annotated[str, Field(min_length=1, max_length=MAX_RECOMMENDATION_ID_LENGTH)]
Top = Annotated[
    int, Field(ge=1, le=_MOST_LINES, description="Only so many lines: those of which most sales are at risk.")
]
Budget = Annotated[
    Decimal,
    Field(
        ge=0,
        le=_MOST_MONEY,
        decimal_places=2,
        description="Only lines that together cost no more, in the client's currency: those first that save the most "
        "sales for their money. With `top`, of the lines that it leaves. 0 leaves all out that has a price.",
    ),
    AfterValidator(round_money),
]
# 0 is below every MOQ, and is answered so.
Ordered = Annotated[Quantity, Field(ge=0, le=MAX_QUANTITY, decimal_places=3), AfterValidator(round_quantity)]


class SuggestionQuery(QueryModel):
    """Filters of suggestions; they narrow together. Pages count lines."""

    page: Annotated[int, Field(ge=1, le=1_000_000, description="The page's number, from 1.")] = 1
    page_size: PageSize = DEFAULT_PAGE_SIZE

    location_id: Annotated[
        LocationId | None,
        Field(description="The lines that this location has a share of, with its own figures and its share."),
    ] = None
    supplier_id: Annotated[
        list[SupplierId] | None,
        SEVERAL,
        Field(max_length=MAX_VALUES, description="Only lines that are ordered from one of these suppliers."),
    ] = None
    category: Annotated[
        list[Category] | None,
        SEVERAL,
        Field(max_length=MAX_VALUES, description="Only items of one of these categories, whatever their case."),
    ] = None
    min_risk: Annotated[Risk | None, Field(description="Only items with at least this stockout risk.")] = None
    top: Top | None = None
    budget: Budget | None = None


class PlannedColumns(TypedDict):
    """What a suggestion shows of the catalog's row."""

    item_id: str
    product_name: str
    category: str
    location_id: Annotated[str | None, Field(description="null: all locations together")]
    current_stock: Annotated[Quantity, Field(description="Units on hand")]
    on_order: Annotated[Quantity, Field(description="Units still to come of open orders")]
    inventory_position: Annotated[Quantity, Field(description="Units on hand and on order, less what is committed")]
    dir: Annotated[float | None, Field(description="Days that the stock lasts; null: nothing is expected to sell")]
    stockout_risk: Annotated[float, Field(description="Probability, 0 to 1, over lead time and safety buffer")]
    status: StockStatus
    expected_daily_demand: Annotated[float, Field(description="Units a day")]
    forecasted_demand_30d: Annotated[float, Field(description="Units over the next 30 days")]
    lead_time_days: Annotated[int, Field(description="Days from order to delivery")]
    sales_at_risk: Annotated[
        Money, Field(description="Sales expected to be lost until the next order could arrive, at the sale price")
    ]
    last_sale: Annotated[dt.date | None, Field(description="Day of the last sale; null: none on record")]
    units_sold_28d: Annotated[Quantity | None, Field(description="Units sold in the last 28 days; null: no record")]
    lifecycle: Annotated[Lifecycle, Field(description="new, active, slow, sleeping or dead")]


class Suggestion(PlannedColumns):
    """How much of an item to order, and why: quantity = need + moq_uplift + pack_uplift.

    At a location the figures are those of the location and `quantity` is its share; MOQ and packs are of the order, so
    that both uplifts are 0.
    """

    quantity: Annotated[
        Quantity, Field(description="Units to order; at a location, its share of the order for all locations")
    ]
    order_quantity: Annotated[Quantity, Field(description="Units to order for all locations together")]
    order_up_to: Annotated[Quantity, Field(description="The inventory position that the policy aims for, in units")]
    level: Annotated[float, Field(description="The item's service level, between 0 and 1, that order_up_to keeps")]
    need: Annotated[
        Quantity,
        Field(description="order_up_to less the inventory position without what arrives too late to count, in units"),
    ]
    moq: Annotated[Quantity | None, Field(description="Units that the supplier sells at least; null without one")]
    moq_uplift: Annotated[Quantity, Field(description="Units above the need, up to the MOQ")]
    packaging_qty: Annotated[Quantity | None, Field(description="Units in a pack; null without a supplier")]
    pack_uplift: Annotated[Quantity, Field(description="Units above that, up to whole packs")]
    unit_cost: Annotated[
        UnitMoney | None, Field(description="What the supplier asks for a unit; null without a supplier")
    ]
    total_price: Annotated[Money | None, Field(description="quantity x unit_cost; null without a supplier")]
    days_of_cover_after_receipt: Annotated[
        float | None,
        Field(
            description="Days for which what is there on arrival lasts, this order included; 0: the reason says why; "
            "null: nothing is expected to sell"
        ),
    ]
    order_by_date: Annotated[
        dt.date | None,
        Field(
            description="The last day on which an order still keeps the level, today where that is past; null: nothing "
            "is expected to sell"
        ),
    ]
    expected_arrival: Annotated[dt.date, Field(description="The day on which an order of today arrives")]
    allocation: Annotated[
        list[Share], Field(description="order_quantity shared out by what each location lacks; by location_id")
    ]
    transfers: Annotated[list[ItemTransfer], Field(description="Stock to move between locations, which is not ordered")]
    in_cart: Annotated[bool, Field(description="Whether the item is in your cart, from any supplier")]
    reason: Annotated[str, Field(description="The figures above in words")]


class FillColumns(TypedDict):
    """What a fill item shows of the catalog's row."""

    item_id: str
    product_name: str
    current_stock: Annotated[Quantity, Field(description="Units on hand")]
    dir: Annotated[float | None, Field(description="Days that the stock on hand lasts")]
    stockout_risk: Annotated[float, Field(description="Probability, 0 to 1, over lead time and safety buffer")]


class FillItem(FillColumns):
    """An item that would bring the order closer to the supplier's minimum, in the least quantity that can be
    ordered."""

    quantity: Annotated[Quantity, Field(description="Units")]
    unit_cost: Annotated[UnitMoney, Field(description="What the supplier asks for a unit")]
    total_price: Annotated[Money, Field(description="quantity x unit_cost")]
    in_cart: Annotated[bool, Field(description="Whether the item is in your cart, from any supplier")]


class SuggestionGroup(BaseModel):
    """What to order from one supplier, the most urgent first."""

    supplier_id: str | None = Field(description="null: items without a linked supplier")
    supplier_name: str | None
    hint: str | None = Field(description="What to do before this can be ordered")
    lines: list[Suggestion] = Field(description="Those of the group's lines that are on this page")
    line_count: int = Field(description="How many lines the whole group has, whatever the page shows")
    total_cost: Money | None = Field(description="Of the whole group, whatever the page shows; null without a supplier")
    sales_at_risk: Money = Field(description="Of the whole group: sum of the sales_at_risk of its lines")
    order_by_date: dt.date | None = Field(
        description="Of the whole group: the earliest order_by_date of its lines; null: none has one"
    )
    minimum_order_value: Money | None = Field(description="The supplier's; null: none")
    shortfall: Money = Field(description="The amount by which the whole group is below the minimum; 0: none")
    fill_items: list[FillItem] = Field(
        description="The next most urgent items, at most 10, as many as are needed to reach the minimum"
    )
    remaining_shortfall: Money = Field(description="The amount below the minimum with the fill items included")


class Totals(BaseModel):
    """What all pages come to."""

    lines: int = Field(description="How many lines there are")
    cost: Money = Field(description="Sum of the total_price of the lines that have a supplier")


class SuggestionTotals(Totals):
    """What the suggestions of all pages come to."""

    sales_at_risk: Money = Field(description="Sum of the sales_at_risk of the lines")


class BudgetView(BaseModel):
    """What the budget buys, which are the lines of all pages, and what it leaves out."""

    amount: Money = Field(description="The budget, in the client's currency")
    spent: Money = Field(description="What the lines cost, never more than the amount")
    left_out_lines: int = Field(description="How many suggestions it leaves out")
    left_out_sales_at_risk: Money = Field(description="Sum of the sales_at_risk of what it leaves out")
    left_out_unpriced_lines: int = Field(
        description="How many of these have no supplier, so that no budget buys them; link one to order them"
    )

    @classmethod
    def of(cls, use: BudgetUse) -> BudgetView:
        return cls(
            amount=use.amount,
            spent=use.spent,
            left_out_lines=use.left_out_lines,
            left_out_sales_at_risk=use.left_out_sales_at_risk,
            left_out_unpriced_lines=use.left_out_unpriced_lines,
        )


class Suggestions(PageEnvelope):
    """A page of lines by supplier, those first of which most sales are at risk; those without a supplier come last."""

    groups: list[SuggestionGroup] = Field(description="The suppliers of the lines on this page")
    totals: SuggestionTotals
    budget: BudgetView | None = Field(description="What the budget leaves out; null: none was given")
    snoozed: int = Field(
        description="How many items are not suggested now because their URGENT or REORDER was dismissed"
    )
    snoozed_hint: str | None = Field(description="How to see these and suggest one again; null: there are none")
    policy: ReplenishmentPolicy = Field(description="The rule that the suggestions were made by")
    as_of: dt.date = Field(description="The client's day that the figures are of")


class CartPath(BaseModel):
    item_id: ItemId


class CartLineQuery(QueryModel):
    supplier_id: Annotated[SupplierId | None, Field(description="Required when two lines share the item.")] = None


class AddBody(BodyModel):
    item_id: ItemId
    supplier_id: SupplierId
    quantity: Annotated[Ordered | None, Field(description="Default: the least quantity that the supplier sells.")] = (
        None
    )


class ChosenItem(BodyModel):
    item_id: ItemId
    quantity: Annotated[Ordered | None, Field(description="Default: what is suggested.")] = None


class AddSuggestionsBody(BodyModel):
    """Which current suggestions to add; all of them by default. With `items` and `recommendations`, those of both."""

    items: Annotated[
        list[ChosenItem] | None, Field(min_length=1, max_length=MAX_CART_LINES, description="Only these items.")
    ] = None
    recommendations: Annotated[
        list[RecommendationId] | None,
        Field(
            min_length=1,
            max_length=MAX_CART_LINES,
            description="Only the items of these recommendations, by their ids; URGENT and REORDER. One of a location "
            "stands for the item: a purchase is for all locations together.",
        ),
    ] = None
    supplier_id: Annotated[SupplierId | None, Field(description="Only those that are ordered from this supplier.")] = (
        None
    )
    category: Annotated[Category | None, Field(description="Only items of this category, whatever its case.")] = None
    location_id: Annotated[
        LocationId | None,
        Field(description="Only those that this location has a share of; they are ordered for all locations."),
    ] = None
    min_risk: Annotated[Risk | None, Field(description="Only items with at least this stockout risk.")] = None
    top: Top | None = None
    budget: Budget | None = None


class QuantityBody(BodyModel):
    quantity: Ordered


class Notice(BaseModel):
    """A warning or an error about a line."""

    code: str = Field(description="Of a warning already_covered, sleeping or dead; of an error as in a refusal")
    detail: str = Field(description="The same in words, with figures")


class CartLineView(TypedDict):
    item_id: str
    product_name: Annotated[str | None, Field(description="null until metrics have been computed for the item")]
    supplier_id: str
    supplier_name: str | None
    quantity: Quantity
    unit_cost: Annotated[UnitMoney | None, Field(description="null if the supplier is no longer linked to the item")]
    total_price: Annotated[Money | None, Field(description="quantity x unit_cost")]
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
    """Your lines of one supplier."""

    supplier_id: str
    supplier_name: str | None
    lines: list[CartLineView]
    total_cost: Money = Field(description="Sum of the total_price of the lines")
    minimum_order_value: Money | None = Field(description="The supplier's; null: none")
    shortfall: Money = Field(description="The amount below the minimum; 0: none")


class CartView(BaseModel):
    groups: list[CartGroup]
    totals: Totals
    as_of: dt.date = Field(description="The client's day that the figures are of")


class Skipped(BaseModel):
    item_id: str = Field(description="The item that was not added")
    reason: str = Field(description="Why")


class AddedSuggestions(BaseModel):
    added: int = Field(description="How many lines are new in the cart")
    already_in_cart: int = Field(
        description="Suggestions whose item is already in the cart, from any supplier; left as they are"
    )
    skipped: list[Skipped] = Field(description="The first 2,000 skipped suggestions")
    total_skipped: int = Field(description="How many of those asked for are not added, and not in the cart")
    budget: BudgetView | None = Field(description="What the budget leaves out; null: none was given")
