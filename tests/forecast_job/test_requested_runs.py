"""The job on runs that were asked for over HTTP: as asked, nothing more, and its operation told."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Mapping
from typing import Any

import pytest

from forecast_job.__main__ import main
from forecast_job.run.block_forecasts import BlockForecasts
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.forecast_request import ForecastRequest
from shared.domain.forecast_run import ForecastRun
from shared.domain.operation import Operation, OperationRequest, OperationStatus
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.page import PageRequest
from shared.firestore.transaction import Transaction
from shared.tasks.forecast_progress import refresh_id
from shared.tasks.operations import Operations
from tests.support.panels import demand
from tests.support.sql import table_rows
from tests.support.tenants import TODAY, TestClient, eventually

RUN = "asked"
BY_STATISTICS = {"engine": "statistical", "requested_engine": "statistical", "fallback_reason": None}
DAYS = 40
NOW = dt.datetime(2024, 6, 3, 5, tzinfo=dt.UTC)


@pytest.fixture
def seller(client: TestClient) -> TestClient:
    client.sell(demand(DAYS, 6, first=TODAY - dt.timedelta(days=DAYS)).to_dicts())
    return client


def ask(client: TestClient, run_date: dt.date = TODAY, run_id: str = RUN, **wanted: Any) -> None:
    """As POST /forecast does; nobody launches it."""

    def write(transaction: Transaction) -> None:
        started = OperationRequest("forecast", "forecast", "/x", "user", NOW, id=run_id)
        Operations(client.tenant).start(started, transaction=transaction)
        runs = ForecastRuns(client.tenant)
        runs.request(transaction, run_id, run_date, ForecastRequest(**wanted), "user", NOW)

    client.tenant.transact(write)


def work(client: TestClient, env: Mapping[str, str] | None = None, run_id: str = RUN) -> int:
    return main(["--client", client.client_id, "--run-id", run_id], env or {})


def run_of(client: TestClient) -> ForecastRun:
    run = ForecastRuns(client.tenant).get(RUN)
    assert run is not None
    return run


def operation_of(client: TestClient) -> Operation:
    return Operations(client.tenant).get(RUN)


def forecast_days(client: TestClient, run_date: dt.date = TODAY) -> dict[str, int]:
    """Days by item, all locations together."""
    sql = (
        "SELECT item_id, COUNT(*) AS days FROM inventory.forecast_results WHERE client_id = @client_id "
        "AND run_date = @run_date AND run_id = @run_id AND location_id = '*' GROUP BY item_id"
    )
    rows = table_rows(Warehouse(config(), client.client_id), sql, run_date=run_date, run_id=RUN)
    return {row["item_id"]: row["days"] for row in rows}


def test_its_items_and_horizon_and_date_and_no_other(seller: TestClient) -> None:
    yesterday = TODAY - dt.timedelta(days=1)
    ask(seller, yesterday, item_ids=("I001", "I004", "without any record"), horizon_days=5)
    assert work(seller) == 0
    assert forecast_days(seller, yesterday) == {"I001": 5, "I004": 5}
    run = run_of(seller)
    assert (run.items, run.series, run.published, run.watched_since) == (2, 5, True, None)
    assert ForecastRuns(seller.tenant).latest() is None
    operation = operation_of(seller)
    assert operation.status is OperationStatus.SUCCEEDED
    assert operation.result == {"run_id": RUN, **BY_STATISTICS, "items": 2, "series": 5}
    assert [one.id for one in Operations(seller.tenant).page(PageRequest(10)).items] == [RUN]


def test_an_item_is_forecast_as_in_a_run_of_all(seller: TestClient) -> None:
    """Classes and calibration are learned from all items, whichever are asked for. That of all becomes the latest."""
    ask(seller, run_id="all")
    assert work(seller, run_id="all") == 0
    ask(seller, item_ids=("I003",))
    assert work(seller) == 0
    kinds = sorted(one.kind for one in Operations(seller.tenant).page(PageRequest(10)).items)
    assert kinds == ["forecast", "forecast", "metrics_refresh"]
    sql = (
        "SELECT location_id, window_days, q90 FROM inventory.lead_time_demand WHERE client_id = @client_id "
        "AND run_date = @run_date AND run_id = @run_id AND item_id = 'I003' ORDER BY location_id, window_days"
    )
    warehouse = Warehouse(config(), seller.client_id)
    alone, among = (table_rows(warehouse, sql, run_date=TODAY, run_id=run) for run in (RUN, "all"))
    assert alone == among != []
    latest = ForecastRuns(seller.tenant).latest()
    assert latest is not None
    assert latest.run_id == "all"


def test_one_that_lists_use_has_succeeded_when_its_refresh_has_ended(seller: TestClient) -> None:
    """No tick of the scheduler runs here: the job hands the refresh over."""
    ask(seller)
    assert work(seller) == 0
    eventually(lambda: operation_of(seller).finished, "the run to be shown in lists")
    assert operation_of(seller).status is OperationStatus.SUCCEEDED
    assert Operations(seller.tenant).get(refresh_id(RUN)).status is OperationStatus.SUCCEEDED


def test_a_shard_without_any_of_its_items_completes(seller: TestClient) -> None:
    ask(seller, item_ids=("I002",), horizon_days=3)
    progress = []
    for index in range(3):
        assert work(seller, {"CLOUD_RUN_TASK_INDEX": str(index), "CLOUD_RUN_TASK_COUNT": "3"}) == 0
        progress.append((operation_of(seller).status, operation_of(seller).progress.done))
    assert progress == [("running", 1), ("running", 2), ("succeeded", 3)]
    assert forecast_days(seller) == {"I002": 3}
    assert run_of(seller).items == 1


@pytest.mark.parametrize("items", [(), ("without any record", "nor this")])
def test_a_run_of_nothing_succeeds_with_nothing(seller: TestClient, items: tuple[str, ...]) -> None:
    ask(seller, item_ids=items, backtest=True)
    assert work(seller) == 0
    assert operation_of(seller).result == {"run_id": RUN, **BY_STATISTICS, "items": 0, "series": 0}
    assert forecast_days(seller) == {}
    assert run_of(seller).published
    assert ForecastRuns(seller.tenant).latest() is None


def test_a_cancelled_run_is_not_begun(seller: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    ask(seller, item_ids=("I002",))
    Operations(seller.tenant).change(RUN, lambda found: found.cancelled(NOW))
    assert work(seller) == 0
    assert run_of(seller).shard_count is None
    assert "was cancelled or has failed" in json.loads(capsys.readouterr().out.splitlines()[-1])["message"]


def test_a_run_cancelled_while_it_is_worked_on_loads_nothing(
    seller: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(seller, item_ids=("I002",))
    forecast = BlockForecasts.of

    def cancelled_meanwhile(*arguments: Any) -> Any:
        Operations(seller.tenant).change(RUN, lambda found: found.cancelled(NOW))
        return forecast(*arguments)

    monkeypatch.setattr(BlockForecasts, "of", cancelled_meanwhile)
    assert work(seller) == 0
    assert forecast_days(seller) == {}
    assert not run_of(seller).published
    assert operation_of(seller).status is OperationStatus.CANCELLED


def test_a_job_killed_before_it_told_its_operation_tells_it_when_repeated(
    seller: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(seller, item_ids=("I002",), horizon_days=3)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("shared.tasks.forecast_progress.report", die)
    with pytest.raises(KeyboardInterrupt):
        work(seller)
    monkeypatch.undo()
    assert operation_of(seller).status is OperationStatus.PENDING
    assert work(seller) == 0
    assert operation_of(seller).status is OperationStatus.SUCCEEDED
    assert forecast_days(seller) == {"I002": 3}


def test_an_engine_that_is_not_to_be_had_fails_the_operation_at_once(
    seller: TestClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STOCKCAST_CHRONOS_WEIGHTS", raising=False)
    ask(seller, item_ids=("I002",), engine="chronos2", fallback=False)
    assert work(seller) == 1
    operation = operation_of(seller)
    assert operation.error is not None
    assert (operation.status, operation.error["code"]) == ("failed", "engine_unavailable")
    assert "needs weights" in operation.error["detail"]
    assert "engine_unavailable" in capsys.readouterr().out
    assert work(seller) == 0  # Cloud Run tries again: there is nothing to do


def test_where_allowed_the_statistical_engine_stands_in(seller: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STOCKCAST_CHRONOS_WEIGHTS", raising=False)
    ask(seller, item_ids=("I002",), horizon_days=3, engine="chronos2")
    assert work(seller) == 0
    run, operation = run_of(seller), operation_of(seller)
    assert (run.engine, run.requested_engine, run.series_by_engine) == ("statistical", "chronos2", {"statistical": 2})
    assert operation.status is OperationStatus.SUCCEEDED
    assert operation.result is not None
    assert (operation.result["engine"], operation.result["requested_engine"]) == ("statistical", "chronos2")
    assert operation.result["fallback_reason"] == {
        "code": "weights_missing",
        "detail": "engine chronos2 needs weights: set STOCKCAST_CHRONOS_WEIGHTS to a folder or gs://bucket/folder",
    }


def test_a_request_larger_than_a_document(client: TestClient) -> None:
    noise = random.Random(1)
    items = tuple(noise.randbytes(200).hex() for _ in range(10_000))
    ask(client, item_ids=items)
    assert run_of(client).request_parts > 1
    assert ForecastRuns(client.tenant).request_of(run_of(client)).item_ids == items
