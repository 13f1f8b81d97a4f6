"""What is said of an item at its locations: shares of a purchase, and transfers between them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from shared.http.identifiers import ItemId, LocationId
from shared.http.paging import NumberedPage, PageEnvelope
from shared.http.several import MAX_VALUES, SEVERAL
from shared.http.types import Money, Quantity


class Share(TypedDict):
    """A location's part of a purchase."""

    location_id: Annotated[str, Field(description="The location's id.")]
    quantity: Annotated[Quantity, Field(description="Units of the purchase that go there.")]


class ItemTransfer(TypedDict):
    """Stock of an item to move before more of it is bought."""

    from_location_id: Annotated[str, Field(description="The location that has more than it needs.")]
    to_location_id: Annotated[str, Field(description="The location that has less than it needs.")]
    quantity: Annotated[Quantity, Field(description="Units to move.")]


class SuggestedTransferQuery(NumberedPage):
    """Filters of suggested transfers; they narrow together, several values of one to any of them."""

    from_location_id: Annotated[
        list[LocationId] | None, SEVERAL, Field(max_length=MAX_VALUES, description="From one of these locations.")
    ] = None
    to_location_id: Annotated[
        list[LocationId] | None, SEVERAL, Field(max_length=MAX_VALUES, description="To one of these locations.")
    ] = None
    item_id: Annotated[
        list[ItemId] | None, SEVERAL, Field(max_length=MAX_VALUES, description="Of one of these products.")
    ] = None
    category: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]] | None,
        SEVERAL,
        Field(max_length=MAX_VALUES, description="Of products of one of these categories, whatever their case."),
    ] = None


class SuggestedTransfer(TypedDict):
    """Stock to move, and why. `POST /inventory/transfers` moves it."""

    item_id: Annotated[str, Field(description="The product's item_id.")]
    product_name: Annotated[str, Field(description="The product's name.")]
    category: Annotated[str, Field(description="The product's category.")]
    from_location_id: Annotated[str, Field(description="The location that has more than it needs.")]
    to_location_id: Annotated[str, Field(description="The location that has less than it needs.")]
    quantity: Annotated[Quantity, Field(description="Units to move.")]
    from_stock: Annotated[Quantity, Field(description="Units in stock where it comes from.")]
    from_order_up_to: Annotated[Quantity, Field(description="Units that the location it comes from is ordered up to.")]
    to_stock: Annotated[Quantity, Field(description="Units in stock where it goes.")]
    to_order_up_to: Annotated[Quantity, Field(description="Units that the location it goes to is ordered up to.")]
    stockout_risk: Annotated[
        float, Field(description="Of the location it goes to: probability, 0 to 1, over lead time and safety buffer.")
    ]
    sales_at_risk: Annotated[
        Money,
        Field(description="Of the location it goes to: sales expected to be lost until the next order could arrive."),
    ]
    reason: Annotated[str, Field(description="The figures above in words.")]
    as_of: Annotated[dt.date, Field(description="The client's day that the figures are of.")]


class SuggestedTransferPage(PageEnvelope):
    items: list[SuggestedTransfer]
