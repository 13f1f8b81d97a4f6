"""Runs and the series in them, over HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from shared.bigquery.tables import DAILY_QUANTILES, WINDOW_DAYS, WINDOW_QUANTILES, quantile_column
from shared.domain.access.principal import Role
from shared.firestore.forecast_runs import ForecastRuns
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.sellers import EVIL_NAME
from tests.support.tenants import TODAY, TestClient


def test_an_items_series(shop: TestClient) -> None:
    series = shop.get("/forecast/daily/items/A%2F1").json()
    assert (series["run_id"], series["run_date"], series["engine"]) == ("daily", TODAY.isoformat(), "test")
    assert (series["item_id"], series["location_id"]) == ("A/1", None)
    assert len(series["days"]) == 90
    day = series["days"][0]
    assert day["date_local"] == TODAY.isoformat()
    assert list(day["quantiles"]) == [quantile_column(level) for level in DAILY_QUANTILES]
    assert (series["as_of"], series["published_at"][-1]) == (TODAY.isoformat(), "Z")
    assert (day["mean"], day["quantiles"]["q50"]) == (3.0, 3.0)
    windows = series["lead_time_demand"]
    assert [one["window_days"] for one in windows] == list(WINDOW_DAYS)
    assert list(windows[0]["quantiles"]) == [quantile_column(level) for level in WINDOW_QUANTILES]
    assert [one["date_local"] for one in series["history"]] == [
        (TODAY - dt.timedelta(day)).isoformat() for day in range(60, 0, -1)
    ]
    assert {one["units_sold"] for one in series["history"]} == {5.0}


def test_a_series_of_one_location_is_that_locations(shop: TestClient) -> None:
    series = shop.get("/forecast/latest/items/A%2F1?location_id=DUBLIN&history_days=3").json()
    assert (series["location_id"], series["days"][0]["mean"]) == ("DUBLIN", 1.0)
    assert [one["units_sold"] for one in series["history"]] == [1.0, 1.0, 1.0]
    assert shop.get("/forecast/latest/items/b%202?history_days=0").json()["history"] == []


@pytest.mark.parametrize("chart", ["", "/chart"])
@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("nothing/items/A%2F1", "forecast_run_not_found", "'nothing'"),
        ("daily/items/nothing", "item_not_forecast", "item 'nothing'"),
        ("daily/items/A%2F1%s?location_id=MARS", "item_not_forecast", "'A/1' at 'MARS'"),
    ],
)
def test_what_is_not_there(shop: TestClient, path: str, code: str, words: str, chart: str) -> None:
    given = path.replace("%s", chart) if "%s" in path else path + chart
    assert words in assert_problem(shop.get(f"/forecast/{given}"), 404, code)["detail"]


def test_a_client_without_a_run(client: TestClient) -> None:
    assert_problem(client.get("/forecast/latest"), 404, "forecast_run_not_found")
    assert client.get("/forecast").json()["items"] == []


def test_what_looking_costs(shop: TestClient, meter: FirestoreMeter, queries: Callable[[], int]) -> None:
    shop.get("/products")
    for path, reads, sent in (
        ("/forecast/daily", 1, 1),  # its accuracy
        ("/forecast", 2, 0),  # the run, and its copy for readers
        ("/forecast/daily/items/A%2F1", 1, 3),
        ("/forecast/daily/items/A%2F1?history_days=0", 1, 2),
        ("/forecast/daily/items/A%2F1/chart", 2, 3),
    ):
        meter.reset()
        queries()
        assert shop.get(path).status_code == 200
        assert (path, meter.of(shop.client_id), queries()) == (path, Billed(reads=reads), sent)


def test_runs_are_paged_the_newest_first(client: TestClient) -> None:
    runs = ForecastRuns(client.tenant)
    begun = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    for hour in range(5):
        runs.begin(f"run-{hour}", TODAY, 1, begun + dt.timedelta(hours=hour))
        if hour == 3:
            runs.complete_shard("run-3", 0, begun)
    seen, token = [], ""
    for size in (2, 2, 1):
        page = client.get(f"/forecast?page_size=2{token}", role=Role.VIEWER).json()
        assert len(page["items"]) == size
        seen += [(one["run_id"], one["status"]) for one in page["items"]]
        token = f"&page_token={page['next_page_token']}"
    assert seen == [(f"run-{hour}", "succeeded" if hour == 3 else "running") for hour in (4, 3, 2, 1, 0)]
    assert token == "&page_token=None"
    assert_problem(client.get("/forecast?page_token=bm8="), 422, "invalid_page_token")


def test_the_chart_names_the_product_and_escapes_it(shop: TestClient) -> None:
    response = shop.get("/forecast/latest/items/A%2F1/chart")
    assert response.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "<script" not in response.text
    texts = [one.text or "" for one in ElementTree.fromstring(response.content).iter()]
    assert f"A/1 {EVIL_NAME} (A/1)" in texts
    assert "all locations · test forecast from 2024-06-03, 90 days" in texts
    assert {"Jun 2024", "50 %", "80 %", "90 %"} <= set(texts)


def test_the_chart_as_png(shop: TestClient) -> None:
    response = shop.get("/forecast/latest/items/A%2F1/chart?format=png&location_id=DUBLIN")
    assert response.headers["Content-Type"] == "image/png"
    with Image.open(BytesIO(response.content)) as image:
        assert image.size == (1920, 840)
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20) or ()}
    assert {(255, 255, 255), (0xD6, 0xE6, 0xF5), (0xAD, 0xCD, 0xEA), (0x7F, 0xB0, 0xDC), (0x0B, 0x5F, 0xA5)} <= colours


@pytest.mark.parametrize("query", ["format=gif", "history_days=731", "colour=red", "location_id="])
def test_a_chart_of_another_kind_is_refused(shop: TestClient, query: str) -> None:
    response = shop.get(f"/forecast/latest/items/A%2F1/chart?{query}")
    problem = assert_problem(response, 422, "unknown_field" if "colour" in query else "invalid_input")
    assert query.partition("=")[0] in problem["detail"]
