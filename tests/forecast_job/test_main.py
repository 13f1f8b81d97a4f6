"""The command line: which clients, which shard, which run; one clear line when something is wrong."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from google.auth.exceptions import DefaultCredentialsError

from forecast_job.__main__ import main
from shared.bigquery.warehouse import Warehouse
from shared.config import Config, config
from shared.domain.operation import Operation, OperationStatus
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.page import PageRequest
from shared.tasks.delivery import deliver_waiting
from shared.tasks.operations import Operations
from tests.support.catalogs import catalog_rows, publish
from tests.support.panels import demand
from tests.support.running import Running
from tests.support.sql import table_rows
from tests.support.tenants import TODAY, TestClient, eventually

DAYS = 40


@pytest.fixture
def seller(client: TestClient) -> TestClient:
    client.sell(demand(DAYS, 4, first=TODAY - dt.timedelta(days=DAYS)).to_dicts())
    return client


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_it_forecasts_from_the_business_date_and_says_what_is_next(
    seller: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--client", seller.client_id], {}) == 0
    latest = ForecastRuns(seller.tenant).latest()
    assert latest is not None
    assert latest.run_date == TODAY
    last = _lines(capsys)[-1]
    assert last["severity"] == "INFO"
    assert "the metrics follow" in str(last["message"])
    assert [one.kind for one in Operations(seller.tenant).page(PageRequest(10)).items] == ["metrics_refresh"]
    assert (last["client_id"], last["run_id"]) == (seller.client_id, latest.run_id)


def test_sales_of_no_product_are_forecast_once_there_is_one(seller: TestClient) -> None:
    sold = sorted({row["item_id"] for row in demand(DAYS, 4, first=TODAY - dt.timedelta(days=DAYS)).to_dicts()})

    def forecast(run_id: str) -> list[str]:
        assert main(["--client", seller.client_id, "--run-id", run_id, "--horizon", "3"], {}) == 0
        statement = (
            "SELECT DISTINCT item_id FROM inventory.forecast_results WHERE client_id = @client_id "
            f"AND run_date > '2000-01-01' AND run_id = '{run_id}' ORDER BY item_id"
        )
        return [row["item_id"] for row in table_rows(Warehouse(config(), seller.client_id), statement)]

    def with_products(*item_ids: str) -> None:
        publish(seller.tenant, catalog_rows(*({"item_id": item_id} for item_id in item_ids)))

    with_products(*sold[:2], "unsold")
    assert forecast("first") == sold[:2]
    with_products(*sold)
    assert forecast("second") == sold


def _refresh_of(seller: TestClient) -> Operation:
    (refresh,) = Operations(seller.tenant).page(PageRequest(10)).items
    return refresh


def _outbox(seller: TestClient) -> list[str]:
    return [found.id for found in seller.tenant.collection("outbox").stream()]


def test_its_refresh_is_handed_to_cloud_tasks_at_once(seller: TestClient) -> None:
    """No tick of the scheduler runs here: what is delivered, the job has delivered."""
    assert main(["--client", seller.client_id], {}) == 0
    assert _outbox(seller) == []
    eventually(lambda: _refresh_of(seller).finished, "the refresh to end")
    assert _refresh_of(seller).status is OperationStatus.SUCCEEDED


@pytest.mark.parametrize("reason", ["out of reach", "no credentials"])
def test_a_refresh_that_cannot_be_handed_over_waits_for_the_tick(
    seller: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], reason: str
) -> None:
    def refused(_: Config) -> None:
        raise DefaultCredentialsError("no credentials")

    if reason == "out of reach":
        unreachable = replace(config(), tasks_emulator_host="127.0.0.1:9")
        monkeypatch.setattr("forecast_job.__main__.config", lambda: unreachable)
    else:
        monkeypatch.setattr("shared.tasks.delivery.tasks_client", refused)
    assert main(["--client", seller.client_id], {}) == 0
    assert "task left in the outbox" in capsys.readouterr().out
    waiting = _refresh_of(seller)
    assert (waiting.status, _outbox(seller)) == (OperationStatus.PENDING, [waiting.id])
    monkeypatch.undo()
    assert deliver_waiting(config(), waiting.created_at + dt.timedelta(seconds=1)) >= 1
    eventually(lambda: _refresh_of(seller).finished, "the refresh to end")


def test_cloud_runs_execution_names_the_run_and_its_task_the_shard(seller: TestClient) -> None:
    env = {"CLOUD_RUN_EXECUTION": "forecast-abc", "CLOUD_RUN_TASK_INDEX": "1", "CLOUD_RUN_TASK_COUNT": "2"}
    assert main(["--client", seller.client_id, "--horizon", "7"], env) == 0
    run = ForecastRuns(seller.tenant).get("forecast-abc")
    assert run is not None
    assert (run.shard_count, run.shards_done, run.published) == (2, frozenset({1}), False)
    assert main(["--client", seller.client_id, "--horizon", "7"], env | {"CLOUD_RUN_TASK_INDEX": "0"}) == 0
    again = ForecastRuns(seller.tenant).get("forecast-abc")
    assert again is not None
    assert again.published
    # Readers need the usual horizon.
    assert ForecastRuns(seller.tenant).latest() is None
    assert Operations(seller.tenant).page(PageRequest(10)).items == []


def test_an_execution_that_is_repeated_loads_nothing_again(
    seller: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    env = {"CLOUD_RUN_EXECUTION": "forecast-again"}
    for _ in range(2):
        assert main(["--client", seller.client_id, "--horizon", "3"], env) == 0
    assert "shard 1 of 1: was done before" in str(_lines(capsys)[-1]["message"])
    sql = (
        "SELECT COUNT(*) AS days FROM inventory.forecast_results WHERE client_id = @client_id AND run_date = @run_date "
        "AND location_id = '*'"
    )
    assert table_rows(Warehouse(config(), seller.client_id), sql, run_date=TODAY) == [{"days": 4 * 3}]


def test_a_run_by_hand_takes_its_date_and_id(seller: TestClient) -> None:
    asked = ["--client", seller.client_id, "--run-id", "replay", "--run-date", "2024-05-20", "--horizon", "3"]
    assert main(asked, {}) == 0
    run = ForecastRuns(seller.tenant).get("replay")
    assert run is not None
    assert run.run_date == dt.date(2024, 5, 20)


@pytest.mark.parametrize("flag", [True, False])
def test_a_run_by_hand_has_a_backtest_when_asked(seller: TestClient, flag: bool) -> None:
    asked = ["--client", seller.client_id, "--run-id", "tested", "--horizon", "5", *(["--backtest"] if flag else [])]
    assert main(asked, {}) == 0
    sql = (
        "SELECT COUNT(*) AS days, MIN(origin_date) AS origin, COUNTIF(location_id != '*') AS located, "
        "MAX(units_sold) AS sold FROM inventory.forecast_backtest WHERE client_id = @client_id AND run_date = @run_date"
    )
    (row,) = table_rows(Warehouse(config(), seller.client_id), sql, run_date=TODAY)
    assert (row["days"], row["located"]) == (4 * 5 if flag else 0, 0)
    assert row["origin"] == (TODAY - dt.timedelta(5) if flag else None)
    assert not flag or row["sold"] > 0
    run = ForecastRuns(seller.tenant).get("tested")
    assert run is not None
    assert run.backtest == flag


def test_an_unknown_client_is_one_line_and_an_exit_status(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--client", "nobody"], {}) == 1
    (line,) = _lines(capsys)
    assert line["severity"] == "ERROR"
    assert line["message"] == "the forecast job cannot start: client_not_found: no client 'nobody'"


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"CLOUD_RUN_TASK_INDEX": "2", "CLOUD_RUN_TASK_COUNT": "2"}, "given CLOUD_RUN_TASK_INDEX='2'"),
        ({"CLOUD_RUN_TASK_INDEX": "x"}, "given CLOUD_RUN_TASK_INDEX='x'"),
    ],
)
def test_an_impossible_task_is_refused(
    running: Running, env: dict[str, str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--client", "any"], env) == 1
    (line,) = _lines(capsys)
    assert words in str(line["message"])


def test_tasks_without_a_common_run_are_refused(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--client", client.client_id], {"CLOUD_RUN_TASK_COUNT": "2"}) == 1
    assert "several tasks need one --run-id" in str(_lines(capsys)[0]["message"])


def test_one_clients_failure_stops_no_other(
    seller: TestClient, new_client: Callable[[], TestClient], capsys: pytest.CaptureFixture[str]
) -> None:
    other = new_client()
    run = ["--run-id", "taken", "--horizon", "2"]
    assert main(["--client", seller.client_id, "--run-date", "2024-05-20", *run], {}) == 0
    capsys.readouterr()
    assert main(["--client", seller.client_id, "--client", other.client_id, *run], {}) == 1
    lines = _lines(capsys)
    failed, advice = (line for line in lines if line["severity"] == "ERROR")
    assert "was started for 2024-05-20 in 1 shards, not for 2024-06-03" in str(failed["message"])
    assert failed["client_id"] == seller.client_id
    assert "start the run again with its id" in str(advice["message"])
    done = ForecastRuns(other.tenant).get("taken")
    assert done is not None
    assert done.published


@pytest.mark.parametrize("horizon", ["0", "366", "1000", "-1", "many"])
def test_a_horizon_out_of_range_is_refused(horizon: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([f"--horizon={horizon}"], {})
    assert "is not a number of days from 1 to 365" in capsys.readouterr().err
