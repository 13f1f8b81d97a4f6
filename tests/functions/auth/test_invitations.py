"""Users who choose their passwords: invited, with a reset, or themselves; and who they are told that they are."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests

from functions.auth import passwords
from shared.config import config
from shared.domain.access.one_time_token import OneTimeTokenInvalid
from shared.domain.access.principal import Role
from shared.firestore.driver import database
from shared.firestore.users import Users
from tests.support.at_once import at_once
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient
from tests.support.users import PASSWORD, SignedUp, sign_up

NEW_PASSWORD = "another horse, another staple"


def invite(client: TestClient, **fields: Any) -> requests.Response:
    body = {"email": f"{uuid.uuid4().hex[:12]}@example.org", "role": "CEO"} | fields
    headers = body.pop("headers", None)
    return client.post("/auth/users", json=body, headers=headers)


def accept(client: TestClient, token: str, password: str = PASSWORD) -> requests.Response:
    body = {"token": token, "new_password": password}
    return client.post("/auth/password-reset", json=body, headers={"Authorization": ""})


def sign_in(client: TestClient, email: str, password: str = PASSWORD) -> requests.Response:
    return client.post("/auth/token", json={"email": email, "password": password}, headers={"Authorization": ""})


def signed(user: SignedUp) -> dict[str, str]:
    return {"Authorization": f"Bearer {user.sign_in().json()['access_token']}"}


def test_who_is_invited_chooses_a_password_and_signs_in(client: TestClient) -> None:
    response = invite(client, name="Ann")
    assert response.status_code == 201, response.text
    user = response.json()
    invitation = user.pop("invitation")
    assert user["status"] == "invited"
    ends = dt.datetime.fromisoformat(invitation["expires_at"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=6) < ends <= dt.timedelta(days=7)
    assert client.get(f"/auth/users/{user['user_id']}").json() == user
    assert_problem(sign_in(client, user["email"]), 401, "credentials_wrong")
    assert accept(client, invitation["token"]).status_code == 204
    assert sign_in(client, user["email"]).status_code == 200
    assert client.get(f"/auth/users/{user['user_id']}").json()["status"] == "active"
    assert_problem(accept(client, invitation["token"], NEW_PASSWORD), 401, "one_time_token_invalid")
    signed_in, chosen, *_ = client.get("/audit?subject=user").json()["items"]
    assert (signed_in["action"], chosen["after"]) == ("user.signed_in", {"password": "changed"})
    assert chosen["source_address"] is not None


def test_an_invitation_is_accepted_once_however_many_try(client: TestClient) -> None:
    user = invite(client).json()
    token = user["invitation"]["token"]
    chosen = [f"{number} horses and a staple" for number in range(4)]
    answers = at_once(*[lambda password=password: accept(client, token, password) for password in chosen])
    assert sorted(answer.status_code for answer in answers) == [204, 401, 401, 401]
    winner = chosen[[answer.status_code for answer in answers].index(204)]
    assert sign_in(client, user["email"], winner).status_code == 200


def test_an_invitation_is_hashed_ends_and_can_be_asked_for_again_by_its_key(client: TestClient) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    email = f"{uuid.uuid4().hex[:12]}@example.org"
    first, second = (invite(client, email=email, headers=key) for _ in range(2))
    assert (second.status_code, second.json()) == (201, first.json())
    token = first.json()["invitation"]["token"]
    kept = [found.to_dict() for found in client.tenant.collection("idempotency").stream()]
    user = Users(database(config())).get(first.json()["user_id"]).value
    assert user.one_time_token is not None
    secret = token.rpartition(".")[2]
    assert all(secret not in repr(stored) for stored in (kept, vars(user), vars(user.one_time_token)))
    with pytest.raises(OneTimeTokenInvalid):
        passwords.choose(config(), token, PASSWORD, "somewhere", user.one_time_token.expires_at)
    assert accept(client, token).status_code == 204
    assert invite(client, email=email, headers=key).json()["invitation"] is None


@pytest.mark.parametrize("token", ["x", "a.b", ".", "{user_id}.x", "nobody.{secret}", "{user_id}.{secret}x"])
def test_a_token_that_was_not_handed_over_opens_nothing(client: TestClient, token: str) -> None:
    user = invite(client).json()
    secret = user["invitation"]["token"].rpartition(".")[2]
    forged = token.format(user_id=user["user_id"], secret=secret)
    response = accept(client, forged)
    assert_problem(response, 401, "one_time_token_invalid")
    assert secret not in response.text


@pytest.mark.parametrize("fields", [{"new_password": "short"}, {"token": ""}, {"token": None}])
def test_a_refused_choice_repeats_no_secret(client: TestClient, fields: dict[str, str]) -> None:
    body = {"token": "x", "new_password": PASSWORD} | fields
    response = client.post("/auth/password-reset", json=body, headers={"Authorization": ""})
    assert_problem(response, 422, "invalid_input")
    assert "short" not in response.text.replace("too_short", "")


def test_a_reset_changes_the_password_and_ends_the_sessions(user: SignedUp) -> None:
    path = f"/auth/users/{user.user.user_id}/password-reset"
    session = user.sign_in().json()["refresh_token"]
    replaced, token = (user.client.post(path).json()["token"] for _ in range(2))
    assert user.sign_in().status_code == 200  # until it is used
    assert_problem(accept(user.client, replaced, NEW_PASSWORD), 401, "one_time_token_invalid")
    assert accept(user.client, token, NEW_PASSWORD).status_code == 204
    assert_problem(user.refresh(session), 401, "refresh_token_invalid")
    assert_problem(user.sign_in(), 401, "credentials_wrong")
    assert user.sign_in(password=NEW_PASSWORD).status_code == 200


def test_a_reset_opens_a_blocked_address_but_no_inactive_user(user: SignedUp) -> None:
    path = f"/auth/users/{user.user.user_id}/password-reset"
    for _ in range(5):
        user.sign_in(password="wrong")
    token = user.client.post(path).json()["token"]
    user.change(status="inactive", one_time_token=user.stored().one_time_token)
    assert_problem(accept(user.client, token, NEW_PASSWORD), 401, "one_time_token_invalid")
    user.change(status="active")
    assert accept(user.client, token, NEW_PASSWORD).status_code == 204
    assert user.sign_in(password=NEW_PASSWORD).status_code == 200


def test_another_clients_users_and_the_platforms_are_not_reset(client: TestClient, user: SignedUp) -> None:
    for hidden in (user.user.user_id, sign_up(client, platform=True, role=Role.ADMIN).user.user_id):
        assert_problem(client.post(f"/auth/users/{hidden}/password-reset"), 404, "user_not_found")


def test_who_has_no_password_is_not_made_active_and_counts_as_no_administrator(client: TestClient) -> None:
    admin = sign_up(client, role=Role.ADMIN)
    invited = invite(client, role="ADMIN").json()["user_id"]
    changed = client.call("PUT", f"/auth/users/{invited}", json={"status": "active"}).json()
    assert changed["status"] == "invited"
    demoted = client.call("PUT", f"/auth/users/{admin.user.user_id}", json={"role": "CEO"})
    assert_problem(demoted, 409, "last_admin")


def test_people_change_their_own_password_and_stay_signed_in(user: SignedUp) -> None:
    headers = signed(user)
    elsewhere = user.sign_in().json()["refresh_token"]
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    response = user.client.call("PUT", "/auth/password", json=body, headers=headers)
    assert response.status_code == 200, response.text
    assert_problem(user.refresh(elsewhere), 401, "refresh_token_invalid")
    assert user.refresh(response.json()["refresh_token"]).status_code == 200
    assert user.sign_in(password=NEW_PASSWORD).status_code == 200


def test_the_old_password_is_asked_for_and_not_to_be_guessed(user: SignedUp) -> None:
    headers = signed(user)
    body = {"current_password": "a guess", "new_password": NEW_PASSWORD}
    for _ in range(5):
        response = user.client.call("PUT", "/auth/password", json=body, headers=headers)
        problem = assert_problem(response, 422, "current_password_wrong")
        assert problem["errors"][0]["pointer"] == "/current_password"
        assert "a guess" not in str(problem)
    response = user.client.call("PUT", "/auth/password", json=body | {"current_password": PASSWORD}, headers=headers)
    assert_problem(response, 429, "too_many_attempts")
    assert_problem(replace(user, source="elsewhere").sign_in(), 429, "too_many_attempts")
    assert user.sign_in().status_code == 200  # from where it was the user before


def test_everyone_is_told_who_they_are(new_user: Callable[..., SignedUp]) -> None:
    user = new_user(role=Role.PROCUREMENT, name="Ann")
    me = user.client.get("/auth/me", headers=signed(user)).json()
    assert (me["kind"], me["user_id"], me["email"], me["name"]) == ("user", user.user.user_id, user.user.email, "Ann")
    assert (me["role"], me["platform"], me["client"]["client_id"]) == ("PROCUREMENT", False, user.client.client_id)
    assert me["abilities"][:3] == ["edit_products", "order", "dismiss_recommendations"]
    assert new_user().client.get("/auth/me", headers=signed(new_user())).json()["abilities"] == []


def test_the_platform_has_every_ability_and_no_client(client: TestClient) -> None:
    operator = sign_up(TestClient(client.base_url, client_id="platform"), role=Role.ADMIN, platform=True)
    me = client.get("/auth/me", headers=signed(operator)).json()
    assert (me["platform"], me["client_id"], me["client"]) == (True, None, None)
    assert {"keep_clients", "keep_users", "import", "order"} <= set(me["abilities"])


def test_people_change_their_own_name_and_locale(user: SignedUp) -> None:
    headers = signed(user)
    before = user.client.get("/auth/me", headers=headers)
    guarded = headers | {"If-Match": before.headers["ETag"]}
    changed = user.client.call("PUT", "/auth/me", json={"name": "Ann", "locale": "de-DE"}, headers=guarded)
    assert changed.json() == before.json() | {"name": "Ann", "locale": "de-DE"}
    assert_problem(user.client.call("PUT", "/auth/me", json={"name": "Bob"}, headers=guarded), 412, "stale_version")
    assert user.client.call("PUT", "/auth/me", json={"locale": None}, headers=headers).json()["name"] == "Ann"
    assert_problem(user.client.call("PUT", "/auth/me", json={"role": "ADMIN"}, headers=headers), 422, "unknown_field")
    assert replace(user.stored(), name=None) == user.user


def test_who_was_deleted_is_nobody(user: SignedUp) -> None:
    headers = signed(user)
    user.client.call("DELETE", f"/auth/users/{user.user.user_id}")
    assert_problem(user.client.get("/auth/me", headers=headers), 401, "session_ended")
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert_problem(user.client.call("PUT", "/auth/password", json=body, headers=headers), 401, "session_ended")
