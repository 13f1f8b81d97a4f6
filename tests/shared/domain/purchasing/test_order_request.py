"""What may be ordered of whom, and at which price."""

from __future__ import annotations

from decimal import Decimal

from shared.domain.purchasing.order_request import RequestedLine, order_line, repeated_line_errors, request_errors
from shared.domain.purchasing.product import Condition


def condition(item_id: str = "a") -> Condition:
    return Condition(item_id, "acme", "Acme Ltd", 9, Decimal(12), Decimal(6), Decimal("1.75"), is_primary=True)


def requested(item_id: str = "a", quantity: str = "12", price: str | None = None, at: int = 0) -> RequestedLine:
    return RequestedLine(item_id, "acme", Decimal(quantity), f"/items/{at}", None if price is None else Decimal(price))


def test_a_line_takes_the_suppliers_price_and_lead_time() -> None:
    line = order_line(requested(quantity="18"), condition(), "Lantern")
    assert (line.unit_cost, line.lead_time_days, line.product_name) == (Decimal("1.75"), 9, "Lantern")
    assert (str(line.quantity), str(line.received), line.total_price) == ("18.000", "0.000", Decimal("31.50"))


def test_a_price_that_is_given_holds_a_gift_too() -> None:
    assert order_line(requested(price="1.5"), condition(), "Lantern").unit_cost == Decimal("1.50")
    assert order_line(requested(price="0"), condition(), "Lantern").total_price == 0


def test_what_the_conditions_allow_is_no_error() -> None:
    assert request_errors([requested(quantity="12"), requested(quantity="18")], {("a", "acme"): condition()}) == []


def test_every_wrong_line_is_named_with_what_is_allowed() -> None:
    wanted = [requested(quantity="6"), requested(quantity="13", at=1), requested("b", at=2)]
    errors = request_errors(wanted, {("a", "acme"): condition()})
    assert [(one.pointer, one.code) for one in errors] == [
        ("/items/0/quantity", "below_moq"),
        ("/items/1/quantity", "not_a_pack_multiple"),
        ("/items/2/item_id", "supplier_not_linked"),
    ]
    assert errors[2].detail == ("supplier 'acme' is not linked to product 'b'")


def test_an_item_has_one_line_a_supplier() -> None:
    other = RequestedLine("a", "bolt", Decimal(1), "/items/1")
    errors = repeated_line_errors([requested(), other, requested(at=2), requested("b", at=3), requested(at=4)])
    assert [(error.pointer, error.code) for error in errors] == [
        ("/items/2/item_id", "duplicate_item"),
        ("/items/4/item_id", "duplicate_item"),
    ]
