"""A cart as its buyer sees it: lines with their terms, what is wrong with them, and totals per supplier."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from functions.order_planning.terms import LineTerms, not_linked, terms_of
from shared.catalog.live import Catalog
from shared.domain.money import round_money, round_quantity
from shared.domain.planning.replenishment import line_cost, shortfall
from shared.domain.purchasing.cart import Cart, CartLine
from shared.domain.purchasing.order_quantity import quantity_error
from shared.domain.settings import Settings
from shared.firestore.tenant import Tenant

_NOTHING = Decimal("0.00")


def cart_view(tenant: Tenant, catalog: Catalog, cart: Cart) -> dict[str, Any]:
    """The cart's lines grouped by supplier, in the order in which they came."""
    terms = terms_of(tenant, catalog, cart.pairs)
    minimums = dict(catalog.suppliers.select("supplier_id", "minimum_order_value").iter_rows())
    names = dict(catalog.suppliers.select("supplier_id", "name").iter_rows())
    lines_of: dict[str, list[dict[str, Any]]] = {}
    for line in cart.lines:
        shown = line_view(line, terms[line.pair], catalog.pointer.settings)
        lines_of.setdefault(line.supplier_id, []).append(shown)
    totals = {
        supplier_id: sum((line["line_total"] for line in lines if line["line_total"] is not None), _NOTHING)
        for supplier_id, lines in lines_of.items()
    }
    groups = [
        {
            "supplier_id": supplier_id,
            "supplier_name": names.get(supplier_id, lines[0]["supplier_name"]),
            "lines": lines,
            "total_cost": totals[supplier_id],
            "minimum_order_value": minimums.get(supplier_id),
            "shortfall": shortfall(totals[supplier_id], minimums.get(supplier_id)),
        }
        for supplier_id, lines in lines_of.items()
    ]
    return {
        "groups": groups,
        "total_lines": len(cart.lines),
        "total_cost": sum(totals.values(), _NOTHING),
        "as_of": catalog.pointer.as_of,
    }


def line_view(line: CartLine, terms: LineTerms, settings: Settings) -> dict[str, Any]:
    """A line with its terms, its warnings, and why it cannot be ordered as it is."""
    condition = terms.condition
    shown: dict[str, Any] = {
        "item_id": line.item_id,
        "product_name": None if terms.row is None else terms.row["product_name"],
        "supplier_id": line.supplier_id,
        "quantity": line.quantity,
        "added_at": line.added_at,
    }
    if condition is None:
        refusal = not_linked(line.pair)
        terms_shown = ("supplier_name", "unit_price", "line_total", "moq", "packaging_qty", "lead_time_days")
        return shown | dict.fromkeys(terms_shown) | {"warnings": [], "error": _notice(refusal.code, refusal.detail)}
    wrong = quantity_error(line.quantity, condition, "/quantity")
    return shown | {
        "supplier_name": condition.supplier_name,
        "unit_price": round_money(condition.supplier_cost),
        "line_total": line_cost(line.quantity, condition.supplier_cost),
        "moq": round_quantity(condition.moq),
        "packaging_qty": round_quantity(condition.packaging_qty),
        "lead_time_days": condition.lead_time_days,
        "warnings": _warnings(terms, condition.lead_time_days, settings),
        "error": None if wrong is None else _notice(wrong.code, wrong.detail),
    }


def _warnings(terms: LineTerms, lead_time_days: int, settings: Settings) -> list[dict[str, str]]:
    """Whether stock on hand outlasts lead time and safety buffer: then the order can wait."""
    row = terms.row
    if row is None:
        return []
    window = lead_time_days + settings.safety_buffer_days
    stock, lasts = row["current_stock"], row["dir"]
    if lasts is None and stock > 0:
        detail = f"nothing is expected to sell, and {stock} are in stock"
        return [_notice("already_covered", detail)]
    if lasts is not None and lasts > window:
        detail = (
            f"the stock of {stock} lasts {lasts:g} days, longer than the {window} of lead time ({lead_time_days}) and "
            f"safety buffer ({settings.safety_buffer_days})"
        )
        return [_notice("already_covered", detail)]
    return []


def _notice(code: str, detail: str) -> dict[str, str]:
    return {"code": code, "detail": detail}
