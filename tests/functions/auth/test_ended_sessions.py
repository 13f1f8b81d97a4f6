"""Who was disabled, deleted, demoted or given another password is refused by the next request, as is a suspended
client; tests/functions/test_access.py asks every operation."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from functions.auth import service
from functions.auth.password_hashes import hash_password
from infra.bootstrap import ensure_administrator
from shared.catalog.store import CatalogStore
from shared.config import config
from shared.domain.access.ended_access import EndedAccess
from shared.domain.access.principal import PLATFORM_HOME, Role
from shared.domain.access.session import REPEAT_WINDOW, RefreshTokenInvalid
from shared.http.access import clock
from shared.http.tokens import issue_access_token
from tests.support.catalogs import catalog_rows, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient
from tests.support.users import PASSWORD, SignedUp, sign_up

_NEW_PASSWORD = "another horse, another staple"
# By the catalog's pointer, by the document, a write, and one that is for administrators.
_REQUESTS = (("GET", "/products"), ("GET", "/settings"), ("POST", "/suppliers"), ("GET", "/auth/users"))


def delete(admin: SignedUp) -> None:
    assert admin.client.call("DELETE", f"/auth/users/{admin.user.user_id}").status_code == 204


def change(**fields: str) -> Callable[[SignedUp], None]:
    def act(admin: SignedUp) -> None:
        assert admin.client.call("PUT", f"/auth/users/{admin.user.user_id}", json=fields).status_code == 200

    return act


def change_own_password(admin: SignedUp) -> None:
    body = {"current_password": PASSWORD, "new_password": _NEW_PASSWORD}
    headers = bearer(admin.sign_in().json()["access_token"])
    assert admin.client.call("PUT", "/auth/password", json=body, headers=headers).status_code == 200


def choose_by_token(admin: SignedUp) -> None:
    token = admin.client.post(f"/auth/users/{admin.user.user_id}/password-reset").json()["token"]
    body = {"token": token, "new_password": _NEW_PASSWORD}
    assert admin.client.post("/auth/password-reset", json=body, headers={"Authorization": ""}).status_code == 204


_ENDS: dict[str, Callable[[SignedUp], None]] = {
    "disabled": change(status="inactive"),
    "deleted": delete,
    "demoted": change(role="VIEWER"),
    "given a password": change(password=_NEW_PASSWORD),
    "with a new password": change_own_password,
    "with a chosen password": choose_by_token,
}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def codes(client: TestClient, token: str) -> set[tuple[int, str | None]]:
    """What the requests are answered with."""
    name = uuid.uuid4().hex[:8]
    answers = [
        client.call(method, path, headers=bearer(token), json={"supplier_id": name, "name": name})
        for method, path in _REQUESTS
    ]
    return {(each.status_code, each.json().get("code")) for each in answers}


@pytest.mark.parametrize("listed", [True, False], ids=["with a catalog", "before the first"])
@pytest.mark.parametrize("end", _ENDS)
def test_the_next_request_is_refused(new_client: Callable[[], TestClient], end: str, listed: bool) -> None:
    client = new_client()
    if listed:
        publish(client.tenant, catalog_rows({"item_id": "TEA"}))
    sign_up(client, role=Role.ADMIN)  # another one, so that the first may go
    admin, other = sign_up(client, role=Role.ADMIN), sign_up(client, role=Role.ADMIN)
    token, others = (each.sign_in().json()["access_token"] for each in (admin, other))
    assert not codes(client, token) & {(401, "session_ended")}
    _ENDS[end](admin)
    assert codes(client, token) == {(401, "session_ended")}
    assert not codes(client, others) & {(401, "session_ended")}
    problem = assert_problem(client.get("/auth/me", headers=bearer(token)), 401, "session_ended")
    assert "/auth/token" in problem["detail"]


def test_who_signs_in_again_goes_on_and_the_old_token_stays_void(user: SignedUp) -> None:
    token = user.sign_in().json()["access_token"]
    for status in ("inactive", "active"):
        change(status=status)(user)
    pair = user.sign_in().json()
    assert_problem(user.get("/settings", token), 401, "session_ended")
    for good in (pair["access_token"], user.refresh(pair["refresh_token"]).json()["access_token"]):
        assert user.get("/settings", good).status_code == 200


@pytest.mark.parametrize("listed", [True, False], ids=["with a catalog", "before the first"])
def test_signing_out_ends_one_session_with_all_of_its_tokens(client: TestClient, listed: bool) -> None:
    if listed:
        publish(client.tenant, catalog_rows({"item_id": "TEA"}))
    admin = sign_up(client, role=Role.ADMIN)
    laptop, phone = admin.sign_in().json(), admin.sign_in().json()
    refreshed = admin.refresh(laptop["refresh_token"]).json()
    assert admin.sign_out(refreshed["refresh_token"]).status_code == 204
    for token in (laptop["access_token"], refreshed["access_token"]):
        assert codes(client, token) == {(401, "session_ended")}
    assert not codes(client, phone["access_token"]) & {(401, "session_ended")}
    assert not codes(client, admin.sign_in().json()["access_token"]) & {(401, "session_ended")}


def test_a_refresh_token_that_was_stolen_ends_the_tokens_that_came_of_it(user: SignedUp) -> None:
    first = service.sign_in(config(), user.user.email, PASSWORD, "", clock())
    second = service.refresh(config(), first.refresh_token, clock())
    token = issue_access_token(config(), second.principal, second.issued_at)
    assert user.get("/settings", token).status_code == 200
    with pytest.raises(RefreshTokenInvalid):
        service.refresh(config(), first.refresh_token, clock() + 2 * REPEAT_WINDOW)
    assert_problem(user.get("/settings", token), 401, "session_ended")


def test_what_ends_later_keeps_what_has_ended(client: TestClient) -> None:
    demoted, user = sign_up(client, role=Role.ADMIN), sign_up(client)
    sign_up(client, role=Role.ADMIN)
    demoted_token, pair = demoted.sign_in().json()["access_token"], user.sign_in().json()
    change(role="VIEWER")(demoted)
    user.sign_out(pair["refresh_token"])
    change(status="inactive")(sign_up(client))
    for token in (demoted_token, pair["access_token"]):
        assert_problem(user.get("/settings", token), 401, "session_ended")


def test_what_changes_nothing_ends_nothing(user: SignedUp) -> None:
    token = user.sign_in().json()["access_token"]
    change(name="Ann", role="VIEWER", status="active")(user)
    user.client.post(f"/auth/users/{user.user.user_id}/password-reset")
    assert user.get("/settings", token).status_code == 200


def test_a_suspended_client_is_refused_and_goes_on_where_it_was(client: TestClient) -> None:
    publish(client.tenant, catalog_rows({"item_id": "TEA"}))
    platform = bearer(client.token(platform=True))
    key = client.post("/auth/service-tokens", json={"name": "import"}).json()["token"]
    tokens = (client.token(), key)

    def suspend(status: str) -> None:
        path = f"/clients/{client.client_id}"
        assert client.call("PUT", path, json={"status": status}, headers=platform).status_code == 200

    def answers() -> set[tuple[int, str | None]]:
        asked = [client.get(path, headers=bearer(token)) for path in ("/products", "/settings") for token in tokens]
        return {(each.status_code, each.json().get("code")) for each in asked}

    assert answers() == {(200, None)}
    suspend("suspended")
    assert answers() == {(403, "client_suspended")}
    assert client.get("/products", headers=platform).status_code == 200
    suspend("active")
    assert answers() == {(200, None)}


def test_a_client_can_be_made_suspended(client: TestClient) -> None:
    other = TestClient(client.base_url)
    body = {"client_id": other.client_id, "name": "New", "status": "suspended"}
    assert client.post("/clients", json=body, headers=bearer(client.token(platform=True))).status_code == 201
    assert_problem(other.get("/products"), 403, "client_suspended")


def test_one_who_runs_stockcast_is_refused_for_every_client(client: TestClient) -> None:
    publish(client.tenant, catalog_rows({"item_id": "TEA"}))
    admin = sign_up(client, role=Role.ADMIN, client_id=PLATFORM_HOME, platform=True)
    headers = bearer(admin.sign_in().json()["access_token"])
    paths = [f"{path}?client_id={client.client_id}" for path in ("/products", "/settings", "/clients")]
    assert {client.get(path, headers=headers).status_code for path in paths} == {200}
    new_hash = hash_password(config(), _NEW_PASSWORD)
    ensure_administrator(config(), admin.user.email, new_hash, clock(), reset=True)
    for path in paths:
        assert_problem(client.get(path, headers=headers), 401, "session_ended")


def test_a_new_snapshot_keeps_what_has_ended(user: SignedUp) -> None:
    token = user.sign_in().json()["access_token"]
    change(role="CEO")(user)
    for _ in range(2):
        publish(user.client.tenant, catalog_rows({"item_id": "TEA"}))
        assert_problem(user.get("/products", token), 401, "session_ended")
    assert CatalogStore(user.client.tenant).pointer().ended != EndedAccess()


def test_what_it_costs(client: TestClient, meter: FirestoreMeter) -> None:
    """Nothing where the catalog is read anyway, also before the first one, else one read."""

    def reads(path: str, **kwargs: Any) -> tuple[int, int]:
        for _ in range(2):
            meter.reset()
            assert client.get(path, **kwargs).status_code == 200
        return meter.of(client.client_id).reads, meter.admissions(client.client_id)

    assert reads("/suppliers") == (2, 0)
    publish(client.tenant, catalog_rows({"item_id": "TEA"}))
    listed = ("/products", "/suppliers", "/dashboard", "/products/export", "/products/TEA/metrics")
    assert {path: reads(path) for path in listed} == dict.fromkeys(listed, (1, 0))
    assert reads("/order-planning/cart") == (2, 0)
    assert reads("/settings") == (1, 1)
    assert reads("/products", headers=bearer(client.token(platform=True))) == (1, 0)
    admin = sign_up(client, role=Role.ADMIN, client_id=PLATFORM_HOME, platform=True)
    headers = bearer(admin.sign_in().json()["access_token"])
    assert reads(f"/products?client_id={client.client_id}", headers=headers) == (1, 0)
    assert meter.admissions(PLATFORM_HOME) == 1
