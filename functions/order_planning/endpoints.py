"""HTTP surface of order planning."""

from __future__ import annotations

from typing import Any

from flask import Response

from functions.order_planning import service
from functions.order_planning.schemas import (
    AddBody,
    AddedSuggestions,
    AddSuggestionsBody,
    Cart,
    CartChange,
    CartLineQuery,
    CartPath,
    QuantityBody,
    SuggestionQuery,
    Suggestions,
)
from functions.order_planning.suggestions import Wanted
from shared.catalog.schema import CATALOG_ERRORS
from shared.domain.access.principal import BUYERS, EVERY_ROLE
from shared.domain.purchasing.cart import CartFull, CartLineNotFound, QuantityTooLarge, SupplierAmbiguous
from shared.domain.purchasing.order_quantity import BelowMoq, NotAPackMultiple
from shared.domain.purchasing.product import ProductNotFound, SupplierNotLinked
from shared.domain.versions import StaleVersion
from shared.http.access import allow, errors, now, principal, request_context, tenant
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.idempotency import ERRORS as IDEMPOTENCY_ERRORS
from shared.http.idempotency import once

app = Api("order-planning", "Order planning", prefixes=("order-planning",))


@app.get("/order-planning/suggestions", summary="List what to order now", responses={200: Suggestions})
@allow(EVERY_ROLE)
@errors(*CATALOG_ERRORS)
def list_suggestions(query: SuggestionQuery) -> dict[str, Any]:
    """Return items at risk, and items whose stock would not last until an order arrives: how much of each to order,
    from whom, and why.

    Suggestions are grouped by supplier, with the amount below the supplier's minimum order value and the items that
    would fill it.
    """
    caller = principal()
    buyer = caller.role in BUYERS or caller.platform
    wanted = Wanted(query.location_id, query.supplier_id, query.min_risk)
    return service.current_suggestions(tenant(), wanted, caller.user_id if buyer else None)


@app.get("/order-planning/cart", summary="Get your cart", responses={200: Cart})
@allow(BUYERS)
@errors(*CATALOG_ERRORS)
def get_cart() -> Any:
    """Return its lines by supplier, with totals. A line that cannot be ordered as it is has an `error` that says
    why."""
    cart, version = service.cart(tenant(), principal().user_id)
    return cart, 200, etag(version)


@app.post("/order-planning/cart/add", summary="Add to your cart", responses={200: CartChange})
@allow(BUYERS)
@errors(
    ProductNotFound,
    CartFull,
    *CATALOG_ERRORS,
    *IDEMPOTENCY_ERRORS,
    fields=(
        SupplierNotLinked,
        BelowMoq,
        NotAPackMultiple,
        QuantityTooLarge,
    ),
)
def add_to_cart(body: AddBody) -> Response:
    """The quantity is added to a line that is already there. Warns when the stock outlasts the arrival of an order."""
    owner, user_id, moment = tenant(), principal().user_id, now()
    return once(
        request_context(),
        body.model_dump_json(),
        lambda: (
            service.add(
                owner, user_id, body.item_id, body.supplier_id, body.quantity, moment, request_context().request_id
            ),
            200,
            {},
        ),
    )


@app.post(
    "/order-planning/cart/add-suggestions", summary="Add suggestions to your cart", responses={200: AddedSuggestions}
)
@allow(BUYERS)
@errors(CartFull, *CATALOG_ERRORS, *IDEMPOTENCY_ERRORS)
def add_suggestions_to_cart(body: AddSuggestionsBody) -> Response:
    """Add all current suggestions under the filters, or those of the named items. Lines already in the cart stay as
    they are.
    """
    owner, user_id, moment = tenant(), principal().user_id, now()
    wanted = Wanted(body.location_id, body.supplier_id, body.min_risk)
    item_ids = None if body.items is None else [one.item_id for one in body.items]
    return once(
        request_context(),
        body.model_dump_json(),
        lambda: (service.add_suggestions(owner, user_id, wanted, item_ids, moment), 200, {}),
    )


@app.post("/order-planning/cart/clear", summary="Empty your cart", responses={204: None})
@allow(BUYERS)
def clear_cart() -> None:
    """Remove every line."""
    service.clear(tenant(), principal().user_id)


@app.put("/order-planning/cart/<item_id:item_id>", summary="Change a line's quantity", responses={200: CartChange})
@allow(BUYERS)
@errors(
    CartLineNotFound,
    SupplierAmbiguous,
    ProductNotFound,
    StaleVersion,
    *CATALOG_ERRORS,
    fields=(
        SupplierNotLinked,
        BelowMoq,
        NotAPackMultiple,
        QuantityTooLarge,
    ),
)
def put_cart_line(path: CartPath, query: CartLineQuery, body: QuantityBody) -> dict[str, Any]:
    """Give `supplier_id` when two lines share the item. Honours If-Match with the ETag of the cart."""
    return service.change(tenant(), principal().user_id, path.item_id, query.supplier_id, body.quantity)


@app.delete("/order-planning/cart/<item_id:item_id>", summary="Remove a line", responses={204: None})
@allow(BUYERS)
@errors(CartLineNotFound, SupplierAmbiguous, StaleVersion)
def delete_cart_line(path: CartPath, query: CartLineQuery) -> None:
    """Give `supplier_id` when two lines share the item. Honours If-Match with the ETag of the cart."""
    service.remove(tenant(), principal().user_id, path.item_id, query.supplier_id)
