"""What the purchase order endpoints take and give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from typing_extensions import TypedDict

from shared.domain.money import round_quantity, round_unit_money
from shared.domain.purchasing.order_filter import OrderField
from shared.domain.purchasing.order_quantity import MAX_QUANTITY
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.purchase_order import OrderLine, OrderSummary, PurchaseOrder, Receipt
from shared.firestore.versioned import Versioned
from shared.http.app import BodyModel, QueryModel
from shared.http.identifiers import ItemId, LocationId, SupplierId
from shared.http.paging import TokenEnvelope, TokenPage
from shared.http.several import MAX_VALUES, SEVERAL
from shared.http.texts import Line, Lines, LongLines
from shared.http.types import Money, Quantity, UnitMoney

MAX_ORDER_LINES = 500
_MAX_UNIT_PRICE = 1_000_000_000


def _or_none(text: object) -> object:
    """A field that a form leaves blank is one that it does not give."""
    return None if isinstance(text, str) and not text.strip() else text


_BLANK_IS_NONE = BeforeValidator(_or_none)


Notes = Annotated[
    LongLines | None, _BLANK_IS_NONE, Field(description="What the supplier is to know; printed on the order.")
]
ShippingMethod = Annotated[
    Line | None, _BLANK_IS_NONE, Field(description="How the goods are sent, such as sea freight.")
]
ShippingUnit = Annotated[Line | None, _BLANK_IS_NONE, Field(description="What they are sent in, such as pallet.")]
Reason = Annotated[Lines | None, _BLANK_IS_NONE, Field(description="Why; kept in the order's history.")]
# 0 is below every MOQ, and is answered so.
Ordered = Annotated[Quantity, Field(ge=0, le=MAX_QUANTITY, decimal_places=3), AfterValidator(round_quantity)]
Arrived = Annotated[Quantity, Field(gt=0, le=MAX_QUANTITY, decimal_places=3), AfterValidator(round_quantity)]
Price = Annotated[UnitMoney, Field(ge=0, le=_MAX_UNIT_PRICE, decimal_places=4), AfterValidator(round_unit_money)]


class OrderPath(BaseModel):
    order_id: Annotated[str, Field(min_length=1, max_length=200)]


class OrderQuery(TokenPage):
    """Filters narrow together."""

    status: Annotated[
        list[OrderStatus] | None, SEVERAL, Field(max_length=MAX_VALUES, description="In one of these statuses.")
    ] = None
    supplier_id: Annotated[
        list[SupplierId] | None, SEVERAL, Field(max_length=MAX_VALUES, description="With one of these suppliers.")
    ] = None
    from_date: Annotated[dt.date | None, Field(description="Orders placed on this day or later.")] = None
    to_date: Annotated[dt.date | None, Field(description="Orders placed on this day or earlier.")] = None
    overdue: Annotated[bool, Field(description="true: open orders whose expected_delivery_date has passed, alone.")] = (
        False
    )
    search: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=200,
            description="A part of the PO number, of the supplier's name or id, or of an item's id, SKU or name.",
        ),
    ] = None
    sort: Annotated[
        str | None,
        Field(
            max_length=200,
            description=f"Fields, comma-separated, each after - for descending: {', '.join(OrderField)}. "
            "Default: -order_date.",
        ),
    ] = None


DocumentFormat = Literal["pdf", "csv"]


class DocumentQuery(QueryModel):
    format: Annotated[
        DocumentFormat | None, Field(description="Default: the format that `Accept` prefers, else pdf.")
    ] = None


class EventsTask(BodyModel):
    """Body of a task from Cloud Tasks."""

    client_id: str
    order_ids: list[str]
    receipt_ids: list[str]
    removed_item_ids: list[str]


class EventsWritten(BaseModel):
    rows_changed: int


class NewLine(BodyModel):
    item_id: ItemId
    quantity: Ordered
    unit_cost: Annotated[Price | None, Field(description="In the client's currency. Default: the supplier's cost.")] = (
        None
    )


class NewOrder(BodyModel):
    supplier_id: SupplierId
    items: Annotated[list[NewLine], Field(min_length=1, max_length=MAX_ORDER_LINES)]
    location_id: Annotated[LocationId | None, Field(description="Default: the client's default location.")] = None
    expected_delivery_date: Annotated[
        dt.date | None, Field(description="Default: the order date plus the longest lead time of the items.")
    ] = None
    shipping_method: ShippingMethod = None
    shipping_unit: ShippingUnit = None
    notes: Notes = None


class ChangedOrder(BodyModel):
    """Fields that are left out stay as they are."""

    items: Annotated[
        list[NewLine],
        Field(
            default_factory=list,  # left out; the document does not name it, as it is shorter than what may be sent
            min_length=1,
            max_length=MAX_ORDER_LINES,
            description="All lines that the order is to have. Without a unit_cost an item keeps that of the order.",
        ),
    ]
    expected_delivery_date: Annotated[
        dt.date | None, Field(description="null: the order date plus the longest lead time of the items.")
    ] = None
    shipping_method: ShippingMethod = None
    shipping_unit: ShippingUnit = None
    notes: Notes = None


class FromCart(BodyModel):
    supplier_ids: Annotated[
        list[SupplierId] | None, Field(min_length=1, max_length=200, description="Default: every supplier in the cart.")
    ] = None
    location_id: Annotated[LocationId | None, Field(description="Default: the client's default location.")] = None
    shipping_method: ShippingMethod = None
    shipping_unit: ShippingUnit = None
    notes: Notes = None


class StatusChange(BodyModel):
    """`received` records a receipt of everything outstanding."""

    status: OrderStatus
    reason: Reason = None
    expected_delivery_date: Annotated[dt.date | None, Field(description="Only with a confirmation.")] = None


class ArrivedLine(BodyModel):
    item_id: ItemId
    quantity: Arrived


class NewReceipt(BodyModel):
    lines: Annotated[list[ArrivedLine], Field(min_length=1, max_length=1000)]
    location_id: Annotated[
        LocationId | None, Field(description="Where the goods arrived. Default: the order's location.")
    ] = None
    notes: Annotated[
        LongLines | None, _BLANK_IS_NONE, Field(description="What there is to say about this delivery.")
    ] = None


class OrderRow(BaseModel):
    """An order in a list."""

    id: str
    po_number: str
    supplier_id: str
    supplier_name: str
    status: OrderStatus
    location_id: str | None
    currency: str
    order_date: dt.date
    expected_delivery_date: dt.date | None
    total_amount: Annotated[Money, Field(description="Sum of the lines' total_price, in `currency`")]
    line_count: int
    outstanding_line_count: int = Field(description="Number of lines that are not fully received")
    created_by: str = Field(description="The user who placed it")
    created_at: dt.datetime
    updated_at: dt.datetime | None

    @classmethod
    def row(cls, order: Versioned[OrderSummary]) -> OrderRow:
        return cls.model_construct(**vars(order.value), updated_at=order.updated_at)


class OrderPage(TokenEnvelope):
    items: list[OrderRow]


class OrderedItem(TypedDict):
    """A line of an order."""

    item_id: str
    product_name: str
    quantity: Annotated[Quantity, Field(description="Units ordered")]
    received: Annotated[Quantity, Field(description="Units that have arrived")]
    outstanding: Annotated[Quantity, Field(description="Units ordered and not yet received; at least 0")]
    unit_cost: Annotated[UnitMoney, Field(description="What a unit costs, in the order's currency")]
    total_price: Annotated[Money, Field(description="quantity x unit_cost, in the order's currency")]
    packaging_unit: Annotated[str | None, Field(description="Name of a pack, such as carton")]
    packaging_qty: Annotated[Quantity, Field(description="Units in a pack")]
    supplier_sku: Annotated[str | None, Field(description="The supplier's own number of the item")]
    lead_time_days: Annotated[int, Field(description="Days from order to delivery, as agreed when ordering")]


class HistoryView(BaseModel, populate_by_name=True):
    """A change of status. `from` is null when the order was placed."""

    at: dt.datetime
    by: str
    from_: OrderStatus | None = Field(alias="from")
    to: OrderStatus
    reason: str | None
    expected_delivery_date: dt.date | None = Field(description="The date set by this change; null: unchanged")


class ReceivedItem(TypedDict):
    """How much of an item arrived."""

    item_id: str
    quantity: Annotated[Quantity, Field(description="Units")]


class ReceiptView(BaseModel):
    """Goods of an order that arrived together."""

    id: str
    number: int = Field(description="Counts the receipts of the order, from 1")
    at: dt.datetime
    by: str = Field(description="The user who recorded it")
    location_id: str | None = Field(description="Where the goods are")
    lines: list[ReceivedItem]
    notes: str | None

    @classmethod
    def of(cls, receipt: Receipt) -> ReceiptView:
        lines: list[ReceivedItem] = [{"item_id": line.item_id, "quantity": line.quantity} for line in receipt.lines]
        return cls.model_construct(**vars(receipt) | {"lines": lines})


class ReceiptPage(TokenEnvelope):
    items: list[ReceiptView]


class OrderView(OrderRow):
    """An order with its lines, history and newest receipts."""

    shipping_method: str | None = Field(description="How the goods are sent, such as sea freight")
    shipping_unit: str | None = Field(description="What they are sent in, such as pallet")
    notes: str | None = Field(description="What the supplier is to know; printed on the order")
    allowed_moves: list[OrderStatus] = Field(description="The statuses that PUT .../status accepts now")
    items: list[OrderedItem]
    history: list[HistoryView]
    receipts: list[ReceiptView] = Field(description="The newest ones, up to 10, the newest first")
    receipt_count: int = Field(description="How many receipts there are: GET .../receipts has them all")

    @classmethod
    def of(cls, stored: Versioned[PurchaseOrder], receipts: Sequence[Receipt] = ()) -> OrderView:
        order = stored.value
        return cls.model_construct(
            **vars(order.summary),
            updated_at=stored.updated_at,
            shipping_method=order.shipping_method,
            shipping_unit=order.shipping_unit,
            notes=order.notes,
            allowed_moves=list(order.allowed_moves),
            items=[_ordered(line) for line in order.lines],
            history=[
                HistoryView(
                    at=entry.at,
                    by=entry.by,
                    from_=entry.from_status,
                    to=entry.to_status,
                    reason=entry.reason,
                    expected_delivery_date=entry.expected_delivery_date,
                )
                for entry in order.history
            ],
            receipts=[ReceiptView.of(receipt) for receipt in receipts],
            receipt_count=order.receipt_count,
        )


def _ordered(line: OrderLine) -> OrderedItem:
    return {
        "item_id": line.item_id,
        "product_name": line.product_name,
        "quantity": line.quantity,
        "received": line.received,
        "outstanding": line.outstanding,
        "unit_cost": line.unit_cost,
        "total_price": line.total_price,
        "packaging_unit": line.packaging_unit,
        "packaging_qty": line.packaging_qty,
        "supplier_sku": line.supplier_sku,
        "lead_time_days": line.lead_time_days,
    }


class PlacedOrders(BaseModel):
    orders: list[OrderView]
