"""A change of settings shows in the next request, whether or when a refresh follows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.catalog.edit import edit_item
from shared.domain.purchasing.product import StockLevel
from shared.domain.settings import METRIC_SETTINGS, Settings, SettingsChange
from tests.support.planned_shop import THIRTY_DAYS, plan
from tests.support.running import Running
from tests.support.tenants import TestClient

_VIEWS = (
    "/products?page_size=200&sort=item_id",
    "/products?page_size=200&location_id=LONDON",
    "/products?marketing_threshold=above",
    "/products?status=understocked",
    "/products/A%2F1/metrics",
    "/dashboard",
    "/order-planning/suggestions",
    "/recommendations?role=PROCUREMENT",
    "/recommendations?role=MARKETING",
)
_CHANGES: tuple[dict[str, Any], ...] = (
    {"safety_buffer_days": 40},
    {"understocked_threshold": 40},
    {"overstocked_threshold": 15},
    {"dead_stock_days": 1},
    {"default_lead_time_days": 3},
    {"replenishment_policy": "service_level", "service_level": 0.5},
    {"replenishment_policy": "service_level", "review_period_days": 60},
    {"marketing_threshold_days": 50},
    {"replenishment_policy": "service_level", "level_allocation": "equal"},
    {"replenishment_policy": "service_level", "service_level_by_class": {"AX": 0.6}},
    {"replenishment_policy": "least_cost", "holding_cost_rate": 5},
    {"replenishment_policy": "least_cost", "shortage_cost_rate": 0.05},
    {"replenishment_policy": "least_cost", "holding_cost": 0.2, "shortage_cost": 1},
    {"suggestion_min_risk": 0.01},
    {"recommendation_rules": {"enabled_types": ["URGENT"]}},
    {"recommendation_rules": {"role_rules": {"MARKETING": ["DEAD_STOCK"]}}},
)


def shop(running: Running, settings: Settings = THIRTY_DAYS) -> TestClient:
    """A planned shop. Its client is not registered: refreshes fail, so what changes, changes without one."""
    return plan(TestClient(running.base_url), settings)


def seen(client: TestClient) -> dict[str, Any]:
    """What the views answer, less what differs from shop to shop."""
    answers = {view: client.get(view).json() for view in _VIEWS}
    del answers["/dashboard"]["computed_at"]
    return answers


@pytest.mark.parametrize("change", _CHANGES, ids=str)
def test_every_view_is_as_if_it_had_been_computed_under_the_new_settings(
    running: Running, change: dict[str, Any]
) -> None:
    client = shop(running)
    before = seen(client)
    assert client.call("PUT", "/settings", json=change).status_code == 200
    after = seen(client)
    assert after == seen(shop(running, THIRTY_DAYS.changed(SettingsChange.model_validate(change))))
    assert (after != before) or change == {"dead_stock_days": 1}  # nothing of this shop is dead


def test_the_changes_above_are_all_that_metrics_depend_on() -> None:
    changed = {name for change in _CHANGES for name in change}
    assert changed >= METRIC_SETTINGS.keys()
    others = {"receive_updates_stock", "over_receipt_tolerance", "notifications", "forecast_engine"}
    assert changed | others == set(Settings.model_fields)


def test_edits_of_before_and_after_a_change_show_under_it(running: Running) -> None:
    def restock(client: TestClient, item_id: str, units: int) -> None:
        edit_item(client.tenant, item_id, lambda edit: edit.set_stock(StockLevel(item_id, {"LONDON": Decimal(units)})))

    change = {"safety_buffer_days": 40, "understocked_threshold": 40}
    client = shop(running)
    restock(client, "A/1", 50)
    client.call("PUT", "/settings", json=change)
    restock(client, "uplifted", 70)
    expected = shop(running, THIRTY_DAYS.changed(SettingsChange.model_validate(change)))
    restock(expected, "A/1", 50)
    restock(expected, "uplifted", 70)
    assert seen(client) == seen(expected)


def test_a_change_back_shows_what_was_before(running: Running) -> None:
    client = shop(running)
    before = seen(client)
    client.call("PUT", "/settings", json={"safety_buffer_days": 40})
    client.call("PUT", "/settings", json={"safety_buffer_days": 7})
    assert seen(client) == before


def test_a_change_that_metrics_do_not_depend_on_starts_no_refresh(running: Running) -> None:
    client = shop(running)
    assert client.call("PUT", "/settings", json={"marketing_threshold_days": 50}).json()["operation"] is None
    assert client.call("PUT", "/settings", json={"safety_buffer_days": 40}).json()["operation"]["kind"] == (
        "metrics_refresh"
    )
