"""A client's item totals, against the emulators."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from google.api_core.exceptions import ServiceUnavailable

from forecast_job.demand import client_demand
from forecast_job.demand.client_demand import client_records, google_in_one_line
from forecast_job.progress import JobProgress
from shared.config import ConfigurationError
from shared.domain.errors import Invalid, NotFound, Unavailable
from tests.support.tenants import TODAY, TestClient

DAY = dt.timedelta(days=1)
QUIET = JobProgress(interactive=False)


@pytest.fixture
def seller(client: TestClient) -> TestClient:
    def row(item: str, place: str, days_ago: int, units: float, stock: float | None = None) -> dict[str, object]:
        day = TODAY - days_ago * DAY
        return {
            "item_id": item,
            "location_id": place,
            "date_local": day,
            "units_sold": units,
            "stock_on_date": stock,
        }

    client.sell(
        [
            row("A", "N", 3, 1, 5),
            row("A", "S", 3, 2, -1),
            row("A", "N", 2, -4, 0),
            row("A", "S", 2, 0, 0),
            row("A", "N", 1, 3, 8),
            row("A", "S", 1, 0),
            row("B", "N", 2, 4),
            row("B", "N", 0, 9),  # today is not over
            row("OLD", "N", 4000, 1),
        ]
    )
    return client


def test_locations_are_added_up_day_by_day(seller: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    records = client_records(seller.client_id, QUIET)
    assert records.columns == ["item_id", "location_id", "date_local", "units_sold", "stock_on_date"]
    assert records["location_id"].n_unique() == 1
    assert sorted(records.select("item_id", "date_local", "units_sold", "stock_on_date").rows()) == [
        ("A", TODAY - 3 * DAY, 3.0, 5.0),
        ("A", TODAY - 2 * DAY, 0.0, 0.0),  # a return is no demand
        ("A", TODAY - DAY, 3.0, None),
        ("B", TODAY - 2 * DAY, 4.0, None),
    ]
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["message"] == "reading: done"


def test_of_a_large_client_the_most_active_items_are_read(seller: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_demand, "MOST_ITEMS", 1)
    assert set(client_records(seller.client_id, QUIET)["item_id"]) == {"A"}


def test_an_unknown_client_and_one_without_demand_are_one_line(client: TestClient) -> None:
    with pytest.raises(NotFound, match="no client 'nobody'"):
        client_records("nobody", QUIET)
    with pytest.raises(
        Invalid, match=f"client '{client.client_id}' has no demand from 2022-06-03 to 2024-06-02: import"
    ):
        client_records(client.client_id, QUIET)


def test_what_google_raises_becomes_one_line_of_ours() -> None:
    with pytest.raises(Unavailable) as unavailable, google_in_one_line():
        raise ServiceUnavailable("connection refused\n at some address")
    assert unavailable.value.detail == "Google Cloud did not answer as it should: 503 connection refused"
    with pytest.raises(Invalid, match="set STOCKCAST_JWT_KEYS"), google_in_one_line():
        raise ConfigurationError("set STOCKCAST_JWT_KEYS")
