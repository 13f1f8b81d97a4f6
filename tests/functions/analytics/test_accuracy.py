"""Accuracy by group: ratios of the pooled days, over HTTP."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from statistics import fmean
from typing import Any

import pytest

from shared.bigquery.tables import quantile_column
from shared.domain.access.principal import Role
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.frozen_forecasts import (
    DAY,
    DAYS_SINCE_SALE,
    ENGINES,
    PATTERNS,
    RUNS,
    Day,
    FrozenForecasts,
    Total,
    accuracy,
)
from tests.support.problems import assert_problem
from tests.support.scored_forecasts import CATEGORIES
from tests.support.tenants import TODAY, TestClient

PATH = "/analytics/forecast-accuracy"
GROUPS: dict[str, Callable[[Day], str | None]] = {
    "all": lambda _: "all",
    "item": lambda day: day.item_id,
    "category": lambda day: CATEGORIES.get(day.item_id, "").replace("\x1f", " ") or None,
    "demand_pattern": lambda day: day.pattern,
    "engine": lambda day: day.engine,
    "lag": lambda day: str(day.lag),
    "recency": lambda day: {1: "0-30 days", 91: "91-180 days", None: None}[DAYS_SINCE_SALE.get(day.item_id)],
}
TOTAL_GROUPS: dict[str, Callable[[Total], str | None]] = {
    "all": lambda _: "all",
    "item": lambda total: total.item_id,
    "category": lambda total: CATEGORIES.get(total.item_id, "").replace("\x1f", " ") or None,
    "demand_pattern": lambda total: PATTERNS.get(total.item_id),
    "engine": lambda total: ENGINES[total.item_id],
    "recency": lambda total: {1: "0-30 days", 91: "91-180 days", None: None}[DAYS_SINCE_SALE.get(total.item_id)],
}


def shown(days: list[Day]) -> dict[str, Any]:
    """What the endpoint says of these days."""
    found, known = accuracy(days), [day for day in days if day.actual is not None]
    return {
        "forecasts": len(days),
        "days": len(known),
        "units": sum(day.actual or 0 for day in known) if known else None,
        "forecast_units": sum(day.mean for day in known) if known else None,
        "expected_per_sold": None if found["bias"] is None else 1 + found["bias"],
        "mape_nonzero_days": found["mape"],
    } | {name: found[name] for name in ("wape", "bias", "rmse", "mase", "wql", "naive_wape", "fva")}


def shown_totals(totals: list[Total]) -> list[dict[str, Any]]:
    """What the endpoint says of these totals."""
    rows = []
    for days in sorted({total.window_days for total in totals}):
        every = [total for total in totals if total.window_days == days]
        known = [(total, total.actual) for total in every if total.actual is not None]
        units, forecast = sum(actual for _, actual in known), sum(total.mean for total, _ in known)
        missed = sum(abs(total.mean - actual) for total, actual in known)
        coverage = {
            quantile_column(level): fmean(actual <= total.quantiles[level] for total, actual in known)
            for level in (0.8, 0.9, 0.95, 0.98)
            if known
        }
        rows.append(
            {"window_days": days, "windows": len(known), "units": units if known else None}
            | {"forecast_units": forecast if known else None}
            | {"expected_per_sold": forecast / units if units else None, "wape": missed / units if units else None}
            | {"coverage": coverage or dict.fromkeys(("q80", "q90", "q95", "q98"))}
        )
    return rows


def check_totals(rows: list[dict[str, Any]], totals: list[Total], group: str) -> None:
    """Takes them out of the rows."""
    for row in rows:
        mine = [] if group == "lag" else [one for one in totals if TOTAL_GROUPS[group](one) == row["group"]]
        found, expected = row.pop("totals"), shown_totals(mine)
        assert len(found) == len(expected)
        for window, right in zip(found, expected, strict=True):
            assert window.pop("coverage") == pytest.approx(right.pop("coverage"))
            assert window == pytest.approx(right)


def check(rows: list[dict[str, Any]], days: list[Day], group: str) -> None:
    grouped = defaultdict(list)
    for day in days:
        grouped[GROUPS[group](day)].append(day)
    assert len(rows) == len(grouped)
    for row in rows:
        mine = grouped[row.pop("group")]
        coverage, found = row.pop("coverage"), accuracy(mine)
        assert coverage == pytest.approx({name: found[f"covered_{name}"] for name in ("q50", "q80", "q90", "q95")})
        assert row == pytest.approx(shown(mine))


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("location_id", [None, "L"])
def test_a_groups_ratios_are_those_of_all_its_days(
    scored: TestClient,
    frozen: FrozenForecasts,
    queries: Callable[[TestClient], int],
    group: str,
    location_id: str | None,
) -> None:
    given = {"group_by": group} | ({} if location_id is None else {"location_id": location_id})
    page = scored.get(PATH, params=given).json()
    lags = {1, 7, 14, 28} if group == "lag" else {7}
    days = [day for day in frozen.days() if day.location_id == (location_id or "*") and day.lag in lags]
    totals = [total for total in frozen.window_totals() if total.location_id == (location_id or "*")]
    assert {total.actual is None for total in totals} == {True, False}
    check_totals(page["items"], totals, group)
    check(page["items"], days, group)
    units = [row["units"] for row in page["items"]]
    assert units == sorted(units, reverse=True)
    assert (page["lag"], page["total"]) == (None if group == "lag" else 7, len(page["items"]))
    assert page["as_of"] == (TODAY - DAY).isoformat()
    assert queries(scored) == 2


def test_filters_narrow_together(scored: TestClient, frozen: FrozenForecasts) -> None:
    first, last = TODAY - 28 * DAY, TODAY - 8 * DAY
    given = {"group_by": "engine", "lag": 14, "item_id": "b/1", "from_date": first, "to_date": last}
    page = scored.get(PATH, params=given).json()
    days = [
        day
        for day in frozen.days()
        if (day.item_id, day.location_id, day.lag) == ("b/1", "*", 14) and first <= RUNS[day.run_id] <= last
    ]
    assert days
    totals = [
        total
        for total in frozen.window_totals()
        if (total.item_id, total.location_id) == ("b/1", "*") and first <= RUNS[total.run_id] <= last
    ]
    assert totals
    check_totals(page["items"], totals, "engine")
    check(page["items"], days, "engine")
    assert (page["from_date"], page["to_date"]) == (first.isoformat(), last.isoformat())


def test_pages_follow_each_other(scored: TestClient) -> None:
    every = scored.get(PATH, params={"group_by": "item"}).json()["items"]
    pages = [scored.get(PATH, params={"group_by": "item", "page_size": 3, "page": page}).json() for page in (1, 2, 3)]
    assert [row for page in pages for row in page["items"]] == every
    assert [(len(page["items"]), page["total"]) for page in pages] == [(3, 4), (1, 4), (0, 4)]


def test_what_is_not_known_is_null(client: TestClient) -> None:
    page = client.get(PATH, params={"group_by": "engine"}).json()
    assert (page["items"], page["total"], page["as_of"]) == ([], 0, None)


def test_an_item_that_never_sold_has_no_percentage(scored: TestClient) -> None:
    rows = {row["group"]: row for row in scored.get(PATH, params={"group_by": "item"}).json()["items"]}
    never = rows["never"]
    ratios = ("wape", "bias", "mape_nonzero_days", "mase", "wql", "naive_wape", "fva")
    assert [never[name] for name in ratios] == [None] * len(ratios)
    assert never["units"] == 0
    assert never["rmse"] > 0
    assert never["coverage"]["q95"] == 1


def test_another_clients_forecasts_are_not_to_be_seen(scored: TestClient, client: TestClient) -> None:
    assert client.get(PATH, params={"group_by": "item"}).json()["items"] == []
    response = client.get(PATH, params={"group_by": "item", "client_id": scored.client_id})
    assert_problem(response, 403, "other_client")


@pytest.mark.parametrize("role", Role)
def test_everyone_may_read(client: TestClient, role: Role) -> None:
    paths = (f"{PATH}?group_by=lag", "/analytics/inventory-trends")
    assert [client.get(path, role=role).status_code for path in paths] == [200, 200]


def test_it_reads_no_more_than_the_client(scored: TestClient, meter: FirestoreMeter) -> None:
    """By category the catalog too. The meter counts what lies below the client's own document."""
    for group, reads in (("item", 0), ("category", 1)):
        scored.get(PATH, params={"group_by": "category"})
        meter.reset()
        scored.get(PATH, params={"group_by": group})
        assert meter.of(scored.client_id) == Billed(reads=reads)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"group_by": "colour"}, "query/group_by", "'demand_pattern'"),
    ({"group_by": "lag", "lag": 2}, "query/lag", "28"),
    ({"fill_rate": 1}, "query/fill_rate", "1"),
    ({"group_by": "lag", "page_size": 201}, "query/page_size", "200"),
    ({"group_by": "lag", "from_date": "yesterday"}, "query/from_date", "date"),
]


def test_an_unknown_parameter_is_refused_by_name(client: TestClient) -> None:
    problem = assert_problem(client.get(PATH, params={"group_by": "lag", "weather": "fine"}), 422, "unknown_field")
    assert "unknown 'weather'" in problem["detail"]


@pytest.mark.parametrize(("given", "pointer", "said"), REFUSED)
def test_what_is_refused(client: TestClient, given: dict[str, Any], pointer: str, said: str) -> None:
    problem = assert_problem(client.get(PATH, params=given), 422, "invalid_input")
    (error,) = problem["errors"]
    assert error["pointer"] == pointer
    assert said in f"{error['detail']} {problem['detail']}"


@pytest.mark.parametrize(
    "path", [f"{PATH}?group_by=lag&", "/analytics/inventory-trends?", "/analytics/supplier-performance?"]
)
def test_periods_that_are_refused(client: TestClient, path: str) -> None:
    backwards = client.get(f"{path}from_date=2024-06-02&to_date=2024-06-01")
    assert "2024-06-02 lies behind to_date 2024-06-01" in assert_problem(backwards, 422, "invalid_range")["detail"]
    long = client.get(f"{path}from_date=2020-01-01&to_date=2024-06-01")
    assert "731 days" in assert_problem(long, 422, "period_too_long")["detail"]
