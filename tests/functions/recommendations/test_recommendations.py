"""Recommendations agree with the product list, say why, and are shown to those they are for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
import simplejson

from functions.recommendations.explanation import Action
from shared.domain.access.principal import Role
from shared.domain.purchasing.product import Product
from shared.domain.settings import RecommendationRules, RecommendationType, Settings, ThresholdFilters
from tests.support.catalogs import catalog_rows, profile, profile_frame, publish
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.hard_ids import HARD_IDS
from tests.support.orders import order, put_order
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

Row = dict[str, Any]
URGENT, REORDER, REDUCE, DEAD, PROMOTE = (kind.value for kind in RecommendationType)
ALL = list(RecommendationType)
SELLING = {"first_record": TODAY - dt.timedelta(200), "last_sale": TODAY - dt.timedelta(3)}
LONG_AGO = {"first_record": TODAY - dt.timedelta(200), "last_sale": TODAY - dt.timedelta(200)}


def exact(client: TestClient, path: str, **kwargs: Any) -> Any:
    """The answer with its decimals as they were sent."""
    response = client.get(path, **kwargs)
    assert response.status_code == 200, response.text
    return simplejson.loads(response.text, use_decimal=True)


def found(client: TestClient, query: str = "", **kwargs: Any) -> list[tuple[str, str]]:
    return [(one["type"], one["item_id"]) for one in exact(client, f"/recommendations?{query}", **kwargs)["items"]]


@pytest.fixture(scope="module")
def shop(running: Running) -> TestClient:
    """Rows with every type, published by hand; changed by no test."""
    client = TestClient(running.base_url).create()
    rows = [
        {"item_id": "short/1", "current_stock": Decimal("5.5"), "unit_cost": Decimal("2.50"), "lead_time_days": 10},
        {"item_id": "short 2", "current_stock": Decimal(5), "unit_cost": Decimal("20.00"), "lead_time_days": 10},
        {"item_id": "soon", "current_stock": Decimal(20), "unit_cost": Decimal("9.99")},
        {"item_id": "plenty", "current_stock": Decimal(400), "unit_cost": Decimal("4.00"), **SELLING},
        {"item_id": "plenty 2", "current_stock": Decimal(60), "unit_cost": Decimal("0.35"), **SELLING},
        {"item_id": "dead", "current_stock": Decimal("20.5"), "unit_cost": Decimal("0.35")}
        | {"first_record": TODAY - dt.timedelta(400), "last_sale": TODAY - dt.timedelta(90)},
        {"item_id": "never", "current_stock": Decimal(1), "first_record": TODAY - dt.timedelta(200)},
        {"item_id": "alive", "current_stock": Decimal("1.5"), **LONG_AGO, "last_sale": TODAY - dt.timedelta(89)},
        {"item_id": "kept", "current_stock": Decimal(1), "strategic": True, **LONG_AGO},
    ]
    daily = {"short/1": 3.0, "short 2": 3.0, "plenty": 1.25, "plenty 2": 1.0}
    profiles = [profile("soon", recent_mean=1.0, recent_variance=1.0)]
    placed = [rows[0] | {"location_id": "LONDON"}, rows[3] | {"location_id": "LONDON"}]
    profiles += [profile(item, daily=[mean] * 90) for item, mean in daily.items()]
    profiles += [profile(item, "LONDON", daily=[daily[item]] * 90) for item in ("short/1", "plenty")]
    publish(client.tenant, catalog_rows(*rows, *placed), profile_frame(*profiles))
    return client


def expected_of(row: Row, *, suggested: bool, promoted: bool) -> tuple[str, Decimal] | None:
    """The rules for who is shown all types, from a row of the product list and whether it is suggested."""
    demand, days = Decimal(str(row["expected_daily_demand"])), row["dir"]
    if row["status"] == "dead_stock":
        return DEAD, row["inventory_value"]
    if row["stockout_risk"] > Decimal("0.7") and (suggested or row["on_order"] > 0):
        return URGENT, row["sales_at_risk"]
    if suggested:
        return REORDER, row["sales_at_risk"]
    if days is not None and days > 90:
        return REDUCE, row["excess_value"]
    lasts = row["current_stock"] > 0 if days is None else days > 30
    sold = row["last_sale"] and (TODAY - dt.date.fromisoformat(row["last_sale"])).days < 90
    units = int(row["current_stock"] - 30 * demand)
    if lasts and sold and not promoted and units > 0:
        return PROMOTE, units * row["unit_cost"]
    return None


@pytest.mark.parametrize("place", [None, "LONDON", "DUBLIN", "NOWHERE"])
def test_they_are_what_the_product_list_says(full_shop: TestClient, place: str | None) -> None:
    query = f"location_id={place}" if place else ""
    page = exact(full_shop, f"/recommendations?{query}")
    rows = {row["item_id"]: row for row in exact(full_shop, f"/products?{query}")["items"]}
    groups = exact(full_shop, f"/order-planning/suggestions?page_size=200&{query}")["groups"]
    suggested = {line["item_id"] for group in groups for line in group["lines"]}
    expected = {
        item: advice
        for item, row in rows.items()
        if (advice := expected_of(row, suggested=item in suggested, promoted=item == "b 2"))
    }
    assert {one["item_id"]: (one["type"], one["money_at_stake"]) for one in page["items"]} == expected
    assert page["total"] == len(expected)
    assert page["as_of"] == TODAY.isoformat()
    assert len(expected) >= {None: 5, "LONDON": 4, "DUBLIN": 1, "NOWHERE": 0}[place]
    for one in page["items"]:
        row = rows[one["item_id"]]
        assert one["location_id"] == place
        shared = {name: value for name, value in one["figures"].items() if name in row}
        assert shared == {name: row[name] for name in shared}
        assert len(shared) == 11
        assert {name: one[name] for name in ("product_name", "category", "supplier_id", "supplier_name")} == {
            name: row[name] for name in ("product_name", "category", "supplier_id", "supplier_name")
        }


def test_every_type_is_made_and_the_most_pressing_comes_first(shop: TestClient) -> None:
    items = exact(shop, "/recommendations")["items"]
    assert [(one["type"], one["item_id"], one["priority"]) for one in items] == [
        (URGENT, "short 2", 1),
        (URGENT, "short/1", 1),
        (REORDER, "soon", 2),
        (REDUCE, "plenty", 3),
        (DEAD, "dead", 4),
        (DEAD, "never", 4),
        (PROMOTE, "plenty 2", 5),
        (PROMOTE, "alive", 5),
    ]


def test_each_says_why_in_figures(shop: TestClient) -> None:
    reasons = {one["id"]: one["reason"] for one in exact(shop, "/recommendations")["items"]}
    assert reasons["URGENT:short~2F1"].startswith(
        "With 5.5 in stock, and 3 expected to sell a day, the risk to run out"
    )
    assert reasons["URGENT:short~2F1"].endswith(", above 0.7; no sale is on record.")
    assert reasons["REORDER:soon"].startswith(
        "The 20 in stock are not enough until the order after the next one arrives: "
    )
    assert reasons["REDUCE_ORDER:plenty"] == (
        "The 400 in stock last 320 days, more than 90, with 1.25 expected to sell a day, and nothing is on order."
    )
    assert reasons["DEAD_STOCK:dead"] == (
        "The 20.5 in stock, worth 7.18, have not been sold for 90 days; the limit is 90 days."
    )
    assert "have never been sold in the 200 days on record" in reasons["DEAD_STOCK:never"]
    assert reasons["PROMOTE:plenty~202"] == (
        "The 60 in stock last 60 days, more than 30, with 1 expected to sell a day; the last sale was 3 days ago, and "
        "no running campaign has it."
    )


def test_each_says_what_to_do(shop: TestClient) -> None:
    items = {one["id"]: one for one in exact(shop, "/recommendations")["items"]}
    actions = {
        name: (one["suggested_action"]["action"], one["suggested_action"]["quantity"]) for name, one in items.items()
    }
    groups = exact(shop, "/order-planning/suggestions?page_size=200")["groups"]
    (row,) = (line for group in groups for line in group["lines"] if line["item_id"] == "short/1")
    assert actions["URGENT:short~2F1"] == (Action.ORDER, row["quantity"])
    assert actions["REDUCE_ORDER:plenty"] == (Action.ORDER_NO_MORE, Decimal("0.000"))
    assert actions["DEAD_STOCK:dead"] == (Action.CLEAR_STOCK, Decimal("20.500"))
    assert actions["PROMOTE:plenty~202"] == (Action.PROMOTE, Decimal("30.000"))
    assert items["PROMOTE:plenty~202"]["money_at_stake"] == Decimal("10.50")
    assert actions["PROMOTE:alive"] == (Action.PROMOTE, Decimal("1.000"))
    (promoted,) = (
        one for one in exact(shop, "/recommendations", role=Role.MARKETING)["items"] if one["item_id"] == "plenty"
    )
    assert promoted["suggested_action"] == {"action": Action.PROMOTE, "quantity": Decimal("362.000")}
    assert promoted["money_at_stake"] == Decimal("1448.00")
    assert items["REDUCE_ORDER:plenty"]["figures"]["threshold"] == 90
    assert items["REORDER:soon"]["figures"]["threshold"] > 20
    assert items["DEAD_STOCK:dead"]["figures"]["threshold"] == 90


def test_open_orders_on_what_there_is_too_much_of_are_named(client: TestClient) -> None:
    client.stock(
        [Product("plenty", "Mug"), Product("late", "Cup")], {"plenty": {"LONDON": "400"}, "late": {"LONDON": "1"}}
    )
    client.sell_daily({"plenty": 1, "late": 1})
    put_order(client, order(1, item_ids=("plenty", "late")))
    client.refresh(rebuild=True)
    items = {one["id"]: one for one in exact(client, "/recommendations")["items"]}
    reduce = items["REDUCE_ORDER:plenty"]
    (line,) = reduce["open_orders"]
    assert line == {
        "order_id": "order-1",
        "po_number": "PO-2024-000001",
        "location_id": "LONDON",
        "outstanding": Decimal("10.000"),
        "expected_delivery_date": "2024-06-13",
    }
    assert "more is to come: PO-2024-000001 with 10 expected 2024-06-13." in reduce["reason"]
    assert reduce["suggested_action"] == {"action": Action.REDUCE_ORDERS, "quantity": Decimal("10.000")}
    assert items["URGENT:late"]["open_orders"] == [line]
    for place, orders in (("LONDON", [line]), ("DUBLIN", [])):
        shown = exact(client, f"/recommendations?location_id={place}")["items"]
        assert [one["open_orders"] for one in shown if one["type"] == REDUCE] == ([orders] if orders else [])


@pytest.mark.parametrize("role", Role)
def test_each_role_is_shown_its_own_types_in_their_order(shop: TestClient, role: Role) -> None:
    own = RecommendationRules().role_rules.get(role, tuple(RecommendationType))
    shown = found(shop, role=role)
    assert found(shop, f"role={role.value}") == shown
    assert [kind for kind, _ in shown] == sorted((kind for kind, _ in shown), key=own.index)
    everything = [one for one in found(shop) if one[0] in own]
    # What others are to reduce an order of, nobody can reduce who is not shown that: it is promoted.
    assert set(shown) - set(everything) == ({(PROMOTE, "plenty")} if role is Role.MARKETING else set())
    assert set(everything) <= set(shown)
    page = exact(shop, f"/recommendations?role={role.value}")
    assert page["counts"] == {kind: Counter(one[0] for one in shown)[kind] for kind in own}
    assert [one["priority"] for one in page["items"]] == [own.index(kind) + 1 for kind, _ in shown]


def test_types_narrow_what_a_role_is_shown(shop: TestClient) -> None:
    expected = [one for one in found(shop) if one[0] in (URGENT, DEAD)]
    assert found(shop, "type=URGENT,DEAD_STOCK") == found(shop, "type=URGENT&type=DEAD_STOCK") == expected
    assert found(shop, "type=PROMOTE&role=CEO") == []
    narrowed, whole = exact(shop, "/recommendations?type=DEAD_STOCK"), exact(shop, "/recommendations")
    assert narrowed["total"] == 2
    assert narrowed["counts"] == whole["counts"] == {URGENT: 2, REORDER: 1, REDUCE: 1, DEAD: 2, PROMOTE: 2}


def test_the_clients_own_rules_decide(running: Running) -> None:
    client = TestClient(running.base_url).create()
    rules = RecommendationRules(
        enabled_types=(RecommendationType.PROMOTE, RecommendationType.REDUCE_ORDER),
        role_rules={Role.VIEWER: (RecommendationType.PROMOTE, RecommendationType.URGENT)},
        threshold_filters=ThresholdFilters(promote_min_dir_days=59, reduce_order_min_dir_days=60),
    )
    rows = catalog_rows({"item_id": "a", "current_stock": Decimal(60), **SELLING})
    settings = Settings(recommendation_rules=rules)
    publish(client.tenant, rows, profile_frame(profile("a", daily=[1.0] * 90)), settings=settings)
    assert found(client) == found(client, role=Role.VIEWER) == found(client, role=Role.CEO) == [(PROMOTE, "a")]
    assert exact(client, "/recommendations", role=Role.VIEWER)["counts"] == {PROMOTE: 1}
    assert exact(client, "/recommendations")["counts"] == {REDUCE: 0, PROMOTE: 1}


def test_pages_hold_each_once_in_order(shop: TestClient) -> None:
    whole = exact(shop, "/recommendations")
    pages = [exact(shop, f"/recommendations?page_size=3&page={number}") for number in range(1, 5)]
    assert [one for page in pages for one in page["items"]] == whole["items"]
    assert {page["total"] for page in pages} == {len(whole["items"])} == {8}
    assert pages[3]["items"] == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("type=PANIC", "query/type/0"),
        ("role=JANITOR", "query/role"),
        ("include_dismissed=perhaps", "query/include_dismissed"),
    ],
)
def test_what_is_not_known_is_refused_by_name(shop: TestClient, query: str, pointer: str) -> None:
    problem = assert_problem(shop.get(f"/recommendations?{query}"), 422, "invalid_input")
    assert problem["errors"][0]["pointer"] == pointer


def test_any_item_id_has_a_recommendation_with_an_id_of_its_own(running: Running) -> None:
    client = TestClient(running.base_url).create()
    made = {"current_stock": Decimal(1), **LONG_AGO}
    publish(client.tenant, catalog_rows(*({"item_id": item, **made} for item in HARD_IDS)))
    items = exact(client, "/recommendations?page_size=200")["items"]
    assert {one["item_id"] for one in items} == set(HARD_IDS)
    assert len({one["id"] for one in items}) == len(HARD_IDS)
    for one in items:
        assert client.post(f"/recommendations/{one['id']}/dismiss", json={}).json()["item_id"] == one["item_id"]
    assert exact(client, "/recommendations")["total"] == 0


def test_an_edit_shows_at_once(client: TestClient) -> None:
    client.stock([Product("a", "Lantern")], {"a": {"LONDON": "1"}})
    publish(
        client.tenant,
        catalog_rows({"item_id": "a", "current_stock": Decimal(1), **LONG_AGO}),
    )
    assert found(client) == [(DEAD, "a")]
    client.call("PATCH", "/products/a", json={"strategic": True})
    assert found(client) == []


def test_a_client_without_metrics_is_told_how_to_get_them(client: TestClient) -> None:
    assert_problem(client.get("/recommendations"), 404, "catalog_not_ready")


def test_they_cost_one_read_and_one_more_for_an_edit(running: Running, meter: FirestoreMeter) -> None:
    client = TestClient(running.base_url).create()
    client.stock([Product("a", "Lantern")], {"a": {"LONDON": "1"}})
    publish(
        client.tenant,
        catalog_rows({"item_id": "a", "current_stock": Decimal(1), **LONG_AGO}),
    )
    client.get("/recommendations")
    meter.reset()
    client.get("/recommendations?include_dismissed=true")
    assert meter.of(client.client_id) == Billed(reads=1)
    client.call("PATCH", "/products/a", json={"category": "Lamps"})
    client.get("/products")
    client.call("PATCH", "/products/a", json={"category": "Lights"})
    meter.reset()
    assert exact(client, "/recommendations")["items"][0]["category"] == "Lights"
    assert meter.of(client.client_id).reads <= 2
    assert meter.of(client.client_id).writes == 0
