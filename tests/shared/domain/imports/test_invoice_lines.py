"""Which invoice lines are demand, and what returns take back."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.imports.invoice_lines import (
    daily_demand,
    is_return,
    line_checks,
    net_returns,
    numbered,
    unmatched_check,
)
from shared.domain.imports.record_checks import check_records

DAY = dt.datetime(2011, 1, 18)
SCHEMA: dict[str, pl.DataType] = {
    "row_number": pl.Int64(),
    "record": pl.String(),
    "invoice_no": pl.String(),
    "item_id": pl.String(),
    "location_id": pl.String(),
    "date_local": pl.Datetime("us"),
    "units_sold": pl.Decimal(38, 3),
    "price": pl.Decimal(38, 6),
    "customer_id": pl.String(),
    "description": pl.String(),
    "raw_units_sold": pl.String(),
}


def lines(*rows: dict[str, Any]) -> pl.DataFrame:
    """Lines of customer 7 buying one 85123A for 1.00 in London, a minute apart, changed by `rows`."""
    filled = []
    for number, row in enumerate(rows, start=1):
        line: dict[str, Any] = {
            "row_number": number,
            "record": "{}",
            "invoice_no": "541431",
            "item_id": "85123A",
            "location_id": "LONDON",
            "date_local": DAY + dt.timedelta(minutes=number),
            "units_sold": 1,
            "price": 1,
            "customer_id": "7",
            "description": "WHITE HANGING HEART T-LIGHT HOLDER",
        } | row
        line["units_sold"], line["price"] = Decimal(line["units_sold"]), Decimal(line["price"])
        filled.append(line | {"raw_units_sold": str(line["units_sold"])})
    return numbered(pl.DataFrame(filled, schema=SCHEMA))


def netted(*rows: dict[str, Any]) -> list[tuple[int, int]]:
    """(net units, unmatched units) of each line, in their order."""
    frame = net_returns(lines(*rows)).sort("row_number")
    return [(int(net), int(unmatched)) for net, unmatched in frame.select("net_units", "unmatched_units").iter_rows()]


def test_any_line_of_an_item_is_demand_whatever_its_invoice_and_code() -> None:
    frame = lines(
        {"invoice_no": "CH-2011-17", "item_id": "S"},
        {"item_id": "GIFT_BOX_RED", "price": "0", "customer_id": None},
        {"units_sold": "-1"},
        {"units_sold": "0"},
    )
    accepted, rejects = check_records(frame, line_checks())
    assert accepted["row_number"].to_list() == [1, 2, 3]
    assert rejects.select("row_number", "code").rows() == [(4, "range")]


def test_a_return_takes_back_the_latest_purchase_first() -> None:
    result = netted({"units_sold": 5}, {"units_sold": 3}, {"invoice_no": "C1", "units_sold": -4})

    assert result == [(4, 0), (0, 0), (0, 0)]


def test_a_later_purchase_is_not_taken_back() -> None:
    result = netted({"invoice_no": "C1", "units_sold": -4}, {"units_sold": 3})

    assert result == [(0, 4), (3, 0)]


def test_purchases_come_before_returns_of_the_same_time() -> None:
    result = netted({"invoice_no": "C1", "units_sold": -3, "date_local": DAY}, {"units_sold": 3, "date_local": DAY})

    assert result == [(0, 0), (0, 0)]


@pytest.mark.parametrize("other", [{"customer_id": "8"}, {"customer_id": None}, {"item_id": "X"}, {"location_id": "L"}])
def test_only_the_same_customer_item_and_location_match(other: dict[str, Any]) -> None:
    assert netted({"units_sold": 3}, {"invoice_no": "C1", "units_sold": -3} | other) == [(3, 0), (0, 3)]


def test_lines_without_a_customer_are_one_customer() -> None:
    anonymous = {"customer_id": None}

    assert netted({"units_sold": 3} | anonymous, {"invoice_no": "C1", "units_sold": -2} | anonymous) == [(1, 0), (0, 0)]


def test_only_a_return_of_nothing_is_rejected() -> None:
    frame = net_returns(
        lines(
            {"units_sold": 2},
            {"invoice_no": "C1", "units_sold": -3},  # one unit too many: accepted for the other two
            {"invoice_no": "C2", "units_sold": -1},
        )
    )

    accepted, rejects = check_records(frame, [unmatched_check()])

    assert sorted(accepted["row_number"]) == [1, 2]
    assert rejects.select("row_number", "code").rows() == [(3, "unmatched_return")]
    assert "85123A at LONDON" in rejects["message"][0]


def test_daily_demand_sums_net_units_on_the_day_of_the_purchase() -> None:
    later = DAY + dt.timedelta(days=3)
    frame = net_returns(
        lines(
            {"units_sold": "2.5", "price": "0.123456"},
            {"units_sold": 4, "price": "2"},
            {"invoice_no": "C1", "units_sold": -1, "date_local": later},
        )
    )

    (row,) = daily_demand(frame).to_dicts()

    assert row == {
        "item_id": "85123A",
        "location_id": "LONDON",
        "date_local": DAY.date(),
        "units_sold": Decimal("5.5"),
        "revenue": Decimal("2.5") * Decimal("0.123456") + 3 * Decimal(2),
    }


def test_a_day_that_was_taken_back_whole_stays_with_zero_units() -> None:
    frame = net_returns(lines({"units_sold": 2}, {"invoice_no": "C1", "units_sold": -2}))

    assert daily_demand(frame).select("units_sold", "revenue").rows() == [(Decimal(0), Decimal(0))]


signed_lines = st.lists(
    st.tuples(
        st.sampled_from(["A", "B"]),  # item
        st.sampled_from(["1", "2", None]),  # customer
        st.integers(min_value=0, max_value=6),  # minute: ties are common
        st.integers(min_value=-9000, max_value=9000).filter(bool),  # thousandths, negative: a return
    ),
    max_size=40,
)


@settings(deadline=None)
@given(signed_lines)
def test_matching_equals_a_stack_of_purchases(drawn: list[tuple[str, str | None, int, int]]) -> None:
    frame = lines(
        *(
            {
                "item_id": item,
                "customer_id": customer,
                "date_local": DAY + dt.timedelta(minutes=minute),
                "units_sold": Decimal(units) / 1000,
                "invoice_no": "C1" if units < 0 else "1",
            }
            for item, customer, minute, units in drawn
        )
    )

    result = net_returns(frame).sort("row_number")

    net, unmatched = _by_stack(drawn)
    assert [int(units * 1000) for units in result["net_units"]] == net
    assert [int(units * 1000) for units in result["unmatched_units"]] == unmatched
    bought, cancelled = frame.filter(~is_return()), frame.filter(is_return())
    assert _total(result["net_units"]) - _total(result["unmatched_units"]) == _total(bought["units_sold"]) + _total(
        cancelled["units_sold"]
    )


def _total(units: pl.Series) -> Decimal:
    return sum(units, Decimal(0))


def _by_stack(drawn: list[tuple[str, str | None, int, int]]) -> tuple[list[int], list[int]]:
    """The rule as one would write it down: each return pops the latest purchases of its customer and item."""
    net = [max(units, 0) for *_, units in drawn]
    unmatched = [0 for _ in drawn]
    stacks: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for index in sorted(range(len(drawn)), key=lambda one: (drawn[one][2], drawn[one][3] < 0, one)):
        item, customer, _, units = drawn[index]
        stack = stacks[item, customer]
        if units > 0:
            stack.append(index)
            continue
        left = -units
        while left and stack:
            taken = min(left, net[stack[-1]])
            net[stack[-1]] -= taken
            left -= taken
            if not net[stack[-1]]:
                stack.pop()
        unmatched[index] = left
    return net, unmatched
