"""Asking for a forecast, and what becomes of it: launched on Cloud Run, followed to its end, however it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.forecast import service
from shared.config import config
from shared.domain.access.principal import STARTERS_OF_FORECASTS, Role
from shared.domain.forecast_request import ForecastRequest, FutureDay
from shared.domain.forecast_run import ForecastRun, ShardResult
from shared.firestore.forecast_runs import ForecastRuns
from shared.tasks.forecasting import execution_of
from shared.tasks.operations import Operations
from shared.tasks.run_clients import executions_client
from tests.support.catalogs import catalog_rows, publish
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.forecasts import publish_forecast
from tests.support.problems import assert_problem
from tests.support.sellers import SOLD
from tests.support.tenants import TODAY, TestClient, eventually

BY_STATISTICS = {"engine": "statistical", "requested_engine": "statistical", "fallback_reason": None}


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def asked(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post("/forecast", json=body)
    assert response.status_code == 202, response.text
    operation: dict[str, Any] = response.json()
    return operation


def run_of(client: TestClient, run_id: str) -> ForecastRun:
    run = ForecastRuns(client.tenant).get(run_id)
    assert run is not None
    return run


@pytest.fixture
def undelivered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cloud Tasks is out of reach for this request: the job is not launched."""
    monkeypatch.setattr("shared.tasks.starting.deliver", lambda *_: None)


def test_two_items_from_the_request_to_their_series(seller: TestClient, meter: FirestoreMeter) -> None:
    publish_forecast(seller, {"A/1": 3.0}, run_id="daily")
    key = {"Idempotency-Key": "once"}
    body = {"item_ids": ["A/1", "b 2", "A/1"], "horizon_days": 7}
    meter.reset()
    first = seller.post("/forecast", json=body, headers=key)
    again = seller.post("/forecast", json=body, headers=key)
    assert first.json() == again.json()
    assert first.headers["Location"] == f"/api/v1/operations/{first.json()['id']}"
    assert first.json()["kind"] == "forecast"
    operation = seller.finished(first)
    assert operation["status"] == "succeeded", operation
    run_id = operation["id"]
    assert operation["result"] == {"run_id": run_id, **BY_STATISTICS, "items": 2, "series": 5}
    assert (operation["progress"], operation["error"]) == ({"done": 1, "total": 1}, None)

    run = seller.get(f"/forecast/{run_id}").json()
    assert (run["status"], run["run_date"], run["horizon_days"]) == ("succeeded", TODAY.isoformat(), 7)
    assert (run["requested_items"], run["items"], run["series"]) == (2, 2, 5)
    assert (run["shards"], run["is_for_lists"], run["accuracy"]) == ({"done": 1, "total": 1}, False, None)
    series = seller.get(f"/forecast/{run_id}/items/A%2F1?history_days=14").json()
    assert len(series["days"]) == 7
    assert len(series["history"]) == 14
    assert series["days"][0]["mean"] == pytest.approx(SOLD["A/1"] + 1, rel=0.3)
    # It sells the same every day: what would have been forecast a week ago is right, and so was the naive forecast.
    tested = run["backtest"]
    assert (tested["items"], tested["days"], tested["units"]) == (2, 14, 7 * (SOLD["A/1"] + 1 + SOLD["b 2"]))
    assert (tested["naive_wape"], tested["wape"] < 0.1, run["backtest_missing"]) == (0, True, None)
    assert [day["units_sold"] for day in series["backtest"]] == [SOLD["A/1"] + 1] * 7
    assert series["backtest"][0]["date_local"] == (TODAY - dt.timedelta(7)).isoformat()
    assert_problem(seller.get(f"/forecast/{run_id}/items/c"), 404, "item_not_forecast")

    # What lists use is the daily run still, and no refresh was asked for.
    assert seller.get("/forecast/latest").json()["run_id"] == "daily"
    assert [one["kind"] for one in seller.get("/operations").json()["items"]] == ["forecast"]
    assert [one["run_id"] for one in seller.get("/forecast").json()["items"]] == [run_id, "daily"]
    eventually(lambda: run_of(seller, run_id).watched_since is None, "the run not to be watched any more")


def test_what_was_asked_for_is_kept_for_the_shards(seller: TestClient, undelivered: None) -> None:
    row = {"item_id": "c", "date_local": TODAY.isoformat(), "promotion_flag": True, "price": 2.5}
    operation = asked(seller, filters={"abc": ["B"]}, horizon_days=30, fallback=False, future_covariates=[row])
    assert operation["status"] == "pending"
    run = run_of(seller, operation["id"])
    future = (FutureDay(TODAY, "c", promotion_flag=True, price=2.5),)
    wanted = ForecastRequest(("b 2", "c"), 30, "statistical", fallback=False, future=future, backtest=True)
    assert ForecastRuns(seller.tenant).request_of(run) == wanted
    shown = seller.get(f"/forecast/{run.run_id}").json()
    assert (shown["status"], shown["shards"]) == ("pending", {"done": 0, "total": None})
    assert (shown["engine"], shown["fallback_reason"], shown["series_by_engine"]) == ("statistical", None, {})
    assert_problem(seller.get(f"/forecast/{run.run_id}/items/c"), 409, "forecast_not_published")
    assert_problem(seller.get(f"/forecast/{run.run_id}/items/c/chart"), 409, "forecast_not_published")


def test_without_an_engine_it_is_that_of_the_settings_or_the_environments(
    seller: TestClient, undelivered: None
) -> None:
    def engine(**body: str) -> str:
        run = run_of(seller, asked(seller, **body)["id"])
        assert run.engine == run.requested_engine
        return run.requested_engine

    assert engine() == "statistical"
    assert seller.call("PUT", "/settings", json={"forecast_engine": "champion"}).json()["operation"] is None
    assert engine() == "champion"
    assert engine(engine="auto_ets") == "auto_ets"
    seller.call("PUT", "/settings", json={"forecast_engine": None})
    assert engine() == "statistical"


def _bodies() -> st.SearchStrategy[dict[str, Any]]:
    """Requests for a forecast, some of which cannot be."""
    items = st.sampled_from(["A/1", "b 2", "c"])
    amounts = st.one_of(st.none(), st.floats(0, 1e9, allow_subnormal=False).map(lambda value: round(value, 4)))
    flags = st.one_of(st.none(), st.booleans())
    days = st.fixed_dictionaries(
        {"date_local": st.dates(TODAY - dt.timedelta(1), TODAY + dt.timedelta(20)).map(str)},
        optional={
            "item_id": st.one_of(st.none(), items),
            "promotion_flag": flags,
            "holiday_flag": flags,
            "marketing_spend": amounts,
            "price": amounts,
        },
    )
    filters = st.fixed_dictionaries(
        {}, optional={"abc": st.just(["B"]), "search": st.text(max_size=3), "demand_pattern": st.just(["smooth"])}
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "item_ids": st.one_of(st.none(), st.lists(items, max_size=4)),
            "filters": st.one_of(st.none(), filters),
            "horizon_days": st.integers(0, 366),
            "engine": st.sampled_from(["statistical", "chronos2", "champion"]),
            "fallback": st.booleans(),
            "backtest": st.booleans(),
            "future_covariates": st.lists(days, max_size=3),
        },
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(_bodies())
def test_what_is_accepted_can_be_read_back(seller: TestClient, undelivered: None, body: dict[str, Any]) -> None:
    response = seller.post("/forecast", json=body)
    assert response.status_code in (202, 422), response.text
    if response.status_code == 422:
        return
    operation = response.json()
    run = run_of(seller, operation["id"])
    wanted = ForecastRuns(seller.tenant).request_of(run)
    if body.get("item_ids"):
        assert wanted.item_ids == tuple(dict.fromkeys(body["item_ids"]))
    assert [vars(day) | {"date_local": str(day.date_local)} for day in wanted.future] == [
        dict.fromkeys(vars(FutureDay(TODAY))) | day for day in body.get("future_covariates", ())
    ]
    shown = seller.get(f"/forecast/{run.run_id}").json()
    assert shown["requested_engine"] == wanted.engine == body.get("engine", "statistical")
    assert shown["horizon_days"] == wanted.horizon_days == body.get("horizon_days", 90)
    items = None if wanted.item_ids is None else len(wanted.item_ids)
    assert operation["parameters"] == {"items": items, "horizon_days": shown["horizon_days"]}
    assert shown["requested_items"] == items
    assert seller.get("/forecast?page_size=1").json()["items"][0]["run_id"] == run.run_id


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"item_ids": []}, "no_items", "item_ids is empty"),
        ({"item_ids": ["A/1", "no", "nor"]}, "product_not_found", "no product 'no'; no product 'nor'"),
        ({"item_ids": ["A/1"], "filters": {"abc": ["A"]}}, "items_and_filters", "not both"),
        ({"filters": {"category": ["Nothing"]}}, "no_items", "no product is left"),
        ({"horizon_days": 0}, "invalid_input", "greater than or equal to 1 (given: 0)"),
        ({"horizon_days": 1000}, "invalid_input", "less than or equal to 365 (given: 1000)"),
        ({"engine": "crystal"}, "invalid_input", "'statistical', 'chronos2', 'champion', 'auto_ets' or 'auto_theta'"),
        ({"future_covariates": [{"date_local": "2024-06-03", "weather": 1}]}, "invalid_input", "weather"),
        ({"future_covariates": [{"date_local": "2024-06-02"}]}, "invalid_covariates", "outside of 2024-06-03 to"),
        (
            {"item_ids": ["c"], "future_covariates": [{"date_local": "2024-06-03", "item_id": "A/1"}]},
            "invalid_covariates",
            "'A/1' is not among",
        ),
        ({"future_covariates": [{"date_local": "2024-06-03"}] * 2}, "invalid_covariates", "there twice"),
    ],
)
def test_what_cannot_be_forecast_is_refused(shop: TestClient, body: dict[str, Any], code: str, words: str) -> None:
    problem = assert_problem(shop.post("/forecast", json=body), 422, code)
    assert words in problem["detail"]
    assert problem["errors"][0]["pointer"].startswith("/") or code == "no_items"


def test_a_client_without_products_has_nothing_to_forecast(client: TestClient) -> None:
    publish(client.tenant, catalog_rows())
    problem = assert_problem(client.post("/forecast", json={}), 422, "no_items")
    assert "there is no product to forecast" in problem["detail"]


def test_who_may_start_one_and_who_may_look(seller: TestClient, undelivered: None) -> None:
    run_id = asked(seller)["id"]
    for role in Role:
        everybodys = seller.post("/forecast", json={}, role=role)
        if role in STARTERS_OF_FORECASTS:
            assert everybodys.status_code == 202
        else:
            problem = assert_problem(everybodys, 403, "forecast_for_lists")
            assert "allowed: ADMIN, PROCUREMENT, SERVICE. Name item_ids" in problem["detail"]
        for own in ({"item_ids": ["c"]}, {"horizon_days": 7}):
            assert seller.post("/forecast", json=own, role=role).status_code == 202
        assert seller.get(f"/forecast/{run_id}", role=role).status_code == 200


def test_the_same_key_with_another_body_is_refused(seller: TestClient, undelivered: None) -> None:
    key = {"Idempotency-Key": "k"}
    assert seller.post("/forecast", json={"item_ids": ["c"]}, headers=key).status_code == 202
    response = seller.post("/forecast", json={"item_ids": ["A/1"]}, headers=key)
    assert_problem(response, 422, "idempotency_key_reused")


def test_what_asking_costs(
    seller: TestClient, undelivered: None, meter: FirestoreMeter, queries: Callable[[], int]
) -> None:
    seller.get("/products")
    meter.reset()
    run_id = asked(seller, item_ids=["A/1", "c"])["id"]
    # The catalog's pointer, and whether the operation exists (and the client's own document, counted for nobody);
    # operation, task, run and the list of its items.
    assert meter.of(seller.client_id) == Billed(reads=2, writes=4)
    meter.reset()
    seller.get(f"/forecast/{run_id}")
    assert meter.of(seller.client_id) == Billed(reads=2)
    assert queries() == 0


def _launched(client: TestClient) -> ForecastRun:
    """A run whose execution has been started."""
    run_id = asked(client, item_ids=["c"])["id"]
    return eventually(lambda: (run := run_of(client, run_id)).execution and run, "the execution to be started")


def test_an_execution_that_died_ends_the_operation_as_failed(seller: TestClient) -> None:
    run = _launched(seller)
    assert run.execution is not None
    executions_client(config()).cancel_execution(name=run.execution)
    eventually(lambda: execution_of(config(), str(run.execution)).finished, "the execution to end")
    service.watch(config(), now())
    operation = Operations(seller.tenant).get(run.run_id)
    assert operation.error is not None
    assert (operation.status, operation.error["code"]) == ("failed", "execution_failed")
    assert "task 0 was cancelled" in operation.error["detail"]
    shown = seller.get(f"/forecast/{run.run_id}").json()
    assert (shown["status"], shown["error"]) == ("failed", operation.error)
    assert run_of(seller, run.run_id).watched_since is None
    assert service.launch(config(), seller.tenant, run.run_id, now) == "failed"  # a late delivery changes nothing


def test_a_cancelled_run_is_stopped(seller: TestClient) -> None:
    run = _launched(seller)
    assert seller.post(f"/operations/{run.run_id}/cancel").json()["status"] == "cancelled"
    service.watch(config(), now())
    eventually(lambda: execution_of(config(), str(run.execution)).finished, "the execution to end")
    assert seller.get(f"/forecast/{run.run_id}").json()["status"] == "cancelled"
    assert not run_of(seller, run.run_id).published
    assert run_of(seller, run.run_id).watched_since is None


def test_a_task_delivered_twice_launches_once(seller: TestClient) -> None:
    run = _launched(seller)
    Operations(seller.tenant).change(run.run_id, lambda found: found.released())
    assert service.launch(config(), seller.tenant, run.run_id, now) == "running"
    assert run_of(seller, run.run_id).execution == run.execution
    seller.post(f"/operations/{run.run_id}/cancel")
    service.watch(config(), now())


def test_a_job_killed_before_it_told_its_operation_is_made_up_for(seller: TestClient, undelivered: None) -> None:
    run_id = asked(seller, item_ids=["c"])["id"]
    runs = ForecastRuns(seller.tenant)
    runs.launched(run_id, f"{config().forecast_job_path}/executions/gone")
    runs.begin(run_id, TODAY, 1, now())
    runs.complete_shard(run_id, 0, now(), ShardResult(1, {"statistical": 2}))
    service.watch(config(), now())
    operation = Operations(seller.tenant).get(run_id)
    assert (operation.status, operation.result and operation.result["items"]) == ("succeeded", 1)
    assert run_of(seller, run_id).watched_since is None


def test_a_run_that_never_started_fails_after_a_day(seller: TestClient, undelivered: None) -> None:
    run_id = asked(seller)["id"]
    service.watch(config(), now())
    assert Operations(seller.tenant).get(run_id).status == "pending"
    service.watch(config(), now() + dt.timedelta(days=2))
    operation = Operations(seller.tenant).get(run_id)
    assert (operation.status, (operation.error or {})["code"]) == ("failed", "not_started")


@pytest.mark.parametrize("path", ["launch", "watch"])
def test_users_do_not_get_in(client: TestClient, path: str) -> None:
    response = client.post(f"/forecast/internal/{path}", json={"client_id": "x", "operation_id": "y"})
    assert_problem(response, 401, "task_token_invalid")
