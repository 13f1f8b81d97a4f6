"""Conditions are found by item, by pair and all together."""

from __future__ import annotations

from decimal import Decimal

from shared.domain.purchasing.product import Condition
from shared.firestore.conditions import Conditions
from shared.firestore.page import PageRequest
from shared.firestore.versioned import Versioned
from tests.support.tenants import TestClient


def condition(item_id: str, supplier_id: str, lead_time_days: int = 5, *, is_primary: bool = False) -> Condition:
    return Condition(
        item_id, supplier_id, supplier_id, lead_time_days, Decimal("1.500"), Decimal(6), Decimal("2.25"), is_primary
    )


def test_conditions_are_found_by_item_the_ruling_one_first(client: TestClient) -> None:
    kept = [condition("a", "slow", 30), condition("a", "fast", 2), condition("a", "own", 90, is_primary=True)]
    assert Conditions(client.tenant).put_many([*kept, condition("b", "fast")]) == 4
    assert Conditions(client.tenant).of_item("a") == [kept[2], kept[1], kept[0]]
    assert sorted(Conditions(client.tenant).by_item()) == ["a", "b"]


def test_conditions_of_ids_that_hold_bars_stay_apart(client: TestClient) -> None:
    kept = [condition("a|b", "c"), condition("a", "b|c"), condition("a%7Cb", "c"), condition("a|", "|c")]
    Conditions(client.tenant).put_many(kept)
    assert sum(len(found) for found in Conditions(client.tenant).by_item().values()) == 4


def test_pairs_are_found_at_once_and_unknown_ones_left_out(client: TestClient) -> None:
    kept = [condition("a", "x"), condition("b/c", "y")]
    Conditions(client.tenant).put_many(kept)
    found = Conditions(client.tenant).get_many([("a", "x"), ("b/c", "y"), ("a", "y")])
    assert found == {("a", "x"): kept[0], ("b/c", "y"): kept[1]}


def test_a_suppliers_conditions_come_by_item_in_pages(client: TestClient) -> None:
    kept = [Versioned(condition(item, "x")) for item in ("a", "b", "b/c", "c")]
    conditions = Conditions(client.tenant)
    conditions.put_many([*(version.value for version in reversed(kept)), condition("a", "y")])
    assert conditions.of_supplier("x", 10) == kept
    assert conditions.of_supplier("x", 2) == kept[:2]
    assert conditions.page_of_supplier(PageRequest(2, position="b"), "x").items == kept[2:]
    assert conditions.of_supplier("nobody", 10) == []


def test_conditions_of_many_items_are_found_at_once(client: TestClient) -> None:
    kept = [condition(f"item {number}", supplier) for number in range(70) for supplier in ("x", "y")]
    conditions = Conditions(client.tenant)
    conditions.put_many(kept)
    found = conditions.of_items([*(f"item {number}" for number in range(65)), "none"])
    assert len(found) == 66
    assert found["none"] == []
    assert all({one.supplier_id for one in found[f"item {number}"]} == {"x", "y"} for number in range(65))
    assert conditions.of_items([]) == {}


def test_copies_of_a_suppliers_name_are_brought_in_line(client: TestClient) -> None:
    conditions = Conditions(client.tenant)
    conditions.put_many([condition(item, supplier) for item in ("a", "b") for supplier in ("x", "y", "z")])
    assert conditions.rename_supplier("x", "X Ltd") == 2
    assert conditions.rename_supplier("x", "X Ltd") == 0
    assert conditions.rename_suppliers({"x": "X Ltd", "y": "Y Ltd"}) == 2
    names = {(one.supplier_id, one.supplier_name) for found in conditions.by_item().values() for one in found}
    assert names == {("x", "X Ltd"), ("y", "Y Ltd"), ("z", "z")}
