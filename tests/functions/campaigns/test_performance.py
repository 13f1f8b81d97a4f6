"""What a campaign brought, against plain arithmetic over the same sales."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.support.catalogs import catalog_rows, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.forecasts import publish_forecast
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

Row = dict[str, Any]
DAY = dt.timedelta(1)
START = TODAY - 14 * DAY  # a Monday
PRICE = Decimal("2.50")


def units_on(item: str, day: dt.date) -> int:
    """Two a day, on Mondays five; from the start on twice as much of the first item for a week."""
    usual = 5 if day.isoweekday() == 1 else 2
    return usual * 2 if item == "a/1" and START <= day < START + 7 * DAY else usual


def sold(items: tuple[str, ...], first: dt.date, last: dt.date) -> int:
    days = [first + number * DAY for number in range((last - first).days + 1)]
    return sum(units_on(item, day) for item in items for day in days)


def sales(item: str, days: int = 120) -> list[Row]:
    return [
        {
            "item_id": item,
            "location_id": place,
            "date_local": day,
            "units_sold": units_on(item, day) - 1 if place == "LONDON" else 1,
            "revenue": PRICE * (units_on(item, day) - 1 if place == "LONDON" else 1),
        }
        for day in (TODAY - number * DAY for number in range(1, days + 1))
        for place in ("LONDON", "DUBLIN")
    ]


def campaign(client: TestClient, items: tuple[str, ...], start: dt.date = START, days: int = 7) -> str:
    body = {"name": "x", "start_date": start.isoformat(), "end_date": (start + (days - 1) * DAY).isoformat()}
    response = client.post("/campaigns", json=body | {"products": [{"item_id": item} for item in items]})
    assert response.status_code == 201, response.text
    campaign_id: str = response.json()["campaign_id"]
    return campaign_id


def performance(client: TestClient, items: tuple[str, ...], start: dt.date = START, days: int = 7) -> Row:
    response = client.get(f"/campaigns/{campaign(client, items, start, days)}/performance")
    assert response.status_code == 200, response.text
    found: Row = response.json()
    return found


def shop(running: Running) -> TestClient:
    client = TestClient(running.base_url).create()
    publish(client.tenant, catalog_rows(*({"item_id": item} for item in ("a/1", "b", "new", "other"))))
    client.sell(sales("a/1") + sales("b") + sales("other"))
    return client


@pytest.fixture(scope="module")
def unforecast(running: Running) -> TestClient:
    """A client without a forecast."""
    return shop(running)


@pytest.fixture(scope="module")
def forecast(running: Running) -> TestClient:
    """A client with a forecast for one of its items, made two days before the campaign, and others not to be used."""
    client = shop(running)
    publish_forecast(client, {"a/1": {"*": 3.0, "LONDON": 1.0}}, run_id="frozen", run_date=START - 2 * DAY)
    publish_forecast(client, {"a/1": 50.0}, run_id="older", run_date=START - 9 * DAY)
    publish_forecast(client, {"a/1": 70.0}, run_id="later", run_date=START + DAY)
    return client


def test_against_the_same_weekdays_where_there_is_no_forecast(unforecast: TestClient) -> None:
    found = performance(unforecast, ("a/1", "b"))
    assert found["status"] == "ended"
    assert found["as_of"] == TODAY.isoformat()
    assert found["baseline"] == {
        "method": "same_weekdays",
        "forecast_run_id": None,
        "forecast_run_date": None,
        "products_by_forecast": 0,
        "products_by_same_weekdays": 2,
    }
    during = sold(("a/1", "b"), START, START + 6 * DAY)
    assert during == 51
    assert found["during"] == {
        "from_date": START.isoformat(),
        "to_date": (START + 6 * DAY).isoformat(),
        "days": 7,
        "units": during,
        "revenue": during * 2.5,
        "expected_units": 34,
        "expected_revenue": 85,
        "uplift_units": 17,
        "uplift_share": 0.5,
        "uplift_interval": {"level": 0.8, "low": 17, "high": 17},  # every week was like the other
    }
    for phase, first, last in (("before", -7, -1), ("after", 7, 13)):
        assert found[phase]["units"] == sold(("a/1", "b"), START + first * DAY, START + last * DAY) == 34
        assert (found[phase]["from_date"], found[phase]["days"]) == ((START + first * DAY).isoformat(), 7)
    assert (found["after"]["expected_units"], found["after"]["uplift_units"]) == (34, 0)
    assert (found["before"]["expected_units"], found["before"]["uplift_units"]) == (None, None)


def test_against_the_forecast_that_was_frozen_before_it(forecast: TestClient) -> None:
    found = performance(forecast, ("a/1",))
    assert found["baseline"] == {
        "method": "forecast",
        "forecast_run_id": "frozen",
        "forecast_run_date": (START - 2 * DAY).isoformat(),
        "products_by_forecast": 1,
        "products_by_same_weekdays": 0,
    }
    assert (found["during"]["units"], found["during"]["expected_units"]) == (34, 21)
    assert (found["after"]["units"], found["after"]["expected_units"]) == (17, 21)
    assert (found["after"]["uplift_units"], found["after"]["uplift_share"]) == (-4, -0.1905)


def test_each_product_from_what_covers_it(forecast: TestClient) -> None:
    found = performance(forecast, ("a/1", "b"))
    assert (found["baseline"]["method"], found["baseline"]["forecast_run_id"]) == ("both", "frozen")
    assert (found["baseline"]["products_by_forecast"], found["baseline"]["products_by_same_weekdays"]) == (1, 1)
    assert found["during"]["expected_units"] == 21 + 17
    assert (found["product_count"], found["products_measured"]) == (2, 2)


def test_a_forecast_that_covers_only_some_days_is_not_used(forecast: TestClient) -> None:
    """It has 90 days, the campaign 95."""
    client, start = forecast, START - 95 * DAY
    publish_forecast(client, {"a/1": 9.0}, run_id="long ago", run_date=start)
    found = performance(client, ("a/1",), start=start, days=95)
    assert found["baseline"]["method"] == "same_weekdays"


def test_a_running_campaign_is_compared_as_far_as_it_is_known(unforecast: TestClient) -> None:
    found = performance(unforecast, ("b",), start=TODAY - 2 * DAY, days=7)
    assert found["status"] == "running"
    assert (found["during"]["days"], found["during"]["units"], found["during"]["expected_units"]) == (2, 4, 4)
    assert found["before"]["days"] == 7
    assert found["after"] == dict.fromkeys(found["after"]) | {"days": 0}


def test_of_a_planned_one_nothing_is_known_yet(unforecast: TestClient) -> None:
    found = performance(unforecast, ("b",), start=TODAY + 3 * DAY, days=7)
    assert found["status"] == "planned"
    assert (found["before"]["days"], found["before"]["units"]) == (4, 2 * 4)
    assert found["during"]["units"] is found["after"]["units"] is None
    assert found["baseline"]["method"] is None
    far = performance(unforecast, ("b",), start=TODAY + 300 * DAY, days=7)
    assert far["before"]["units"] is None


@pytest.mark.parametrize("items", [("new",), ()])
def test_of_products_that_never_sold_nothing_is_known(unforecast: TestClient, items: tuple[str, ...]) -> None:
    found = performance(unforecast, items)
    assert found["baseline"]["method"] is None
    assert (found["product_count"], found["products_measured"]) == (len(items), 0)
    for phase in ("before", "during", "after"):
        known = {name for name, value in found[phase].items() if value is not None}
        assert known == {"from_date", "to_date", "days"}
    assert (found["money"]["result"], found["money"]["no_result"]) == (None, "not_measured")


def test_every_figure_is_about_the_products_that_are_measured(running: Running) -> None:
    """`fresh` sells only from the start on, `asleep` did before the 8 weeks: neither is in a figure."""
    client = TestClient(running.base_url).create()
    publish(client.tenant, catalog_rows(*({"item_id": item} for item in ("a/1", "b", "fresh", "asleep"))))
    client.sell(sales("a/1") + sales("b"))
    client.sell([row for row in sales("fresh") if row["date_local"] >= START])
    client.sell([row for row in sales("asleep", 200) if row["date_local"] < START - 56 * DAY])
    days = 60  # so that those before reach beyond the 8 weeks
    found = performance(client, ("a/1", "b", "fresh", "asleep"), start=START, days=days)
    alone = performance(client, ("a/1", "b"), start=START, days=days)
    assert (found.pop("product_count"), alone.pop("product_count")) == (4, 2)
    assert found.pop("campaign_id") != alone.pop("campaign_id")
    assert found == alone
    assert found["products_measured"] == 2
    assert found["before"]["units"] == sold(("a/1", "b"), START - days * DAY, START - DAY)
    assert found["during"]["units"] == sold(("a/1", "b"), START, TODAY - DAY)


def test_what_the_uplift_is_worth(running: Running) -> None:
    """17 more of `a/1` at a margin of 1.50, as many as usual of `d`; nobody knows the cost of `b`, the price of `c`."""
    client = TestClient(running.base_url).create()
    prices = {"a/1": (1, None), "b": (0, 9), "c": (1, None), "d": (1, 5)}
    rows = [
        {"item_id": item, "unit_cost": Decimal(cost), "unit_price": None if price is None else Decimal(price)}
        for item, (cost, price) in prices.items()
    ]
    publish(client.tenant, catalog_rows(*rows))
    client.sell(sales("a/1") + sales("b") + [row | {"revenue": None} for row in sales("c") + sales("d")])
    made = client.post(
        "/campaigns",
        json={
            "name": "x",
            "start_date": START.isoformat(),
            "end_date": (START + 6 * DAY).isoformat(),
            "budget": 20,
            "products": [{"item_id": item, "discount": 20} for item in prices],
        },
    ).json()
    assert client.get(f"/campaigns/{made['campaign_id']}/performance").json()["money"] == {
        "uplift_margin": 17 * 1.5,
        "budget": 20,
        "result": 17 * 1.5 - 20,
        "no_result": None,
        "products_with_margin": 2,
        "products_without_price": 1,
        "products_without_cost": 1,
        "price_basis": "both",
    }


def test_days_that_differ_make_an_interval(running: Running) -> None:
    """In the reference every other week sells 2 more a day: each day deviates by 1."""
    client = TestClient(running.base_url).create()
    publish(client.tenant, catalog_rows({"item_id": "a/1"}))
    client.sell(
        [
            {"item_id": "a/1", "location_id": "L", "date_local": START + number * DAY}
            | {"units_sold": 6 if number >= 0 else 3 + 2 * (number // 7 % 2)}
            for number in range(-56, 4)
        ]
    )
    during = performance(client, ("a/1",), days=4)["during"]
    width = 1.2815515655446004 * (56 / 49) ** 0.5 * 4**0.5
    assert during["uplift_interval"] == {"level": 0.8, "low": round(8 - width, 3), "high": round(8 + width, 3)}
    assert performance(client, ("a/1",), start=TODAY - DAY, days=30)["during"]["days"] == 1


def test_it_costs_a_read_for_each_document_that_it_looks_at(unforecast: TestClient, meter: FirestoreMeter) -> None:
    path = f"/campaigns/{campaign(unforecast, ('b',))}/performance"
    unforecast.get(path)
    meter.reset()
    unforecast.get(path)
    assert meter.of(unforecast.client_id).reads == 3  # the campaign, the catalog's pointer, no forecast run


def test_days_without_stock_say_nothing_about_demand(running: Running) -> None:
    client = TestClient(running.base_url).create()
    publish(client.tenant, catalog_rows({"item_id": "a/1"}))
    client.sell(
        [
            {"item_id": "a/1", "location_id": "L", "date_local": START - number * DAY, "revenue": None}
            | {"units_sold": 4 if number <= 28 else 0, "stock_on_date": 9 if number <= 28 else 0}
            for number in range(-6, 57)
        ]
    )
    found = performance(client, ("a/1",))
    assert found["during"]["expected_units"] == 28
    assert (found["during"]["revenue"], found["during"]["expected_revenue"]) == (None, None)


def test_another_clients_sales_are_not_counted(unforecast: TestClient, running: Running) -> None:
    client = TestClient(running.base_url).create()
    publish(client.tenant, catalog_rows({"item_id": "b"}))
    assert performance(client, ("b",))["during"]["units"] is None


@pytest.mark.parametrize(
    ("start", "end", "during"),
    [
        (TODAY - 2 * DAY, dt.date.max, 4),
        (dt.date.min + 56 * DAY, dt.date.max, None),  # nothing says what it would have sold without it
        (dt.date.min, dt.date.max, None),
        (dt.date.min, dt.date.min, None),
        (dt.date.max, dt.date.max, None),
    ],
    ids=["without an end", "almost for ever", "for ever", "the first day", "the last day"],
)
def test_at_the_ends_of_the_calendar_it_is_known_as_far_as_sales_are(
    unforecast: TestClient, start: dt.date, end: dt.date, during: int | None
) -> None:
    body = {"name": "x", "start_date": start.isoformat(), "end_date": end.isoformat(), "products": [{"item_id": "b"}]}
    made = unforecast.post("/campaigns", json=body)
    assert made.status_code == 201, made.text
    response = unforecast.get(f"/campaigns/{made.json()['campaign_id']}/performance")
    assert response.status_code == 200, response.text
    found = response.json()
    assert found["during"]["units"] == during
    assert found["after"]["units"] is None
    assert found["before"]["days"] <= 365


def test_one_that_was_ended_early_is_measured_until_then(unforecast: TestClient) -> None:
    path = f"/campaigns/{campaign(unforecast, ('b',), TODAY - 5 * DAY, 30)}"
    body = {
        key: value for key, value in unforecast.get(path).json().items() if key in ("name", "start_date", "end_date")
    }
    assert unforecast.call("PUT", path, json=body | {"status": "ended"}).json()["status"] == "ended"
    found = unforecast.get(f"{path}/performance").json()
    assert (found["status"], found["during"]["to_date"]) == ("ended", (TODAY - DAY).isoformat())


def test_a_campaign_that_is_not_there_has_none(unforecast: TestClient) -> None:
    assert_problem(unforecast.get("/campaigns/none/performance"), 404, "campaign_not_found")
