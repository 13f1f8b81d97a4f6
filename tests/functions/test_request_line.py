"""The line that a request ends in: what it tells of the request, what it costs to the document, and what it hides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from infra.local.stack.gateway import gateway
from shared.domain.access.principal import Role
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.log_lines import Line, Lines, watched
from tests.support.operations import that_ends
from tests.support.tenants import TestClient

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def lines() -> Iterator[Lines]:
    with watched() as made:
        yield made


_LOOKS = 5


def billed(line: Line) -> Billed:
    return Billed(*(line[f"firestore_{name}"] for name in ("reads", "writes", "deletes")))


def passed(meter: FirestoreMeter, client: TestClient) -> Billed:
    """All that was billed for the client. Its own record lies below no client, as those of others do, which tasks that
    other tests have left may read meanwhile: what differs is looked at again."""
    admissions = Billed(reads=meter.admissions(client.client_id))
    return meter.of(client.client_id) + meter.of("") + admissions


def test_a_line_tells_route_caller_time_cost_and_trace(open_shop: TestClient, lines: Lines) -> None:
    response = open_shop.get(
        "/products/A%2F1/locations?client_id=" + open_shop.client_id,
        role=Role.VIEWER,
        headers={"traceparent": f"00-{TRACE}-{SPAN}-01", "Accept-Encoding": "identity"},
    )
    (line,) = lines.of("request", route="GET /products/{item_id}/locations")
    assert response.status_code == 200
    assert line["logging.googleapis.com/trace"].endswith(f"/traces/{TRACE}")
    assert (line["logging.googleapis.com/spanId"], line["logging.googleapis.com/trace_sampled"]) == (SPAN, True)
    assert line["severity"] == "INFO"
    assert line["httpRequest"] == {
        "requestMethod": "GET",
        "requestUrl": "/products/{item_id}/locations",
        "status": 200,
        "responseSize": str(len(response.content)),
        "latency": f"{float(line['httpRequest']['latency'].removesuffix('s')):.6f}s",
    }
    assert line["route"] == "GET /products/{item_id}/locations"
    told = {"client_id": open_shop.client_id, "role": "VIEWER", "function": "products", "revision": "local"}
    assert told.items() <= line.items()
    assert (line["status"], line["firestore_writes"], line["catalog_hits"] + line["catalog_loads"]) == (200, 0, 1)
    assert 0 < line["latency_ms"] < 60_000
    assert "A/1" not in lines.text
    assert "user-" not in lines.text


@pytest.mark.parametrize(
    ("path", "status", "code", "severity"),
    [
        ("/products?page=0", 422, "invalid_input", "WARNING"),
        ("/products/nothing/metrics", 404, "product_not_found", "WARNING"),
        ("/nothing/secret-id", 404, "route_not_found", "WARNING"),
        ("/etl/internal/daily", 405, "method_not_allowed", "WARNING"),
    ],
)
def test_an_error_is_told_by_its_code(
    open_shop: TestClient, lines: Lines, path: str, status: int, code: str, severity: str
) -> None:
    requests.get(f"{open_shop.base_url}{path}", headers={"Authorization": f"Bearer {open_shop.token()}"}, timeout=60)
    (line,) = [*lines.of("request"), *lines.of("task")]
    assert (line["status"], line["code"], line["severity"]) == (status, code, severity)
    assert "secret-id" not in lines.text


def test_every_read_is_counted_as_it_is_billed(full_shop: TestClient, meter: FirestoreMeter, lines: Lines) -> None:
    counted: dict[str, tuple[Billed, Billed]] = {}
    for path, operations in gateway().document["paths"].items():
        if "get" in operations and "{" not in path and not path.startswith(("/auth/users", "/clients")):
            for _ in range(_LOOKS):
                meter.reset()
                lines.text = ""
                response = full_shop.get(that_ends(path), headers={"Accept-Encoding": "identity"})
                line = lines.awaited("request", route=f"GET {path}", status=response.status_code)
                ours, theirs = counted[path] = (billed(line), passed(meter, full_shop))
                if ours == theirs:
                    break
    assert len(counted) > 25
    assert {path: both for path, both in counted.items() if both[0] != both[1]} == {}
    assert sum(ours.reads for ours, _ in counted.values()) > 30


def test_writes_threads_and_tasks_are_counted_as_they_are_billed(
    open_shop: TestClient, meter: FirestoreMeter, lines: Lines
) -> None:
    """An edit with its transaction, a supplier whose detail is read by threads, and a refresh with its tasks."""
    for name in range(_LOOKS):
        meter.reset()
        lines.text = ""
        made = open_shop.post("/suppliers", json={"name": f"Supplier {name}"}).json()["supplier_id"]
        open_shop.get(f"/suppliers/{made}")
        open_shop.call("PATCH", "/products/A%2F1", json={"strategic": True})
        open_shop.call("DELETE", f"/suppliers/{made}")
        assert open_shop.post("/inventory/metrics/refresh").status_code == 202
        task = lines.awaited("task", client_id=open_shop.client_id)
        ours = sum((billed(line) for line in [*lines.of("request"), *lines.of("task")]), Billed())
        theirs = passed(meter, open_shop)
        if ours == theirs:
            break

    assert ours == theirs
    assert ours.writes > 10
    assert ours.deletes > 1
    told = {"route": "POST /inventory/internal/refresh", "kind": "metrics_refresh", "queue": "stockcast", "retry": 0}
    assert told.items() <= task.items()
    assert task["bigquery_queries"] >= 3
    assert task["operation_id"]


def test_a_stream_is_written_down_when_it_ends(full_shop: TestClient, lines: Lines) -> None:
    response = full_shop.get("/products/export?format=csv")
    line = lines.awaited("request", route="GET /products/export")
    assert (response.status_code, line["status"], line["client_id"]) == (200, 200, full_shop.client_id)


def test_the_answer_tells_the_times_of_its_parts_to_whom_it_knows(open_shop: TestClient) -> None:
    timing = open_shop.get("/products").headers["Server-Timing"]
    parts = dict(part.split(";dur=") for part in timing.split(", "))
    assert {"total", "auth", "catalog", "firestore"} <= parts.keys()
    assert float(parts["total"]) >= float(parts["catalog"]) >= 0
    unknown = requests.post(
        f"{open_shop.base_url}/auth/token", json={"email": "a@b.example", "password": "x"}, timeout=60
    )
    assert unknown.status_code == 401
    assert "Server-Timing" not in unknown.headers
