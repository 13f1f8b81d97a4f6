"""The audit log over HTTP: filters, pages, and who may read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shared.config import config
from shared.domain.access.audit import Actor, AuditAction
from shared.domain.access.principal import Role
from shared.firestore.audit import AuditLog
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TestClient

NOON = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
_CHANGES = (
    (AuditAction.ORDER_CREATED, "1", "ann", dt.timedelta(days=-2)),
    (AuditAction.ORDER_MOVED, "1", "bob", dt.timedelta(days=-1)),
    (AuditAction.ORDER_MOVED, "2", "ann", dt.timedelta(hours=-12)),
    (AuditAction.STOCK_CORRECTED, "A/1", "bob", dt.timedelta()),
    (AuditAction.SETTINGS_CHANGED, "current", "ann", dt.timedelta(hours=12)),
)


def add(client: TestClient, action: AuditAction, subject_id: str, user_id: str, at: dt.datetime, **told: Any) -> None:
    who = Actor(user_id, Role.PROCUREMENT, at)
    client.tenant.transact(
        lambda transaction: AuditLog(client.tenant, config()).add(transaction, who, action, subject_id, **told)
    )


@pytest.fixture(scope="module")
def log(running: Running) -> TestClient:
    """A client with one entry of each of _CHANGES; for tests that change nothing."""
    client = TestClient(running.base_url).create()
    for action, subject_id, user_id, after_noon in _CHANGES:
        add(client, action, subject_id, user_id, NOON + after_noon)
    return client


def test_an_entry_says_who_changed_what_from_what_to_what(client: TestClient) -> None:
    before, after = {"current_stock": Decimal("1.500"), "counted_on": NOON.date()}, {"current_stock": Decimal("2.000")}
    add(client, AuditAction.STOCK_CORRECTED, "A/1", "ann", NOON, before=before, after=after, reason="counted")
    (entry,) = client.get("/audit").json()["items"]
    assert len(entry.pop("id")) == 32
    assert entry == {
        "created_at": "2024-06-03T12:00:00.000Z",
        "user_id": "ann",
        "role": "PROCUREMENT",
        "action": "stock_level.corrected",
        "subject": "stock_level",
        "subject_id": "A/1",
        "before": {"current_stock": "1.500", "counted_on": "2024-06-03"},
        "after": {"current_stock": "2.000"},
        "reason": "counted",
        "source_address": None,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"subject": "purchase_order"}, [2, 1, 0]),
        ({"subject": "purchase_order", "subject_id": "1"}, [1, 0]),
        ({"subject": "stock_level", "subject_id": "A/1"}, [3]),
        ({"user_id": "bob"}, [3, 1]),
        ({"user_id": "ann", "subject": "purchase_order"}, [2, 0]),
        ({"action": "purchase_order.status_changed"}, [2, 1]),
        ({"from_date": "2024-06-03"}, [4, 3, 2]),
        ({"to_date": "2024-06-02"}, [1, 0]),
        ({"from_date": "2024-06-03", "to_date": "2024-06-03"}, [3, 2]),
        ({"from_date": "2024-06-03T12:00:00Z"}, [4, 3]),
        ({"to_date": "2024-06-03T13:00:00+01:00"}, [3, 2, 1, 0]),
        ({"user_id": "ann", "from_date": "2024-06-03"}, [4, 2]),
        ({"action": "purchase_order.status_changed", "to_date": "2024-06-02"}, [1]),
        ({"subject": "purchase_order", "from_date": "2024-06-02"}, [2, 1]),
        ({"subject": "purchase_order", "subject_id": "1", "from_date": "2024-06-02"}, [1]),
        ({"user_id": "ann", "subject": "purchase_order", "to_date": "2024-06-02"}, [0]),
        ({"user_id": "nobody"}, []),
        ({"subject": "purchase_order,settings"}, [4, 2, 1, 0]),
        ({"subject": ["stock_level", "settings"], "from_date": "2024-06-04"}, [4]),
        ({"action": "purchase_order.created,settings.changed"}, [4, 0]),
        ({"user_id": "ann", "subject": "purchase_order,settings"}, [4, 2, 0]),
    ],
)
def test_what_a_filter_leaves_the_newest_first(log: TestClient, query: dict[str, Any], expected: list[int]) -> None:
    response = log.get("/audit", params=query)
    assert response.status_code == 200, response.text
    found = [(entry["action"], entry["subject_id"]) for entry in response.json()["items"]]
    assert found == [(_CHANGES[number][0].value, _CHANGES[number][1]) for number in expected]


def test_pages_follow_each_other_and_cost_what_they_hold(log: TestClient, meter: FirestoreMeter) -> None:
    seen: list[str] = []
    token: str | None = None
    for size in (2, 2, 1):
        page = log.get("/audit", params={"page_size": "2"} | ({"page_token": token} if token else {})).json()
        assert len(page["items"]) == size
        seen += [entry["subject_id"] for entry in page["items"]]
        token = page["next_page_token"]
    assert token is None
    assert seen == ["current", "A/1", "2", "1", "1"]
    assert (meter.of(log.client_id).reads, meter.of(log.client_id).writes) == (5 + 3, 0)  # and each page a count


def test_entries_of_one_moment_are_on_one_page_each(client: TestClient) -> None:
    for number in range(3):
        add(client, AuditAction.ORDER_CREATED, str(number), "ann", NOON)
    seen, token = [], None
    for _ in range(3):
        page = client.get("/audit", params={"page_size": "1"} | ({"page_token": token} if token else {})).json()
        seen += [entry["subject_id"] for entry in page["items"]]
        token = page["next_page_token"]
    assert sorted(seen) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("query", "code", "told"),
    [
        ({"subject_id": "1"}, "filters_not_combined", "subject, subject_id"),
        ({"subject_id": "1", "action": "purchase_order.created"}, "filters_not_combined", "subject_id, action cannot"),
        ({"user_id": "ann", "action": "purchase_order.created"}, "filters_not_combined", "user_id, action cannot"),
        ({"subject": "user", "action": "user.created"}, "filters_not_combined", "subject, action cannot"),
        (
            {"from_date": "2024-06-03", "to_date": "2024-06-02"},
            "invalid_range",
            "is before from_date (2024-06-03T00:00:00+00:00)",
        ),
        ({"subject": "weather"}, "invalid_input", "allowed: purchase_order, product_supplier, settings"),
        ({"action": "user.sneezed"}, "invalid_input", "user.created"),
        ({"from_date": "yesterday"}, "invalid_input", "query/from_date"),
        ({"from_date": "2024-13-01"}, "invalid_input", "query/from_date"),
        ({"to_date": "2024-06-03T12:00:00"}, "invalid_input", "timezone"),
        ({"page_size": "201"}, "invalid_input", "query/page_size"),
        ({"page_token": "!"}, "invalid_page_token", "page_token"),
        ({"page_token": "eHh4"}, "invalid_page_token", "page_token"),
        ({"page_token": "MjAyNC0wNi0wMyAx"}, "invalid_page_token", "page_token"),  # a date without its offset
        ({"subject": "user", "subject_id": "ü" * 800}, "invalid_input", "it has 1,600 bytes; allowed: 1,500"),
        ({"user_id": "x" * 1501}, "invalid_input", "query/user_id"),
        ({"who": "ann"}, "unknown_field", "allowed: action, client_id, fields, from_date, page, page_size"),
    ],
)
def test_what_cannot_be_asked(log: TestClient, query: dict[str, str], code: str, told: str) -> None:
    problem = assert_problem(log.get("/audit", params=query), 422, code)
    assert told in problem["detail"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_reads_it(log: TestClient, role: Role) -> None:
    problem = assert_problem(log.get("/audit", role=role), 403, "role_not_allowed")
    assert "allowed: ADMIN" in problem["detail"]


def test_a_log_is_its_tenants(log: TestClient, new_client: Callable[[], TestClient]) -> None:
    other = new_client()
    assert other.get("/audit").json()["items"] == []
    assert_problem(other.get("/audit", params={"client_id": log.client_id}), 403, "other_client")
