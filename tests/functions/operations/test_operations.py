"""Operations over HTTP, and the scheduler's tick."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests

from infra.local.emulators.oidc import TokenIssuer
from shared.config import config
from shared.domain.access.principal import Role
from shared.domain.operation import Operation, OperationKind, OperationRequest, OperationStatus
from shared.tasks.delivery import deliver_waiting
from shared.tasks.operations import Operations
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient, eventually


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def started(
    client: TestClient, kind: str = OperationKind.METRICS_REFRESH, age: dt.timedelta = dt.timedelta()
) -> Operation:
    """An operation whose request died right after its commit: nobody told Cloud Tasks."""
    operation, _ = Operations(client.tenant).start(
        OperationRequest(kind, "inventory", "/internal/refresh", "test", now() - age, {"rebuild": False})
    )
    return operation


def test_a_refresh_can_be_followed_to_its_end(client: TestClient) -> None:
    response = client.post("/inventory/metrics/refresh", json={})
    assert response.headers["Location"] == f"/api/v1/operations/{response.json()['id']}"
    assert response.json()["kind"] == OperationKind.METRICS_REFRESH
    done = client.finished(response)
    assert (done["status"], done["error"], done["step"]) == ("succeeded", None, None)
    assert done["progress"]["done"] == done["progress"]["total"] == 5
    assert done["created_at"] <= done["started_at"] <= done["finished_at"]
    assert done["created_at"].endswith("Z")


def test_the_list_is_paged_by_token_the_newest_first(client: TestClient) -> None:
    ids = [started(client, age=dt.timedelta(hours=hours)).id for hours in (1, 2, 3, 4, 5)]
    seen: list[str] = []
    token: str | None = None
    for size in (2, 2, 1):
        query = {"page_size": "2"} | ({"page_token": token} if token else {})
        page = client.get("/operations", params=query).json()
        assert len(page["items"]) == size
        seen += [one["id"] for one in page["items"]]
        token = page["next_page_token"]
    assert seen == ids
    assert token is None


def test_the_list_is_narrowed_by_kind_and_status(client: TestClient) -> None:
    old, new = started(client, OperationKind.CATALOG_REBUILD, dt.timedelta(hours=1)), started(client)
    Operations(client.tenant).change(old.id, lambda one: one.claimed(now()))

    def ids(query: str) -> list[str]:
        return [one["id"] for one in client.get(f"/operations?{query}").json()["items"]]

    assert ids("") == [new.id, old.id]
    rebuild = "kind=metrics_refresh.rebuild"
    assert ids(rebuild) == ids("status=running") == ids(f"{rebuild}&status=running") == [old.id]
    assert ids("status=pending") == [new.id]
    assert ids("status=pending,running") == ids("status=pending&status=running") == [new.id, old.id]
    everything = "&".join([*(f"kind={kind}" for kind in OperationKind), *(f"status={one}" for one in OperationStatus)])
    assert ids(everything) == [new.id, old.id]
    most = everything.removesuffix(f"&status={OperationStatus.CANCELLED}")
    some = most.removeprefix(f"kind={OperationKind.FORECAST}&")
    assert ids(most) == [new.id, old.id]
    problem = assert_problem(client.get(f"/operations?{some}"), 422, "too_many_combinations")
    assert [error["code"] for error in problem["errors"]] == ["too_many_combinations"]
    assert ids("kind=forecast") == ids(f"{rebuild}&status=failed") == []


def test_operations_belong_to_their_tenant(client: TestClient, new_client: Callable[[], TestClient]) -> None:
    operation, other = started(client), new_client()
    for method, path in (("GET", ""), ("POST", "/cancel")):
        response = other.call(method, f"/operations/{operation.id}{path}")
        assert_problem(response, 404, "operation_not_found")
    assert other.get("/operations").json()["items"] == []
    assert client.get(f"/operations/{operation.id}", role=Role.VIEWER).status_code == 200


def test_a_pending_operation_can_be_cancelled_once(client: TestClient) -> None:
    operation = started(client)
    response = client.post(f"/operations/{operation.id}/cancel")
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    problem = assert_problem(client.post(f"/operations/{operation.id}/cancel"), 409, "operation_finished")
    assert "cancelled" in problem["detail"]


def started_by(client: TestClient, kind: OperationKind, user_id: str) -> Operation:
    """An operation of any kind, with parameters that look like its own."""
    family, _, records = kind.value.partition(".")
    of_runs = (_SYNC if family == "etl_sync" else _IMPORT) | {"kind": records}
    parameters = _PARAMETERS.get(kind, of_runs)
    request = OperationRequest(kind, "inventory", "/internal/refresh", user_id, now(), parameters)
    operation, _ = Operations(client.tenant).start(request)
    return operation


_REFRESHERS = {Role.ADMIN, Role.PROCUREMENT}
_ADMINISTRATORS_DO = ("etl_", "client_export")
_CANCELLERS = {
    kind: {Role.ADMIN} if kind.value.startswith(_ADMINISTRATORS_DO) else _REFRESHERS for kind in OperationKind
}
_PARAMETERS: dict[OperationKind, dict[str, Any]] = {
    OperationKind.FORECAST: {"items": 3, "horizon_days": 7},
    OperationKind.METRICS_REFRESH: {"rebuild": False},
    OperationKind.CATALOG_REBUILD: {"rebuild": True},
    OperationKind.VALIDATION: {},
    OperationKind.CLIENT_EXPORT: {},
    OperationKind.ETL_RUN: {"date": "2024-06-03", "source_ids": None},
}
_SYNC = {
    "source_id": "erp",
    "start_date": "2026-01-01",
    "end_date": None,
    "mode": "upsert",
    "dry_run": False,
    "accept_shrinkage": False,
}
_IMPORT = {
    "format": "csv",
    "encoding": None,
    "delimiter": ";",
    "header_row": None,
    "sheet": None,
    "decimal_mark": ",",
    "date_order": None,
    "mapping": None,
    "mapping_source": "found",
    "aggregate": "none",
    "mode": "upsert",
    "dry_run": False,
    "default_location_id": None,
    "accept_shrinkage": False,
    "file_name": "a.csv",
    "upload": "secret/place",
}


@pytest.mark.parametrize("kind", OperationKind)
def test_one_cancels_what_ones_role_may_start(client: TestClient, kind: OperationKind) -> None:
    for role in Role:
        operation = started_by(client, kind, "somebody else")
        response = client.post(f"/operations/{operation.id}/cancel", role=role)
        if role in _CANCELLERS[kind]:
            assert response.json()["status"] == "cancelled"
        elif role is Role.SERVICE:  # a machine writes imports, forecasts and refreshes only
            assert_problem(response, 403, "role_not_allowed")
        else:
            problem = assert_problem(response, 403, "operation_not_yours")
            assert "'somebody else' started" in problem["detail"]
            assert client.get(f"/operations/{operation.id}").json()["status"] == "pending"


@pytest.mark.parametrize("kind", OperationKind)
def test_one_cancels_what_one_has_started(client: TestClient, kind: OperationKind) -> None:
    operation = started_by(client, kind, f"user-{client.client_id}")
    response = client.post(f"/operations/{operation.id}/cancel", role=Role.VIEWER)
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")


@pytest.mark.parametrize("kind", OperationKind)
def test_each_kind_is_shown_with_what_it_was_asked_for(client: TestClient, kind: OperationKind) -> None:
    operation = started_by(client, kind, "ann")
    shown = client.get(f"/operations/{operation.id}").json()
    assert (shown["kind"], shown["created_by"], shown["result"]) == (kind, "ann", None)
    assert "upload" not in shown["parameters"]
    assert client.get("/operations?fields=id,kind").json()["items"] == [{"id": operation.id, "kind": kind}]
    before = dt.datetime.fromisoformat(shown["updated_at"])
    cancelled = client.post(f"/operations/{operation.id}/cancel").json()
    assert dt.datetime.fromisoformat(cancelled["updated_at"]) > before
    assert client.get(f"/operations/{operation.id}").json() == cancelled


@pytest.mark.parametrize(
    "query", ["kind=import", "kind=" + "x" * 2000, "status=lost", "kind=forecast,", "kind=forecast,nothing"]
)
def test_what_is_no_kind_or_status_is_refused(client: TestClient, query: str) -> None:
    response = client.get(f"/operations?{query}")
    if query.endswith(","):
        assert response.status_code == 200
    else:
        problem = assert_problem(response, 422, "invalid_input")
        assert problem["errors"][0]["pointer"].startswith("query/")


@pytest.fixture
def task_token(running: object, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, str]]:
    """Makes the header of a task of the task service account, for a function."""
    issuer = TokenIssuer(config().oidc_issuer)
    keys = jwt.PyJWKClient("http://127.0.0.1:9/certs")
    monkeypatch.setattr(keys, "fetch_data", issuer.jwks)
    monkeypatch.setattr("shared.http.oidc._keys", lambda _: keys)

    def header(function: str) -> dict[str, str]:
        token = issuer.token(config().task_service_account, config().url_of(function))
        return {"Authorization": f"Bearer {token}"}

    return header


def post(
    client: TestClient, path: str, headers: dict[str, str], body: dict[str, str] | None = None
) -> requests.Response:
    return requests.post(f"{client.base_url}{path}", json=body, headers=headers, timeout=60)


def test_a_request_that_died_before_it_told_cloud_tasks_is_made_up_for(
    client: TestClient, task_token: Callable[[str], dict[str, str]]
) -> None:
    young, old = started(client), started(client, age=dt.timedelta(minutes=1))
    response = post(client, "/operations/internal/drain-outbox", task_token("operations"))
    assert response.status_code == 200
    assert response.json()["delivered"] >= 1
    waiting = {found.id for found in client.tenant.collection("outbox").stream()}
    assert waiting == {young.id}
    assert Operations(client.tenant).get(young.id).status is OperationStatus.PENDING
    assert old.id not in waiting


def test_the_queue_does_what_the_tick_delivered(running: object, client: TestClient) -> None:
    """With the real keys: Cloud Tasks signs, the handler verifies."""
    operation = started(client, age=dt.timedelta(hours=1))
    assert deliver_waiting(config(), now() - dt.timedelta(minutes=30)) >= 1
    eventually(lambda: Operations(client.tenant).get(operation.id).finished, "the delivered refresh to finish")
    assert Operations(client.tenant).get(operation.id).status is OperationStatus.SUCCEEDED


def test_a_task_that_is_delivered_twice_does_the_work_once(
    client: TestClient, task_token: Callable[[str], dict[str, str]]
) -> None:
    operation = started(client)
    body = {"client_id": client.client_id, "operation_id": operation.id}
    first, second = (post(client, "/inventory/internal/refresh", task_token("inventory"), body) for _ in range(2))
    assert first.json() == second.json() == {"status": "succeeded"}
    assert Operations(client.tenant).get(operation.id).attempt == 1


def test_a_task_whose_operation_is_held_is_told_to_come_again(
    client: TestClient, task_token: Callable[[str], dict[str, str]]
) -> None:
    operation = started(client)
    Operations(client.tenant).change(operation.id, lambda one: one.claimed(now()))
    body = {"client_id": client.client_id, "operation_id": operation.id}
    response = post(client, "/inventory/internal/refresh", task_token("inventory"), body)
    assert_problem(response, 409, "operation_claimed")


def test_a_cancelled_operation_is_not_worked_on(
    client: TestClient, task_token: Callable[[str], dict[str, str]]
) -> None:
    operation = started(client)
    client.post(f"/operations/{operation.id}/cancel")
    body = {"client_id": client.client_id, "operation_id": operation.id}
    response = post(client, "/inventory/internal/refresh", task_token("inventory"), body)
    assert response.json() == {"status": "cancelled"}
    assert client.get("/products").status_code == 404


@pytest.mark.parametrize(
    ("function", "status"), [("inventory", 200), ("operations", 401), ("etl", 401)], ids=["own", "other", "etl"]
)
def test_a_task_token_opens_its_own_function_only(
    client: TestClient, task_token: Callable[[str], dict[str, str]], function: str, status: int
) -> None:
    operation = started(client)
    body = {"client_id": client.client_id, "operation_id": operation.id}
    assert post(client, "/inventory/internal/refresh", task_token(function), body).status_code == status
    if status == 401:
        assert Operations(client.tenant).get(operation.id).status is OperationStatus.PENDING


def test_a_task_token_is_no_users_token(client: TestClient, task_token: Callable[[str], dict[str, str]]) -> None:
    response = requests.get(f"{client.base_url}/products", headers=task_token("products"), timeout=10)
    assert_problem(response, 401, "token_invalid")
