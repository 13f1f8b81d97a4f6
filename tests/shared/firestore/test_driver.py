"""The one module that reaches into google-cloud-firestore, and the version that it was read against."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import grpc
import pytest
from google.api_core.exceptions import DeadlineExceeded
from google.cloud.firestore import Client
from google.cloud.firestore_v1.types import RunQueryRequest, RunQueryResponse, StructuredQuery

from shared.config import Config
from shared.firestore.driver import DRIVER_VERSION, database, get_document
from tests.support.tenants import TestClient

PROJECT = Path(__file__).parents[3]
ADVICE = (
    "shared/firestore/driver.py uses private members of google-cloud-firestore: read it against the new version, run "
    "tests/shared/firestore and tests/e2e/test_faults.py, then set DRIVER_VERSION"
)


def test_the_installed_library_is_the_one_that_the_driver_was_read_against() -> None:
    assert version("google-cloud-firestore") == DRIVER_VERSION, ADVICE


def test_the_pinned_library_is_the_one_that_the_driver_was_read_against() -> None:
    pins = re.findall(r"^google-cloud-firestore==(\S+)$", (PROJECT / "constraints.txt").read_text(), re.MULTILINE)
    assert pins == [DRIVER_VERSION], ADVICE


def test_no_module_beside_it_asks_to_touch_private_members() -> None:
    """ruff refuses them everywhere (SLF); this is that nobody is excused in place."""
    sources = [
        path for folder in ("shared", "functions", "forecast_job", "infra") for path in (PROJECT / folder).rglob("*.py")
    ]
    assert sources
    assert [path for path in sources if "noqa: SLF" in path.read_text()] == []


def test_a_process_has_one_client(client: TestClient) -> None:
    config = Config("p", "r", "d", "b", "q", "j", "u", "a", "c", "i", firestore_emulator_host="127.0.0.1:1")
    assert database(config) is database(config)
    assert database(config) is not client.tenant.database


def test_a_document_is_read_with_its_update_time(client: TestClient) -> None:
    reference = client.tenant.collection("things").document("one")
    assert get_document(reference) is None
    reference.set({"nested": {"a": [1, "x", None]}})
    document, snapshot = get_document(reference), reference.get()
    assert document is not None
    assert (document.fields, document.update_time) == (snapshot.to_dict(), snapshot.update_time)


class _BrokenStream(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no types
    """Answers a query with a document, and breaks off with `code` behind it; the next query gets the rest."""

    def __init__(self, code: grpc.StatusCode) -> None:
        self._code = code
        self.queries: list[StructuredQuery] = []

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        return grpc.unary_stream_rpc_method_handler(
            self._answer, RunQueryRequest.deserialize, RunQueryResponse.serialize
        )

    def _answer(self, request: RunQueryRequest, context: grpc.ServicerContext) -> Iterator[RunQueryResponse]:
        self.queries.append(request.structured_query)
        now = dt.datetime(2024, 6, 3, tzinfo=dt.UTC)
        name = f"{request.parent}/things/{len(self.queries)}"
        yield RunQueryResponse(document={"name": name, "create_time": now, "update_time": now}, read_time=now)
        if len(self.queries) == 1:
            context.abort(self._code, "the stream broke")


@pytest.fixture
def broken() -> Iterator[Callable[[grpc.StatusCode], tuple[Client, _BrokenStream]]]:
    servers = []

    def start(code: grpc.StatusCode) -> tuple[Client, _BrokenStream]:
        handler, server = _BrokenStream(code), grpc.server(ThreadPoolExecutor(max_workers=2))
        server.add_generic_rpc_handlers((handler,))
        host = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        servers.append(server)
        return database(Config("p", "r", "d", "b", "q", "j", "u", "a", "c", "i", firestore_emulator_host=host)), handler

    yield start
    for server in servers:
        server.stop(grace=None)


def test_a_query_whose_stream_breaks_says_so(
    broken: Callable[[grpc.StatusCode], tuple[Client, _BrokenStream]],
) -> None:
    client, _ = broken(grpc.StatusCode.DEADLINE_EXCEEDED)
    with pytest.raises(DeadlineExceeded):
        client.collection("things").get()


def test_a_query_goes_on_behind_what_it_has_when_the_backend_is_back(
    broken: Callable[[grpc.StatusCode], tuple[Client, _BrokenStream]],
) -> None:
    client, handler = broken(grpc.StatusCode.UNAVAILABLE)
    assert [snapshot.id for snapshot in client.collection("things").get()] == ["1", "2"]
    first, second = handler.queries
    assert not first.start_at.values
    assert second.start_at.values[0].reference_value.endswith("/things/1")
