"""What the inventory endpoints take and give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, NotRequired

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from shared.catalog.listing import ProductFilter
from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.planning.stock_status import StockStatus
from shared.domain.purchasing.order_quantity import MAX_QUANTITY
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH
from shared.http.app import BodyModel
from shared.http.paging import NumberedPage, PageEnvelope
from shared.http.product_filter import product_filter, with_product_filters
from shared.http.texts import Lines
from shared.http.types import Money, Quantity


class MetricsRefreshBody(BodyModel):
    """How to refresh; an empty object for the usual refresh."""

    rebuild: Annotated[
        bool,
        Field(description="Read products, stock and purchase terms from their documents instead of the last snapshot."),
    ] = False


class CompactionResult(BaseModel):
    started: int = Field(description="For how many clients a refresh was started.")


class StockQuery(with_product_filters(NumberedPage)):  # type: ignore[misc]
    """Filters are those of the product list: they narrow together, several values of one to any of them."""

    sort: Annotated[
        str | None,
        Field(max_length=500, description="Columns separated by commas, `-` for descending: -current_stock,item_id."),
    ] = None
    order: Annotated[
        str | None, Field(max_length=10, description="asc or desc: for all columns of sort without a sign.")
    ] = None

    def selection(self) -> ProductFilter:
        return product_filter(self)


UnitsInStock = Annotated[Quantity, Field(description="Units in stock at the location.")]
UnitsCommitted = Annotated[
    Quantity,
    Field(description="Units of it that customers have ordered; not there where the client says of none."),
]
StockTime = Annotated[
    dt.datetime | None,
    Field(description="When this stock was last counted, received or corrected; null: not since it is kept."),
]


class StockRow(TypedDict):
    """An item's stock at a location, as the catalog's frame has it."""

    item_id: Annotated[str, Field(description="The product's item_id.")]
    product_name: Annotated[str, Field(description="The product's name.")]
    location_id: Annotated[str, Field(description="The location's id.")]
    current_stock: UnitsInStock
    committed: NotRequired[UnitsCommitted]
    on_order: Annotated[Quantity, Field(description="Units ordered for the location that have not arrived.")]
    inventory_value: Annotated[Money, Field(description="current_stock at unit cost, in the client's currency.")]
    status: Annotated[StockStatus, Field(description="Whether it is too little, too much, or neither.")]
    updated_at: StockTime
    as_of: Annotated[dt.date, Field(description="The client's day that the status is of.")]


class StockPage(PageEnvelope):
    items: list[StockRow]


Units = Annotated[Quantity, Field(ge=0, le=MAX_QUANTITY, decimal_places=3)]


class StockCorrection(BodyModel):
    """The counted stock, and why it differs."""

    item_id: Annotated[str, Field(min_length=1, max_length=MAX_ITEM_ID_LENGTH, description="The product's item_id.")]
    location_id: Annotated[str, Field(min_length=1, max_length=MAX_LOCATION_ID_LENGTH, description="Where it is.")]
    current_stock: Annotated[Units, Field(description="Units that are in stock.")]
    committed: Annotated[
        Units | None, Field(description="Units of it that customers have ordered; omitted: as before.")
    ] = None
    expected_stock: Annotated[
        Units | None,
        Field(description="Units that the caller believes to be there; where there are others, nothing changes (409)."),
    ] = None
    reason: Annotated[Lines, Field(description="Why it differs, for the audit log.")]


class StockAtLocation(TypedDict):
    location_id: Annotated[str, Field(description="The location's id.")]
    current_stock: UnitsInStock
    committed: NotRequired[UnitsCommitted]
    updated_at: StockTime


class ItemStock(BaseModel):
    """An item's stock, in total and per location."""

    item_id: str = Field(description="The product's item_id.")
    current_stock: Quantity = Field(description="Units in stock at all locations together.")
    locations: list[StockAtLocation] = Field(description="By location_id.")
