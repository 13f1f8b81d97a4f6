"""HTTP surface of purchase orders."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request

from functions.purchase_orders import service
from functions.purchase_orders.schemas import (
    DocumentQuery,
    EventsTask,
    EventsWritten,
    FromCart,
    NewOrder,
    NewReceipt,
    OrderPage,
    OrderPath,
    OrderQuery,
    OrderView,
    PlacedOrders,
    StatusChange,
    order_view,
)
from shared.catalog.schema import CATALOG_ERRORS
from shared.config import config
from shared.domain.access.principal import BUYERS, EVERY_ROLE
from shared.domain.errors import InvalidLines
from shared.domain.location import LocationNotFound
from shared.domain.purchasing.cart import CartEmpty, TooManyLines
from shared.domain.purchasing.line_errors import DuplicateItem
from shared.domain.purchasing.order_filter import OrderFilter
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
    OrderTooLarge,
    OverReceipt,
    PurchaseOrder,
    PurchaseOrderNotFound,
    Receipt,
    ReceiptLine,
)
from shared.domain.purchasing.supplier import SupplierNotFound
from shared.domain.versions import StaleVersion
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.access import actor, allow, errors, internal, request_context, tenant
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.idempotency import ERRORS as IDEMPOTENCY_ERRORS
from shared.http.idempotency import once
from shared.http.paging import by_token
from shared.http.reply import Answer

app = Api("purchase-orders", "Purchase orders", prefixes=("purchase-orders",))

_DOCUMENT_TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}
_DOCUMENT = {
    "description": "The file, as an attachment.",
    "content": {media_type: {"schema": {"type": "string"}} for media_type in _DOCUMENT_TYPES.values()},
}


@app.get("/purchase-orders", summary="List purchase orders, newest first", responses={200: OrderPage})
@allow(EVERY_ROLE)
def list_orders(query: OrderQuery) -> dict[str, Any]:
    """Ordered by order date, then by number."""
    wanted = OrderFilter(tuple(query.status or ()), query.supplier_id, query.from_date, query.to_date)
    found, following = service.page(tenant(), query.page_size, query.position(), wanted)
    return vars(by_token(query, [vars(order) for order in found], following))


@app.post("/purchase-orders", summary="Place an order", responses={201: OrderView})
@allow(BUYERS)
@errors(
    OrderTooLarge,
    *CATALOG_ERRORS,
    *IDEMPOTENCY_ERRORS,
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
def create_order(body: NewOrder) -> Response:
    """Place an order with one supplier. Ordered lines leave your cart."""
    owner, buyer = tenant(), actor()
    lines = [
        RequestedLine(one.item_id, body.supplier_id, one.quantity, f"/items/{number}", one.unit_price)
        for number, one in enumerate(body.items)
    ]

    def act() -> Answer:
        order, version = service.create_order(
            config(),
            owner,
            buyer,
            body.supplier_id,
            lines,
            request_id=request_context().request_id,
            location_id=body.location_id,
            expected_delivery_date=body.expected_delivery_date,
            note=body.note,
        )
        return order_view(order), 201, {"Location": f"/api/v1/purchase-orders/{order.id}"} | etag(version)

    return once(request_context(), body.model_dump_json(), act)


@app.post("/purchase-orders/from-cart", summary="Order the contents of your cart", responses={201: PlacedOrders})
@allow(BUYERS)
@errors(
    CartEmpty,
    TooManyLines,
    OrderTooLarge,
    *CATALOG_ERRORS,
    *IDEMPOTENCY_ERRORS,
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
def order_cart(body: FromCart) -> Response:
    """Place one order per supplier: all of them or none."""
    owner, buyer = tenant(), actor()

    def act() -> Answer:
        orders = service.order_cart(
            config(),
            owner,
            buyer,
            body.supplier_ids,
            request_id=request_context().request_id,
            location_id=body.location_id,
            note=body.note,
        )
        return {"orders": [order_view(order) for order in orders]}, 201, {}

    return once(request_context(), body.model_dump_json(), act)


@app.get("/purchase-orders/<string:order_id>", summary="Get a purchase order", responses={200: OrderView})
@allow(EVERY_ROLE)
@errors(PurchaseOrderNotFound)
def get_order(path: OrderPath) -> Any:
    """Return its lines, history and receipts."""
    return _answer(*service.order(tenant(), path.order_id))


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
def put_status(path: OrderPath, body: StatusChange) -> Any:
    """Move it to one of its `allowed_moves`. `received` receives everything outstanding. Honours If-Match."""
    order, version = service.move_order(
        config(),
        tenant(),
        actor(),
        path.order_id,
        body.status,
        reason=body.reason,
        expected_delivery_date=body.expected_delivery_date,
    )
    return _answer(order, version)


@app.post("/purchase-orders/<string:order_id>/receipts", summary="Receive goods", responses={201: OrderView})
@allow(BUYERS)
@errors(
    PurchaseOrderNotFound,
    IllegalTransition,
    OrderTooLarge,
    *CATALOG_ERRORS,
    *IDEMPOTENCY_ERRORS,
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
def create_receipt(path: OrderPath, body: NewReceipt) -> Response:
    """Receive some lines or all of them. The order is received when nothing is outstanding."""
    owner, clerk = tenant(), actor()

    def act() -> Answer:
        receipt = Receipt(
            id=request_context().request_id or uuid.uuid4().hex,
            at=clerk.at,
            by=clerk.user_id,
            location_id=body.location_id,
            lines=tuple(ReceiptLine(one.item_id, one.quantity) for one in body.lines),
            note=body.note,
        )
        order, version = service.receive_goods(config(), owner, clerk, path.order_id, receipt)
        return order_view(order), 201, {"Location": f"/api/v1/purchase-orders/{order.id}"} | etag(version)

    return once(request_context(), body.model_dump_json(), act)


@app.get(
    "/purchase-orders/<string:order_id>/document", summary="Get the order for its supplier", responses={200: _DOCUMENT}
)
@allow(EVERY_ROLE)
@errors(PurchaseOrderNotFound)
def get_document(path: OrderPath, query: DocumentQuery) -> Response:
    """Return a PDF, or the lines as CSV. Without a format, `Accept` decides."""
    preferred = request.accept_mimetypes.best_match(("application/pdf", "text/csv"))
    format_ = query.format or ("csv" if preferred == "text/csv" else "pdf")
    name, content = service.order_file(tenant(), path.order_id, format_)
    attached = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=attached, content_type=_DOCUMENT_TYPES[format_])


@app.post("/purchase-orders/internal/export-events", responses={200: EventsWritten})
@internal("purchase-orders")
def export_events(body: EventsTask) -> dict[str, int]:
    """Write the events of changed orders to BigQuery. Safe to run twice and to be killed halfway."""
    from functions.purchase_orders.events import export_order_events

    written = export_order_events(config(), Tenant(database(config()), body.client_id), body.order_ids)
    return {"rows_changed": written}


def _answer(order: PurchaseOrder, version: str) -> Any:
    return order_view(order), 200, etag(version)
