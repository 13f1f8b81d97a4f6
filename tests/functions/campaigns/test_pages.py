"""Lists of campaigns: filters, orders, page by page."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

Row = dict[str, Any]
TYPES = ("Season", "clearance", None)


@pytest.fixture(scope="module")
def planned(running: Running) -> TestClient:
    """A client with nine campaigns, several of the same days; it has no catalog."""
    client = TestClient(running.base_url).create()
    starts = {-40: 9, -20: 19, -10: 40, 0: 0, 1: 5, 30: 3}  # days from today, and how long
    for number, (start, days) in enumerate(starts.items()):
        for twin in range(2 if number % 2 else 1):
            first = TODAY + dt.timedelta(start)
            fields: Row = {"start_date": first.isoformat(), "end_date": (first + dt.timedelta(days)).isoformat()}
            fields |= {"campaign_type": TYPES[number % 3], "budget": 100 * number} if number else {}
            response = client.post("/campaigns", json=fields | {"name": f"Campaign {number}-{twin}"})
            assert response.status_code == 201, response.text
    return client


def names(client: TestClient, query: str) -> list[str]:
    page = client.get(f"/campaigns?{query}").json()
    assert page["total"] == len(page["items"])
    return [row["name"].removeprefix("Campaign ") for row in page["items"]]


@pytest.mark.parametrize("size", [1, 2, 9, 200])
def test_pages_hold_each_once_in_order(planned: TestClient, size: int) -> None:
    whole = planned.get("/campaigns").json()
    assert (whole["total"], len(whole["items"])) == (9, 9)
    seen: list[Row] = []
    for number in range(1, 11):
        page = planned.get(f"/campaigns?page={number}&page_size={size}").json()
        assert (page["page"], page["page_size"], page["total"]) == (number, size, 9)
        seen += page["items"]
    assert seen == whole["items"]
    dates = [row["start_date"] for row in seen]
    assert dates == sorted(dates, reverse=True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=planned&sort=name", ["4-0", "5-0", "5-1"]),
        ("status=running&sort=name", ["2-0", "3-0", "3-1"]),
        ("status=ended&status=planned&sort=name", ["0-0", "1-0", "1-1", "4-0", "5-0", "5-1"]),
        ("status=ended,running&sort=name", ["0-0", "1-0", "1-1", "2-0", "3-0", "3-1"]),
        ("campaign_type=SEASON&sort=name", ["3-0", "3-1"]),
        ("campaign_type=season,Clearance&sort=name", ["1-0", "1-1", "3-0", "3-1", "4-0"]),
        ("search=campaign 3&sort=name", ["3-0", "3-1"]),
        ("search=seas&sort=-name", ["3-1", "3-0"]),
        (f"from_date={TODAY + dt.timedelta(2)}&sort=name", ["2-0", "4-0", "5-0", "5-1"]),
        (f"to_date={TODAY - dt.timedelta(20)}&sort=name", ["0-0", "1-0", "1-1"]),
        ("min_budget=300&max_budget=400&sort=-budget,name", ["4-0", "3-0", "3-1"]),
        ("sort=budget,-name&status=ended", ["1-1", "1-0", "0-0"]),  # without a budget comes last
        ("sort=name&order=desc&status=planned", ["5-1", "5-0", "4-0"]),
        ("status=ended&campaign_type=season", []),
    ],
)
def test_what_a_filter_leaves(planned: TestClient, query: str, expected: list[str]) -> None:
    assert names(planned, query) == expected


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("status=cancelled", "invalid_input", "'planned', 'running' or 'ended'"),
        ("sort=colour", "unknown_sort", "cannot sort by 'colour'; allowed: name, campaign_type"),
        ("sort=name&order=up", "unknown_sort", "allowed: asc, desc"),
        ("from_date=yesterday", "invalid_input", "query/from_date"),
        ("page_size=201", "invalid_input", "query/page_size"),
        ("page_token=eA==", "unknown_field", "page_token"),
        ("fields=colour", "unknown_field", "allowed: campaign_id"),
    ],
)
def test_what_cannot_be_asked(planned: TestClient, query: str, code: str, words: str) -> None:
    assert words in assert_problem(planned.get(f"/campaigns?{query}"), 422, code)["detail"]


def test_a_range_at_the_ends_of_the_calendar(planned: TestClient) -> None:
    assert len(names(planned, "from_date=0001-01-01&to_date=9999-12-31")) == 9
    assert names(planned, "from_date=9999-12-31") == []


def test_a_list_without_a_catalog_reads_each_campaign(planned: TestClient, meter: FirestoreMeter) -> None:
    """The pointer, and each campaign; with a catalog these are read once for each of its states."""
    meter.reset()
    assert len(planned.get("/campaigns?status=running&page_size=2").json()["items"]) == 2
    assert meter.of(planned.client_id) == Billed(reads=10)
