"""Each product's campaign: the rows of the list, and what runs or is planned."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import simplejson

from shared.domain.access.principal import Role
from tests.support.catalogs import catalog_rows, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TestClient

Row = dict[str, Any]
ITEMS = ("a/1", "b", "c", "d", "e")
CAMPAIGNS = {  # items, from, to
    "running late": (["a/1", "b"], "2024-06-02", "2024-06-10"),
    "running first": (["a/1"], "2024-06-01", "2024-06-03"),
    "planned": (["a/1", "c"], "2024-06-04", "2024-06-04"),
    "planned later": (["c", "d"], "2024-12-01", "2024-12-31"),
    "over": (["e"], "2024-05-01", "2024-06-02"),
}


@pytest.fixture(scope="module")
def shop(running: Running) -> TestClient:
    client = TestClient(running.base_url).create()
    rows = [
        {"item_id": item, "location_id": place, "current_stock": Decimal(number), "category": "xy"[number % 2]}
        for number, item in enumerate(ITEMS)
        for place in (None, "LONDON")
    ]
    publish(client.tenant, catalog_rows(*rows))
    for name, (items, start, end) in CAMPAIGNS.items():
        body: dict[str, Any] = {"name": name, "start_date": start, "end_date": end, "campaign_type": name[:7]}
        body["products"] = [{"item_id": item} for item in items]
        assert client.post("/campaigns", json=body).status_code == 201
    return client


def exact(client: TestClient, path: str) -> Any:
    return simplejson.loads(client.get(path, role=Role.VIEWER).text, use_decimal=True)


def test_the_running_one_comes_first_then_the_next_planned_one(shop: TestClient) -> None:
    page = exact(shop, "/products/campaign-status")
    shown = {
        one["item_id"]: (
            one["campaign"] and (one["campaign"]["name"], one["campaign"]["status"]),
            one["running_campaigns"],
            one["planned_campaigns"],
        )
        for one in page["items"]
    }
    assert shown == {
        "a/1": (("running first", "running"), 2, 1),
        "b": (("running late", "running"), 1, 0),
        "c": (("planned", "planned"), 0, 2),
        "d": (("planned later", "planned"), 0, 1),
        "e": (None, 0, 0),
    }
    assert page["counts"] == {"running": 2, "planned": 2, "none": 1}
    first = page["items"][0]["campaign"]
    assert (first["start_date"], first["end_date"]) == ("2024-06-01", "2024-06-03")
    assert first["campaign_type"] == "running"
    assert shop.get(f"/campaigns/{first['campaign_id']}").json()["name"] == "running first"


@pytest.mark.parametrize(
    "query",
    [
        *("", "search=b", "category=x", "location_id=LONDON", "location_id=PARIS", "sort=-current_stock"),
        *("min_current_stock=2&max_current_stock=3", "page_size=2&page=2", "sort=category,-item_id&page_size=1&page=3"),
    ],
)
def test_the_rows_are_those_of_the_list(shop: TestClient, query: str) -> None:
    page, listed = exact(shop, f"/products/campaign-status?{query}"), exact(shop, f"/products?{query}")
    own = ("campaign", "running_campaigns", "planned_campaigns")
    assert [{name: value for name, value in one.items() if name not in own} for one in page["items"]] == listed["items"]
    assert {name: page[name] for name in ("page", "page_size", "total")} == {
        name: listed[name] for name in ("page", "page_size", "total")
    }
    assert sum(page["counts"].values()) == page["total"]


def test_counts_are_of_all_pages_under_the_filter(shop: TestClient) -> None:
    assert exact(shop, "/products/campaign-status?page_size=1")["counts"] == {"running": 2, "planned": 2, "none": 1}
    assert exact(shop, "/products/campaign-status?search=c")["counts"] == {"running": 0, "planned": 1, "none": 0}


def test_what_the_list_refuses_is_refused(shop: TestClient) -> None:
    assert_problem(shop.get("/products/campaign-status?sort=colour"), 422, "unknown_sort")
    assert_problem(shop.get("/products/campaign-status?page=0"), 422, "invalid_input")


def test_it_costs_one_read(shop: TestClient, meter: FirestoreMeter) -> None:
    shop.get("/products/campaign-status")
    meter.reset()
    shop.get("/products/campaign-status")
    assert (meter.of(shop.client_id).reads, meter.of(shop.client_id).writes) == (1, 0)


def test_without_metrics_it_says_how_to_get_them(client: TestClient) -> None:
    assert_problem(client.get("/products/campaign-status"), 404, "catalog_not_ready")
