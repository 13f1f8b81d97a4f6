"""Signing in, refreshing, signing out."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from functions.auth import password_hashes, service
from functions.auth.password_hashes import hash_password, password_fits
from shared.config import Config, config
from shared.domain.access.principal import Role
from shared.domain.access.session import REPEAT_WINDOW, CredentialsWrong, RefreshTokenInvalid
from shared.domain.access.sign_in_attempts import TooManyAttempts
from shared.domain.access.user import User
from shared.domain.errors import StockcastError, TooManyRequests, Unauthenticated
from shared.firestore.driver import database
from shared.firestore.sign_in_attempts import AddressAttemptsStore, SourceAttempts
from shared.http.tokens import verify_access_token
from tests.support.at_once import at_once
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient
from tests.support.users import PASSWORD, SignedUp

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def test_a_password_gets_tokens_that_work(user: SignedUp) -> None:
    pair = user.sign_in().json()
    assert (pair["token_type"], pair["expires_in"]) == ("Bearer", 900)
    caller = verify_access_token(config(), pair["access_token"])
    assert (caller.user_id, caller.client_id, caller.role, caller.platform) == (
        user.user.user_id,
        user.client.client_id,
        Role.VIEWER,
        False,
    )
    assert user.get("/settings", pair["access_token"]).status_code == 200


def test_a_password_is_kept_as_an_expensive_hash(new_user: Callable[..., SignedUp]) -> None:
    kept = hash_password(config(), PASSWORD)
    parameters = extract_parameters(kept[kept.index("$") :])
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 19 * 1024  # KiB; OWASP's least for two passes
    assert parameters.time_cost >= 2
    assert new_user(password_hash=kept).sign_in().status_code == 200


@pytest.mark.parametrize("kept", ["old", "none"])
def test_a_hash_of_another_pepper_is_made_anew_at_the_next_sign_in(
    new_user: Callable[..., SignedUp], kept: str
) -> None:
    """Also one from before there were any. Without its pepper a hash says nothing: nobody signs in by it."""
    peppers = config().peppers
    of_before = replace(config(), password_peppers={"old": "o" * 32})
    made = hash_password(of_before, PASSWORD) if kept == "old" else PasswordHasher(1, 64, 1).hash(PASSWORD)
    user = new_user(password_hash=made)
    if kept == "old":
        assert_problem(user.sign_in(), 401, "credentials_wrong")
    both = replace(config(), password_peppers={**peppers, "old": "o" * 32})
    with pytest.raises(CredentialsWrong):
        service.sign_in(both, user.user.email, PASSWORD + "x", user.source, NOW)
    assert user.stored().password_hash == made
    service.sign_in(both, user.user.email, PASSWORD, user.source, NOW)
    changed = user.stored()
    assert str(changed.password_hash).partition("$")[0] == next(iter(peppers))
    assert replace(changed, password_hash=made) == user.user  # and nothing else
    assert user.sign_in().status_code == 200


def test_the_address_may_be_written_in_any_case(new_user: Callable[..., SignedUp]) -> None:
    user = new_user(email="Jörg.Straße@Example.ORG")
    for email in ("JÖRG.STRASSE@example.org", " jo\u0308rg.straße@example.org", "Jörg.Straße＠example.org"):
        assert user.sign_in(email=email).status_code == 200


def test_a_password_may_be_typed_on_any_keyboard(new_user: Callable[..., SignedUp]) -> None:
    user = new_user(password_hash=hash_password(config(), "caf\u00e9 au lait, s'il te plaît"))
    assert user.sign_in(password="cafe\u0301 au lait, s'il te plaît").status_code == 200


def test_a_wrong_password_and_an_unknown_user_are_told_the_same(user: SignedUp) -> None:
    wrong = user.sign_in(password=PASSWORD + "x")
    unknown = user.sign_in(email="nobody@example.org")
    for response in (wrong, unknown):
        assert_problem(response, 401, "credentials_wrong")
    assert wrong.json()["detail"] == unknown.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"email": "a@b.c"}, 422),
        ({"email": "a@b.c", "password": ""}, 422),
        ({"email": "a@b.c", "password": "x" * 1001}, 422),
        ({"email": "x" * 321, "password": "x"}, 422),
        ({"email": "a@b.c", "password": "x", "admin": True}, 422),
        ({"email": ["a@b.c"], "password": "x"}, 422),
        ([], 422),
    ],
)
def test_a_malformed_sign_in_is_refused(client: TestClient, body: Any, status: int) -> None:
    response = client.post("/auth/token", json=body, headers={"Authorization": ""})
    assert response.status_code == status
    assert_problem(response, status, response.json()["code"])


def test_an_inactive_user_cannot_sign_in(new_user: Callable[..., SignedUp]) -> None:
    assert_problem(new_user(status="inactive").sign_in(), 401, "credentials_wrong")


@pytest.mark.parametrize("known", [True, False])
def test_repeated_wrong_passwords_have_to_wait(user: SignedUp, known: bool) -> None:
    """An address that no user has is told the same, or its answers would say that it is none."""
    email = user.user.email if known else f"{uuid.uuid4().hex}@example.org"
    for _ in range(5):
        assert_problem(user.sign_in(email=email, password="wrong"), 401, "credentials_wrong")
    response = user.sign_in(email=email)  # even the right one
    problem = assert_problem(response, 429, "too_many_attempts")
    wait = int(response.headers["Retry-After"])
    assert 1 <= wait <= 5
    assert problem["detail"] == f"too many wrong passwords; try again in {wait} seconds"


def test_no_stranger_locks_a_user_out(user: SignedUp) -> None:
    """Where the user has signed in before, attempts are counted by themselves."""
    _right(user, NOW)
    assert [_attempt(user.user.email, f"{user.source} {number}") for number in range(7)] == [
        *[CredentialsWrong] * 5,
        *[TooManyAttempts] * 2,
    ]
    _right(user, NOW)
    assert _attempt(user.user.email, "elsewhere") is TooManyAttempts  # that has reset nothing
    assert [_attempt(user.user.email, user.source) for _ in range(6)] == [*[CredentialsWrong] * 5, TooManyAttempts]
    with pytest.raises(TooManyAttempts):
        _right(user, NOW + 4 * SECOND)
    _right(user, NOW + 5 * SECOND)
    assert user.source not in repr(
        database(config()).collection("sign_in_attempts").document(_key(user)).get().to_dict()
    )


def test_an_address_that_nobody_has_is_told_and_costs_the_same(user: SignedUp, meter: FirestoreMeter) -> None:
    """From where its user never was: the same answers, waits, reads and writes, but for the entry that is written with
    the last of them that is free."""
    _right(user, NOW)

    def told(email: str) -> list[tuple[str, int, int]]:
        seen = []
        for _ in range(7):
            meter.reset()
            with pytest.raises(StockcastError) as raised:
                service.sign_in(config(), email, "wrong", uuid.uuid4().hex, NOW)
            billed = meter.billed
            seen.append((str(raised.value), billed.reads, billed.writes))
        return seen

    of_a_user, of_nobody = told(user.user.email), told(f"{uuid.uuid4().hex}@example.org")
    message, reads, writes = of_nobody[4]
    assert of_a_user == [*of_nobody[:4], (message, reads, writes + 1), *of_nobody[5:]]


def test_a_source_is_known_until_another_password_or_user(user: SignedUp) -> None:
    _right(user, NOW)
    store = AddressAttemptsStore(database(config()))
    assert len(store.of(user.user.email, NOW).of_known) == 1
    assert store.of(user.user.email, NOW + 90 * dt.timedelta(days=1)).of_known == {}
    user.client.call("PUT", f"/auth/users/{user.user.user_id}", json={"password": "another horse, another staple"})
    assert store.of(user.user.email, NOW).of_known == {}


def _key(user: SignedUp) -> str:
    return f"address-{hashlib.sha256(user.user.email.encode()).hexdigest()}"


@pytest.mark.parametrize("known", [True, False, None])
def test_no_number_of_attempts_at_once_gets_past_the_limit(
    user: SignedUp, known: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a user's own source, of a stranger's, of an address that nobody has."""
    if known:
        _right(user, NOW)
    checked: list[str] = []

    def noted(config: Config, found: User | None, password: str) -> bool:
        checked.append(password)
        return password_fits(config, found, password)

    monkeypatch.setattr(service, "password_fits", noted)
    email = f"{uuid.uuid4().hex}@example.org" if known is None else user.user.email
    answers = at_once(*[partial(_attempt, email, user.source)] * 40)
    assert answers.count(TooManyAttempts) == 35
    assert len(checked) == 5


def test_guesses_over_http_at_once_get_five_checks(user: SignedUp) -> None:
    answers = at_once(*[lambda: user.sign_in(password="wrong")] * 24)
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {401, 429}
    assert 5 <= statuses.count(401) <= 6  # one more where it takes longer than the first wait


def _attempt(email: str, source: str) -> type[StockcastError]:
    with pytest.raises(StockcastError) as raised:
        service.sign_in(config(), email, "wrong", source, NOW)
    return raised.type


def test_a_source_may_not_try_every_address(user: SignedUp, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = str(user.stored().password_hash)  # a hundred at the usual cost take ten seconds and more
    monkeypatch.setattr(password_hashes, "_nobodys_hash", lambda: cheap[cheap.index("$") :])
    for number in range(100):
        assert _attempt(f"{user.source}-{number}@example.org", user.source) is CredentialsWrong
    assert _attempt(f"{user.source}-100@example.org", user.source) is TooManyAttempts
    assert _attempt(f"{user.source}-100@example.org", f"not {user.source}") is CredentialsWrong
    with pytest.raises(TooManyAttempts):
        _right(user, NOW)
    _right(user, NOW + SECOND)


def test_only_what_our_proxy_says_is_a_source(user: SignedUp) -> None:
    """What the caller puts in front of it makes no new source."""
    for forged in ("1.2.3.4", "5.6.7.8, 9.9.9.9"):
        headers = {"Authorization": "", "X-Forwarded-For": f"{forged}, {user.source}"}
        body = {"email": user.user.email, "password": "wrong"}
        assert user.client.post("/auth/token", json=body, headers=headers).status_code == 401
    assert SourceAttempts(database(config())).of(user.source, dt.datetime.now(dt.UTC)).failed == 2


def test_the_wait_is_over_when_it_says_and_doubles_with_the_next_failure(user: SignedUp) -> None:
    for _ in range(5):
        _wrong(user, NOW)
    with pytest.raises(TooManyRequests):
        _right(user, NOW + 4 * SECOND)
    _wrong(user, NOW + 5 * SECOND)
    with pytest.raises(TooManyRequests) as raised:
        _right(user, NOW + 14 * SECOND)
    assert raised.value.headers["Retry-After"] == "1"
    _right(user, NOW + 15 * SECOND)
    assert _failed(user) == 0


def test_failures_are_forgotten_after_a_day(user: SignedUp) -> None:
    for _ in range(4):
        _wrong(user, NOW)
    assert _failed(user) == 4
    _wrong(user, NOW + dt.timedelta(days=1))
    assert _failed(user, NOW + dt.timedelta(days=1)) == 1


def test_failures_at_once_are_all_counted(user: SignedUp) -> None:
    at_once(*[lambda: user.sign_in(password="wrong")] * 3)
    assert _failed(user, dt.datetime.now(dt.UTC)) == 3


def test_what_signing_in_costs(user: SignedUp, meter: FirestoreMeter) -> None:
    pair = user.sign_in().json()
    # Read: the source's and the address's attempts, the user, the client. Written: the attempt, that it succeeded, the
    # token, the entry.
    assert _billed(user, meter) == (4, 4)
    meter.reset()
    user.refresh(pair["refresh_token"])
    # Read: the token, the user, the client. Written: the token, the next one, and that the user is still the same.
    assert _billed(user, meter) == (3, 3)
    meter.reset()
    user.refresh(pair["refresh_token"])
    assert _billed(user, meter) == (4, 0)  # the next token instead
    meter.reset()
    user.sign_in(password="wrong")
    assert _billed(user, meter) == (4, 2)  # counted for the address before, and for the source after the check
    for _ in range(4):
        user.sign_in(password="wrong")
    meter.reset()
    assert user.sign_in().status_code == 429
    assert _billed(user, meter) == (2, 0)


def _billed(user: SignedUp, meter: FirestoreMeter) -> tuple[int, int]:
    """Reads and writes of the client and of what belongs to none, as users do."""
    found = meter.of(user.client.client_id) + meter.of("")
    return found.reads, found.writes


def _failed(user: SignedUp, now: dt.datetime = NOW) -> int:
    return AddressAttemptsStore(database(config())).of(user.user.email, now).of_others.failed


def _wrong(user: SignedUp, now: dt.datetime) -> None:
    with pytest.raises(Unauthenticated):
        service.sign_in(config(), user.user.email, "wrong", user.source, now)


def _right(user: SignedUp, now: dt.datetime) -> service.Session:
    return service.sign_in(config(), user.user.email, PASSWORD, user.source, now)


def test_a_refresh_token_gets_the_next_pair(user: SignedUp) -> None:
    first = user.sign_in().json()
    second = user.refresh(first["refresh_token"])
    assert second.status_code == 200
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert user.get("/settings", second.json()["access_token"]).status_code == 200
    assert user.refresh(second.json()["refresh_token"]).status_code == 200


def test_two_tabs_that_refresh_one_token_get_the_same_pair(user: SignedUp) -> None:
    token = user.sign_in().json()["refresh_token"]
    answers = at_once(*[lambda: user.refresh(token)] * 8)
    assert [answer.status_code for answer in answers] == [200] * 8
    (pair,) = {answer.text for answer in answers}
    assert user.refresh(token).text == pair  # a moment later too
    following = json.loads(pair)
    assert user.get("/settings", following["access_token"]).status_code == 200
    assert user.refresh(following["refresh_token"]).status_code == 200


def test_a_refresh_token_used_again_later_ends_its_family(user: SignedUp) -> None:
    elsewhere = _right(user, NOW).refresh_token
    first = _right(user, NOW).refresh_token
    second = service.refresh(config(), first, NOW).refresh_token
    assert service.refresh(config(), first, NOW + REPEAT_WINDOW).refresh_token == second
    late = NOW + REPEAT_WINDOW + SECOND
    for token in (first, second):
        with pytest.raises(RefreshTokenInvalid):
            service.refresh(config(), token, late)
    service.refresh(config(), elsewhere, late)  # another sign-in is another family


def test_a_repeated_refresh_opens_nothing_that_has_ended(user: SignedUp) -> None:
    first = user.sign_in().json()["refresh_token"]
    second = user.refresh(first).json()["refresh_token"]
    user.sign_out(second)
    assert_problem(user.refresh(first), 401, "refresh_token_invalid")


def test_a_repeated_refresh_outlives_a_new_signing_key(user: SignedUp) -> None:
    before = config()
    after = replace(before, jwt_keys={"new": "n" * 32} | dict(before.jwt_keys))
    first = _right(user, NOW).refresh_token
    second = service.refresh(before, first, NOW)
    assert service.refresh(after, first, NOW).refresh_token == second.refresh_token
    without = replace(before, jwt_keys={"new": "n" * 32})
    with pytest.raises(RefreshTokenInvalid):
        service.refresh(without, first, NOW)


def test_a_refresh_token_lasts_thirty_days(user: SignedUp) -> None:
    token = _right(user, NOW).refresh_token
    with pytest.raises(Unauthenticated, match="refresh_token_invalid"):
        service.refresh(config(), token, NOW + dt.timedelta(days=30))
    service.refresh(config(), token, NOW + dt.timedelta(days=30) - SECOND)


def test_signing_out_ends_the_session(user: SignedUp) -> None:
    token = user.sign_in().json()["refresh_token"]
    following = user.refresh(token).json()["refresh_token"]
    response = user.sign_out(following)
    assert (response.status_code, response.content) == (204, b"")
    assert_problem(user.refresh(following), 401, "refresh_token_invalid")
    assert user.sign_out(following).status_code == 204


def test_who_signs_in_and_out_is_in_the_log_and_refusals_do_not_fill_it(user: SignedUp) -> None:
    pair = user.sign_in().json()
    for _ in range(2):
        user.sign_out(pair["refresh_token"])
    elsewhere = replace(user, source="203.0.113.7")
    for _ in range(7):
        elsewhere.sign_in(password="wrong")
    shown = user.client.get("/audit?subject=user").json()["items"]
    assert {(entry["user_id"], entry["role"], entry["subject_id"]) for entry in shown} == {
        (user.user.user_id, "VIEWER", user.user.user_id)
    }
    assert [(entry["action"], entry["source_address"], entry["after"]) for entry in reversed(shown)] == [
        ("user.signed_in", user.source, None),
        ("user.signed_out", user.source, None),
        ("user.sign_in_refused", "203.0.113.7", {"attempts": 5}),
    ]
    stored = repr([entry.to_dict() for entry in user.client.tenant.collection("audit").stream()])
    assert not any(secret in stored for secret in (PASSWORD, "wrong", *pair.values()) if isinstance(secret, str))


@pytest.mark.parametrize("status", ["suspended", None])
def test_users_of_a_suspended_client_cannot_sign_in(user: SignedUp, status: str | None) -> None:
    token = user.sign_in().json()["refresh_token"]
    if status is None:
        user.client.tenant.document.delete()
    else:
        user.client.create(status=status)
    assert_problem(user.sign_in(), 403, "client_suspended")
    assert_problem(user.refresh(token), 403, "client_suspended")
    assert_problem(user.sign_in(password="wrong"), 401, "credentials_wrong")
    user.client.create()
    assert user.refresh(token).status_code == 200  # it goes on where it was


def test_an_inactive_user_cannot_refresh(user: SignedUp) -> None:
    token = user.sign_in().json()["refresh_token"]
    user.change(status="inactive")
    assert_problem(user.refresh(token), 401, "refresh_token_invalid")
    user.change(status="active")
    assert_problem(user.refresh(token), 401, "refresh_token_invalid")


def test_a_changed_role_is_in_the_next_access_token(user: SignedUp) -> None:
    pair = user.sign_in().json()
    user.change(role=Role.ADMIN)
    following = user.refresh(pair["refresh_token"]).json()
    assert verify_access_token(config(), following["access_token"]).role is Role.ADMIN


@pytest.mark.parametrize("change", ["user", "token", "secret", "garbage", "dots", "slashes"])
def test_a_token_that_was_not_handed_out_is_refused(user: SignedUp, change: str) -> None:
    token = user.sign_in().json()["refresh_token"]
    user_id, token_id, secret = token.rsplit(".", 2)
    forged = {
        "user": f"other.{token_id}.{secret}",
        "token": f"{user_id}.other.{secret}",
        "secret": f"{user_id}.{token_id}.other",
        "garbage": "garbage",
        "dots": "...",
        "slashes": f"{user_id}/x.a/b.{secret}",
    }[change]
    assert_problem(user.refresh(forged), 401, "refresh_token_invalid")
    assert user.sign_out(forged).status_code in (204, 401)
    assert user.refresh(token).status_code == 200  # a guess ends no one's session


def test_no_secret_is_logged_or_kept(user: SignedUp, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    user.sign_in(password="wrong-and-secret")
    pair = user.sign_in().json()
    following = user.refresh(pair["refresh_token"]).json()
    assert user.refresh(pair["refresh_token"]).json() == following
    user.get("/products", pair["access_token"])
    user.sign_out(following["refresh_token"])
    logged = "".join(capsys.readouterr())
    stored = user.stored()
    kept = repr(stored) + repr(list(_token_documents(user)))
    secrets = [PASSWORD, "wrong-and-secret"]
    secrets += [one[name] for one in (pair, following) for name in ("access_token", "refresh_token")]
    secrets += [one["refresh_token"].rpartition(".")[2] for one in (pair, following)]
    for secret in secrets:
        assert secret not in logged
        assert secret not in kept
    assert stored.password_hash is not None
    assert stored.password_hash.startswith(f"{next(iter(config().peppers))}$argon2id$")
    assert stored.password_hash not in repr(stored)
    assert "secret" not in repr(config()).lower()
    for ring in (config().jwt_keys, config().peppers):
        assert all(key not in repr(config()) for key in ring.values())


def _token_documents(user: SignedUp) -> list[dict[str, Any]]:
    tokens = database(config()).collection("users").document(user.user.user_id).collection("refresh_tokens")
    return [found.to_dict() or {} for found in tokens.stream()]
