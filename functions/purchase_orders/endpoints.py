"""HTTP surface of purchase orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import Response, request

from functions.purchase_orders import service
from functions.purchase_orders.creation import Placement
from functions.purchase_orders.revising import OrderChanges
from functions.purchase_orders.schemas import (
    ChangedOrder,
    DocumentQuery,
    EventsTask,
    EventsWritten,
    FromCart,
    NewLine,
    NewOrder,
    NewReceipt,
    OrderPage,
    OrderPath,
    OrderQuery,
    OrderRow,
    OrderView,
    PlacedOrders,
    ReceiptPage,
    ReceiptView,
    StatusChange,
)
from functions.purchase_orders.service import DetailedOrder
from shared.catalog.schema import CATALOG_ERRORS
from shared.config import config
from shared.domain.access.principal import BUYERS, EVERY_ROLE
from shared.domain.errors import InvalidLines
from shared.domain.location import LocationNotFound
from shared.domain.purchasing.cart import CartEmpty, TooManyLines
from shared.domain.purchasing.line_errors import DuplicateItem
from shared.domain.purchasing.order_filter import OrderFilter, TooManyOrders, UnknownOrderSort, parse_order_sort
from shared.domain.purchasing.order_quantity import BelowMoq, NotAPackMultiple
from shared.domain.purchasing.order_request import RequestedLine
from shared.domain.purchasing.product import ProductNotFound, SupplierNotLinked
from shared.domain.purchasing.purchase_order import (
    DeliveryBeforeOrder,
    DeliveryDateNotChangeable,
    IllegalTransition,
    InvalidQuantity,
    ItemNotOrdered,
    LocationRequired,
    OrderNotPending,
    OrderTooLarge,
    OverReceipt,
    PurchaseOrderNotFound,
    Receipt,
    ReceiptLine,
)
from shared.domain.purchasing.supplier import SupplierNotFound
from shared.domain.versions import StaleVersion
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.access import allow, errors, idempotent, internal, makes_several, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.paging import ItemsByToken, TokenPage, views_by_token
from shared.http.reply import Reply
from shared.http.routes import File
from shared.request_context import RequestContext

app = Api("purchase-orders", "Purchase orders", prefixes=("purchase-orders",))

_CHANGEABLE = ("shipping_method", "shipping_unit", "notes", "expected_delivery_date")
_DOCUMENT_TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}
_DOCUMENT = File("The file, as an attachment.", tuple(_DOCUMENT_TYPES.values()))


@app.get("/purchase-orders", summary="List purchase orders", responses={200: OrderPage})
@allow(EVERY_ROLE)
@errors(fields=(UnknownOrderSort, TooManyOrders))
def list_purchase_orders(context: RequestContext, query: OrderQuery) -> ItemsByToken[OrderRow]:
    """The newest first, or as `sort` says. A search and several sorts read all orders that the other filters leave, and
    `overdue` those that are; more than 10,000 are refused. Other lists read those of the page."""
    wanted = OrderFilter(
        statuses=tuple(query.status or ()),
        supplier_ids=tuple(query.supplier_id or ()),
        from_date=query.from_date,
        to_date=query.to_date,
        overdue_on=context.today if query.overdue else None,
        search=query.search,
    )
    page = service.orders(context, wanted, parse_order_sort(query.sort), query.request())
    return views_by_token(query, page, OrderRow.row)


@app.post("/purchase-orders", summary="Place an order", responses={201: OrderView})
@allow(BUYERS)
@idempotent
@errors(
    OrderTooLarge,
    *CATALOG_ERRORS,
    fields=(
        ProductNotFound,
        SupplierNotFound,
        SupplierNotLinked,
        LocationNotFound,
        BelowMoq,
        NotAPackMultiple,
        DuplicateItem,
        DeliveryBeforeOrder,
        InvalidLines,
    ),
)
@versioned
def create_purchase_order(context: RequestContext, body: NewOrder) -> Reply:
    """Place an order with one supplier. Ordered lines leave your cart."""
    lines = _requested(body.supplier_id, body.items)
    placement = Placement(
        body.location_id, body.shipping_method, body.shipping_unit, body.notes, body.expected_delivery_date
    )
    return _created(service.create_order(context, body.supplier_id, lines, placement))


@app.post("/purchase-orders/from-cart", summary="Order the contents of your cart", responses={201: PlacedOrders})
@allow(BUYERS)
@idempotent
@errors(
    CartEmpty,
    TooManyLines,
    OrderTooLarge,
    *CATALOG_ERRORS,
    fields=(
        ProductNotFound,
        SupplierNotFound,
        SupplierNotLinked,
        LocationNotFound,
        BelowMoq,
        NotAPackMultiple,
        InvalidLines,
    ),
)
@makes_several
def order_cart(context: RequestContext, body: FromCart) -> Reply:
    """Place one order per supplier: all of them or none."""
    placement = Placement(body.location_id, body.shipping_method, body.shipping_unit, body.notes)
    orders = service.order_cart(context, body.supplier_ids, placement)
    return Reply(PlacedOrders(orders=[OrderView.of(order) for order in orders]), 201)


@app.get("/purchase-orders/<string:order_id>", summary="Get a purchase order", responses={200: OrderView})
@allow(EVERY_ROLE)
@errors(PurchaseOrderNotFound)
@versioned
def get_purchase_order(context: RequestContext, path: OrderPath) -> Reply:
    """Return its lines, history and newest receipts."""
    return _detailed(service.order(context, path.order_id))


@app.patch("/purchase-orders/<string:order_id>", summary="Change a pending order", responses={200: OrderView})
@allow(BUYERS)
@errors(
    PurchaseOrderNotFound,
    OrderNotPending,
    OrderTooLarge,
    StaleVersion,
    *CATALOG_ERRORS,
    fields=(
        ProductNotFound,
        SupplierNotLinked,
        BelowMoq,
        NotAPackMultiple,
        DuplicateItem,
        DeliveryBeforeOrder,
        InvalidLines,
    ),
)
@versioned
def patch_purchase_order(context: RequestContext, path: OrderPath, body: ChangedOrder) -> Reply:
    """Change its lines, notes, shipping or delivery date. Honours If-Match."""
    order = service.order(context, path.order_id).order.value
    changes = OrderChanges(
        given=frozenset(body.model_fields_set),
        lines=_requested(order.supplier_id, body.items),
        **{name: getattr(body, name) for name in _CHANGEABLE},
    )
    return _detailed(service.revise_order(context, path.order_id, changes))


@app.put("/purchase-orders/<string:order_id>/status", summary="Change an order's status", responses={200: OrderView})
@allow(BUYERS)
@errors(
    PurchaseOrderNotFound,
    IllegalTransition,
    OrderTooLarge,
    StaleVersion,
    *CATALOG_ERRORS,
    fields=(
        DeliveryBeforeOrder,
        DeliveryDateNotChangeable,
        LocationRequired,
    ),
)
@versioned
def put_purchase_order_status(context: RequestContext, path: OrderPath, body: StatusChange) -> Reply:
    """Move it to one of its `allowed_moves`. `received` receives everything outstanding. Honours If-Match."""
    return _detailed(service.move_order(context, path.order_id, body.status, body.reason, body.expected_delivery_date))


@app.get(
    "/purchase-orders/<string:order_id>/receipts", summary="List an order's receipts", responses={200: ReceiptPage}
)
@allow(EVERY_ROLE)
@errors(PurchaseOrderNotFound)
def list_purchase_order_receipts(
    context: RequestContext, path: OrderPath, query: TokenPage
) -> ItemsByToken[ReceiptView]:
    """Return what arrived of the order, the newest first."""
    page = service.receipts(context, path.order_id, query.request())
    return views_by_token(query, page, ReceiptView.of)


@app.post("/purchase-orders/<string:order_id>/receipts", summary="Receive goods", responses={201: OrderView})
@allow(BUYERS)
@idempotent
@errors(
    PurchaseOrderNotFound,
    IllegalTransition,
    OrderTooLarge,
    *CATALOG_ERRORS,
    fields=(
        LocationNotFound,
        LocationRequired,
        DuplicateItem,
        ItemNotOrdered,
        InvalidQuantity,
        OverReceipt,
        InvalidLines,
    ),
)
@versioned
def create_receipt(context: RequestContext, path: OrderPath, body: NewReceipt) -> Reply:
    """Receive some lines or all of them. The order is received when nothing is outstanding."""
    receipt = Receipt(
        id=context.new_id(),
        at=context.now,
        by=context.user_id,
        location_id=body.location_id,
        lines=tuple(ReceiptLine(line.item_id, line.quantity) for line in body.lines),
        notes=body.notes,
    )
    return _created(service.receive_goods(context, path.order_id, receipt))


@app.get(
    "/purchase-orders/<string:order_id>/document", summary="Get the order for its supplier", responses={200: _DOCUMENT}
)
@allow(EVERY_ROLE)
@errors(PurchaseOrderNotFound)
def get_purchase_order_document(context: RequestContext, path: OrderPath, query: DocumentQuery) -> Response:
    """Return a PDF, or the lines as CSV. Without a format, `Accept` decides."""
    preferred = request.accept_mimetypes.best_match(("application/pdf", "text/csv"))
    format_ = query.format or ("csv" if preferred == "text/csv" else "pdf")
    file = service.order_file(context, path.order_id, format_)
    attached = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, headers=attached, content_type=_DOCUMENT_TYPES[format_])


@app.post("/purchase-orders/internal/export-events", responses={200: EventsWritten})
@internal("purchase-orders")
def export_events(body: EventsTask) -> EventsWritten:
    """Write the events of changed orders to BigQuery. Safe to run twice and to be killed halfway."""
    from functions.purchase_orders.events import export_order_events

    settings = config()
    rows_changed = export_order_events(
        settings, Tenant(database(settings), body.client_id), body.order_ids, body.receipt_ids
    )
    return EventsWritten(rows_changed=rows_changed)


def _requested(supplier_id: str, items: Sequence[NewLine]) -> list[RequestedLine]:
    return [
        RequestedLine(item.item_id, supplier_id, item.quantity, f"/items/{number}", item.unit_cost)
        for number, item in enumerate(items)
    ]


def _detailed(detailed: DetailedOrder) -> Reply:
    order = detailed.order
    return Reply(OrderView.of(order, detailed.receipts), 200, etag(order.version))


def _created(detailed: DetailedOrder) -> Reply:
    reply = _detailed(detailed)
    location = f"/api/v1/purchase-orders/{detailed.order.value.id}"
    return replace(reply, status=201, headers={"Location": location, **reply.headers})
