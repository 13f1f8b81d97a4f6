"""The suppliers' documents: what goes in comes out, and what a search reads."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.errors import NotFound
from shared.domain.folding import folded
from shared.domain.name_search import matches, words
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.page import PageRequest
from shared.firestore.suppliers import Suppliers
from tests.support.firestore_meter import FirestoreMeter
from tests.support.running import Running
from tests.support.tenants import TestClient

FULL = Supplier(
    "a/b",
    "Ünï & Co",
    "a@b.example",
    "1",
    "2",
    "3",
    "4",
    5,
    Decimal("6.70"),
    "8",
    is_synced=True,
    created_at=dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC),
)


def test_what_goes_in_comes_out(client: TestClient) -> None:
    suppliers, bare = Suppliers(client.tenant), Supplier("bare", "Bare")
    assert suppliers.put_many([FULL, bare]) == 2
    assert suppliers.get("a/b").value == FULL
    assert suppliers.get_many(["bare", "nobody", "a/b", "bare"]) == {"bare": bare, "a/b": FULL}
    assert suppliers.get_many([]) == {}
    assert list(suppliers.every()) == [FULL, bare]
    with pytest.raises(NotFound, match="no supplier 'nobody'"):
        suppliers.get("nobody")


def test_what_is_not_in_a_document_is_none(client: TestClient) -> None:
    fields = {"supplier_id": "old", "name": "Old", "lead_time_days": 7, "minimum_order_value": "150.00"}
    client.tenant.collection("suppliers").document("old").set(fields)
    expected = Supplier("old", "Old", lead_time_days=7, minimum_order_value=Decimal("150.00"))
    assert Suppliers(client.tenant).get("old").value == expected


@pytest.fixture(scope="module")
def crowd(running: Running) -> TestClient:
    """1,100 suppliers: all are called Paper, the last one Paper Zebra."""
    client = TestClient(running.base_url).create()
    names = [f"Paper {number:04d}" for number in range(1099)]
    Suppliers(client.tenant).put_many([Supplier(name, name) for name in [*names, "Paper Zebra"]])
    return client


def test_a_search_of_one_word_reads_what_it_shows_and_its_total(crowd: TestClient, meter: FirestoreMeter) -> None:
    page = Suppliers(crowd.tenant).page(PageRequest(50), "pap")
    assert [one.name for one in page.items] == [f"Paper {number:04d}" for number in range(50)]
    assert page.total == 1100
    assert meter.of(crowd.client_id).reads == 50 + 2


def test_a_search_of_several_words_reads_what_the_longest_of_them_finds(
    crowd: TestClient, meter: FirestoreMeter
) -> None:
    """Here it is the one that all have."""
    page = Suppliers(crowd.tenant).page(PageRequest(200), "paper z")
    assert ([one.name for one in page.items], page.following, page.total) == (["Paper Zebra"], None, 1)
    assert meter.of(crowd.client_id).reads == 1100


NAMES = st.text(alphabet="aAbä 1-", min_size=1, max_size=6)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(names=st.lists(NAMES, max_size=6), search=st.none() | NAMES, size=st.integers(1, 4))
def test_pages_are_what_filtering_and_sorting_all_gives(
    running: Running, names: list[str], search: str | None, size: int
) -> None:
    tenant = TestClient(running.base_url).tenant
    suppliers = [Supplier(f"s{number}", name) for number, name in enumerate(names)]
    Suppliers(tenant).put_many(suppliers)
    found: list[Supplier] = []
    position = None
    for number in count(1):
        by_number = Suppliers(tenant).page(PageRequest(size, number), search)
        page, position, total = Suppliers(tenant).page(PageRequest(size, number, position), search)
        assert (by_number.items, by_number.total) == (page, total)
        assert len(page) <= size
        found += page
        if position is None:
            break
    expected = [
        one
        for one in sorted(suppliers, key=lambda one: (folded(one.name), one.supplier_id))
        if search is None or (words(search) and matches(search, one.name, one.supplier_id))
    ]
    assert found == expected
    assert total == len(expected)
