"""Settings: defaults, replacing them, and metrics that follow."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.access.principal import Role
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.shops import PRODUCTS, STOCK
from tests.support.tenants import TestClient, eventually


@pytest.fixture
def client(running: Running) -> TestClient:
    """A tenant whose client is not registered: the refreshes that follow a change end at once."""
    return TestClient(running.base_url)


def test_a_new_client_has_the_defaults(client: TestClient) -> None:
    response = client.get("/settings", role=Role.VIEWER)
    assert response.headers["ETag"] == '"0"'
    assert response.json()["understocked_threshold"] == 14
    assert '"over_receipt_tolerance":0' in response.text  # a number, as every decimal


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_is_left_out_stays_as_it_is(client: TestClient, method: str) -> None:
    client.call(method, "/settings", json={"safety_buffer_days": 3, "service_level": 0.9})
    rules = {"threshold_filters": {"urgent_min_risk": 0.5}}
    client.call(method, "/settings", json={"over_receipt_tolerance": 0.05, "recommendation_rules": rules})
    settings = client.get("/settings").json()
    assert (settings["safety_buffer_days"], settings["service_level"]) == (3, 0.9)
    assert settings["over_receipt_tolerance"] == 0.05
    assert settings["recommendation_rules"]["threshold_filters"]["urgent_min_risk"] == 0.5
    assert settings["recommendation_rules"]["threshold_filters"]["promote_min_dir_days"] == 30
    assert len(settings["recommendation_rules"]["enabled_types"]) == 5
    assert settings["created_at"] < settings["updated_at"]


def test_thresholds_are_compared_with_those_that_stay(client: TestClient) -> None:
    assert client.call("PUT", "/settings", json={"understocked_threshold": 5}).status_code == 200
    assert client.call("PUT", "/settings", json={"overstocked_threshold": 10}).status_code == 200
    refused = client.call("PUT", "/settings", json={"understocked_threshold": 10})
    problem = assert_problem(refused, 422, "thresholds_out_of_order")
    assert problem["errors"][0]["pointer"] == "/overstocked_threshold"
    assert client.get("/settings").json()["understocked_threshold"] == 5


def test_a_lost_unit_costs_at_least_what_holding_it_does(client: TestClient) -> None:
    saved = client.call("PATCH", "/settings", json={"holding_cost": 0.2, "shortage_cost": 1}).json()
    assert (saved["holding_cost"], saved["shortage_cost"]) == (0.2, 1)
    problem = assert_problem(
        client.call("PATCH", "/settings", json={"holding_cost": 1.5}), 422, "shortage_below_holding"
    )
    assert problem["errors"][0]["pointer"] == "/shortage_cost"
    assert "shortage_cost (1) must not be below holding_cost (1.5)" in problem["detail"]
    by_rate = client.call("PATCH", "/settings", json={"shortage_cost": None, "holding_cost": 1.5}).json()
    assert (by_rate["holding_cost"], by_rate["shortage_cost"]) == (1.5, None)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"holding_cost_rate": 0}, "/holding_cost_rate"),
        ({"holding_cost_rate": -0.1}, "/holding_cost_rate"),
        ({"holding_cost_rate": None}, "/holding_cost_rate"),
        ({"shortage_cost_rate": 0}, "/shortage_cost_rate"),
        ({"holding_cost": 0}, "/holding_cost"),
        ({"holding_cost": 0.00001}, "/holding_cost"),
        ({"shortage_cost": -1}, "/shortage_cost"),
        ({"understocked_threshold": 0}, "/understocked_threshold"),
        ({"service_level": 0}, "/service_level"),
        ({"service_level": 1}, "/service_level"),
        ({"service_level_by_class": {"AX": 0}}, "/service_level_by_class/AX"),
        ({"service_level_by_class": {"AX": 1}}, "/service_level_by_class/AX"),
        ({"service_level_by_class": {"QQ": 0.9}}, "/service_level_by_class/QQ"),
        ({"level_allocation": "by_luck"}, "/level_allocation"),
        ({"safety_buffer_days": -1}, "/safety_buffer_days"),
        ({"recommendation_rules": {"role_rules": {"JANITOR": []}}}, "/recommendation_rules"),
        ({"notifications": {"webhook_url": "javascript:alert(1)"}}, "/notifications"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(client: TestClient, body: dict[str, Any], pointer: str) -> None:
    problem = assert_problem(client.call("PUT", "/settings", json=body), 422, "invalid_input")
    assert problem["errors"][0]["pointer"].startswith(pointer) or problem["errors"][0]["pointer"] == ""
    assert client.get("/settings").headers["ETag"] == '"0"'


def test_an_unknown_setting_is_named(client: TestClient) -> None:
    problem = assert_problem(client.call("PUT", "/settings", json={"safety_buffer": 3}), 422, "unknown_field")
    assert "'safety_buffer'" in problem["detail"]
    assert "safety_buffer_days" in problem["detail"]


def test_the_rules_can_be_replaced_alone(client: TestClient) -> None:
    client.call("PUT", "/settings", json={"safety_buffer_days": 3})
    rules = {"enabled_types": ["URGENT"], "threshold_filters": {"urgent_min_risk": 0.5}}
    response = client.call("PUT", "/settings/recommendation-rules", role=Role.CEO, json=rules)
    assert response.status_code == 200
    assert response.json()["enabled_types"] == ["URGENT"]
    found = client.get("/settings").json()
    assert found["safety_buffer_days"] == 3
    assert found["recommendation_rules"]["threshold_filters"]["urgent_min_risk"] == 0.5
    assert found["recommendation_rules"] == client.get("/settings/recommendation-rules").json()


def test_a_stale_version_is_refused(client: TestClient) -> None:
    first = client.get("/settings").headers["ETag"]
    second = client.call("PUT", "/settings", json={"safety_buffer_days": 3}, headers={"If-Match": first})
    assert second.status_code == 200
    stale = client.call("PUT", "/settings", json={"safety_buffer_days": 9}, headers={"If-Match": first})
    problem = assert_problem(stale, 412, "stale_version")
    assert second.headers["ETag"].strip('"') in problem["detail"]
    rules = client.call("PUT", "/settings/recommendation-rules", json={}, headers={"If-Match": first})
    assert_problem(rules, 412, "stale_version")
    assert client.get("/settings").json()["safety_buffer_days"] == 3


def test_a_change_is_audited_with_what_changed(client: TestClient) -> None:
    client.call("PUT", "/settings", role=Role.CEO, json={"safety_buffer_days": 3, "over_receipt_tolerance": 0.05})
    client.call("PUT", "/settings", json={"safety_buffer_days": 3, "over_receipt_tolerance": 0.05})
    client.call("PUT", "/settings/recommendation-rules", json={"enabled_types": ["URGENT"]})
    rules, thresholds = client.get("/audit?subject=settings").json()["items"]
    assert (thresholds["action"], thresholds["role"]) == ("settings.changed", "CEO")
    assert thresholds["before"] == {"safety_buffer_days": 7, "over_receipt_tolerance": "0"}
    assert thresholds["after"] == {"safety_buffer_days": 3, "over_receipt_tolerance": "0.05"}
    assert set(rules["before"]) == set(rules["after"]) == {"recommendation_rules"}
    assert rules["after"]["recommendation_rules"]["enabled_types"] == ["URGENT"]
    assert len(rules["before"]["recommendation_rules"]["enabled_types"]) == 5


@pytest.mark.parametrize("path", ["/settings", "/settings/recommendation-rules"])
def test_a_refused_change_leaves_no_trace(client: TestClient, path: str) -> None:
    assert_problem(client.call("PUT", path, json={}, headers={"If-Match": '"1"'}), 412, "stale_version")
    assert_problem(client.call("PUT", path, json={}, role=Role.PROCUREMENT), 403, "role_not_allowed")
    assert client.get("/audit").json()["items"] == []


def test_a_change_whose_request_dies_is_followed_all_the_same(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saved together with the task: repeating the request would find nothing to change, and start nothing."""

    def die(*_: object) -> None:
        raise ConnectionError("gone before Cloud Tasks was told")

    monkeypatch.setattr("functions.settings.service.deliver", die)
    assert client.call("PUT", "/settings", json={"safety_buffer_days": 3}).status_code == 503
    assert client.get("/settings").json()["safety_buffer_days"] == 3
    (operation,) = client.get("/operations").json()["items"]
    assert [found.id for found in client.tenant.collection("outbox").stream()] == [operation["id"]]


def test_metrics_follow_a_change_and_only_a_change(running: Running) -> None:
    client = TestClient(running.base_url).create()
    client.stock(PRODUCTS, STOCK)
    client.sell_daily({"normal": 1}, location_id="DUBLIN")
    client.refresh()
    assert client.get("/products?search=normal").json()["items"][0]["status"] == "normal"

    client.call("PUT", "/settings", json={"understocked_threshold": 31})

    def understocked() -> bool:
        row = client.get("/products?search=normal").json()["items"][0]
        return bool(row["status"] == "understocked")

    eventually(understocked, "the new threshold to show in the list")
    page = client.get("/products/normal/metrics").json()
    assert page["computed_from"]["understocked_threshold"] == 31
    started = len(client.get("/operations").json()["items"])
    client.call("PUT", "/settings", json={"understocked_threshold": 31})
    assert len(client.get("/operations").json()["items"]) == started
