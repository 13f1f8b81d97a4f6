"""docs/access.md says who may call what, and every operation of the merged document keeps to it, role by role."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import requests

from infra.local.stack.gateway import gateway
from infra.local.stack.process import PROJECT
from shared.domain.access.principal import PLATFORM_HOME, Role
from shared.firestore.transaction import transact
from shared.firestore.users import Users
from shared.http.access import clock
from tests.support.catalogs import catalog_rows, publish
from tests.support.operations import that_ends
from tests.support.running import Running
from tests.support.tenants import TestClient
from tests.support.users import sign_up

_ROW = re.compile(r"^\| `(?P<methods>[A-Z, ]+) (?P<path>/\S*)` \| (?P<callers>[^|]+) \|$", re.MULTILINE)
_ANYONE, _PLATFORM, _ALL_ROLES = "anyone", "platform", "all roles"
_LONG = 60


@cache
def expected() -> dict[tuple[str, str], str]:
    """(method, path) -> who may call, as the page words it."""
    page = (PROJECT / "docs" / "access.md").read_text()
    return {
        (method, row["path"]): row["callers"] for row in _ROW.finditer(page) for method in row["methods"].split(", ")
    }


def roles(callers: str) -> frozenset[Role]:
    """The roles that a row names; those of the platform pass everywhere."""
    if callers in (_ANYONE, _ALL_ROLES):
        return frozenset(Role)
    return frozenset() if callers == _PLATFORM else frozenset(Role(name) for name in callers.split(", "))


def test_the_page_has_a_row_for_every_operation_and_no_other(running: Running) -> None:
    operations = {(method.upper(), path) for path, methods in _document().items() for method in methods}
    missing, gone = operations - set(expected()), set(expected()) - operations
    assert not missing, f"docs/access.md needs a row for {sorted(missing)}"
    assert not gone, f"docs/access.md has a row for what there is not: {sorted(gone)}"


def test_a_machine_writes_only_in_imports_forecasts_and_their_refresh() -> None:
    written = {path for (method, path), callers in expected().items() if method != "GET" and _is_a_machines(callers)}
    # /auth/me and /auth/password are a person's own; a machine has neither.
    places = ("/etl/", "/forecast", "/inventory/metrics/refresh", "/auth/me", "/auth/password")
    assert [path for path in sorted(written) if not path.startswith(places)] == []


def _is_a_machines(callers: str) -> bool:
    return callers != _ANYONE and Role.SERVICE in roles(callers)


@pytest.fixture(scope="module")
def shop(running: Running) -> TestClient:
    return running.new_client()


def _callers(shop: TestClient) -> Iterator[tuple[str, str | None, Role | None]]:
    """A name, a token and the role of everyone who may come."""
    yield "nobody", None, None
    for role in Role:
        yield role.value, shop.token(role), role
    yield _PLATFORM, shop.token(platform=True), None


@pytest.mark.parametrize(("method", "path"), sorted(expected()))
def test_an_operation_is_open_to_whom_the_page_names(shop: TestClient, method: str, path: str) -> None:
    callers = expected()[method, path]
    for name, token, role in _callers(shop):
        response = _call(shop, method, that_ends(path), token)
        refused = response.status_code in (401, 403) and response.json()["code"] in (
            "token_missing",
            "role_not_allowed",
        )
        allowed = callers == _ANYONE or name == _PLATFORM or role in roles(callers)
        assert refused is not allowed, f"{method} {path} as {name}: {response.status_code} {response.text[:200]}"


@pytest.fixture(scope="module")
def ended(running: Running) -> dict[str, tuple[str, int, str]]:
    """The token, and the answer that is due to it, of one who was disabled, of one who ran Stockcast, and of the
    administrator of a client that is suspended. The first one's client has a catalog, the last one's none."""
    shop, closed = running.new_client(), running.new_client()
    publish(shop.tenant, catalog_rows({"item_id": "TEA"}))
    disabled = sign_up(shop, role=Role.ADMIN)
    gone = sign_up(shop, role=Role.ADMIN, client_id=PLATFORM_HOME, platform=True)
    of_disabled, of_gone = (user.sign_in().json()["access_token"] for user in (disabled, gone))
    sign_up(shop, role=Role.ADMIN)
    users = Users(shop.tenant.database)
    transact(shop.tenant.database, lambda transaction: users.delete(transaction, gone.user, clock()))
    shop.call("PUT", f"/auth/users/{disabled.user.user_id}", json={"status": "inactive"})
    platform = {"Authorization": f"Bearer {closed.token(platform=True)}"}
    closed.call("PUT", f"/clients/{closed.client_id}", json={"status": "suspended"}, headers=platform)
    return {
        "disabled": (of_disabled, 401, "session_ended"),
        _PLATFORM: (of_gone, 401, "session_ended"),
        "suspended": (closed.token(), 403, "client_suspended"),
    }


@pytest.mark.parametrize(("method", "path"), sorted(key for key, callers in expected().items() if callers != _ANYONE))
def test_an_operation_is_closed_to_whom_it_was_open(
    shop: TestClient, ended: dict[str, tuple[str, int, str]], method: str, path: str
) -> None:
    callers = expected()[method, path]
    for name, (token, status, code) in ended.items():
        if name != _PLATFORM and callers != _ALL_ROLES and Role.ADMIN not in roles(callers):
            continue
        asked = f"{path}?client_id={shop.client_id}" if name == _PLATFORM else path
        response = _call(shop, method, asked, token)
        found = response.status_code, response.json()["code"]
        assert found == (status, code), f"{method} {path}, {name}: {response.text[:200]}"


def _call(shop: TestClient, method: str, path: str, token: str | None) -> requests.Response:
    """A request that nobody's rights depend on what it names: ids that there are not, an empty body."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    url = shop.base_url + re.sub(r"\{\w+\}", f"x{uuid.uuid4().hex[:8]}", path)
    body: dict[str, Any] = {} if method == "GET" else {"json": {}}
    return requests.request(method, url, headers=headers, timeout=_LONG, **body)


@cache
def _document() -> dict[str, Any]:
    paths: dict[str, Any] = gateway().document["paths"]
    return paths
