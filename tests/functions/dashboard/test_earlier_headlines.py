"""What the dashboard says of a week and of four weeks before is what it said then."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from shared.catalog.publication import earlier_headlines
from shared.domain.purchasing.product import Product
from shared.firestore.conditions import Conditions
from tests.support.firestore_meter import FirestoreMeter
from tests.support.forecasts import publish_forecast
from tests.support.metrics_rows import metrics_row, put_metrics
from tests.support.shops import CONDITIONS, PRODUCTS, STOCK
from tests.support.tenants import TODAY, TestClient

DAY = dt.timedelta(1)
PLACES = (None, "LONDON", "DUBLIN", "ROTTERDAM")
# Worth what its supplier asks: no cost of its own is known.
BOUGHT = Product("bought", "Bought", unit_cost=Decimal("0.00"))


def stocked(client: TestClient, day: dt.date) -> TestClient:
    """A shop on that day, of which no metrics are known yet."""
    client.create(business_date=day)
    client.stock((*PRODUCTS, BOUGHT), STOCK | {"bought": {"LONDON": "8"}})
    bought = CONDITIONS[0].__class__(**vars(CONDITIONS[0]) | {"item_id": "bought"})
    Conditions(client.tenant).put_many([*CONDITIONS, bought])
    sales = [("A/1", "LONDON", 3), ("b 2", "LONDON", 1), ("gone", "LONDON", 2), ("normal", "DUBLIN", 1)]
    client.sell(
        [
            {"item_id": item, "location_id": place, "date_local": day - ago * DAY, "units_sold": units}
            for item, place, units in sales
            for ago in range(1, 61)
        ]
        + [
            {"item_id": "dead", "location_id": "LONDON", "date_local": day - ago * DAY, "units_sold": 4}
            for ago in range(200, 210)
        ]
    )
    publish_forecast(client, {"A/1": {"*": 3.0, "LONDON": 2.0}, "b 2": 1.25}, run_date=day)
    return client


def refresh_on(client: TestClient, day: dt.date, *, rebuild: bool = False) -> None:
    """The refresh of that day."""
    client.create(business_date=day)
    client.refresh(rebuild=rebuild)


def dashboard(client: TestClient, place: str | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = client.get("/dashboard", params={"location_id": place} if place else {}).json()
    return shown


def test_a_week_later_it_shows_every_figure_as_it_was(client: TestClient, meter: FirestoreMeter) -> None:
    week_before, before = TODAY - 7 * DAY, {}
    stocked(client, week_before)
    refresh_on(client, week_before, rebuild=True)
    first = dashboard(client)
    assert (first["week_before"], first["four_weeks_before"]) == (None, None)
    assert client.call("PATCH", "/products/b%202", json={"unit_cost": 3}).status_code == 200
    refresh_on(client, week_before)  # of a day that is refreshed again the last figures count
    for place in PLACES:
        before[place] = dashboard(client, place)["metrics"]
    assert before[None] != first["metrics"]
    assert before[None]["out_of_stock_count"] == 1
    assert min(before[None][name] for name in ("dead_stock_count", "overstocked_count", "sales_at_risk")) > 0
    refresh_on(client, TODAY)
    now = {place: dashboard(client, place) for place in PLACES}
    for place in PLACES:
        assert now[place]["week_before"] == before[place] | {"date": week_before.isoformat()}
        assert now[place]["four_weeks_before"] is None
    assert now[None]["metrics"] != before[None]
    assert dashboard(client, "nowhere")["week_before"] is None
    meter.reset()
    assert dashboard(client)["week_before"] == now[None]["week_before"]
    assert meter.of(client.client_id).reads == 1
    # Other settings change the figures of today alone.
    settings = {"overstocked_threshold": 400, "understocked_threshold": 300}
    assert client.call("PATCH", "/settings", json=settings).status_code == 200
    again = dashboard(client)
    assert again["metrics"]["understocked_count"] > now[None]["metrics"]["understocked_count"]
    assert again["week_before"] == now[None]["week_before"]
    refresh_on(client, TODAY)
    assert dashboard(client)["week_before"] == now[None]["week_before"]


def test_a_day_without_metrics_is_stood_in_for_by_one_of_the_three_before(client: TestClient) -> None:
    stocked(client, TODAY - 31 * DAY)
    refresh_on(client, TODAY - 31 * DAY, rebuild=True)
    shown = {}
    for ago in (24, 10, 3, 0):
        refresh_on(client, TODAY - ago * DAY)
        found = dashboard(client)
        shown[ago] = [
            past and (TODAY - dt.date.fromisoformat(past["date"])).days
            for past in (found["week_before"], found["four_weeks_before"])
        ]
    assert shown == {24: [31, None], 10: [None, None], 3: [10, 31], 0: [10, 31]}
    refresh_on(client, TODAY + DAY)
    assert (dashboard(client)["week_before"], dashboard(client)["four_weeks_before"]) == (None, None)


def test_figures_are_those_that_one_works_out_by_hand(client: TestClient) -> None:
    """Stock that is not dead lasts (100 + 40) / (2 x 10 + 1 x 20) = 3.5 days; what was not kept is not made up."""
    day = TODAY - 28 * DAY
    put_metrics(
        client,
        [
            metrics_row(day, "a", inventory_value=100, unit_cost=10, expected_daily_demand=2.0, dir=5.0)
            | {"status": "overstocked", "current_stock": 10, "sales_at_risk": 1, "excess_value": 60},
            metrics_row(day, "b", inventory_value=40, unit_cost=20, expected_daily_demand=1.0, dir=2.0)
            | {"status": "understocked", "current_stock": 2, "sales_at_risk": 7, "excess_value": 0},
            metrics_row(day, "c", inventory_value=9, unit_cost=3, status="dead_stock", current_stock=3, dir=999.0)
            | {"sales_at_risk": 0, "excess_value": 9},
            metrics_row(day, "d", status="understocked", dir=0.0, sales_at_risk=5, excess_value=0),
            metrics_row(day, "a", "LONDON", inventory_value=100, current_stock=10, status="overstocked"),
        ],
    )
    refresh_on(client, TODAY)
    assert dashboard(client)["four_weeks_before"] == {
        "date": day.isoformat(),
        "total_skus": 4,
        "total_inventory_value": 149,
        "understocked_count": 2,
        "overstocked_count": 1,
        "dead_stock_count": 1,
        "out_of_stock_count": 1,
        "average_dir": 3.5,
        "median_dir": 2,
        "understocked_value": 40,
        "overstocked_value": 100,
        "dead_stock_value": 9,
        "sales_at_risk": 13,
        "excess_value": 69,
    }
    london = dashboard(client, "LONDON")["four_weeks_before"]
    assert (london["total_skus"], london["sales_at_risk"], london["excess_value"]) == (1, None, None)
    assert dashboard(client)["week_before"] is None


def test_with_too_many_locations_the_whole_alone_is_kept(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(earlier_headlines, "MOST_LOCATIONS", 1)
    rows = [metrics_row(TODAY - 7 * DAY, "a", place) for place in ("*", "L", "D")]
    put_metrics(client, rows)
    refresh_on(client, TODAY)
    assert dashboard(client)["week_before"]["total_skus"] == 1
    assert dashboard(client, "L")["week_before"] is None


def test_a_refresh_asks_for_them_once(client: TestClient, sent_to_bigquery: list[tuple[str, str]]) -> None:
    refresh_on(client, TODAY)
    mine = [text for client_id, text in sent_to_bigquery if client_id == client.client_id]
    assert sum("inventory_metrics" in text and "MERGE" not in text for text in mine) == 1
