"""Rows with metrics from rows and profiles."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any, get_args

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from shared.catalog.evaluation import refreshed_rows
from shared.catalog.schema import ROW_SCHEMA
from shared.domain.settings import LevelAllocation, ReplenishmentPolicy, Settings
from tests.benchmarks import synthetic
from tests.support.catalogs import catalog_rows, profile, profile_frame
from tests.support.tenants import TODAY


def evaluated(rows: pl.DataFrame, *profiles: dict[str, Any], as_of: dt.date = TODAY) -> list[dict[str, Any]]:
    return refreshed_rows(rows, profile_frame(*profiles), Settings(), as_of)[0].to_dicts()


def test_every_computed_column_is_filled() -> None:
    line = {"order_id": "1", "po_number": "1", "outstanding": Decimal(4), "expected_delivery_date": TODAY}
    late = line | {"expected_delivery_date": TODAY + dt.timedelta(400)}
    stock = {"item_id": "a", "current_stock": Decimal("8.5"), "unit_cost": Decimal("0.03"), "open_lines": [line, late]}
    rows = catalog_rows(stock)
    (found,) = evaluated(rows, profile("a", daily=[2.0] * 90))
    computed = {
        "inventory_position": Decimal("16.500"),
        "on_order": Decimal("8.000"),
        "receipts_due": Decimal("4.000"),
        "receipts_covering": Decimal("4.000"),
        "ordered_lately": Decimal("0.000"),
        "inventory_value": Decimal("0.26"),  # 0.255: half to even
        "expected_daily_demand": 2.0,
        "forecasted_demand_30d": 60.0,
        "dir": 4.2,  # 4.25 days, rounded half to even
        "stockout_risk": 0.994,  # 42 in 21 days: 12.5 is 12.5/21 of the way to the first of the quantiles, that of .01
        "status": "understocked",
        "demand_basis": "forecast",
        "risk_basis": "forecast",
        "as_of": TODAY,
    }
    assert {name: found[name] for name in computed} == computed


def test_what_arrives_in_the_last_review_period_before_an_order_of_today_was_ordered_lately() -> None:
    line = {"order_id": "1", "po_number": "1", "outstanding": Decimal(1)}
    days = (7, 8, 14, 21, 22, None)  # lead time 14, review period 7
    lines = [
        line | {"expected_delivery_date": None if after is None else TODAY + dt.timedelta(after)} for after in days
    ]
    (found,) = evaluated(catalog_rows({"item_id": "a", "open_lines": lines, "lead_time_days": 14}))
    assert (found["on_order"], found["receipts_covering"], found["ordered_lately"]) == (6, 4, 3)


def test_least_cost_asks_for_no_more_than_the_period_after_the_receipt_needs() -> None:
    rows = catalog_rows({"item_id": "a", "lead_time_days": 14, "usual_daily_demand": 2.0})
    settings = Settings(replenishment_policy="least_cost", holding_cost=Decimal("0.2"), shortage_cost=Decimal(1))
    profiles = profile_frame(profile("a", daily=[2.0] * 90))
    level, usual = (
        refreshed_rows(rows, profiles, given, TODAY)[0].row(0, named=True) for given in (settings, Settings())
    )
    assert level["service_level"] == 0.625  # 1 / (1 + 0.2 x 3 weeks)
    assert 0 < level["order_up_to"] < usual["order_up_to"] / 2
    assert level["reorder_quantity"] == math.ceil(level["order_up_to"])


@pytest.mark.parametrize("policy", get_args(ReplenishmentPolicy))
@pytest.mark.parametrize("allocation", get_args(LevelAllocation))
def test_a_client_of_three_items_of_which_little_is_known_is_planned(
    policy: ReplenishmentPolicy, allocation: LevelAllocation
) -> None:
    rows = catalog_rows(
        {"item_id": "new", "unit_cost": Decimal(3), "sale_price": Decimal(5), "first_record": TODAY - dt.timedelta(7)},
        {"item_id": "worthless", "unit_cost": Decimal(0), "usual_daily_demand": 2.0},
        {"item_id": "unsold", "unit_cost": Decimal(4), "unit_price": Decimal(0)},
    )
    settings = Settings(replenishment_policy=policy, level_allocation=allocation)
    profiles = profile_frame(
        profile("new", recent_mean=2.0, recent_variance=4.0), profile("worthless", recent_mean=2.0, recent_variance=4.0)
    )
    found = refreshed_rows(rows, profiles, settings, TODAY)[0]
    row = {line["item_id"]: line for line in found.to_dicts()}
    assert found["service_level"].is_between(0.3, 0.9999).all()
    assert row["worthless"]["service_level"] == 0.95  # no cost says that it should have another one
    assert min(row["new"]["reorder_quantity"], row["worthless"]["reorder_quantity"]) > 0
    assert row["unsold"]["reorder_quantity"] == row["unsold"]["order_up_to"] == 0


def test_rows_have_the_profiles_of_their_own_place_and_keep_their_order() -> None:
    rows = catalog_rows(*({"item_id": item, "location_id": place} for item in "ba" for place in (None, "L", "D")))
    found = evaluated(
        rows,
        profile("b", "D", recent_mean=3.0, recent_variance=0.0),
        profile("a", None, recent_mean=5.0, recent_variance=0.0),
        profile("a", "L", daily=[1.0] * 90),
        profile("c", None, recent_mean=9.0, recent_variance=0.0),
    )
    assert [
        (row["item_id"], row["location_id"], row["expected_daily_demand"], row["demand_basis"]) for row in found
    ] == [
        ("a", None, 5, "recent_sales"),
        ("a", "D", 0, "none"),
        ("a", "L", 1, "forecast"),
        ("b", None, 0, "none"),
        ("b", "D", 3, "recent_sales"),
        ("b", "L", 0, "none"),
    ]


@pytest.mark.parametrize(("days_later", "dir_"), [(0, 10.0 + 5 / 2), (5, 5.0 + 10 / 2), (9, 1.0 + 14 / 2), (200, 7.9)])
def test_a_forecast_made_earlier_has_lost_its_first_days(days_later: int, dir_: float) -> None:
    """1 a day for ten days, then 2: an older forecast has lost first days, one that is past has its mean."""
    rows = catalog_rows({"item_id": "a", "current_stock": Decimal(15)})
    (found,) = evaluated(rows, profile("a", daily=[1.0] * 10 + [2.0] * 80), as_of=TODAY + dt.timedelta(days_later))
    assert found["dir"] == dir_


def test_forecasts_of_different_lengths_are_each_computed_as_if_alone() -> None:
    long, short = profile("long", daily=[1.0] * 90), profile("short", daily=[2.0] * 28)
    stocked = {"current_stock": Decimal(100)}
    both = evaluated(catalog_rows({"item_id": "long", **stocked}, {"item_id": "short", **stocked}), long, short)
    alone = [evaluated(catalog_rows({"item_id": one["item_id"], **stocked}), one)[0] for one in (long, short)]
    assert both == alone
    assert [row["dir"] for row in both] == [100.0, 50.0]


def test_any_block_of_rows_gives_what_all_together_give(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = synthetic.catalog_rows(300)
    profiles = synthetic.demand_profiles(rows)
    together = refreshed_rows(rows, profiles, Settings(), TODAY)[0]
    monkeypatch.setattr("shared.catalog.evaluation._BLOCK_ROWS", 7)
    assert_frame_equal(refreshed_rows(rows, profiles, Settings(), TODAY)[0], together, check_exact=True)


def test_no_rows_give_no_rows() -> None:
    found = refreshed_rows(catalog_rows(), profile_frame(), Settings(), TODAY)[0]
    assert (found.height, found.schema) == (0, ROW_SCHEMA)


def test_nonsense_amounts_stay_numbers() -> None:
    """A billion units of a thing that costs a billion: absurd, but one such item must not stop all the others."""
    rows = catalog_rows({"item_id": "a", "current_stock": Decimal(10**9), "unit_cost": Decimal(10**9)})
    (found,) = evaluated(rows)
    assert found["inventory_value"] > Decimal(10**16)
