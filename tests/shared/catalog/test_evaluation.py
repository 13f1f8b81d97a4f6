"""Rows with metrics from rows and profiles."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from shared.catalog.evaluation import evaluate_rows
from shared.catalog.schema import ROW_SCHEMA
from shared.domain.settings import Settings
from tests.benchmarks import synthetic
from tests.support.catalogs import catalog_rows, profile, profile_frame
from tests.support.tenants import TODAY


def evaluated(rows: pl.DataFrame, *profiles: dict[str, Any], as_of: dt.date = TODAY) -> list[dict[str, Any]]:
    return evaluate_rows(rows, profile_frame(*profiles), Settings(), as_of).to_dicts()


def test_every_computed_column_is_filled() -> None:
    rows = catalog_rows(
        {"item_id": "a", "current_stock": Decimal("12.5"), "on_order": Decimal(4), "unit_cost": Decimal("0.03")}
    )
    (found,) = evaluated(rows, profile("a", daily=[2.0] * 90))
    computed = {
        "inventory_position": Decimal("16.500"),
        "inventory_value": Decimal("0.38"),  # 0.375: half to even
        "expected_daily_demand": 2.0,
        "forecasted_demand_30d": 60.0,
        "dir": 6.2,  # 6.25 days, rounded half to even
        "stockout_risk": 0.994,  # 42 in 21 days: 12.5 is 12.5/21 of the way to the first of the quantiles, that of .01
        "status": "understocked",
        "demand_basis": "forecast",
        "risk_basis": "forecast",
        "as_of": TODAY,
    }
    assert {name: found[name] for name in computed} == computed


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


@pytest.mark.parametrize(("days_later", "dir_"), [(0, 10.0 + 5 / 2), (5, 5.0 + 10 / 2), (9, 1.0 + 14 / 2), (200, 7.5)])
def test_a_forecast_made_earlier_has_lost_its_first_days(days_later: int, dir_: float) -> None:
    """1 a day for ten days, then 2: of an older forecast fewer of the first days are left, and 2 goes on."""
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
    together = evaluate_rows(rows, profiles, Settings(), TODAY)
    monkeypatch.setattr("shared.catalog.evaluation._BLOCK_ROWS", 7)
    assert_frame_equal(evaluate_rows(rows, profiles, Settings(), TODAY), together, check_exact=True)


def test_no_rows_give_no_rows() -> None:
    found = evaluate_rows(catalog_rows(), profile_frame(), Settings(), TODAY)
    assert (found.height, found.schema) == (0, ROW_SCHEMA)


def test_nonsense_amounts_stay_numbers() -> None:
    """A billion units of a thing that costs a billion: absurd, but one such item must not stop all the others."""
    rows = catalog_rows({"item_id": "a", "current_stock": Decimal(10**9), "unit_cost": Decimal(10**9)})
    (found,) = evaluated(rows)
    assert found["inventory_value"] > Decimal(10**16)
