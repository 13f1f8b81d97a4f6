"""Carts as documents: one per user, decimals to the last digit, nothing lost between two writers."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from shared.domain.purchasing.cart import MAX_CART_LINES, Cart, CartLine
from shared.firestore.carts import Carts
from shared.firestore.transaction import Transaction
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.tenants import TestClient

AT = dt.datetime(2024, 6, 3, 12, 30, tzinfo=dt.UTC)


def line(item_id: str, supplier_id: str = "acme", quantity: str = "12.000") -> CartLine:
    return CartLine(item_id, supplier_id, Decimal(quantity), AT)


def test_a_cart_comes_back_as_it_was(client: TestClient, meter: FirestoreMeter) -> None:
    carts = Carts(client.tenant)
    cart = Cart("a/user %", (line('A/1 % "x" \\\n', quantity="0.001"), line("b", "fäst", quantity="1000000000.000")))
    assert carts.get("a/user %") == Cart("a/user %")
    client.tenant.transact(lambda transaction: carts.put(transaction, cart))
    meter.reset()
    found = carts.get("a/user %")
    assert found == cart
    assert [str(one.quantity) for one in found.lines] == ["0.001", "1000000000.000"]
    assert meter.of(client.client_id) == Billed(reads=1)


def test_each_user_has_a_cart_of_their_own(client: TestClient) -> None:
    carts = Carts(client.tenant)
    client.tenant.transact(lambda transaction: carts.put(transaction, Cart("one", (line("A"),))))
    assert carts.get("other") == Cart("other")


def test_a_full_cart_with_long_ids_is_a_document_that_firestore_takes(client: TestClient) -> None:
    carts = Carts(client.tenant)
    # Quotation marks take two bytes in the document.
    lines = [line(f'{number:">180}', f"{number:0>20}", "1000000000.000") for number in range(MAX_CART_LINES)]
    full = Cart("one").with_new(lines)
    client.tenant.transact(lambda transaction: carts.put(transaction, full))
    assert carts.get("one") == full


def test_lines_that_are_added_at_once_are_all_there(client: TestClient) -> None:
    carts = Carts(client.tenant)

    def add(number: int) -> None:
        def work(transaction: Transaction) -> None:
            carts.put(transaction, carts.get("one", transaction).adding(line(f"item {number % 6}")))

        client.tenant.transact(work)

    with ThreadPoolExecutor(max_workers=12) as buyers:
        list(buyers.map(add, range(12)))
    found = carts.get("one")
    assert {one.item_id: one.quantity for one in found.lines} == {f"item {n}": Decimal(24) for n in range(6)}
