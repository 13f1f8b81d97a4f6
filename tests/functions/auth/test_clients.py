"""Who sees which client, and who keeps them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

from shared.domain.access.principal import Role
from shared.http.paging import next_token
from tests.support.at_once import at_once
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TestClient
from tests.support.users import PASSWORD, sign_up

FULL: dict[str, Any] = {
    "name": "Acme Ltd",
    "timezone": "Europe/Dublin",
    "currency": "EUR",
    "locale": "en-IE",
    "status": "active",
    "business_date": "2011-10-13",
    "address": "1 Quay\nDublin",
    "contact_name": "Ann",
    "contact_email": "Ann@acme.example",
    "contact_phone": "+353 1 234",
}


def platform(client: TestClient) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.token(platform=True)}"}


def new_id() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


def add(client: TestClient, headers: dict[str, str] | None = None, **fields: Any) -> requests.Response:
    body = {"client_id": new_id(), "name": "Acme"} | fields
    return client.post("/clients", json=body, headers=platform(client) | (headers or {}))


def change(client: TestClient, headers: dict[str, str] | None = None, **fields: Any) -> requests.Response:
    return client.call("PUT", f"/clients/{client.client_id}", json=fields, headers=headers)


def test_everyone_sees_their_own_client(client: TestClient) -> None:
    page = client.get("/clients", role=Role.VIEWER).json()
    assert [one["client_id"] for one in page["items"]] == [client.client_id]
    assert (page["items"][0]["business_date"], page["items"][0]["today"]) == ("2024-06-03", "2024-06-03")
    assert client.get(f"/clients/{client.client_id}").json()["currency"] == "GBP"
    assert client.get("/clients?page=2").json()["items"] == []


def test_other_clients_do_not_exist(client: TestClient, new_client: Callable[[], TestClient]) -> None:
    other = new_client()
    assert_problem(client.get(f"/clients/{other.client_id}"), 404, "client_not_found")
    assert_problem(client.get("/clients/nobody"), 404, "client_not_found")


def test_the_platform_sees_all_clients_page_by_page(running: Running, client: TestClient) -> None:
    prefix = f"test-{uuid.uuid4().hex[:8]}"
    clients = [TestClient(running.base_url, f"{prefix}-{number}").create().client_id for number in range(5)]
    signed = {"Authorization": f"Bearer {client.token(platform=True)}"}
    seen: list[str] = []
    token = next_token(1, prefix)  # so that the clients of other tests do not come first
    for number in (2, 3, 4):
        page = client.get("/clients", params={"page_size": "2", "page_token": token}, headers=signed).json()
        seen += [one["client_id"] for one in page["items"]]
        assert page["page"] == number - 1
        token = page["next_page_token"]
    assert seen[:5] == clients
    assert client.get(f"/clients/{clients[0]}", headers=signed).json()["client_id"] == clients[0]


def test_a_new_client_is_there_with_all_that_was_said(client: TestClient) -> None:
    response = add(client, **FULL)
    made = response.json()
    assert response.status_code == 201, response.text
    assert (FULL | {"today": "2011-10-13"}).items() <= made.items()
    assert made["created_at"] == made["updated_at"]
    assert response.headers["Location"] == f"/api/v1/clients/{made['client_id']}"
    found = client.get(f"/clients/{made['client_id']}", headers=platform(client))
    assert (found.json(), found.headers["ETag"]) == (made, response.headers["ETag"])
    assert_problem(add(client, client_id=made["client_id"]), 409, "client_exists")
    audit = client.get(f"/audit?client_id={made['client_id']}", headers=platform(client)).json()["items"]
    assert [entry["action"] for entry in audit] == ["client.created"]


def test_a_client_has_defaults(client: TestClient) -> None:
    made = add(client).json()
    assert (made["timezone"], made["currency"], made["status"], made["address"]) == ("UTC", "EUR", "active", None)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"client_id": "a b"}, "/client_id"),
        ({"client_id": "-a"}, "/client_id"),
        ({"client_id": "x" * 65}, "/client_id"),
        ({"client_id": "platform"}, "/client_id"),
        ({"timezone": "Europe/Atlantis"}, "/timezone"),
        ({"timezone": "../etc/passwd"}, "/timezone"),
        ({"currency": "EURO"}, "/currency"),
        ({"currency": "XYZ"}, "/currency"),
        ({"currency": "eur"}, "/currency"),
        ({"locale": "en_GB"}, "/locale"),
        ({"status": "closed"}, "/status"),
        ({"contact_email": "nobody"}, "/contact_email"),
        ({"business_date": "9999-12-31"}, "/business_date"),
        ({"name": None}, "/name"),
    ],
)
def test_what_a_client_may_not_be(client: TestClient, fields: dict[str, Any], where: str) -> None:
    assert where in assert_problem(add(client, **fields), 422, "invalid_input")["detail"]


def test_adding_a_client_can_be_repeated_and_raced(client: TestClient) -> None:
    key, client_id = {"Idempotency-Key": uuid.uuid4().hex}, new_id()
    first, second = (add(client, key, client_id=client_id) for _ in range(2))
    assert (second.status_code, second.text) == (201, first.text)
    assert_problem(add(client, key, client_id=client_id, name="Other"), 422, "idempotency_key_reused")
    raced = new_id()
    answers = at_once(*[lambda: add(client, client_id=raced)] * 4)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


def test_its_administrator_changes_a_client(client: TestClient) -> None:
    before = client.get(f"/clients/{client.client_id}")
    response = change(client, {"If-Match": before.headers["ETag"]}, address="2 Quay", contact_name="Bob", name="New")
    assert response.status_code == 200, response.text
    assert (
        before.json()
        | {"address": "2 Quay", "contact_name": "Bob", "name": "New"}
        | {"updated_at": response.json()["updated_at"]}
        == response.json()
    )
    assert client.get(f"/clients/{client.client_id}").json() == response.json()
    assert_problem(change(client, {"If-Match": before.headers["ETag"]}, name="Old"), 412, "stale_version")
    assert change(client, address=None).json()["address"] is None
    entry = client.get("/audit?subject=client").json()["items"][-1]
    assert entry["after"] == {"address": "2 Quay", "contact_name": "Bob", "name": "New"}


@pytest.mark.parametrize("name", ["name", "timezone", "currency", "status"])
def test_null_is_not_taken_for_unchanged(client: TestClient, name: str) -> None:
    assert f"/{name}" in assert_problem(change(client, **{name: None}), 422, "invalid_input")["detail"]


def test_no_client_changes_another_or_its_own_status(client: TestClient, new_client: Callable[[], TestClient]) -> None:
    other = new_client()
    response = client.call("PUT", f"/clients/{other.client_id}", json={"name": "Mine"})
    assert_problem(response, 404, "client_not_found")
    assert_problem(change(client, status="suspended"), 403, "platform_required")
    assert change(client, status="active").status_code == 200
    assert_problem(client.call("PUT", "/clients/nobody", json={}, headers=platform(client)), 404, "client_not_found")


def test_a_suspended_clients_users_cannot_sign_in(client: TestClient) -> None:
    user = sign_up(client, role=Role.ADMIN)
    assert change(client, platform(client), status="suspended").json()["status"] == "suspended"
    assert_problem(user.sign_in(), 403, "client_suspended")
    change(client, platform(client), status="active")
    assert user.sign_in(password=PASSWORD).status_code == 200


def test_the_platform_is_told_to_name_a_client(client: TestClient) -> None:
    """It has none of its own."""
    home = TestClient(client.base_url, client_id="platform")
    response = home.post("/auth/users", json={"email": "a@b.example", "role": "CEO"}, headers=platform(home))
    assert "client_id" in assert_problem(response, 404, "client_not_found")["detail"]
