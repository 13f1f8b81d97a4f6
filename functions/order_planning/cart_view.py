"""A cart as its buyer sees it: lines with their terms, what is wrong with them, and totals per supplier."""

from __future__ import annotations

from decimal import Decimal

from functions.order_planning.schemas import CartGroup, CartLineView, CartView, Notice, Totals
from functions.order_planning.terms import ItemRow, LineTerms, not_linked, terms_of
from shared.catalog.live import Catalog
from shared.domain.errors import StockcastError
from shared.domain.money import plain, round_quantity, round_unit_money
from shared.domain.planning.replenishment import line_cost, shortfall, unsold_for
from shared.domain.purchasing.cart import Cart, CartLine
from shared.domain.purchasing.order_quantity import quantity_error
from shared.domain.settings import Settings
from shared.firestore.tenant import Tenant

_NOTHING = Decimal("0.00")


def cart_view(tenant: Tenant, catalog: Catalog, cart: Cart) -> CartView:
    """The cart's lines grouped by supplier, in the order in which they came."""
    terms = terms_of(tenant, catalog, cart.pairs)
    minimums = dict(catalog.suppliers.select("supplier_id", "minimum_order_value").iter_rows())
    names = dict(catalog.suppliers.select("supplier_id", "name").iter_rows())
    lines_of: dict[str, list[CartLineView]] = {}
    for line in cart.lines:
        view = line_view(line, terms[line.pair], catalog.settings)
        lines_of.setdefault(line.supplier_id, []).append(view)
    groups = []
    for supplier_id, lines in lines_of.items():
        total = sum((line["total_price"] for line in lines if line["total_price"] is not None), _NOTHING)
        minimum = minimums.get(supplier_id)
        groups.append(
            CartGroup.model_construct(
                supplier_id=supplier_id,
                supplier_name=names.get(supplier_id, lines[0]["supplier_name"]),
                lines=lines,
                total_cost=total,
                minimum_order_value=minimum,
                shortfall=shortfall(total, minimum),
            )
        )
    return CartView.model_construct(
        groups=groups,
        totals=Totals(lines=len(cart.lines), cost=sum((group.total_cost for group in groups), _NOTHING)),
        as_of=catalog.pointer.as_of,
    )


def line_view(line: CartLine, terms: LineTerms, settings: Settings) -> CartLineView:
    """A line with its terms, its warnings, and why it cannot be ordered as it is."""
    condition = terms.condition
    if condition is None:
        refusal: StockcastError | None = not_linked(line.pair)
    else:
        refusal = quantity_error(line.quantity, condition, "/quantity")
    return CartLineView(
        item_id=line.item_id,
        product_name=None if terms.row is None else terms.row["product_name"],
        supplier_id=line.supplier_id,
        supplier_name=None if condition is None else condition.supplier_name,
        quantity=line.quantity,
        unit_cost=None if condition is None else round_unit_money(condition.supplier_cost),
        total_price=None if condition is None else line_cost(line.quantity, condition.supplier_cost),
        moq=None if condition is None else round_quantity(condition.moq),
        packaging_qty=None if condition is None else round_quantity(condition.packaging_qty),
        lead_time_days=None if condition is None else condition.lead_time_days,
        added_at=line.added_at,
        warnings=[] if condition is None else _warnings(terms, condition.lead_time_days, settings),
        error=None if refusal is None else Notice(code=refusal.code, detail=refusal.detail),
    )


def _warnings(terms: LineTerms, lead_time_days: int, settings: Settings) -> list[Notice]:
    """Why the order may be one too many; it can be placed all the same."""
    row = terms.row
    if row is None:
        return []
    warnings = (_already_covered(row, lead_time_days, settings), _unsold(row))
    return [warning for warning in warnings if warning is not None]


def _already_covered(row: ItemRow, lead_time_days: int, settings: Settings) -> Notice | None:
    """Whether stock on hand outlasts lead time and safety buffer: then the order can wait."""
    window = lead_time_days + settings.safety_buffer_days
    stock, lasts = row["current_stock"], row["dir"]
    if lasts is None and stock > 0:
        return Notice(code="already_covered", detail=f"nothing is expected to sell, and {plain(stock)} are in stock")
    if lasts is None or lasts <= window:
        return None
    return Notice(
        code="already_covered",
        detail=f"the stock of {plain(stock)} lasts {lasts:g} days, longer than the {window} of lead time "
        f"({lead_time_days}) and safety buffer ({settings.safety_buffer_days})",
    )


def _unsold(row: ItemRow) -> Notice | None:
    """Whether the item has not sold for so long that an order may stay on the shelf."""
    detail = unsold_for(row["lifecycle"], row["last_sale"], row["as_of"])
    return None if detail is None else Notice(code=row["lifecycle"], detail=detail)
