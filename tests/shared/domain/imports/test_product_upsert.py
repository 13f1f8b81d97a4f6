"""What an import makes of a product."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.domain.imports.product_upsert import upserted
from shared.domain.purchasing.product import Product

MUG = Product("85123A", "Mug", category="Kitchen", unit_cost=Decimal("1.20"))


def test_a_complete_new_product_needs_no_review() -> None:
    record = {"item_id": "85123A", "product_name": "Mug", "category": "Kitchen", "unit_cost": Decimal("1.20")}

    assert upserted(None, record) == MUG


@pytest.mark.parametrize("missing", ["product_name", "category", "unit_cost"])
def test_a_new_product_is_completed_and_marked(missing: str) -> None:
    record = {"item_id": "85123A", "product_name": "Mug", "category": "Kitchen", "unit_cost": Decimal("1.20")}

    product = upserted(None, record | {missing: None})

    defaults = {"product_name": "85123A", "category": "Uncategorized", "unit_cost": Decimal(0)}
    assert product.needs_review
    assert getattr(product, missing) == defaults[missing]


def test_blank_fields_keep_what_is_known() -> None:
    assert upserted(MUG, {"item_id": "85123A", "category": None, "unit_cost": Decimal("1.30")}) == replace(
        MUG, unit_cost=Decimal("1.30")
    )


def test_the_mark_goes_with_the_missing_data_and_does_not_come_back() -> None:
    marked = replace(MUG, category="Uncategorized", needs_review=True)
    reviewed = replace(marked, needs_review=False)

    assert not upserted(marked, {"item_id": "85123A", "category": "Kitchen"}).needs_review
    assert upserted(marked, {"item_id": "85123A", "product_name": "Cup"}).needs_review
    assert not upserted(reviewed, {"item_id": "85123A", "product_name": "Cup"}).needs_review
