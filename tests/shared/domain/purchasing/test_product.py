"""Products: valid ids, total stock, and the condition that planning goes by."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.purchasing.product import (
    Condition,
    NotEnoughStock,
    StockLevel,
    ruling_condition,
    with_condition,
)


@given(st.dictionaries(st.text(min_size=1), st.decimals(0, 10**6, places=3)))
def test_total_stock_is_the_exact_sum(levels: dict[str, Decimal]) -> None:
    total = StockLevel("a", levels).total
    assert total == sum(int(units.scaleb(3)) for units in levels.values()) * Decimal("0.001")


_units = st.decimals(0, 10**6, places=3)


@given(st.dictionaries(st.sampled_from("abc"), _units), _units)
def test_what_moves_is_neither_lost_nor_made(levels: dict[str, Decimal], units: Decimal) -> None:
    stock, now = StockLevel("x", levels), dt.datetime(2024, 6, 3, tzinfo=dt.UTC)
    if units > levels.get("a", 0):
        with pytest.raises(NotEnoughStock, match="cannot be moved"):
            stock.moved("a", "b", units, now)
        return
    moved = stock.moved("a", "b", units, now)
    assert moved.total == stock.total
    assert moved.levels["b"] - levels.get("b", 0) == units
    assert min(moved.levels.values()) >= 0
    assert moved.updated_at == {"a": now, "b": now}


def condition(supplier: str, lead_time_days: int, *, is_primary: bool = False) -> Condition:
    return Condition("a", supplier, supplier.title(), lead_time_days, Decimal(1), Decimal(1), Decimal(1), is_primary)


@pytest.mark.parametrize(
    ("conditions", "ruling"),
    [
        ([condition("slow", 30, is_primary=True), condition("fast", 2)], "slow"),
        ([condition("slow", 30), condition("fast", 2)], "fast"),
        ([condition("b", 5), condition("a", 5)], "a"),
        ([], None),
    ],
)
def test_the_primary_supplier_rules_else_the_fastest(conditions: list[Condition], ruling: str | None) -> None:
    found = ruling_condition(conditions)
    assert (found and found.supplier_id) == ruling


_suppliers = st.lists(st.tuples(st.sampled_from("abcd"), st.booleans(), st.integers(0, 9)), max_size=8)


@given(_suppliers, st.tuples(st.sampled_from("abcd"), st.booleans(), st.integers(0, 9)))
def test_an_item_keeps_one_condition_a_supplier_and_at_most_one_primary(
    drawn: list[tuple[str, bool, int]], last: tuple[str, bool, int]
) -> None:
    held: list[Condition] = []
    for supplier, is_primary, days in [*drawn, last]:
        before, new = held, condition(supplier, days, is_primary=is_primary)
        held = with_condition(held, new)
        assert new in held
        assert {one.supplier_id for one in held} == {one.supplier_id for one in before} | {supplier}
        assert len(held) == len({one.supplier_id for one in held})
        assert sum(one.is_primary for one in held) <= 1
        if new.is_primary:
            assert ruling_condition(held) == new
        else:
            assert [one for one in held if one != new] == [one for one in before if one.supplier_id != supplier]


_levels = st.dictionaries(st.sampled_from("abc"), st.sampled_from([Decimal(0), Decimal(2), Decimal("3.5")]))


@given(_levels, _levels, _levels, _levels)
def test_lists_of_stock_and_of_what_is_committed_leave_each_other_alone(
    first: dict[str, Decimal], promised: dict[str, Decimal], listed: dict[str, Decimal], last: dict[str, Decimal]
) -> None:
    now, later = dt.datetime(2024, 6, 3, tzinfo=dt.UTC), dt.datetime(2024, 6, 4, tzinfo=dt.UTC)
    stock = StockLevel("x", {}).replaced(first, now).with_all_committed(promised, now)
    assert {place: units for place, units in stock.levels.items() if units} == {k: v for k, v in first.items() if v}
    assert {place for place, units in stock.committed.items() if units} == {k for k, v in promised.items() if v}
    assert stock.committed.keys() <= stock.levels.keys() == stock.updated_at.keys()
    assert stock.with_all_committed(promised, later) == stock == stock.replaced(stock.levels, later)

    after = stock.replaced(listed, later)
    assert sum(after.committed.values()) == sum(stock.committed.values())
    assert {place: after.levels[place] for place in listed} == listed
    assert after.replaced(listed, now) == after

    ordered = stock.with_all_committed(last, later)
    assert ordered.total == stock.total
    assert sum(ordered.committed.values()) == sum(last.values())
    changed = {place for place in last if last[place] != promised.get(place, 0)}
    assert all(ordered.updated_at[place] == later for place in changed if place in ordered.committed)
