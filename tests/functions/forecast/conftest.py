"""The seller (tests/support/sellers.py), and what counts the queries that BigQuery is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.running import Running
    from tests.support.tenants import TestClient


@pytest.fixture
def seller(client: TestClient) -> TestClient:
    from tests.support.sellers import make_seller

    return make_seller(client)


@pytest.fixture
def queries(sent_to_bigquery: list[tuple[str, str]]) -> Callable[[], int]:
    """How many statements BigQuery was sent since the last call."""

    def since() -> int:
        count = len(sent_to_bigquery)
        sent_to_bigquery.clear()
        return count

    return since


@pytest.fixture(scope="module")
def shop(running: Running) -> TestClient:
    """The same, for tests that change nothing in it; its daily run is published for two items."""
    from tests.support.forecasts import publish_forecast
    from tests.support.sellers import make_seller

    made = make_seller(running.new_client())
    publish_forecast(made, {"A/1": {"*": 3.0, "DUBLIN": 1.0}, "b 2": 1.25}, run_id="daily")
    return made
