"""What an import makes of a product."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.imports.product_upsert import planned, planning_problem, upserted
from shared.domain.purchasing.item_planning import ItemPlanning
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


BLOCKED = ItemPlanning(do_not_order=True, do_not_order_until=dt.date(2026, 12, 31), reason="seasonal")


@pytest.mark.parametrize(
    ("stored", "record", "after"),
    [
        (None, {"service_level": Decimal("0.98")}, ItemPlanning(service_level=0.98)),
        (None, {"reason": "why"}, None),
        (None, {"do_not_order": False, "min_stock": None}, None),
        (BLOCKED, {"min_stock": Decimal(3), "reason": "new"}, replace(BLOCKED, min_stock=Decimal(3), reason="new")),
        (BLOCKED, {"do_not_order": False}, ItemPlanning(reason="seasonal")),
        (None, {"do_not_order": True, "do_not_order_until": dt.datetime(2026, 12, 31), "reason": "seasonal"}, BLOCKED),
    ],
)
def test_what_a_record_plans_joins_what_is_planned(
    stored: ItemPlanning | None, record: dict[str, Any], after: ItemPlanning | None
) -> None:
    assert planned(stored, record) == after
    assert upserted(replace(MUG, planning=stored), {"item_id": "85123A", **record}).planning == after
    assert planned(after, record) == after


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"min_stock": Decimal(5), "max_stock": Decimal(4)}, "stock_limits_out_of_order"),
        ({"max_stock": Decimal(1)}, "stock_limits_out_of_order"),
        ({"do_not_order_until": dt.date(2027, 1, 1)}, "nothing_blocked"),
        ({"do_not_order": True, "do_not_order_until": dt.date(2026, 1, 1)}, "block_ends_in_the_past"),
        ({"min_stock": Decimal(5)}, None),
    ],
)
def test_planning_that_a_request_could_not_set_is_a_problem(record: dict[str, Any], code: str | None) -> None:
    stored = replace(MUG, planning=ItemPlanning(min_stock=Decimal(2)))
    problem = planning_problem(stored, record, dt.date(2026, 11, 28))
    assert (problem and problem.code) == code
