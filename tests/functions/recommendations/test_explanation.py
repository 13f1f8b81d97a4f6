"""What is suggested, and the words for what does not occur in a shop of a test."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.recommendations.explanation import Action, RecommendedRow, reason, suggested_action, threshold
from shared.catalog.schema import OpenLineRow
from shared.domain.settings import RecommendationType, Settings

URGENT, REORDER, REDUCE, DEAD, PROMOTE = RecommendationType
ROW: RecommendedRow = {
    "item_id": "lamp",
    "product_name": "Lamp",
    "location_id": None,
    "category": "Lamps",
    "supplier_id": None,
    "supplier_name": None,
    "unit_cost": Decimal("1.00"),
    "current_stock": Decimal("1200.000"),
    "on_order": Decimal("0.000"),
    "inventory_value": Decimal("1200.00"),
    "dir": 999.0,
    "stockout_risk": 0.0,
    "sales_at_risk": Decimal("0.00"),
    "excess_value": Decimal("900.00"),
    "units_sold_28d": Decimal("7.000"),
    "expected_daily_demand": 0.333,
    "lead_time_days": 10,
    "order_up_to": Decimal("43.000"),
    "reorder_quantity": Decimal("0.000"),
    "transfer_in": Decimal("0.000"),
    "as_of": dt.date(2024, 6, 3),
    "first_record": dt.date(2024, 1, 1),
    "last_sale": None,
}


def line(outstanding: str, day: dt.date | None = None) -> OpenLineRow:
    return {
        "order_id": "1",
        "po_number": "PO-1",
        "location_id": None,
        "outstanding": Decimal(outstanding),
        "expected_delivery_date": day,
    }


@pytest.mark.parametrize("kind", [URGENT, REORDER])
@pytest.mark.parametrize(
    ("reorder", "transfer_in", "on_order", "action", "quantity"),
    [
        ("12.000", "3.000", "5.000", Action.ORDER, "12.000"),
        ("0.000", "3.000", "5.000", Action.TRANSFER, "3.000"),
        ("0.000", "0.000", "5.000", Action.EXPEDITE_ORDERS, "5.000"),
    ],
)
def test_what_runs_out_is_ordered_unless_it_is_elsewhere_or_on_its_way(
    kind: RecommendationType, reorder: str, transfer_in: str, on_order: str, action: Action, quantity: str
) -> None:
    row: RecommendedRow = {
        **ROW,
        "reorder_quantity": Decimal(reorder),
        "transfer_in": Decimal(transfer_in),
        "on_order": Decimal(on_order),
    }
    step = suggested_action(kind, row, (), Settings())
    assert (step.action, str(step.quantity)) == (action, quantity)


def test_all_that_is_to_come_of_what_there_is_too_much_of_is_named() -> None:
    lines = [line("5.000", dt.date(2024, 6, 9)), line("2.500")]
    step = suggested_action(REDUCE, ROW, lines, Settings())
    assert (step.action, str(step.quantity)) == (Action.REDUCE_ORDERS, "7.500")
    assert reason(REDUCE, ROW, lines, Settings()) == (
        "The 1200 in stock last 999 days or more, more than 90, with 0.333 expected to sell a day, and more is to "
        "come: PO-1 with 5 expected 2024-06-09; PO-1 with 2.5 without a date."
    )


def test_what_is_on_order_is_said() -> None:
    row: RecommendedRow = {**ROW, "on_order": Decimal("7.500"), "stockout_risk": 0.75}
    assert reason(URGENT, row, (), Settings()) == (
        "With 1200 in stock and 7.5 on order, and 0.333 expected to sell a day, the risk to run out within lead time "
        "(10 days) and safety buffer (7) is 0.75, above 0.7; 7 were sold in the last 28 days; what is on order is "
        "enough, but may come too late."
    )


def test_what_can_be_moved_here_is_said() -> None:
    row: RecommendedRow = {**ROW, "transfer_in": Decimal("7.500"), "reorder_quantity": Decimal(4)}
    assert reason(URGENT, row, (), Settings()).endswith("; 7.5 can be moved here from where there is too much.")


@pytest.mark.parametrize(
    ("last_sale", "first_record", "words"),
    [
        (dt.date(2023, 5, 1), dt.date(2023, 1, 1), "have not been sold for 399 days"),
        (None, dt.date(2024, 1, 1), "have never been sold in the 154 days on record"),
        (None, None, "have never been sold"),
    ],
)
def test_dead_stock_says_for_how_long_in_a_figure_of_its_own(
    last_sale: dt.date | None, first_record: dt.date | None, words: str
) -> None:
    row: RecommendedRow = {**ROW, "last_sale": last_sale, "first_record": first_record}
    assert reason(DEAD, row, (), Settings()) == (f"The 1200 in stock, worth 1200.00, {words}; the limit is 90 days.")


def test_stock_that_nobody_is_expected_to_buy_lasts_for_good() -> None:
    row: RecommendedRow = {**ROW, "dir": None, "expected_daily_demand": 0.0, "last_sale": dt.date(2024, 6, 2)}
    assert reason(PROMOTE, row, (), Settings()) == (
        "The 1200 in stock last for good, as nothing is expected to sell; the last sale was 1 day ago, and no running "
        "campaign has it."
    )


def test_only_whole_units_are_promoted() -> None:
    row: RecommendedRow = {**ROW, "current_stock": Decimal("12.750")}
    step = suggested_action(PROMOTE, row, (), Settings())
    assert (step.action, str(step.quantity)) == (Action.PROMOTE, "2.000")


@given(st.integers(0, 10**9), st.integers(0, 10**7), st.none() | st.integers(0, 10**8))
def test_every_reason_is_one_sentence_and_no_quantity_is_negative(stock: int, demand: int, days: int | None) -> None:
    row: RecommendedRow = {
        **ROW,
        "current_stock": Decimal(stock) / 1000,
        "expected_daily_demand": demand / 1000,
        "dir": None if days is None else days / 10,
    }
    for kind in RecommendationType:
        text = reason(kind, row, (), Settings())
        assert text.endswith(".")
        assert ". " not in text
        assert "E+" not in text
        step = suggested_action(kind, row, (), Settings())
        assert step.quantity >= 0
        assert step.quantity.as_tuple().exponent == -3


def test_the_threshold_is_what_the_rule_compares_with() -> None:
    found = [threshold(kind, ROW, Settings(dead_stock_days=60)) for kind in RecommendationType]
    assert found == [0.7, 43, 90, 60, 30]
