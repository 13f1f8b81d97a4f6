"""What the inventory endpoints take and give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, NotRequired, Self

from pydantic import BaseModel, Field, model_validator
from typing_extensions import TypedDict

from shared.catalog.listing import ProductFilter
from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.planning.stock_status import StockStatus
from shared.domain.purchasing.order_quantity import MAX_QUANTITY
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH
from shared.domain.purchasing.stock_transfer import StockTransfer
from shared.firestore.transfers import MAX_COMBINATIONS
from shared.http.app import BodyModel
from shared.http.identifiers import ItemId, LocationId
from shared.http.paging import NumberedPage, PageEnvelope, TokenEnvelope, TokenPage
from shared.http.product_filter import product_filter, with_product_filters
from shared.http.several import MAX_VALUES, SEVERAL
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


class TransferBody(BodyModel):
    """What to move, from where, and to where."""

    item_id: Annotated[ItemId, Field(description="The product's item_id.")]
    from_location_id: Annotated[LocationId, Field(description="Where the stock is.")]
    to_location_id: Annotated[LocationId, Field(description="Where it goes: another location.")]
    quantity: Annotated[Quantity, Field(gt=0, le=MAX_QUANTITY, decimal_places=3, description="Units to move.")]
    expected_stock: Annotated[
        Units | None,
        Field(
            description="Units that the caller believes to be where it comes from; where there are others, nothing "
            "moves (409)."
        ),
    ] = None
    reason: Annotated[Lines | None, Field(description="Why it moves, for the list and the audit log.")] = None


class TransferPath(BaseModel):
    transfer_id: Annotated[str, Field(min_length=1, max_length=200, description="The transfer's id.")]


class TransferQuery(TokenPage):
    """Filters narrow together, several values of one to any of them: 30 combinations of an item and a location at
    most."""

    item_id: Annotated[
        list[ItemId] | None, SEVERAL, Field(max_length=MAX_VALUES, description="Of one of these products.")
    ] = None
    location_id: Annotated[
        list[LocationId] | None, SEVERAL, Field(max_length=MAX_VALUES, description="From or to one of these locations.")
    ] = None
    from_date: Annotated[dt.date | None, Field(description="Moved on this day (UTC) or later.")] = None
    to_date: Annotated[dt.date | None, Field(description="Moved on this day (UTC) or earlier.")] = None

    @model_validator(mode="after")
    def _few_combinations(self) -> Self:
        combinations = max(len(self.item_id or ()), 1) * max(len(self.location_id or ()), 1)
        if combinations > MAX_COMBINATIONS:
            raise ValueError(f"item_id and location_id make {combinations} combinations; allowed: {MAX_COMBINATIONS}")
        return self


class TransferView(BaseModel):
    """Stock that was moved. It stays as it is."""

    id: str = Field(description="The transfer's id.")
    item_id: str = Field(description="The product's item_id.")
    from_location_id: str = Field(description="The location that it came from.")
    to_location_id: str = Field(description="The location that it went to.")
    quantity: Quantity = Field(description="Units moved.")
    reason: str | None = Field(description="Why, where a reason was given.")
    created_by: str = Field(description="The user who moved it.")
    created_at: dt.datetime = Field(description="When it was moved.")

    @classmethod
    def of(cls, transfer: StockTransfer) -> TransferView:
        return cls(**vars(transfer))


class TransferPage(TokenEnvelope):
    items: list[TransferView]
