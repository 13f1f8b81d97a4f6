"""Scores planted by hand: the edges of recency groups, and what a forecast saves in money."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.frozen_forecasts import DAY
from tests.support.planted_scores import plant
from tests.support.tenants import TODAY, TestClient

PATH = "/analytics/forecast-accuracy"
Row = dict[str, Any]


def test_recency_groups_end_with_days_30_90_and_180(client: TestClient) -> None:
    ages = (1, 30, 31, 90, 91, 180, 181, 900, None)
    days = [
        {"item_id": str(age), "days_since_sale": age, "actual": 2.0, "error": 1.0 if age == 31 else 0.0}
        | {"covered_q50": 1, "covered_q80": int(age != 31), "covered_q90": 1, "covered_q95": 1}
        for age in ages
    ]
    totals = [
        {"item_id": str(age), "days_since_sale": age, "actual": 4.0, "forecast": 5.0, "absolute_error": 1.0}
        | {"covered_q80": 0, "covered_q90": int(age == 91), "covered_q95": 1, "covered_q98": 1}
        for age in ages
    ]
    plant(client, days, totals)
    rows = {row["group"]: row for row in client.get(PATH, params={"group_by": "recency"}).json()["items"]}
    assert {group: row["forecasts"] for group, row in rows.items()} == {
        "0-30 days": 2,
        "31-90 days": 2,
        "91-180 days": 2,
        "over 180 days": 2,
        None: 1,
    }
    row = rows["31-90 days"]
    assert (row["units"], row["forecast_units"], row["expected_per_sold"]) == (4, 5, 1.25)
    assert row["coverage"] == {"q50": 1, "q80": 0.5, "q90": 1, "q95": 1}
    assert rows["91-180 days"]["totals"] == [
        {"window_days": 28, "windows": 2, "units": 8, "forecast_units": 10, "expected_per_sold": 1.25, "wape": 0.25}
        | {"coverage": {"q80": 0, "q90": 0.5, "q95": 1, "q98": 1}}
    ]


# Ours: 9 + k of each; naive: 10 + k and 4 + k. Demand is 10 of each, and a unit of `y` is three times as dear.
TWO = [
    {"item_id": "x", "actual": 10.0, "forecast": 9.0, "naive": 10.0, "unit_cost": 1},
    {"item_id": "y", "actual": 10.0, "forecast": 9.0, "naive": 4.0, "unit_cost": 3},
]


@pytest.mark.parametrize(
    ("fill_rate", "ours", "naive"),
    [
        (0.9, 9 + 3 * 9, 14 + 3 * 8),  # 18 of 20 units: k = 0 and k = 4
        (0.95, 9.5 + 3 * 9.5, 15 + 3 * 9),  # 19: k = 0.5 and k = 5
        (0.96, 9.6 + 3 * 9.6, 15.2 + 3 * 9.2),  # between the factors that are looked at
    ],
)
def test_it_is_the_stock_that_the_naive_forecast_needs_more_to_serve_as_much(
    client: TestClient, fill_rate: float, ours: float, naive: float
) -> None:
    again = [row | {"run_id": "r2", "run_date": TODAY - 41 * DAY} for row in TWO]
    left_out = [
        {"item_id": "no cost", "actual": 5.0, "forecast": 1.0, "naive": 1.0},
        {"item_id": "no naive", "actual": 5.0, "forecast": 1.0, "unit_cost": 1},
        {"item_id": "a day is missing", "windows": 0, "actual": 0.0, "forecast": 0.0, "naive": 1.0, "unit_cost": 1},
        {"item_id": "x", "window_days": 7, "actual": 5.0, "forecast": 9.0, "naive": 1.0, "unit_cost": 1},
        {"item_id": "x", "location_id": "L", "actual": 5.0, "forecast": 9.0, "naive": 1.0, "unit_cost": 1},
    ]
    plant(client, totals=[*TWO, *again, *left_out])
    page = client.get(PATH, params={"fill_rate": fill_rate}).json()
    assert page["fva_money"] == {
        "amount": round(naive - ours, 2),
        "currency": "GBP",
        "stock_value": ours,
        "naive_stock_value": naive,
        "fill_rate": fill_rate,
        "window_days": 28,
        "windows": 4,
        "runs": 2,
    }
    assert page["no_fva_money"] is None
    only = client.get(PATH, params={"fill_rate": fill_rate, "item_id": "x", "group_by": "engine"}).json()["fva_money"]
    assert (only["amount"], only["stock_value"]) == (0, round(10 * fill_rate, 2))


@pytest.mark.parametrize(
    ("totals", "reason"),
    [
        ([], "no_window"),
        ([TWO[0] | {"windows": 0}], "no_window"),
        ([TWO[0] | {"unit_cost": None}], "no_cost"),
        ([TWO[0] | {"naive": None}], "no_naive_forecast"),
        ([TWO[0] | {"actual": 0.0}], "nothing_sold"),
        # Without anything that it varies by, no factor makes the naive stock last.
        ([TWO[0] | {"naive": 0.0, "scale": None}], "out_of_reach"),
    ],
)
def test_what_cannot_be_known_says_why(client: TestClient, totals: list[Row], reason: str) -> None:
    plant(client, totals=totals)
    page = client.get(PATH).json()
    assert (page["fva_money"], page["no_fva_money"]) == (None, reason)
