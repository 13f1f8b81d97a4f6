"""The dashboard agrees with the list that it sums up."""

from __future__ import annotations

from decimal import Decimal
from statistics import median
from typing import Any

import pytest
import simplejson

from tests.support.catalogs import catalog_rows, profile, profile_frame, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TestClient

Row = dict[str, Any]


def exact(client: TestClient, path: str) -> Any:
    """The answer with its decimals as they were sent."""
    return simplejson.loads(client.get(path).text, use_decimal=True)


@pytest.mark.parametrize("place", [None, "LONDON", "DUBLIN", "ROTTERDAM"])
def test_headline_figures_are_those_of_the_list(full_shop: TestClient, place: str | None) -> None:
    query = f"?location_id={place}" if place else ""
    metrics = exact(full_shop, f"/dashboard{query}")["metrics"]
    rows: list[Row] = exact(full_shop, f"/products{query}")["items"]
    alive = [row for row in rows if row["status"] != "dead_stock"]
    cost_a_day = sum(Decimal(str(row["expected_daily_demand"])) * row["unit_cost"] for row in alive)
    known = [row["dir"] for row in alive if row["dir"] is not None]
    assert metrics["total_skus"] == len(rows) > 0
    assert metrics["total_inventory_value"] == sum(row["inventory_value"] for row in rows)
    for status in ("understocked", "overstocked", "dead_stock"):
        of_status = [row["inventory_value"] for row in rows if row["status"] == status]
        assert metrics[f"{status}_count"] == len(of_status)
        assert metrics[f"{status}_value"] == sum(of_status)
    for name in ("sales_at_risk", "excess_value"):
        assert metrics[name] == sum(row[name] for row in rows)
    lasts = float(sum(row["inventory_value"] for row in alive) / cost_a_day) if cost_a_day else None
    assert (metrics["average_dir"] and float(metrics["average_dir"])) == (lasts and pytest.approx(lasts, abs=0.051))
    assert metrics["median_dir"] == (pytest.approx(median(known), abs=Decimal("0.051")) if known else None)


def test_the_worst_products_come_first(full_shop: TestClient) -> None:
    found = full_shop.get("/dashboard").json()
    listed = full_shop.get("/products?status=understocked&sort=-stockout_risk,-sales_at_risk").json()["items"]
    assert [row["item_id"] for row in found["top_understocked"]] == [row["item_id"] for row in listed]
    listed = full_shop.get("/products?status=overstocked&sort=-dir,-excess_value").json()["items"]
    listed.sort(key=lambda row: -(999 if row["dir"] is None else row["dir"]))
    assert [row["item_id"] for row in found["top_overstocked"]] == [row["item_id"] for row in listed]
    shown = [(row["item_id"], row["dir"]) for row in found["top_overstocked"]]
    assert shown == [("strategic", None), ("ünï©ødé", None), ("b 2", 320)]


def test_only_five_are_shown_and_never_of_another_status(running: Running) -> None:
    client = TestClient(running.base_url).create()
    rows = [{"item_id": f"{number:02d}", "current_stock": Decimal(number)} for number in range(12)]
    daily = [profile(f"{number:02d}", daily=[1.0] * 90) for number in range(12)]
    publish(client.tenant, catalog_rows(*rows, {"item_id": "calm"}), profile_frame(*daily))
    found = client.get("/dashboard").json()
    assert [row["item_id"] for row in found["top_understocked"]] == ["00", "01", "02", "03", "04"]
    assert found["top_overstocked"] == []


def test_alerts_say_how_many_and_where_to_see_them(full_shop: TestClient) -> None:
    found = full_shop.get("/dashboard").json()
    counts = {alert["code"]: alert["count"] for alert in found["alerts"]}
    rows = full_shop.get("/products").json()["items"]
    assert counts == {
        "stockout_imminent": sum(row["stockout_risk"] > 0.7 for row in rows),
        "out_of_stock": 1,
        "dead_stock": 1,
        "needs_review": 2,
        "no_forecast": 7,
    }


@pytest.mark.parametrize("place", [None, "LONDON"])
def test_an_alerts_link_leads_to_the_products_it_counts(full_shop: TestClient, place: str | None) -> None:
    alerts = full_shop.get("/dashboard", params={"location_id": place} if place else {}).json()["alerts"]
    assert len(alerts) >= 3
    for alert in alerts:
        page = full_shop.get(alert["link"])
        assert page.status_code == 200, page.text
        assert str(alert["count"]) in alert["message"]
        assert page.json()["total"] == alert["count"]


def test_a_link_of_a_location_with_an_awkward_name_leads_there(running: Running) -> None:
    client = TestClient(running.base_url).create()
    place = "R&D +1/2 ü"
    publish(client.tenant, catalog_rows({"item_id": "a"}, {"item_id": "a", "location_id": place, "needs_review": True}))
    (alert, _) = client.get("/dashboard", params={"location_id": place}).json()["alerts"]
    assert client.get(alert["link"]).json()["items"][0]["location_id"] == place


def test_it_says_as_of_when_and_from_which_forecast(full_shop: TestClient) -> None:
    found = full_shop.get("/dashboard").json()
    assert (found["as_of"], found["forecast_run_id"]) == ("2024-06-03", "run-1")
    assert found["computed_at"].endswith("Z")


def test_a_location_that_nobody_knows_has_nothing(full_shop: TestClient) -> None:
    found = full_shop.get("/dashboard?location_id=%26status=x").json()
    assert found["metrics"]["total_skus"] == 0
    assert found["metrics"]["average_dir"] is None
    assert found["metrics"]["total_inventory_value"] == 0
    assert found["alerts"] == found["top_understocked"] == []


def test_an_empty_catalog_has_a_dashboard_too(running: Running) -> None:
    client = TestClient(running.base_url).create()
    publish(client.tenant, catalog_rows())
    assert client.get("/dashboard").json()["metrics"]["total_skus"] == 0
    assert client.get("/products").json()["total"] == 0


def test_without_metrics_it_says_how_to_get_them(client: TestClient) -> None:
    assert_problem(client.get("/dashboard"), 404, "catalog_not_ready")


def test_it_costs_one_read(full_shop: TestClient, meter: FirestoreMeter) -> None:
    full_shop.get("/dashboard")
    meter.reset()
    full_shop.get("/dashboard")
    full_shop.get("/dashboard?location_id=LONDON")
    assert meter.of(full_shop.client_id).reads <= 3
    meter.reset()
    full_shop.get("/dashboard")
    full_shop.get("/dashboard?location_id=LONDON")
    assert (meter.of(full_shop.client_id).reads, meter.of(full_shop.client_id).writes) == (2, 0)
