"""Lists of campaigns: by status, in order, page by page."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

Row = dict[str, Any]


@pytest.fixture(scope="module")
def planned(running: Running) -> TestClient:
    """A client with nine campaigns, several of the same days."""
    client = TestClient(running.base_url).create()
    starts = {-40: 9, -20: 19, -10: 40, 0: 0, 1: 5, 30: 3}  # days from today, and how long
    for number, (start, days) in enumerate(starts.items()):
        for twin in range(2 if number % 2 else 1):
            first = TODAY + dt.timedelta(start)
            fields = {"start_date": first.isoformat(), "end_date": (first + dt.timedelta(days)).isoformat()}
            response = client.post("/campaigns", json=fields | {"name": f"{number}-{twin}"})
            assert response.status_code == 201, response.text
    return client


def every(client: TestClient, query: str, size: int) -> list[Row]:
    """All campaigns of a list, page by page."""
    found, token = [], ""
    while True:
        page = client.get(f"/campaigns?{query}&page_size={size}{token}").json()
        found += page["items"]
        if page["next_page_token"] is None:
            return found
        token = f"&page_token={page['next_page_token']}"


@pytest.mark.parametrize("size", [1, 2, 9, 200])
@pytest.mark.parametrize(
    ("status", "column", "descending"),
    [
        ("", "start_date", True),
        ("planned", "start_date", False),
        ("running", "end_date", False),
        ("ended", "end_date", True),
    ],
)
def test_pages_hold_each_once_in_order(
    planned: TestClient, size: int, status: str, column: str, descending: bool
) -> None:
    whole = planned.get("/campaigns").json()["items"]
    assert {one["status"] for one in whole} == {"planned", "running", "ended"}
    found = every(planned, f"status={status}" if status else "", size)
    expected = {one["campaign_id"] for one in whole if not status or one["status"] == status}
    assert {one["campaign_id"] for one in found} == expected
    assert len(found) == len(expected) >= 3
    dates = [one[column] for one in found]
    assert dates == sorted(dates, reverse=descending)


@pytest.mark.parametrize("token", ["bm9uc2Vuc2U=", "eA==", "!", "MjAyNC0wNi0wMQoyMDI0LTA2LTAyCg=="])
def test_a_token_that_is_not_ours_is_refused(planned: TestClient, token: str) -> None:
    assert_problem(planned.get(f"/campaigns?page_token={token}"), 422, "invalid_page_token")
    assert_problem(planned.get("/campaigns?status=cancelled"), 422, "invalid_input")


def test_a_list_costs_what_it_shows(planned: TestClient, meter: FirestoreMeter) -> None:
    meter.reset()
    assert len(planned.get("/campaigns?status=running&page_size=2").json()["items"]) == 2
    assert meter.of(planned.client_id) == Billed(reads=3)  # with the total; not the client, for its day
