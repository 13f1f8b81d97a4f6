"""Metrics and pages count the lines that are really written: each filter is matched against what running code logs."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from forecast_job.__main__ import _say_fallback
from forecast_job.progress import JobProgress
from forecast_job.results.result_files import RunKey
from forecast_job.run.shard_record import shard_recorded
from functions.etl import daily
from functions.inventory.service import compact_catalogs
from infra import cost
from shared.config import config
from shared.domain.access.client import Client
from shared.domain.errors import StockcastError
from shared.domain.etl_run import RunInProgress
from shared.domain.forecast_engine import CHRONOS2, FallbackCode, FallbackReason
from shared.domain.forecast_request import ForecastRequest
from shared.domain.imports.source_shrinkage import SourceEmpty
from shared.domain.operation import Operation, OperationRequest
from shared.tasks.operations import Operations
from shared.tasks.worker import run
from shared.telemetry.logs import log
from shared.telemetry.work_record import note
from tests.support.editable_shop import editable_shop
from tests.support.log_filter import entry_of, matches, value_at
from tests.support.log_lines import Line, watched
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

TERRAFORM = Path(__file__).parents[3] / "infra" / "terraform"
METRICS: dict[str, dict[str, Any]] = json.loads((TERRAFORM / "metrics.json").read_text())
SERVICE, JOB = "cloud_run_revision", "cloud_run_job"
NOW = dt.datetime(2024, 6, 3, 12, 0, tzinfo=dt.UTC)


def counted(line: Line, resource_type: str = SERVICE) -> set[str]:
    """The metrics that count the line; each finds its labels and its value in it."""
    entry = entry_of(line, resource_type)
    names = {name for name, metric in METRICS.items() if matches(entry, metric["filter"])}
    for name in names:
        fields = {label["field"] for label in METRICS[name]["labels"].values()}
        if line["message"] == "request" and "role" not in line:
            fields.discard("jsonPayload.client_id")  # nobody is signed in: it is counted for an empty name
        assert all(value_at(entry, field) is not None for field in fields), (name, line)
        assert "value" not in METRICS[name] or isinstance(value_at(entry, METRICS[name]["value"]), int | float)
    return names


def only(lines: list[Line]) -> Line:
    (line,) = lines
    return line


@pytest.fixture(scope="module")
def shop(running: Running) -> TestClient:
    return editable_shop(running.new_client())


def test_a_request_is_counted_with_its_costs_and_its_errors(shop: TestClient) -> None:
    with watched() as lines:
        shop.get("/settings")
        shop.get("/products?page=0")
        shop.call("PATCH", "/products/A%2F1", json={"strategic": True})
        body = {"email": "nobody@example.org", "password": "not the password"}
        requests.post(f"{shop.base_url}/auth/token", json=body, timeout=60)
    assert counted(only(lines.of("request", route="GET /settings"))) - {"cold_starts"} == {
        "request_latency",
        "busy",
        "firestore_reads",
    }
    assert "request_errors" in counted(only(lines.of("request", status=422)))
    assert "firestore_writes" in counted(only(lines.of("request", route="PATCH /products/{item_id}")))
    refused = only(lines.of("request", route="POST /auth/token"))
    assert {"request_errors", "sign_in_refused"} <= counted(refused)


def test_a_task_is_no_request_and_its_costs_are_its_clients(shop: TestClient) -> None:
    with watched() as lines:
        assert shop.post("/inventory/metrics/refresh").status_code == 202
        task = lines.awaited("task", client_id=shop.client_id)
    # The emulator of BigQuery bills nothing.
    found = counted(task | {"bigquery_bytes_billed": 10 * 2**20})
    assert found == {
        "task_latency",
        "busy",
        "firestore_reads",
        "firestore_writes",
        "firestore_deletes",
        "bigquery_bytes_billed",
    }


@pytest.mark.parametrize(
    ("error", "expected"),
    [(SourceEmpty("no rows"), "client_run_trouble"), (StockcastError("a bug"), "operation_failed")],
)
def test_a_clients_bad_file_pages_nobody(shop: TestClient, error: StockcastError, expected: str) -> None:
    operations = Operations(shop.tenant)
    request = OperationRequest("etl_import.products", "etl", "/internal/import", "u", NOW)
    started, _ = operations.start(request)

    def work(_operation: Operation, _reporter: object) -> None:
        raise error

    with watched() as lines:
        for _ in range(8):
            try:
                run(operations, started.id, work, lambda: NOW)
            except StockcastError:
                continue
            break
    assert counted(only(lines.of("operation failed"))) == {expected}
    if expected == "client_run_trouble":
        assert {name for line in lines.all() for name in counted(line)} == {expected}


def test_the_age_of_a_clients_figures_is_counted(shop: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(shop.client_id, "A shop", business_date=TODAY)
    monkeypatch.setattr("functions.inventory.service.Clients", lambda _: SimpleNamespace(active=lambda: [client]))
    pointer = shop.tenant.collection("catalog").document("pointer")
    with watched() as lines:
        for days in (1, 4):
            day = (TODAY - dt.timedelta(days)).isoformat()
            pointer.update({"last_sale": day, "forecast_run_date": day})
            compact_catalogs(config(), NOW)
        compact_catalogs(config(), NOW.replace(minute=5))
    fresh, stale = lines.of("freshness")
    assert counted(fresh) == {"data_age", "forecast_age"}
    assert counted(stale) == {"data_age", "forecast_age", "stale_data", "stale_forecast"}
    assert (stale["data_age_days"], stale["client_id"]) == (4, shop.client_id)


def test_daily_runs_are_counted_when_they_start_and_when_they_cannot(
    shop: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily, "Clients", lambda _: SimpleNamespace(active=list))
    client = Client(shop.client_id, "A shop")

    def refused(*_: object) -> None:
        raise RunInProgress("run-1")

    with watched() as lines:
        daily.start_due(config(), NOW)
        monkeypatch.setattr(daily, "start_run", refused)
        daily._start(config(), NOW, (client, TODAY))
        monkeypatch.setattr(daily, "start_run", None)
        daily._start(config(), NOW, (client, TODAY))
    assert [counted(line) for line in lines.all()] == [{"daily_runs"}, {"daily_run_delayed"}, {"daily_run_delayed"}]


def test_shards_and_their_fallbacks_are_counted() -> None:
    progress = JobProgress(interactive=False)
    key = RunKey("acme", TODAY, "run-1")
    reason = FallbackReason(code=FallbackCode.WEIGHTS_MISSING, detail="no weights")
    with watched() as lines:
        with shard_recorded(progress, client_id="acme", run_id="run-1", shard=0, shards=1):
            note(engine="statistical")
        _say_fallback(progress, key, ForecastRequest(None, 30, CHRONOS2), reason)
    shard, fallback = lines.all()
    assert counted(shard, JOB) == {"shard_seconds"}
    assert counted(fallback, JOB) == {"forecast_fallback"}


def test_what_is_out_of_reach_is_counted() -> None:
    """The lines of shared/http/problems.py and rate_limit.py: tests of theirs bring them about."""
    sources = TERRAFORM.parents[1] / "shared" / "http"
    for module, message, metric in (
        ("problems", "backend unavailable", "backend_unavailable"),
        ("rate_limit", "rate limits not shared", "rate_limits_not_shared"),
    ):
        with watched() as lines:
            log("WARNING", message, kind="ServiceUnavailable")
        assert counted(only(lines.all())) == {metric}
        assert f'log("WARNING", "{message}", kind=' in (sources / f"{module}.py").read_text()


def test_the_cost_of_a_client_is_reckoned_as_the_estimate_does() -> None:
    block = re.search(r"prices = \{(.*?)\n  \}", (TERRAFORM / "dashboards.tf").read_text(), re.DOTALL)
    assert block is not None
    prices = {name: float(price) for name, price in re.findall(r"(\w+) += ([\d.]+)", block[1])}
    assert prices == pytest.approx(
        {
            "firestore_reads": cost.READ,
            "firestore_writes": cost.WRITE,
            "firestore_deletes": cost.DELETE,
            "bigquery_bytes_billed": cost.QUERIED_TIB / 2**40,
            "busy": (cost.REQUEST_VCPU_S + cost.REQUEST_GIB_S) / 1000,
            "shard_seconds": 4 * cost.JOB_VCPU_S + 16 * cost.JOB_GIB_S,
        }
    )
    assert prices.keys() <= METRICS.keys()


def test_every_metric_is_one_that_a_test_here_sees() -> None:
    text = Path(__file__).read_text().partition("def test_every_metric")[0]
    unseen = {name for name in METRICS if f'"{name}"' not in text}
    assert unseen == {"schedule_failed"}  # Cloud Scheduler's own line


def test_dashboards_pages_and_promises_name_metrics_that_exist() -> None:
    charts = (TERRAFORM / "dashboards.tf").read_text()
    named = re.findall(r"user_stockcast_([a-z_]+)\{", charts)  # those of ${name} are the keys of `prices`
    known = {f"{name}{part}" for name in METRICS for part in ("", "_sum", "_count", "_bucket")}
    assert len(named) >= 15
    assert set(named) <= known
    for chart in re.findall(r"user_stockcast_([a-z_]+?)(?:_sum|_count|_bucket)\{", charts):
        assert "value" in METRICS[chart], chart
    for name in ("alerts.tf", "slos.tf"):
        text = (TERRAFORM / name).read_text()
        assert set(re.findall(r'google_logging_metric\.line\["(\w+)"\]', text)) <= set(METRICS)


def test_lists_that_are_promised_to_be_quick_are_routes(running: Running) -> None:
    document = requests.get(f"{running.base_url}/openapi.json", timeout=60).json()
    lists = re.search(r"lists += (\[.*\])", (TERRAFORM / "slos.tf").read_text())
    assert lists is not None
    paths = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert set(json.loads(lists[1])) <= paths


def test_the_language_of_filters() -> None:
    entry = entry_of({"severity": "ERROR", "message": "a", "n": 3, "ok": True}, SERVICE)
    for text, expected in {
        'severity>=WARNING AND jsonPayload.message="a"': True,
        "severity=WARNING": False,
        'jsonPayload.message=("b" OR "a") AND jsonPayload.n>2 AND jsonPayload.ok=true': True,
        "jsonPayload.n>3": False,
        "jsonPayload.missing!=3": False,
    }.items():
        assert matches(entry, text) is expected, text
    with pytest.raises(ValueError, match="not understood"):
        matches(entry, "NOT severity=ERROR")
