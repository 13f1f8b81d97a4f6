"""Rows under what the client plans for their items."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from shared.catalog.evaluation import refreshed_rows
from shared.domain.settings import Settings
from tests.support.catalogs import catalog_rows, profile, profile_frame
from tests.support.tenants import TODAY

EQUAL = Settings(level_allocation="equal")
THIRTY_DAYS = Settings(replenishment_policy="forecast_30d")
DAY = dt.timedelta(1)


def planning(**fields: Any) -> dict[str, Any]:
    return {
        "service_level": None,
        "min_stock": None,
        "max_stock": None,
        "do_not_order": False,
        "do_not_order_until": None,
        "reason": None,
    } | fields


def row_of(
    settings: Settings = EQUAL, as_of: dt.date = TODAY, location_id: str | None = None, **fields: Any
) -> dict[str, Any]:
    """The row of an item that sells 2 a day, or that of its only location."""
    item = {"item_id": "a", "abc": "A", "xyz": "X", **fields}
    rows = catalog_rows(item, item | {"location_id": "LONDON"})
    profiles = [profile("a", place, daily=[2.0] * 90) for place in (None, "LONDON")]
    found = refreshed_rows(rows, profile_frame(*profiles), settings, as_of)[0].to_dicts()
    return next(row for row in found if row["location_id"] == location_id)


@pytest.mark.parametrize("place", [None, "LONDON"])
def test_an_item_s_level_comes_before_its_class_s_and_that_before_the_client_s(place: str | None) -> None:
    by_class = EQUAL.model_copy(update={"service_level_by_class": {"AX": 0.8}})
    own = planning(service_level=0.6)
    assert row_of(location_id=place)["service_level"] == 0.95
    assert row_of(by_class, location_id=place)["service_level"] == 0.8
    levels = [row_of(settings, location_id=place, planning=own) for settings in (EQUAL, by_class)]
    assert [row["service_level"] for row in levels] == [0.6, 0.6]
    assert levels[0]["order_up_to"] < row_of(by_class, location_id=place)["order_up_to"]


@pytest.mark.parametrize("level", [1e-9, 1 - 1e-9])
def test_an_extreme_level_stays_within_0_and_1(level: float) -> None:
    for place in (None, "LONDON"):
        row = row_of(location_id=place, planning=planning(service_level=level))
        assert 0 < row["service_level"] < 1
        assert 0 <= row["order_up_to"] < 1000


@pytest.mark.parametrize("settings", [EQUAL, THIRTY_DAYS])
def test_what_is_ordered_up_to_stays_within_the_limits_of_the_item_as_a_whole(settings: Settings) -> None:
    free = row_of(settings)["order_up_to"]
    assert 10 < free < 500
    low, high = planning(max_stock=Decimal(10)), planning(min_stock=Decimal("500.5"))
    assert row_of(settings, planning=low)["order_up_to"] == 10
    assert row_of(settings, planning=high)["order_up_to"] == Decimal("500.5")
    for given in (low, high):
        assert row_of(settings, location_id="LONDON", planning=given)["order_up_to"] == free


@pytest.mark.parametrize("settings", [EQUAL, THIRTY_DAYS])
def test_below_the_least_stock_an_order_is_due_now(settings: Settings) -> None:
    stocked: dict[str, Any] = {"current_stock": Decimal(400)}
    assert row_of(settings, **stocked)["reorder_quantity"] == 0
    assert row_of(settings, **stocked)["order_within_days"] > 0
    kept = row_of(settings, **stocked, planning=planning(min_stock=Decimal(500)))
    assert (kept["reorder_quantity"], kept["order_within_days"]) == (100, 0)


def test_a_dead_item_is_kept_for_a_least_stock_alone() -> None:
    dead: dict[str, Any] = {
        "current_stock": Decimal(1),
        "last_sale": TODAY - 400 * DAY,
        "first_record": TODAY - 500 * DAY,
    }

    def ordered(**fields: Any) -> Decimal:
        rows = catalog_rows({"item_id": "a", **dead, **fields})
        (row,) = refreshed_rows(rows, profile_frame(profile("a", daily=[0.005] * 90)), EQUAL, TODAY)[0].to_dicts()
        assert row["lifecycle"] == "dead"
        quantity: Decimal = row["reorder_quantity"]
        return quantity

    assert ordered() == 0
    assert ordered(planning=planning(min_stock=Decimal(0), max_stock=Decimal(9))) == 0
    assert ordered(planning=planning(min_stock=Decimal(3))) == 2


@pytest.mark.parametrize("place", [None, "LONDON"])
def test_what_is_blocked_is_not_ordered_until_the_block_has_ended(place: str | None) -> None:
    until = planning(do_not_order=True, do_not_order_until=TODAY)
    assert row_of(location_id=place)["reorder_quantity"] > 0
    assert row_of(location_id=place, planning=until)["reorder_quantity"] == 0
    assert row_of(location_id=place, planning=until, as_of=TODAY + DAY)["reorder_quantity"] > 0
    for_good = planning(do_not_order=True, min_stock=Decimal(500))
    assert row_of(location_id=place, planning=for_good, as_of=TODAY + 999 * DAY)["reorder_quantity"] == 0


def test_stock_is_valued_at_cost_else_at_the_supplier_s() -> None:
    stocked: dict[str, Any] = {"current_stock": Decimal(400), "supplier_id": "acme", "supplier_cost": Decimal("3.00")}
    known = row_of(**stocked, unit_cost=Decimal("2.00"))
    assert (known["inventory_value"], known["cost_basis"]) == (800, "unit_cost")
    unknown = row_of(**stocked, unit_cost=Decimal(0))
    assert (unknown["inventory_value"], unknown["cost_basis"]) == (1200, "supplier_cost")
    assert unknown["excess_value"] == 3 * (400 - 180)
    assert unknown["unit_cost"] == 0
    neither = row_of(current_stock=Decimal(400), unit_cost=Decimal(0))
    assert (neither["inventory_value"], neither["cost_basis"], neither["price_basis"]) == (0, None, None)


def test_sales_at_risk_are_at_what_a_unit_brings_as_far_as_that_is_known() -> None:
    worth: dict[str, Any] = {"supplier_id": "acme", "supplier_cost": Decimal("1.00")}
    found: list[Decimal] = []
    for field, basis in (
        (None, "supplier_cost"),
        ("unit_cost", "unit_cost"),
        ("unit_price", "unit_price"),
        ("sale_price", "sales"),
    ):
        worth = {"unit_cost": Decimal(0)} | worth | ({field: Decimal(2 + len(found))} if field else {})
        row = row_of(EQUAL, TODAY, None, **worth)
        assert row["price_basis"] == basis
        found.append(row["sales_at_risk"])
    assert [float(value / found[0]) for value in found] == pytest.approx([1, 3, 4, 5], rel=0.01)


def test_a_supplier_s_cost_decides_the_level_by_cost_too() -> None:
    rows = catalog_rows(
        *({"item_id": item, "unit_cost": Decimal(cost), "supplier_cost": Decimal(1000)} for item, cost in ("a0", "b1")),
    )
    profiles = profile_frame(*(profile(item, daily=[2.0] * 90) for item in "ab"))
    dear, cheap = refreshed_rows(rows, profiles, Settings(), TODAY)[0]["service_level"]
    assert dear < cheap
