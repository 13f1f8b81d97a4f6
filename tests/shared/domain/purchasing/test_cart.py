"""A cart's changes: nothing is lost, nothing is there twice, and what is refused is named."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Conflict, Invalid, NotFound
from shared.domain.purchasing.cart import MAX_CART_LINES, MAX_ID_BYTES, Cart, CartLine

AT = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)


def line(item_id: str, supplier_id: str = "acme", quantity: str = "12") -> CartLine:
    return CartLine(item_id, supplier_id, Decimal(quantity), AT)


LINES = st.builds(
    line,
    st.sampled_from(["A", "B", "C"]),
    st.sampled_from(["acme", "fast"]),
    st.integers(1, 1000).map(str),
)


@given(st.lists(LINES))
def test_what_is_added_adds_up_per_item_and_supplier(added: list[CartLine]) -> None:
    cart = Cart("one")
    for one in added:
        cart = cart.adding(one)
    assert {one.pair: one.quantity for one in cart.lines} == {
        pair: sum(one.quantity for one in added if one.pair == pair) for pair in {one.pair for one in added}
    }
    assert [one.pair for one in cart.lines] == list(dict.fromkeys(one.pair for one in added))


@given(st.lists(LINES), st.lists(LINES))
def test_new_lines_leave_those_alone_that_are_there(there: list[CartLine], more: list[CartLine]) -> None:
    cart = Cart("one").with_new(there)
    grown = cart.with_new(more)
    assert grown.lines[: len(cart.lines)] == cart.lines
    assert grown.pairs == cart.pairs | {one.pair for one in more}
    assert grown.with_new(more) == grown


@given(st.lists(LINES), st.lists(LINES))
def test_lines_that_are_taken_out_are_gone_and_no_others(there: list[CartLine], gone: list[CartLine]) -> None:
    cart = Cart("one").with_new(there)
    left = cart.without([one.pair for one in gone])
    assert left.pairs == cart.pairs - {one.pair for one in gone}
    assert set(left.lines) <= set(cart.lines)


def test_a_quantity_is_changed_in_its_place() -> None:
    cart = Cart("one", (line("A"), line("A", "fast"), line("B")))
    changed = cart.changing(("A", "fast"), Decimal(30))
    assert changed.lines == (line("A"), line("A", "fast", "30"), line("B"))


def test_a_repeated_request_adds_nothing_again() -> None:
    cart = Cart("one").adding(line("A"), "request 1")
    assert cart.adding(line("A"), "request 1") == cart
    assert cart.adding(line("A"), "request 2").lines == (line("A", quantity="24"),)
    assert cart.adding(line("A")).adding(line("A")).lines == (line("A", quantity="36"),)
    ordered = cart.without([("A", "acme")])
    assert ordered.adding(line("A"), "request 1") == ordered


def test_only_the_last_requests_are_remembered() -> None:
    cart = Cart("one")
    for number in range(80):
        cart = cart.adding(line("A"), f"request {number}")
    assert cart.applied == tuple(f"request {number}" for number in range(30, 80))


def test_a_line_is_found_by_its_item_alone_where_that_is_clear() -> None:
    cart = Cart("one", (line("A"), line("B"), line("B", "fast")))
    assert cart.the_line("A", None) == line("A")
    assert cart.the_line("B", "fast") == line("B", "fast")
    with pytest.raises(Conflict) as ambiguous:
        cart.the_line("B", None)
    assert ambiguous.value.code == "supplier_ambiguous"
    assert "'acme', 'fast'" in ambiguous.value.detail


@pytest.mark.parametrize(("supplier_id", "named"), [(None, "no line of 'C' in"), ("fast", "'C' from supplier 'fast'")])
def test_a_line_that_is_not_there_is_named(supplier_id: str | None, named: str) -> None:
    with pytest.raises(NotFound) as missing:
        Cart("one", (line("A"),)).the_line("C", supplier_id)
    assert missing.value.code == "cart_line_not_found"
    assert named in missing.value.detail


def test_a_full_cart_takes_no_line_more_but_more_of_a_line() -> None:
    full = Cart("one").with_new(line(str(number)) for number in range(MAX_CART_LINES))
    with pytest.raises(Invalid) as refused:
        full.adding(line("one more"))
    assert refused.value.code == "cart_full"
    assert f"would have {MAX_CART_LINES + 1}; allowed are {MAX_CART_LINES} lines" in refused.value.detail
    assert full.adding(line("0")).the_line("0", None).quantity == 24


def test_ids_that_no_document_holds_are_refused() -> None:
    long = MAX_ID_BYTES // 400
    lines = [line(f"{number:é>400}") for number in range(long)]  # two bytes a letter
    with pytest.raises(Invalid, match="cart_full"):
        Cart("one").with_new(lines)


def test_a_sum_beyond_what_can_be_ordered_is_refused() -> None:
    cart = Cart("one", (line("A", quantity="999999999"),))
    assert cart.adding(line("A", quantity="1")).lines[0].quantity == 1_000_000_000
    with pytest.raises(Invalid) as refused:
        cart.adding(line("A", quantity="2"))
    assert refused.value.code == "quantity_too_large"
    assert "make 1000000001, above 1000000000" in refused.value.detail
