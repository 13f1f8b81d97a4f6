"""One trace from a request through the outbox and its task to the job, as an OTLP receiver sees it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from google.cloud import run_v2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from forecast_job.__main__ import main
from shared.config import config
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.outbox import Outbox
from shared.tasks.delivery import deliver
from shared.telemetry import spans
from shared.telemetry.trace import Trace, current_trace, trace_of_traceparent
from tests.support.log_lines import Lines, watched
from tests.support.receiver import Receiver, listening
from tests.support.sellers import make_seller
from tests.support.tenants import TestClient, eventually

CALLER = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", sampled=True)


@dataclass(frozen=True)
class Exported:
    """What has arrived at the receiver."""

    receiver: Receiver

    def spans(self) -> list[Span]:
        spans._provider().force_flush()
        requests = [ExportTraceServiceRequest.FromString(each.body) for each in self.receiver.of("/v1/traces")]
        return [
            span for sent in requests for of in sent.resource_spans for scope in of.scope_spans for span in scope.spans
        ]

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans() if span.name == name and span.trace_id.hex() == CALLER.trace_id]

    def awaited(self, name: str) -> Span:
        span: Span = eventually(lambda: next(iter(self.named(name)), None), f"a span {name}")
        return span


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Iterator[Exported]:
    with listening() as receiver:
        receiver.answer = lambda _: 200
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url("").rstrip("/"))
        monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
        cached = (spans.is_exporting, spans._share, spans._provider)
        for function in cached:
            function.cache_clear()
        yield Exported(receiver)
        spans._provider().shutdown()
        monkeypatch.undo()
        for function in cached:
            function.cache_clear()


@pytest.fixture
def job_here(monkeypatch: pytest.MonkeyPatch) -> list[Thread]:
    """Executions of the job run in this process, with the arguments and the environment that they are started with."""
    started: list[Thread] = []

    def run_job(request: run_v2.RunJobRequest, timeout: float) -> Any:
        (override,) = request.overrides.container_overrides
        env = {variable.name: variable.value for variable in override.env}
        started.append(Thread(target=main, args=(list(override.args), env)))
        started[-1].start()
        return SimpleNamespace(metadata=SimpleNamespace(name="projects/p/locations/l/jobs/j/executions/e"))

    monkeypatch.setattr("shared.tasks.forecasting.jobs_client", lambda _: SimpleNamespace(run_job=run_job))
    return started


def test_a_request_its_task_and_the_job_are_one_trace(
    client: TestClient, exported: Exported, job_here: list[Thread]
) -> None:
    seller = make_seller(client)
    body = {"item_ids": ["c"], "horizon_days": 7, "backtest": False}
    with watched() as lines:
        response = seller.post("/forecast", json=body, headers={"traceparent": CALLER.traceparent})
        assert response.status_code == 202, response.text
        eventually(lambda: job_here, "the job to start")
        job_here[0].join()

    request, task = exported.awaited("POST /forecast"), exported.awaited("POST /forecast/internal/launch")
    shard = exported.awaited("forecast shard")

    assert request.parent_span_id.hex() == CALLER.span_id
    assert task.parent_span_id == request.span_id
    assert shard.parent_span_id == task.span_id
    for phase in ("load", "forecast", "publish"):
        assert {span.parent_span_id for span in exported.named(phase)} == {shard.span_id}
    below = {span.name: span.parent_span_id for span in exported.spans() if span.trace_id.hex() == CALLER.trace_id}
    assert below["firestore commit"] in (request.span_id, task.span_id, shard.span_id)
    assert any(name.startswith("bigquery ") for name in below)
    assert seller.client_id in str(request.attributes)
    assert "Bearer" not in str(exported.spans())
    (line,) = lines.of("shard", client_id=seller.client_id)
    assert line["logging.googleapis.com/trace"].endswith(f"/traces/{CALLER.trace_id}")
    told = {"outcome": "done", "shard": 0, "shards": 1, "engine": "statistical", "items": 1, "severity": "INFO"}
    assert told.items() <= line.items()
    assert min(line[f"{phase}_s"] for phase in ("load", "forecast", "publish")) > 0
    assert min(line["firestore_reads"], line["firestore_writes"], line["bigquery_queries"]) > 0


def test_a_task_that_the_scheduler_delivers_later_is_in_the_trace_of_its_cause(
    client: TestClient, exported: Exported
) -> None:
    token = current_trace.set(CALLER)
    entry = OutboxEntry("late", client.client_id, "inventory", "/internal/refresh", {}, dt.datetime.now(dt.UTC))
    client.tenant.transact(lambda transaction: Outbox(client.tenant).add(transaction, entry))
    current_trace.reset(token)

    (kept,) = [OutboxEntry(**(found.to_dict() or {})) for found in client.tenant.collection("outbox").stream()]
    assert trace_of_traceparent(kept.traceparent) == CALLER
    deliver(config(), kept)

    task = exported.awaited("POST /inventory/internal/refresh")
    assert task.parent_span_id.hex() == CALLER.span_id


def test_a_trace_that_is_not_sampled_is_exported_by_nobody(client: TestClient, exported: Exported) -> None:
    with watched() as lines:
        client.get(
            "/settings", headers={"traceparent": Trace(CALLER.trace_id, CALLER.span_id, sampled=False).traceparent}
        )
        client.get("/settings")
    assert exported.spans() == []
    assert [line["logging.googleapis.com/trace_sampled"] for line in of_settings(lines)] == [False, False]


def of_settings(lines: Lines) -> list[dict[str, Any]]:
    return lines.of("request", route="GET /settings")
