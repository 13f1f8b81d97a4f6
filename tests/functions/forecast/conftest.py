"""A shop with a catalog and some weeks of sales, and what counts the queries that BigQuery is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.bigquery.warehouse import Warehouse
from tests.conftest import Running
from tests.support.catalogs import catalog_rows, publish
from tests.support.forecasts import publish_forecast
from tests.support.tenants import TestClient

SOLD = {"A/1": 4, "b 2": 2, "c": 1}
CLASSES = {"A/1": "A", "b 2": "B", "c": "B", "quiet": None}
EVIL_NAME = '<script>alert("1")</script> & more'


def make_seller(client: TestClient) -> TestClient:
    """Three items that sold on each of the last 60 days at LONDON, one of them at DUBLIN too; one that never did."""
    client.sell_daily(SOLD)
    client.sell_daily({"A/1": 1}, location_id="DUBLIN")
    rows = [{"item_id": item, "product_name": f"{item} {EVIL_NAME}", "abc": abc} for item, abc in CLASSES.items()]
    publish(client.tenant, catalog_rows(*rows))
    return client


@pytest.fixture
def seller(client: TestClient) -> TestClient:
    return make_seller(client)


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many statements BigQuery was sent since the last call; they are sent all the same."""
    sent: list[str] = []
    send = Warehouse._run

    def count(self: Warehouse, statement: str, parameters: object) -> object:
        sent.append(statement)
        return send(self, statement, parameters)  # type: ignore[arg-type]

    def since() -> int:
        found = len(sent)
        sent.clear()
        return found

    monkeypatch.setattr(Warehouse, "_run", count)
    return since


@pytest.fixture(scope="module")
def shop(running: Running) -> TestClient:
    """The same, for tests that change nothing in it; its daily run is published for two items."""
    made = make_seller(TestClient(running.base_url).create())
    publish_forecast(made, {"A/1": {"*": 3.0, "DUBLIN": 1.0}, "b 2": 1.25}, run_id="daily")
    return made
