"""Keys of machines: shown once, usable on every function, revoked within seconds."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest
import requests

from shared.config import config
from shared.domain.access.service_token import MOST_KEYS, ServiceKey
from shared.firestore import service_tokens
from shared.firestore.driver import database
from shared.firestore.service_tokens import CHECKED_FOR, token_of_key
from tests.support.at_once import at_once
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

DAY = dt.timedelta(days=1)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def make(client: TestClient, headers: dict[str, str] | None = None, **fields: Any) -> requests.Response:
    return client.post("/auth/service-tokens", json={"name": "nightly import"} | fields, headers=headers)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_key_works_on_every_function_and_says_what_it_is(client: TestClient) -> None:
    response = make(client)
    assert response.status_code == 201, response.text
    made = response.json()
    key = made.pop("token")
    assert key.startswith("sk_")
    assert (made["role"], made["last_used_at"], made["created_by"]) == ("SERVICE", None, f"user-{client.client_id}")
    assert abs(dt.datetime.fromisoformat(made["expires_at"]) - now() - 365 * DAY) < DAY
    for path in ("/settings", "/operations", "/suppliers", "/forecast", "/etl/runs", "/clients"):
        assert client.get(path, headers=bearer(key)).status_code == 200, path
    me = client.get("/auth/me", headers=bearer(key)).json()
    assert (me["kind"], me["user_id"], me["role"]) == ("service_token", f"sk_{made['id']}", "SERVICE")
    assert me["abilities"] == ["import", "publish_forecasts", "start_refreshes"]
    listed = client.get("/auth/service-tokens").json()
    assert (listed["total"], listed["items"][0]["id"]) == (1, made["id"])
    assert listed["items"][0]["last_used_at"] is not None
    entry = client.get("/audit?subject=service_token").json()["items"][0]
    assert (entry["action"], entry["after"]["name"]) == ("service_token.created", "nightly import")


def test_a_machine_changes_no_users_settings_or_orders_and_no_other_client(client: TestClient) -> None:
    key = bearer(make(client).json()["token"])
    for method, path in (
        ("POST", "/auth/users"),
        ("PUT", "/settings"),
        ("POST", "/purchase-orders"),
        ("POST", "/clients"),
        ("POST", "/auth/service-tokens"),
    ):
        assert_problem(client.call(method, path, json={}, headers=key), 403, "role_not_allowed")
    assert_problem(client.get("/products?client_id=other", headers=key), 403, "other_client")
    assert client.post("/inventory/metrics/refresh", headers=key).status_code == 202
    passwords = {"current_password": "x", "new_password": "x" * 12}
    for path, body in (("/auth/me", {"name": "x"}), ("/auth/password", passwords)):
        assert_problem(client.call("PUT", path, json=body, headers=key), 404, "user_not_found")


def test_a_key_that_only_reads(client: TestClient) -> None:
    key = bearer(make(client, role="VIEWER").json()["token"])
    assert client.get("/settings", headers=key).status_code == 200
    assert_problem(client.post("/inventory/metrics/refresh", headers=key), 403, "role_not_allowed")


@pytest.mark.parametrize(
    ("fields", "code", "where"),
    [
        ({"role": "ADMIN"}, "invalid_input", "allowed: SERVICE, VIEWER"),
        ({"role": "PROCUREMENT"}, "invalid_input", "allowed: SERVICE, VIEWER"),
        ({"name": ""}, "invalid_input", "/name"),
        ({"expires_at": "2024-06-03T12:00:00Z"}, "invalid_expiry", "2024-06-03"),
        ({"expires_at": "2999-06-03T12:00:00Z"}, "invalid_expiry", "2999-06-03"),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, "invalid_expiry", "0001-01-01"),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "invalid_expiry", "9999-12-31"),
        ({"expires_at": "2024-06-03T12:00:00"}, "invalid_input", "/expires_at"),
    ],
)
def test_keys_that_are_not_made(client: TestClient, fields: dict[str, Any], code: str, where: str) -> None:
    problem = assert_problem(make(client, **fields), 422, code)
    assert where in problem["detail"] + json.dumps(problem["errors"])


def test_making_one_can_be_repeated_and_the_key_is_nowhere_stored(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first, second = (make(client, key) for _ in range(2))
    assert (second.status_code, second.json()) == (201, first.json())
    assert_problem(make(client, key, name="other"), 422, "idempotency_key_reused")
    text = first.json()["token"]
    assert client.get("/settings", headers=bearer(text)).status_code == 200
    parsed = ServiceKey.parse(text)
    assert parsed is not None
    stored = [
        repr(found.to_dict())
        for name in ("idempotency", "service_tokens", "audit")
        for found in client.tenant.collection(name).stream()
    ]
    shown = client.get("/auth/service-tokens").text
    assert all(parsed.secret not in text for text in (*stored, shown, *capsys.readouterr()))


def test_a_revoked_key_opens_nothing(client: TestClient) -> None:
    made = make(client).json()
    headers = bearer(made["token"])
    assert client.get("/settings", headers=headers).status_code == 200
    assert client.call("DELETE", f"/auth/service-tokens/{made['id']}").status_code == 204
    assert_problem(client.get("/settings", headers=headers), 401, "token_invalid")
    assert_problem(client.call("DELETE", f"/auth/service-tokens/{made['id']}"), 404, "service_token_not_found")


def test_another_process_finds_a_key_revoked_within_seconds(client: TestClient) -> None:
    """It has the token in memory, and does not see the deletion of another one."""
    made = make(client).json()
    at = now()
    assert token_of_key(database(config()), made["token"], at) is not None
    client.tenant.collection("service_tokens").document(made["id"]).delete()
    moment = dt.timedelta(microseconds=1)
    assert token_of_key(database(config()), made["token"], at + CHECKED_FOR - moment) is not None
    assert token_of_key(database(config()), made["token"], at + CHECKED_FOR) is None
    assert token_of_key(database(config()), made["token"], at) is None


def test_a_key_ends_when_it_says(client: TestClient) -> None:
    made = make(client, expires_at=(now() + dt.timedelta(hours=1)).isoformat()).json()
    assert client.get("/settings", headers=bearer(made["token"])).status_code == 200
    stored = client.tenant.collection("service_tokens").document(made["id"])
    stored.update({"expires_at": now() - dt.timedelta(seconds=1)})
    service_tokens._checked.clear()
    problem = assert_problem(client.get("/settings", headers=bearer(made["token"])), 401, "token_expired")
    assert "/auth/service-tokens" in problem["detail"]


def test_a_suspended_clients_keys_open_nothing(client: TestClient) -> None:
    key = bearer(make(client).json()["token"])
    client.create(status="suspended")
    assert_problem(client.get("/settings", headers=key), 403, "client_suspended")
    forged = {name: f"{value[:-1]}{'x' if value[-1] != 'x' else 'y'}" for name, value in key.items()}
    assert_problem(client.get("/settings", headers=forged), 401, "token_invalid")  # nobody else learns of it


@pytest.mark.parametrize("change", ["secret", "token", "client", "short", "garbage", "empty", "slashes"])
def test_a_key_that_was_not_handed_out_is_refused(client: TestClient, change: str) -> None:
    made = make(client).json()
    key = ServiceKey.parse(made["token"])
    assert key is not None
    forged = {
        "secret": f"sk_{key.client_id}.{key.token_id}.{'x' * 43}",
        "token": f"sk_{key.client_id}.{'0' * 32}.{key.secret}",
        "client": f"sk_other.{key.token_id}.{key.secret}",
        "short": made["token"][:-1],
        "garbage": "sk_garbage",
        "empty": "sk_",
        "slashes": f"sk_../{key.client_id}.{key.token_id}.{key.secret}",
    }[change]
    assert_problem(client.get("/settings", headers=bearer(forged)), 401, "token_invalid")


def test_what_a_key_costs(client: TestClient, meter: FirestoreMeter) -> None:
    token = make(client).json()["token"]

    def reads_and_writes() -> tuple[int, int]:
        meter.reset()
        assert client.get("/settings", headers=bearer(token)).status_code == 200
        billed = meter.of(client.client_id) + meter.of("")
        return billed.reads, billed.writes

    first, second = reads_and_writes(), reads_and_writes()
    assert (first[0] - second[0], first[1], second[1]) == (2, 1, 0)  # the token, the client; the use
    service_tokens._checked.clear()
    assert reads_and_writes() == (first[0], 0)  # the use is no news yet


def test_there_are_only_so_many(client: TestClient) -> None:
    made = make(client).json()
    stored = client.tenant.collection("service_tokens").document(made["id"]).get().to_dict() or {}
    batch = database(config()).batch()
    for number in range(MOST_KEYS - 1):
        batch.set(client.tenant.collection("service_tokens").document(str(number)), stored | {"id": str(number)})
    batch.commit()
    assert_problem(make(client), 409, "too_many_service_tokens")
    page = client.get("/auth/service-tokens?page=2&page_size=60").json()
    assert (page["total"], len(page["items"])) == (100, 40)


def test_keys_in_use_at_once(client: TestClient) -> None:
    token = make(client).json()["token"]
    answers = at_once(*[lambda: client.get("/settings", headers=bearer(token))] * 8)
    assert [answer.status_code for answer in answers] == [200] * 8
