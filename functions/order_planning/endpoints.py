"""HTTP surface of order planning."""

from __future__ import annotations

from functions.order_planning import service, transfers
from functions.order_planning.schemas import (
    AddBody,
    AddedSuggestions,
    AddSuggestionsBody,
    CartChange,
    CartLineQuery,
    CartPath,
    CartView,
    QuantityBody,
    SuggestionQuery,
    Suggestions,
)
from functions.order_planning.selection import Limits, SuggestionFilter
from functions.order_planning.transfer_schemas import (
    SuggestedTransfer,
    SuggestedTransferPage,
    SuggestedTransferQuery,
)
from shared.catalog.schema import CATALOG_ERRORS
from shared.domain.access.principal import BUYERS, EVERY_ROLE
from shared.domain.errors import InvalidLines
from shared.domain.planning.recommendation import RecommendationNotFound, RecommendsNoOrder
from shared.domain.purchasing.cart import CartFull, CartLineNotFound, QuantityTooLarge, SupplierAmbiguous
from shared.domain.purchasing.line_errors import DuplicateItem
from shared.domain.purchasing.order_quantity import BelowMoq, NotAPackMultiple
from shared.domain.purchasing.product import ProductNotFound, SupplierNotLinked
from shared.domain.versions import StaleVersion
from shared.http.access import allow, errors, idempotent, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.from_catalog import from_catalog, reads_catalog
from shared.http.paging import NumberedItems, numbered
from shared.http.reply import Reply
from shared.request_context import RequestContext

app = Api("order-planning", "Order planning", prefixes=("order-planning",))


@app.get("/order-planning/suggestions", summary="List what to order now", responses={200: Suggestions})
@allow(EVERY_ROLE)
@reads_catalog
@errors(*CATALOG_ERRORS)
def list_suggestions(context: RequestContext, query: SuggestionQuery) -> Suggestions:
    """Return the items that an order is due for: how much of each to order, from whom, and why, those first of which
    most sales are at risk. Pages count lines.

    `top` and `budget` leave out the rest, before pages are made; `budget` says what that risks. An item whose URGENT
    or REORDER was dismissed is left out until that ends, and counted in `snoozed`. The lines of a page are grouped by
    supplier, with the amount below the supplier's minimum order value and the items that would fill it.
    """
    narrowed = SuggestionFilter(
        query.location_id, tuple(query.supplier_id or ()), tuple(query.category or ()), query.min_risk
    )
    buyer = context.principal.role in BUYERS or context.principal.platform
    limits = Limits(query.top, query.budget)
    return service.current_suggestions(context, narrowed, limits, query.page, query.page_size, with_cart=buyer)


@app.get(
    "/order-planning/transfers",
    summary="List stock to move between locations",
    responses={200: SuggestedTransferPage},
)
@allow(EVERY_ROLE)
@from_catalog
@errors(*CATALOG_ERRORS)
def list_suggested_transfers(
    context: RequestContext, query: SuggestedTransferQuery
) -> NumberedItems[SuggestedTransfer]:
    """Return what one location has beyond its own order-up-to level and another lacks, those first that save most
    sales. `POST /inventory/transfers` moves it.
    """
    return numbered(query, *transfers.suggested_transfers(context, query))


@app.get("/order-planning/cart", summary="Get your cart", responses={200: CartView})
@allow(BUYERS)
@reads_catalog
@errors(*CATALOG_ERRORS)
@versioned
def get_cart(context: RequestContext) -> Reply:
    """Return its lines by supplier, with totals. A line that cannot be ordered as it is has an `error` that says
    why."""
    cart, version = service.current_cart(context)
    return Reply(cart, headers=etag(version))


@app.post("/order-planning/cart/add", summary="Add to your cart", responses={200: CartChange})
@allow(BUYERS)
@idempotent
@errors(
    ProductNotFound,
    CartFull,
    *CATALOG_ERRORS,
    fields=(
        SupplierNotLinked,
        BelowMoq,
        NotAPackMultiple,
        QuantityTooLarge,
    ),
)
def add_to_cart(context: RequestContext, body: AddBody) -> CartChange:
    """The quantity is added to a line that is already there. Warns when the stock outlasts the arrival of an
    order, or the item has not sold for long."""
    return service.add(context, body.item_id, body.supplier_id, body.quantity)


@app.post(
    "/order-planning/cart/add-suggestions", summary="Add suggestions to your cart", responses={200: AddedSuggestions}
)
@allow(BUYERS)
@idempotent
@errors(
    CartFull,
    *CATALOG_ERRORS,
    fields=(RecommendationNotFound, RecommendsNoOrder, BelowMoq, NotAPackMultiple, DuplicateItem, InvalidLines),
)
def add_suggestions_to_cart(context: RequestContext, body: AddSuggestionsBody) -> AddedSuggestions:
    """Add all current suggestions under the filters, or those of the named items or recommendations: the first `top`
    of them, what the `budget` buys. Lines already in the cart stay as they are, and count in both. An item is added in
    its own `quantity` where one is given, which the budget reckons with.
    """
    suppliers, categories = (() if value is None else (value,) for value in (body.supplier_id, body.category))
    narrowed = SuggestionFilter(body.location_id, suppliers, categories, body.min_risk)
    limits = Limits(body.top, body.budget)
    return service.add_suggestions(context, narrowed, limits, service.chosen(body.items, body.recommendations))


@app.post("/order-planning/cart/clear", summary="Empty your cart", responses={204: None})
@allow(BUYERS)
def clear_cart(context: RequestContext) -> None:
    """Remove every line."""
    service.clear(context)


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
    ),
)
def put_cart_line(context: RequestContext, path: CartPath, query: CartLineQuery, body: QuantityBody) -> CartChange:
    """Give `supplier_id` when two lines share the item. Honours If-Match with the ETag of the cart."""
    return service.change(context, path.item_id, query.supplier_id, body.quantity)


@app.delete("/order-planning/cart/<item_id:item_id>", summary="Remove a line", responses={204: None})
@allow(BUYERS)
@errors(CartLineNotFound, SupplierAmbiguous, StaleVersion)
def delete_cart_line(context: RequestContext, path: CartPath, query: CartLineQuery) -> None:
    """Give `supplier_id` when two lines share the item. Honours If-Match with the ETag of the cart."""
    service.remove(context, path.item_id, query.supplier_id)
