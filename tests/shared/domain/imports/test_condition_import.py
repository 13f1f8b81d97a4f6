"""What an import makes of an item's conditions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.imports.condition_import import (
    ConditionRecord,
    ItemConditions,
    imported_conditions,
    synced_conditions,
)
from shared.domain.imports.row_status import RowStatus
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.supplier import Supplier

IDS = ("a", "b", "c", "d")
LEAD_TIMES = {"a": 3, "b": None, "c": 8, "d": 0}
SUPPLIERS = {key: Supplier(key, f"Supplier {key}", lead_time_days=days) for key, days in LEAD_TIMES.items()}
DEFAULT_LEAD_TIME_DAYS = 14

units = st.integers(0, 3).map(Decimal)
packs = st.integers(1, 3).map(Decimal)


@st.composite
def stored_conditions(draw: st.DrawFn) -> list[Condition]:
    chosen = draw(st.lists(st.sampled_from(IDS), unique=True))
    primary = draw(st.none() | st.sampled_from(IDS))
    return [
        Condition(
            "item",
            key,
            f"Supplier {key}",
            draw(st.integers(0, 3)),
            draw(units),
            draw(packs),
            draw(units),
            key == primary,
        )
        for key in chosen
    ]


@st.composite
def given_rows(draw: st.DrawFn) -> list[ConditionRecord]:
    """Rows that passed the checks: each supplier once, one primary at most."""
    chosen = draw(st.lists(st.sampled_from(IDS), unique=True, min_size=1))
    primary = draw(st.none() | st.sampled_from(chosen))
    return [
        ConditionRecord(
            row,
            "item",
            key,
            draw(units),
            draw(st.none() | st.integers(0, 3)),
            draw(st.none() | units),
            draw(st.none() | packs),
            True if key == primary else draw(st.sampled_from([None, False])),
        )
        for row, key in enumerate(chosen, start=2)
    ]


def imported(stored: list[Condition], rows: list[ConditionRecord]) -> ItemConditions:
    return imported_conditions(stored, rows, SUPPLIERS, DEFAULT_LEAD_TIME_DAYS)


@given(stored_conditions(), given_rows())
def test_the_same_rows_again_change_nothing(stored: list[Condition], rows: list[ConditionRecord]) -> None:
    once = imported(stored, rows)
    again = imported(list(once.conditions), rows)
    assert again.changed == ()
    assert set(again.statuses.values()) == {RowStatus.UNCHANGED}
    assert again.conditions == once.conditions


@given(stored_conditions(), given_rows())
def test_at_most_one_supplier_is_primary(stored: list[Condition], rows: list[ConditionRecord]) -> None:
    primary = [condition.supplier_id for condition in imported(stored, rows).conditions if condition.is_primary]
    assert len(primary) <= 1
    named = [row.supplier_id for row in rows if row.is_primary]
    if named:
        assert primary == named


@given(stored_conditions(), given_rows())
def test_what_is_given_holds_and_the_rest_stays(stored: list[Condition], rows: list[ConditionRecord]) -> None:
    before = {condition.supplier_id: condition for condition in stored}
    result = imported(stored, rows)
    after = {condition.supplier_id: condition for condition in result.conditions}
    assert set(after) == set(before) | {row.supplier_id for row in rows}
    for row in rows:
        for name in ("supplier_cost", "lead_time_days", "moq", "packaging_qty", "is_primary"):
            if getattr(row, name) is not None:
                assert getattr(after[row.supplier_id], name) == getattr(row, name)
            elif row.supplier_id in before and name != "is_primary":
                assert getattr(after[row.supplier_id], name) == getattr(before[row.supplier_id], name)
    for key in set(before) - {row.supplier_id for row in rows}:
        assert replace(after[key], is_primary=before[key].is_primary) == before[key]


@given(stored_conditions(), given_rows())
def test_what_changed_is_what_differs(stored: list[Condition], rows: list[ConditionRecord]) -> None:
    before = {condition.supplier_id: condition for condition in stored}
    result = imported(stored, rows)
    assert set(result.changed) == {
        condition for condition in result.conditions if before.get(condition.supplier_id) != condition
    }
    assert set(result.statuses) == {row.row_number for row in rows}
    for row in rows:
        created = row.supplier_id not in before
        assert (result.statuses[row.row_number] is RowStatus.CREATED) == created


def row(supplier_id: str, **fields: Any) -> ConditionRecord:
    return ConditionRecord(2, "item", supplier_id, Decimal("1.25"), **fields)


def test_a_new_condition_takes_the_suppliers_lead_time_or_the_clients() -> None:
    lead_times = {key: imported([], [row(key)]).conditions[0].lead_time_days for key in IDS}
    assert lead_times == {"a": 3, "b": 14, "c": 8, "d": 0}
    assert imported([], [row("a", lead_time_days=0)]).conditions[0].lead_time_days == 0


def test_an_outdated_copy_of_the_suppliers_name_is_brought_in_line() -> None:
    old = replace(imported([], [row("a")]).conditions[0], supplier_name="Old")
    result = imported([old], [row("a")])
    assert result.conditions[0].supplier_name == "Supplier a"
    assert result.statuses == {2: RowStatus.UPDATED}


@st.composite
def stored_links(draw: st.DrawFn) -> list[Condition]:
    return [replace(link, is_synced=draw(st.booleans())) for link in draw(stored_conditions())]


@given(stored_links(), given_rows())
def test_a_system_touches_none_but_its_own_links(stored: list[Condition], rows: list[ConditionRecord]) -> None:
    before = {link.supplier_id: link for link in stored}
    rows = [row for row in rows if row.supplier_id not in before or before[row.supplier_id].is_synced]
    result = synced_conditions(stored, rows, SUPPLIERS, DEFAULT_LEAD_TIME_DAYS)
    after = {link.supplier_id: link for link in result.conditions}
    for key, link in before.items():
        if not link.is_synced:
            assert after[key] == link
        assert (after[key].moq, after[key].lead_time_days) == (link.moq, link.lead_time_days)
    assert all(link.is_synced for link in result.changed)
    assert sum(link.is_primary for link in after.values()) <= 1
    named = [row.supplier_id for row in rows if row.is_primary]
    if named and not any(link.is_primary and not link.is_synced for link in stored):
        assert [key for key, link in after.items() if link.is_primary] == named
    again = synced_conditions(result.conditions, rows, SUPPLIERS, DEFAULT_LEAD_TIME_DAYS)
    assert again.changed == ()
