"""What an import makes of a supplier."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.imports.supplier_import import SUPPLIER_FIELDS, imported_supplier, synced_supplier
from shared.domain.purchasing.supplier import OWN_FIELDS, Supplier

texts = st.none() | st.sampled_from(["x", "y"])
rows = st.fixed_dictionaries(
    {field.name: texts for field in SUPPLIER_FIELDS}
    | {
        "supplier_id": st.just("a"),
        "name": st.sampled_from(["A", "B"]),
        "lead_time_days": st.none() | st.integers(0, 3).map(Decimal),
        "minimum_order_value": st.none() | st.integers(0, 3).map(Decimal),
    }
)


@given(rows, rows)
def test_what_is_given_holds_and_the_rest_stays(first: dict[str, Any], second: dict[str, Any]) -> None:
    before = imported_supplier(None, first)
    after = imported_supplier(before, second)
    for name, value in second.items():
        assert getattr(after, name) == (getattr(before, name) if value is None else value)
    assert not after.is_synced
    assert imported_supplier(after, second) == after


def test_a_new_supplier_is_kept_here() -> None:
    given_fields = dict.fromkeys(field.name for field in SUPPLIER_FIELDS) | {"supplier_id": "a", "name": "A"}
    assert imported_supplier(None, given_fields) == Supplier("a", "A")
    days = imported_supplier(None, given_fields | {"lead_time_days": Decimal("7.000")}).lead_time_days
    assert (days, type(days)) == (7, int)


@given(rows, rows)
def test_a_system_brings_contacts_once_and_the_rest_always(first: dict[str, Any], second: dict[str, Any]) -> None:
    before = synced_supplier(None, first)
    after = synced_supplier(before, second)
    for name, value in second.items():
        stays = value is None or name in OWN_FIELDS
        assert getattr(after, name) == (getattr(before, name) if stays else value)
    assert after.is_synced
    assert synced_supplier(after, second) == after
