"""What the inventory endpoints take and give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints
from typing_extensions import TypedDict

from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.planning.stock_status import StockStatus
from shared.domain.purchasing.order_quantity import MAX_QUANTITY
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH
from shared.http.app import BodyModel
from shared.http.paging import NumberedPage, PageEnvelope
from shared.http.types import Money, Quantity


class MetricsRefreshBody(BodyModel):
    """How to refresh; an empty object for the usual refresh."""

    rebuild: Annotated[
        bool,
        Field(description="Read products, stock and purchase terms from their documents instead of the last snapshot."),
    ] = False


class CompactionResult(BaseModel):
    started: int


class StockQuery(NumberedPage):
    """Filters narrow together."""

    item_id: str | None = None
    location_id: str | None = None
    search: Annotated[str | None, Field(max_length=200, description="In item_id, sku, name or category.")] = None


class StockRow(TypedDict):
    """An item's stock at a location, as the catalog's frame has it."""

    item_id: str
    product_name: str
    location_id: str
    current_stock: Quantity
    on_order: Quantity
    inventory_value: Money
    status: StockStatus
    as_of: dt.date


class StockPage(PageEnvelope):
    items: list[StockRow]


class StockCorrection(BodyModel):
    """The counted stock, and why it differs."""

    item_id: Annotated[str, Field(min_length=1, max_length=MAX_ITEM_ID_LENGTH)]
    location_id: Annotated[str, Field(min_length=1, max_length=MAX_LOCATION_ID_LENGTH)]
    current_stock: Annotated[Quantity, Field(ge=0, le=MAX_QUANTITY, decimal_places=3)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class StockAtLocation(BaseModel):
    location_id: str
    current_stock: Quantity


class ItemStock(BaseModel):
    """An item's stock, in total and per location."""

    item_id: str
    current_stock: Quantity
    locations: list[StockAtLocation]
