"""A suggestion's explanation adds up, and a fill reaches the supplier's minimum with no item too many."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.planning.replenishment import Candidate, Reorder, explain, fill_to_minimum, line_cost, shortfall
from shared.domain.purchasing.order_quantity import packs
from shared.domain.settings import Settings

AS_OF = dt.date(2024, 6, 3)
SETTINGS = Settings(replenishment_policy="forecast_30d")  # a safety buffer of 7 days
LANTERN = Reorder(
    current_stock=Decimal("15.000"),
    on_order=Decimal("0.000"),
    inventory_position=Decimal("15.000"),
    order_up_to=Decimal("111.000"),
    quantity=Decimal("96.000"),
    dir=5.0,
    stockout_risk=0.97,
    expected_daily_demand=3.0,
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
    position, need = draw(decimals("-100", "1000")), draw(decimals("0.001", "1000"))
    linked = draw(st.booleans())
    return Reorder(
        current_stock=position,
        on_order=Decimal("0.000"),
        inventory_position=position,
        order_up_to=position + need,
        quantity=packs(max(need, moq), pack) if linked else packs(need, Decimal(1)),
        dir=draw(st.none() | st.floats(0, 1e7).map(lambda days: round(days, 1))),
        stockout_risk=draw(st.floats(0, 1)),
        expected_daily_demand=draw(st.just(0.0) | st.floats(0.001, 1000)),
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
    assert told.need == reorder.order_up_to - reorder.inventory_position
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


def test_an_explanation_in_figures() -> None:
    told = explain(LANTERN, SETTINGS, AS_OF)
    assert [told.need, told.moq_uplift, told.pack_uplift] == [Decimal(96), Decimal(0), Decimal(0)]
    assert told.expected_arrival == dt.date(2024, 6, 13)
    assert told.order_by_date == AS_OF  # 5 days of stock, 17 needed
    assert told.days_of_cover_after_receipt == 27.0  # 111 / 3 - 10
    assert told.reason == (
        "Stock of 15 lasts 5 days, with a stockout risk of 97% over the 17 days of lead time and safety buffer; "
        "30 days of demand and the safety buffer come to 111, the inventory position is 15, so 96 are needed: order 96."
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
    told = explain(replace(LANTERN, dir=None, expected_daily_demand=0.0, service_level=0.9), settings, AS_OF)
    assert told.reason.startswith("Stock of 15, with a stockout risk of 97%")
    assert "demand over lead time and review period, at a service level of 0.9, comes to 111" in told.reason


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


@given(st.decimals(Decimal("0.01"), Decimal(500), places=2), CANDIDATES)
def test_a_fill_reaches_the_minimum_or_takes_all_and_never_one_too_many(
    lacking: Decimal, candidates: list[Candidate]
) -> None:
    fill = fill_to_minimum(lacking, candidates)
    taken = sum((one.cost for one in fill.items), Decimal(0))
    assert fill.remaining_shortfall == max(lacking - taken, 0)
    if fill.remaining_shortfall:
        everything = fill_to_minimum(Decimal(10**9), candidates)
        assert fill.items == everything.items
    else:
        assert taken - fill.items[-1].cost < lacking


@given(st.decimals(Decimal("0.00"), Decimal(500), places=2), CANDIDATES)
def test_a_fill_keeps_the_order_of_urgency_and_the_suppliers_terms(
    lacking: Decimal, candidates: list[Candidate]
) -> None:
    fill = fill_to_minimum(lacking, candidates)
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
    assert fill_to_minimum(Decimal("0.00"), [paid]).items == ()
    fill = fill_to_minimum(Decimal("30.00"), [free, paid])
    assert [(one.item_id, one.quantity, one.cost) for one in fill.items] == [("paid", Decimal(12), Decimal("24.00"))]
    assert str(fill.remaining_shortfall) == "6.00"
