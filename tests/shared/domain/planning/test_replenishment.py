"""A suggestion's explanation adds up, and a fill reaches the supplier's minimum with no item too many."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.planning.replenishment import Candidate, Reorder, explain, fill_to_minimum, line_cost, shortfall
from shared.domain.planning.stock_status import Lifecycle
from shared.domain.purchasing.order_quantity import packs
from shared.domain.settings import Settings

AS_OF = dt.date(2024, 6, 3)
SETTINGS = Settings(replenishment_policy="forecast_30d")  # a safety buffer of 7 days
LANTERN = Reorder(
    current_stock=Decimal("15.000"),
    on_order=Decimal("0.000"),
    receipts_covering=Decimal("0.000"),
    overdue=Decimal("0.000"),
    overdue_since=None,
    inventory_position=Decimal("15.000"),
    order_up_to=Decimal("111.000"),
    quantity=Decimal("96.000"),
    dir=5.0,
    sales_at_risk=Decimal("52.50"),
    expected_daily_demand=3.0,
    units_sold_28d=Decimal("81.000"),
    last_sale=dt.date(2024, 6, 2),
    lifecycle="active",
    lead_time_days=10,
    service_level=0.95,
    order_within_days=0,
    moq=Decimal("12.000"),
    packaging_qty=Decimal("6.000"),
)


def decimals(least: str, most: str) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(least), Decimal(most), places=3)


@st.composite
def reorders(draw: st.DrawFn) -> Reorder:
    moq, pack = draw(decimals("0", "500")), draw(decimals("0.001", "60"))
    stock, committed, need = draw(decimals("0", "1000")), draw(decimals("0", "100")), draw(decimals("0.001", "1000"))
    covering, late = draw(decimals("0", "100")), draw(decimals("0", "100"))
    linked = draw(st.booleans())
    return Reorder(
        current_stock=stock,
        on_order=covering + late,
        receipts_covering=covering,
        overdue=covering,
        overdue_since=AS_OF - dt.timedelta(1),
        inventory_position=stock + covering + late - committed,
        order_up_to=stock + covering - committed + need,
        quantity=packs(max(need, moq), pack) if linked else packs(need, Decimal(1)),
        dir=draw(st.none() | st.floats(0, 1e7).map(lambda days: round(days, 1))),
        sales_at_risk=draw(st.decimals(0, 10_000, places=2)),
        expected_daily_demand=draw(st.just(0.0) | st.floats(0.001, 1000)),
        units_sold_28d=draw(st.none() | decimals("0", "1000")),
        last_sale=draw(st.none() | st.just(AS_OF - dt.timedelta(120))),
        lifecycle=draw(st.sampled_from(Lifecycle)),
        lead_time_days=draw(st.integers(0, 700)),
        service_level=draw(st.floats(0.3, 0.9999)),
        order_within_days=draw(st.none() | st.integers(0, 999)),
        moq=moq if linked else None,
        packaging_qty=pack if linked else None,
    )


@given(reorders())
def test_need_and_uplifts_make_the_quantity(reorder: Reorder) -> None:
    told = explain(reorder, SETTINGS, AS_OF)
    assert told.need + told.moq_uplift + told.pack_uplift == reorder.quantity
    assert told.need == reorder.order_up_to - reorder.counted > 0
    assert told.moq_uplift >= 0
    assert 0 <= told.pack_uplift < (reorder.packaging_qty or 1)


@given(reorders())
def test_dates_and_cover_are_never_in_the_past(reorder: Reorder) -> None:
    told = explain(reorder, SETTINGS, AS_OF)
    assert told.expected_arrival == AS_OF + dt.timedelta(reorder.lead_time_days)
    assert (told.order_by_date is None) == (reorder.order_within_days is None)
    assert told.order_by_date is None or told.order_by_date >= AS_OF
    assert (told.days_of_cover_after_receipt is None) == (reorder.expected_daily_demand == 0)
    assert (told.days_of_cover_after_receipt or 0) >= 0
    assert ("0 days of cover after receipt: all" in told.reason) == (told.days_of_cover_after_receipt == 0)


def test_an_explanation_in_figures() -> None:
    told = explain(LANTERN, SETTINGS, AS_OF)
    assert [told.need, told.moq_uplift, told.pack_uplift] == [Decimal(96), Decimal(0), Decimal(0)]
    assert told.expected_arrival == dt.date(2024, 6, 13)
    assert told.order_by_date == AS_OF  # 5 days of stock, 17 needed
    assert told.days_of_cover_after_receipt == 32.0  # 96 / 3: of the 15 none is left on arrival
    assert told.reason == (
        "15 are left; sales were 81 in 28 days and are expected to be 3 a day. Stock on hand runs out on 2024-06-08, "
        "5 days before an order of today arrives on 2024-06-13, and sales of 52.50 are at risk. 30 days of demand and "
        "the safety buffer come to 111, 15 of it are there or arrive in time, so 96 are needed: order 96."
    )


@pytest.mark.parametrize(
    ("fields", "uplifts", "said"),
    [
        ({"moq": "120", "quantity": "120"}, ("24", "0"), "96 are needed, raised to the MOQ of 120: order 120."),
        ({"packaging_qty": "40", "quantity": "120"}, ("0", "24"), "rounded up to packs of 40: order 120."),
        (
            {"moq": "100", "packaging_qty": "40", "quantity": "120"},
            ("4", "20"),
            "raised to the MOQ of 100, rounded up to packs of 40: order 120.",
        ),
        (
            {"moq": None, "packaging_qty": None, "order_up_to": "110.5", "quantity": "96"},
            ("0", "0.5"),
            "so 95.5 are needed, rounded up to whole units: order 96.",
        ),
    ],
)
def test_uplifts_are_told_apart(fields: dict[str, str | None], uplifts: tuple[str, str], said: str) -> None:
    given_fields = {name: None if value is None else Decimal(value) for name, value in fields.items()}
    told = explain(replace(LANTERN, **given_fields), SETTINGS, AS_OF)  # type: ignore[arg-type]
    assert (told.moq_uplift, told.pack_uplift) == tuple(map(Decimal, uplifts))
    assert told.reason.endswith(said)


def test_the_day_to_order_by_is_the_last_that_keeps_the_level_and_no_later_than_there_are_days() -> None:
    assert explain(replace(LANTERN, order_within_days=3), SETTINGS, AS_OF).order_by_date == AS_OF + dt.timedelta(3)
    last = dt.date.max - dt.timedelta(20)
    assert explain(replace(LANTERN, order_within_days=999), SETTINGS, last).order_by_date == dt.date.max


def test_the_policy_is_named_in_the_reason() -> None:
    settings = Settings(replenishment_policy="service_level", service_level=0.95)
    told = explain(replace(LANTERN, service_level=0.9664), settings, AS_OF)
    assert "A service level of 96.64% until the order after this one arrives takes 111, 15 of it are" in told.reason


def said(**fields: object) -> str:
    return explain(replace(LANTERN, **fields), SETTINGS, AS_OF).reason  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"current_stock": Decimal("0.000"), "dir": 0.0}, "Nothing is left; sales were 81 in 28 days and are expected"),
        (
            {"current_stock": Decimal("0.000"), "dir": 0.0},
            "3 a day. An order of today arrives on 2024-06-13, and sales",
        ),
        ({"current_stock": Decimal("1.000"), "units_sold_28d": Decimal(1)}, "1 is left; sales were 1 in 28 days"),
        ({"units_sold_28d": None}, "15 are left; sales are expected to be 3 a day."),
        ({"expected_daily_demand": 0.2}, "expected to be 6 in 30 days."),
        ({"expected_daily_demand": 0.0, "dir": None}, "expected to be 0 in 30 days. An order of today arrives on"),
        ({"dir": 9.5}, "Stock on hand runs out on 2024-06-12, 1 day before an order of today arrives on 2024-06-13"),
        ({"dir": 10.0}, "Stock on hand runs out on 2024-06-13; an order of today arrives on 2024-06-13"),
        ({"dir": 999.0}, "Stock on hand lasts 999 days or more; an order of today arrives on"),
        ({"min_stock": Decimal(111)}, "The least stock planned for the item is 111, 15 of it are there"),
        ({"max_stock": Decimal(111)}, "The most stock planned for the item is 111, 15 of it are there"),
        ({"order_within_days": 3}, "The order can wait until 2024-06-06."),
        (
            {"lifecycle": "sleeping", "last_sale": dt.date(2024, 2, 4)},
            "The item is sleeping: last sold on 2024-02-04, 120 days ago.",
        ),
        ({"lifecycle": "dead", "last_sale": None}, "The item is dead: no sale is on record."),
    ],
)
def test_the_reason_says_what_a_person_would_ask_next(fields: dict[str, object], part: str) -> None:
    assert part in said(**fields)


def test_a_reason_has_no_part_without_something_to_say() -> None:
    reason = said(sales_at_risk=Decimal("0.00"), order_within_days=0)
    for part in ("at risk", "on order", "can wait", "The item is", "0 days of cover"):
        assert part not in reason


def test_what_is_late_and_what_arrives_too_late_is_told_and_does_not_cover() -> None:
    coming = replace(
        LANTERN,
        on_order=Decimal("200.000"),
        inventory_position=Decimal("215.000"),
        receipts_covering=Decimal("8.000"),
        overdue=Decimal("8.000"),
        overdue_since=dt.date(2024, 5, 20),
        quantity=Decimal("88.000"),
    )
    told = explain(coming, SETTINGS, AS_OF)
    assert told.need == Decimal("88.000")
    assert "200 are on order, 8 of that overdue since 2024-05-20, 192 of that due too late to count." in told.reason
    assert "come to 111, 23 of it are there or arrive in time, so 88 are needed" in told.reason


def test_a_share_is_told_apart_from_the_order_and_has_no_uplifts() -> None:
    share = replace(LANTERN, quantity=Decimal("40.000"), moq=Decimal("2880.000"), share_of=Decimal("2880.000"))
    told = explain(share, SETTINGS, AS_OF)
    assert [told.need, told.moq_uplift, told.pack_uplift] == [96, 0, 0]
    assert "so 96 are needed: its share of the 2880 to order for all locations is 40." in told.reason
    assert "MOQ" not in told.reason
    covered = explain(replace(share, inventory_position=Decimal("200.000")), SETTINGS, AS_OF)
    assert covered.need == 0


def test_no_cover_says_why() -> None:
    owed = replace(LANTERN, inventory_position=Decimal("-96.000"), order_up_to=Decimal("0.000"))
    told = explain(owed, SETTINGS, AS_OF)
    assert told.days_of_cover_after_receipt == 0
    assert "0 days of cover after receipt: all that is there then is committed to customers' orders." in told.reason
    fast = explain(replace(LANTERN, expected_daily_demand=5000.0), SETTINGS, AS_OF)
    assert fast.days_of_cover_after_receipt == 0
    assert "0 days of cover after receipt: all that is there then sells on the same day." in fast.reason


def test_costs_are_rounded_half_to_even() -> None:
    assert str(line_cost(Decimal("0.5"), Decimal("0.25"))) == "0.12"
    assert str(line_cost(Decimal("1.5"), Decimal("0.25"))) == "0.38"


def test_a_shortfall_is_what_lacks_to_the_minimum() -> None:
    assert str(shortfall(Decimal("80.00"), Decimal("100"))) == "20.00"
    assert str(shortfall(Decimal("100.00"), Decimal("100"))) == "0.00"
    assert str(shortfall(Decimal("5.00"), None)) == "0.00"


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.text(min_size=1, max_size=3),
        decimals("0", "50"),
        decimals("0.001", "20"),
        st.decimals(Decimal("0.00"), Decimal("9.99"), places=2),
    )
)


@given(st.decimals(Decimal("0.01"), Decimal(500), places=2), CANDIDATES, st.integers(1, 20))
def test_a_fill_reaches_the_minimum_or_takes_all_and_never_one_too_many(
    lacking: Decimal, candidates: list[Candidate], most: int
) -> None:
    fill = fill_to_minimum(lacking, candidates, most)
    taken = sum((one.cost for one in fill.items), Decimal(0))
    assert fill.remaining_shortfall == max(lacking - taken, 0)
    assert len(fill.items) <= most
    if fill.remaining_shortfall:
        everything = fill_to_minimum(Decimal(10**9), candidates, most)
        assert fill.items == everything.items
    else:
        assert taken - fill.items[-1].cost < lacking


@given(st.decimals(Decimal("0.00"), Decimal(500), places=2), CANDIDATES, st.integers(1, 20))
def test_a_fill_keeps_the_order_of_urgency_and_the_suppliers_terms(
    lacking: Decimal, candidates: list[Candidate], most: int
) -> None:
    fill = fill_to_minimum(lacking, candidates, most)
    rest = iter(candidates)
    for one in fill.items:
        source = next(
            candidate
            for candidate in rest
            if (candidate.item_id, line_cost(one.quantity, candidate.supplier_cost)) == (one.item_id, one.cost)
        )
        assert one.quantity >= max(source.moq, source.packaging_qty)
        assert one.quantity % source.packaging_qty == 0


def test_nothing_is_taken_where_nothing_lacks_and_what_is_free_is_passed_over() -> None:
    free = Candidate("free", Decimal(1), Decimal(1), Decimal("0.00"))
    paid = Candidate("paid", Decimal(10), Decimal(4), Decimal("2.00"))
    assert fill_to_minimum(Decimal("0.00"), [paid], 10).items == ()
    fill = fill_to_minimum(Decimal("30.00"), [free, paid], 1)
    assert [(one.item_id, one.quantity, one.cost) for one in fill.items] == [("paid", Decimal(12), Decimal("24.00"))]
    assert str(fill.remaining_shortfall) == "6.00"


def test_a_reason_says_that_costs_decide_the_level() -> None:
    explanation = explain(LANTERN, Settings(replenishment_policy="least_cost"), AS_OF)
    assert "Stock and lost sales together cost least at a service level of" in explanation.reason
