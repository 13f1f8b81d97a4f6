"""An administrator keeps the users of their client."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

from shared.config import config
from shared.domain.access.email_address import normal_address
from shared.domain.access.principal import Role
from shared.firestore.driver import database
from shared.firestore.users import Users
from shared.http.access import clock
from shared.http.tokens import issue_access_token
from tests.support.at_once import at_once
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient
from tests.support.users import PASSWORD, SignedUp, sign_up

NEW_PASSWORD = "another horse, another staple"


def address() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.org"


def add(client: TestClient, **fields: Any) -> requests.Response:
    body = {"email": address(), "role": "VIEWER", "password": PASSWORD} | fields
    headers = body.pop("headers", None)
    return client.post("/auth/users", json=body, headers=headers)


def change(user: SignedUp, headers: dict[str, str] | None = None, **fields: Any) -> requests.Response:
    return user.client.call("PUT", f"/auth/users/{user.user.user_id}", json=fields, headers=headers)


def delete(user: SignedUp, headers: dict[str, str] | None = None) -> requests.Response:
    return user.client.call("DELETE", f"/auth/users/{user.user.user_id}", headers=headers)


def audited(client: TestClient) -> list[dict[str, Any]]:
    """What was changed of users; who signed in is not."""
    entries: list[dict[str, Any]] = client.get("/audit?subject=user").json()["items"]
    return [entry for entry in entries if entry["action"] in ("user.created", "user.changed", "user.deleted")]


def signs_in(client: TestClient, email: str, password: str) -> int:
    body = {"email": email, "password": password}
    return client.post("/auth/token", json=body, headers={"Authorization": ""}).status_code


def test_a_new_user_can_sign_in_and_is_found(client: TestClient) -> None:
    email = address()
    response = add(client, email=f"  {email.upper()} ", role="PROCUREMENT")
    assert response.status_code == 201, response.text
    user = response.json()
    assert user.pop("invitation") is None
    assert (user["email"], user["role"], user["status"]) == (email, "PROCUREMENT", "active")
    assert user["created_at"].endswith("Z")
    assert response.headers["Location"] == f"/api/v1/auth/users/{user['user_id']}"
    found = client.get(f"/auth/users/{user['user_id']}")
    assert found.json() == user
    assert found.headers["ETag"] == response.headers["ETag"]
    assert client.get("/auth/users").json()["items"] == [user]
    assert signs_in(client, email, PASSWORD) == 200


def test_users_are_paged_by_their_addresses(client: TestClient, new_client: Callable[[], TestClient]) -> None:
    emails = sorted(sign_up(client).user.email for _ in range(5))
    sign_up(client, platform=True)
    sign_up(new_client())
    seen: list[str] = []
    token: str | None = None
    for size in (2, 2, 1):
        query = {"page_size": "2"} | ({"page_token": token} if token else {})
        page = client.get("/auth/users", params=query).json()
        assert len(page["items"]) == size
        assert page["total"] == 5
        seen += [user["email"] for user in page["items"]]
        token = page["next_page_token"]
    assert token is None
    assert seen == emails


@pytest.mark.parametrize(
    ("fields", "code", "told"),
    [
        ({"password": "x" * 11}, "invalid_input", "/password"),
        ({"password": "x" * 1001}, "invalid_input", "/password"),
        ({"email": "nobody"}, "invalid_input", "/email"),
        ({"email": "no body@example.org"}, "invalid_input", "/email"),
        ({"email": "x" * 310 + "@example.org"}, "invalid_input", "/email"),
        ({"role": "JANITOR"}, "invalid_input", "JANITOR"),
        ({"email": "ann\u200b@example.org"}, "invalid_input", "/email"),
        ({"email": "\ufdfa" * 20 + "@example.org"}, "invalid_input", "/email"),
        ({"locale": "english"}, "invalid_input", "/locale"),
        ({"platform": True}, "unknown_field", "allowed: email, locale, name, password, role"),
    ],
)
def test_who_cannot_be_added(client: TestClient, fields: dict[str, Any], code: str, told: str) -> None:
    problem = assert_problem(add(client, **fields), 422, code)
    assert told in problem["detail"]
    assert client.get("/auth/users").json()["items"] == []


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("aaaaaaaaaaaa", "password_too_common"),
        ("123456789012", "password_too_common"),
        ("Password2024!", "password_too_common"),
        (" " * 12, "password_blank"),
        ("{address}", "password_is_address"),
        ("Stockcast 2024", "password_is_product"),
    ],
)
def test_a_password_that_is_tried_first_is_refused(
    client: TestClient, user: SignedUp, password: str, code: str
) -> None:
    """Wherever one is chosen; the answer says why, and nothing is changed or counted."""
    token = user.client.post(f"/auth/users/{user.user.user_id}/password-reset").json()["token"]
    before, theirs = user.stored(), password.format(address=user.user.email.upper())
    own = {"current_password": PASSWORD, "new_password": theirs}
    bearer = {"Authorization": f"Bearer {issue_access_token(config(), user.user.principal, clock())}"}
    email = address()
    answers = {
        "/password": [add(client, email=email, password=password.format(address=email)), change(user, password=theirs)],
        "/new_password": [
            user.client.post("/auth/password-reset", json={"token": token, "new_password": theirs}),
            user.client.call("PUT", "/auth/password", json=own, headers=bearer),
        ],
    }
    for pointer, refused in answers.items():
        for response in refused:
            problem = assert_problem(response, 422, code)
            assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
            assert theirs not in response.text
    assert (user.stored(), client.get("/auth/users").json()["items"]) == (before, [])


@pytest.mark.parametrize("password", ["short-one", 123456789])
def test_a_refused_password_is_not_repeated(client: TestClient, user: SignedUp, password: object) -> None:
    refused = add(client, password=password), change(user, password=password)
    for response in refused:
        assert_problem(response, 422, "invalid_input")
        assert str(password) not in response.text
    assert "short-one" not in user.sign_in(password="short-one" * 200).text


def test_an_address_is_one_users_of_all_clients_in_any_case(client: TestClient, user: SignedUp) -> None:
    taken = f"Jörg.{address()}"
    assert add(client, email=taken).status_code == 201
    for given in (taken, taken.upper(), taken.replace("ö", "o\u0308"), taken.replace("@", "＠"), user.user.email):
        problem = assert_problem(add(client, email=given), 409, "email_taken")
        assert repr(normal_address(given)) in problem["detail"]
    assert len(client.get("/auth/users").json()["items"]) == 1


def test_of_two_users_with_one_address_at_once_one_is_made(client: TestClient) -> None:
    email = address()
    first, second = at_once(*[lambda: add(client, email=email)] * 2)
    assert sorted((first.status_code, second.status_code)) == [201, 409]
    assert_problem(first if first.status_code == 409 else second, 409, "email_taken")
    assert len(client.get("/auth/users").json()["items"]) == 1
    assert len(audited(client)) == 1


def test_an_address_is_free_again_after_its_user(client: TestClient) -> None:
    email = address()
    user_id = add(client, email=email).json()["user_id"]
    assert client.call("DELETE", f"/auth/users/{user_id}").status_code == 204
    assert add(client, email=email).status_code == 201


def test_adding_a_user_can_be_repeated(client: TestClient) -> None:
    email, key = address(), {"Idempotency-Key": uuid.uuid4().hex}
    first, second = (add(client, email=email, headers=key) for _ in range(2))
    assert (second.status_code, second.text) == (201, first.text)
    assert second.headers["ETag"] == first.headers["ETag"]
    other = add(client, email=email, password=NEW_PASSWORD, headers=key)
    assert_problem(other, 422, "idempotency_key_reused")
    kept = [found.to_dict() or {} for found in client.tenant.collection("idempotency").stream()]
    assert len(kept) == 1
    assert PASSWORD not in repr(kept)
    # A request that died before it could answer has made the user under the same id.
    next(iter(client.tenant.collection("idempotency").stream())).reference.delete()
    assert add(client, email=email, headers=key).json() == first.json()
    assert len(audited(client)) == 1


@pytest.mark.parametrize(
    ("fields", "before", "after"),
    [
        ({"role": "CEO"}, {"role": "VIEWER"}, {"role": "CEO"}),
        ({"status": "inactive"}, {"status": "active"}, {"status": "inactive"}),
        ({"password": NEW_PASSWORD}, {}, {"password": "changed"}),
    ],
)
def test_a_change_is_kept_audited_and_ends_the_sessions(
    user: SignedUp, fields: dict[str, Any], before: dict[str, str], after: dict[str, str]
) -> None:
    sessions = [user.sign_in().json()["refresh_token"] for _ in range(2)]
    response = change(user, **fields)
    assert response.status_code == 200, response.text
    shown = {name: value for name, value in fields.items() if name != "password"}
    assert shown.items() <= response.json().items()
    for token in sessions:
        assert_problem(user.refresh(token), 401, "refresh_token_invalid")
    (entry,) = audited(user.client)
    assert (entry["action"], entry["subject_id"]) == ("user.changed", user.user.user_id)
    assert (entry["before"], entry["after"]) == (before, after)
    again = user.sign_in(password=fields.get("password", PASSWORD))
    if "status" in fields:
        assert_problem(again, 401, "credentials_wrong")
    else:
        assert user.refresh(again.json()["refresh_token"]).status_code == 200


def test_a_new_password_replaces_the_old_and_opens_a_blocked_user(user: SignedUp) -> None:
    for _ in range(5):
        user.sign_in(password="wrong")
    change(user, password=NEW_PASSWORD)
    assert user.sign_in(password=NEW_PASSWORD).status_code == 200
    assert_problem(user.sign_in(), 401, "credentials_wrong")


def test_activating_lets_sign_in_but_revives_no_session(user: SignedUp) -> None:
    token = user.sign_in().json()["refresh_token"]
    change(user, status="inactive")
    change(user, status="active")
    assert_problem(user.refresh(token), 401, "refresh_token_invalid")
    assert user.sign_in().status_code == 200


@pytest.mark.parametrize("fields", [{}, {"role": "VIEWER", "status": "active", "name": None}])
def test_a_change_to_what_is_there_changes_nothing(user: SignedUp, fields: dict[str, Any]) -> None:
    token = user.sign_in().json()["refresh_token"]
    before = user.client.get(f"/auth/users/{user.user.user_id}")
    response = change(user, **fields)
    assert (response.status_code, response.json()) == (200, before.json())
    assert response.headers["ETag"] == before.headers["ETag"]
    assert user.refresh(token).status_code == 200
    assert audited(user.client) == []


@pytest.mark.parametrize("name", ["role", "status", "password"])
def test_null_is_not_taken_for_unchanged(user: SignedUp, name: str) -> None:
    problem = assert_problem(change(user, **{name: None}), 422, "invalid_input")
    assert f"/{name}" in problem["detail"]
    assert user.stored() == user.user


def test_a_name_can_be_given_and_taken_back(user: SignedUp) -> None:
    token = user.sign_in().json()["refresh_token"]
    changed = change(user, name="Ann", locale="en-GB").json()
    assert (changed["name"], changed["locale"]) == ("Ann", "en-GB")
    assert change(user, name=None).json()["name"] is None
    assert user.refresh(token).status_code == 200  # that ends no session


def test_a_deleted_user_is_gone(user: SignedUp) -> None:
    token = user.sign_in().json()["refresh_token"]
    assert delete(user).status_code == 204
    assert_problem(user.client.get(f"/auth/users/{user.user.user_id}"), 404, "user_not_found")
    assert_problem(delete(user), 404, "user_not_found")
    assert_problem(user.refresh(token), 401, "refresh_token_invalid")
    assert_problem(user.sign_in(), 401, "credentials_wrong")
    (entry,) = audited(user.client)
    assert (entry["action"], entry["after"]) == ("user.deleted", None)
    assert entry["before"] == {"email": user.user.email, "role": "VIEWER", "status": "active"}


@pytest.mark.parametrize("action", ["demote", "deactivate", "delete"])
def test_the_last_administrator_stays(client: TestClient, action: str) -> None:
    last = sign_up(client, role=Role.ADMIN)
    sign_up(client, role=Role.ADMIN, status="inactive")
    sign_up(client, role=Role.ADMIN, platform=True)
    sign_up(client, role=Role.CEO)

    def act(admin: SignedUp) -> requests.Response:
        if action == "delete":
            return delete(admin)
        return change(admin, role="CEO") if action == "demote" else change(admin, status="inactive")

    problem = assert_problem(act(last), 409, "last_admin")
    assert repr(last.user.user_id) in problem["detail"]
    assert "give another user that role first" in problem["detail"]
    assert last.stored() == last.user
    assert change(last, password=NEW_PASSWORD).status_code == 200
    sign_up(client, role=Role.ADMIN)
    assert act(last).status_code in (200, 204)


def test_two_administrators_who_demote_each_other_leave_one(client: TestClient) -> None:
    first, second = (sign_up(client, role=Role.ADMIN) for _ in range(2))
    answers = at_once(lambda: change(first, role="CEO"), lambda: change(second, role="CEO"))
    assert sorted(one.status_code for one in answers) == [200, 409]
    assert [first.stored().role, second.stored().role].count(Role.ADMIN) == 1


def test_a_version_is_honoured(user: SignedUp) -> None:
    version = {"If-Match": user.client.get(f"/auth/users/{user.user.user_id}").headers["ETag"]}
    second = change(user, version, role="CEO")
    assert second.status_code == 200
    for stale in (change(user, version, role="ADMIN"), delete(user, version)):
        problem = assert_problem(stale, 412, "stale_version")
        assert second.headers["ETag"].strip('"') in problem["detail"]
    assert delete(user, {"If-Match": second.headers["ETag"]}).status_code == 204


_ROUTES = (("GET", ""), ("POST", ""), ("GET", "/x"), ("PUT", "/x"), ("DELETE", "/x"))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_keeps_users(client: TestClient, role: Role) -> None:
    for method, path in _ROUTES:
        response = client.call(method, f"/auth/users{path}", role=role, json={})
        assert "allowed: ADMIN" in assert_problem(response, 403, "role_not_allowed")["detail"]


def test_nobody_keeps_users_without_a_token(client: TestClient) -> None:
    for method, path in _ROUTES:
        assert_problem(client.call(method, f"/auth/users{path}", headers={"Authorization": ""}), 401, "token_missing")


def test_users_of_other_clients_and_of_the_platform_do_not_exist(client: TestClient, user: SignedUp) -> None:
    operator = sign_up(client, platform=True)
    foreign = SignedUp(client, user.user)
    for hidden in (operator, foreign):
        answers = client.get(f"/auth/users/{hidden.user.user_id}"), change(hidden, role="CEO"), delete(hidden)
        for response in answers:
            problem = assert_problem(response, 404, "user_not_found")
            assert repr(hidden.user.user_id) in problem["detail"]
        assert hidden.stored() == hidden.user
    named = client.get("/auth/users", params={"client_id": user.client.client_id})
    assert_problem(named, 403, "other_client")


def test_the_platform_keeps_the_users_of_any_client_that_there_is(
    client: TestClient, new_client: Callable[[], TestClient]
) -> None:
    signed = {"Authorization": f"Bearer {new_client().token(platform=True)}"}
    body = {"email": address(), "role": "ADMIN", "password": PASSWORD}
    made = client.post(f"/auth/users?client_id={client.client_id}", json=body, headers=signed)
    assert made.status_code == 201
    assert [user["email"] for user in client.get("/auth/users").json()["items"]] == [body["email"]]
    body["email"] = address()
    assert_problem(client.post("/auth/users?client_id=nobody", json=body, headers=signed), 404, "client_not_found")


def test_no_password_is_answered_logged_or_audited(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    made = add(client)
    user_id = made.json()["user_id"]
    changed = client.call("PUT", f"/auth/users/{user_id}", json={"password": NEW_PASSWORD})
    stored = Users(database(config())).find(user_id)
    assert stored is not None
    assert stored.password_hash is not None
    assert stored.password_hash.startswith(f"{next(iter(config().peppers))}$argon2id$")
    said = [made.text, changed.text, client.get("/auth/users").text, json.dumps(audited(client)), *capsys.readouterr()]
    for secret in (PASSWORD, NEW_PASSWORD, stored.password_hash):
        assert all(secret not in text for text in said)


def test_what_users_cost(client: TestClient, meter: FirestoreMeter) -> None:
    made = add(client)
    # The client, the id, the address as a document and as a field; the user, the address, the entry.
    assert _billed(client, meter) == (4, 3)
    meter.reset()
    client.call("PUT", f"/auth/users/{made.json()['user_id']}", json={"role": "CEO"})
    # The user, what has ended; the user, the entry, what has ended, there and in the pointer.
    assert _billed(client, meter) == (2, 4)


def _billed(client: TestClient, meter: FirestoreMeter) -> tuple[int, int]:
    """Reads and writes of the client and of what belongs to none, as users do."""
    found = meter.of(client.client_id) + meter.of("")
    return found.reads, found.writes
