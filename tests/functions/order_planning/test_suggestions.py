"""What to order, over HTTP: the catalog's own figures, grouped, explained and filled up to minimums."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import simplejson

from shared.catalog.edit import CatalogEdit, edit_catalog, edit_item
from shared.catalog.live import current_catalog
from shared.catalog.supplier_records import supplier_record
from shared.domain.access.principal import Role
from shared.domain.purchasing.product import OpenOrderLine, Product, StockLevel
from shared.domain.purchasing.supplier import Supplier
from shared.domain.settings import Settings
from shared.firestore.products import Products
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.planned_shop import THIRTY_DAYS
from tests.support.problems import assert_problem
from tests.support.shops import fill
from tests.support.tenants import TODAY, TestClient

PATH = "/order-planning/suggestions"


def suggestions(client: TestClient, **params: Any) -> dict[str, Any]:
    response = client.get(PATH, params=params)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = simplejson.loads(response.text, use_decimal=True)
    return found


def items_by_supplier(found: dict[str, Any]) -> dict[str | None, list[str]]:
    return {group["supplier_id"]: [line["item_id"] for line in group["lines"]] for group in found["groups"]}


def line_of(found: dict[str, Any], item_id: str) -> dict[str, Any]:
    return next(line for group in found["groups"] for line in group["lines"] if line["item_id"] == item_id)


def test_what_to_order_by_supplier_and_urgency(kept_shop: TestClient) -> None:
    found = suggestions(kept_shop)
    assert items_by_supplier(found) == {"acme": ["A/1", "uplifted"], "fast": ["quick"], None: ["orphan"]}
    assert [group["supplier_name"] for group in found["groups"]] == ["Acme Ltd", "Fast Ltd", None]
    assert (found["total"], found["policy"], found["as_of"]) == (4, "forecast_30d", "2024-06-03")
    # 96 x 1.75 + 52 x 2.00 of Acme, 35 x 0.50 of Fast; the orphan has no price.
    assert str(found["totals"]["cost"]) == "289.50"
    assert (found["page"], found["page_size"], found["totals"]["lines"]) == (1, 50, 4)


def test_a_line_and_its_explanation(kept_shop: TestClient) -> None:
    line = line_of(suggestions(kept_shop), "uplifted")
    assert line == {
        "item_id": "uplifted",
        "product_name": "The uplifted",
        "category": "Uncategorized",
        "location_id": None,
        "current_stock": 10,
        "on_order": 0,
        "inventory_position": 10,
        "dir": 10,
        "stockout_risk": line["stockout_risk"],
        "status": "understocked",
        "expected_daily_demand": 1,
        "forecasted_demand_30d": 30,
        "lead_time_days": 10,
        "sales_at_risk": line["sales_at_risk"],
        "last_sale": None,
        "units_sold_28d": None,
        "lifecycle": "new",
        "quantity": 52,
        "order_quantity": 52,
        "level": Decimal("0.95"),
        "unit_cost": 2,
        "total_price": 104,
        "allocation": [],
        "transfers": [],
        "in_cart": False,
        "order_up_to": 37,
        "need": 27,
        "moq": 50,
        "moq_uplift": 23,
        "packaging_qty": 4,
        "pack_uplift": 2,
        "days_of_cover_after_receipt": 52,
        "order_by_date": "2024-06-03",
        "expected_arrival": "2024-06-13",
        "reason": line["reason"],
    }
    assert line["sales_at_risk"] > 0
    assert (
        "10 are left; sales are expected to be 1 a day. Stock on hand runs out on 2024-06-13; an order of today"
        in line["reason"]
    )
    assert "raised to the MOQ of 50, rounded up to packs of 4: order 52." in line["reason"]


@pytest.mark.parametrize("params", [{}, {"location_id": "DUBLIN"}, {"supplier_id": "acme"}])
def test_a_group_says_what_all_of_its_lines_come_to_whatever_the_page_shows(
    kept_shop: TestClient, params: dict[str, str]
) -> None:
    for group in suggestions(kept_shop, **params)["groups"]:
        days = [line["order_by_date"] for line in group["lines"] if line["order_by_date"] is not None]
        assert group["line_count"] == len(group["lines"])
        assert group["sales_at_risk"] == sum(line["sales_at_risk"] for line in group["lines"])
        assert group["order_by_date"] == min(days, default=None)
        first = suggestions(kept_shop, page_size=1, **params)["groups"]
        if first[0]["supplier_id"] == group["supplier_id"]:
            assert first == [group | {"lines": group["lines"][:1]}]


def test_items_without_a_supplier_come_last_and_say_what_to_do(kept_shop: TestClient) -> None:
    group = suggestions(kept_shop)["groups"][-1]
    assert group["supplier_id"] is None
    assert "link one to order them" in group["hint"]
    assert (group["total_cost"], group["minimum_order_value"], group["shortfall"]) == (None, None, 0)
    line = group["lines"][0]
    assert (line["quantity"], line["unit_cost"], line["total_price"]) == (74, None, None)
    assert line["dir"] == 0  # more urgent than all others


def test_the_next_most_urgent_items_fill_an_order_up_to_the_minimum(kept_shop: TestClient) -> None:
    acme, fast, _ = suggestions(kept_shop)["groups"]
    assert (acme["total_cost"], acme["minimum_order_value"], acme["shortfall"]) == (272, 500, 228)
    filled = [(one["item_id"], one["quantity"], one["unit_cost"], one["total_price"]) for one in acme["fill_items"]]
    assert filled == [("next", 60, 3, 180), ("later", 10, 5, 50)]  # 230 are enough, without the latest
    assert acme["remaining_shortfall"] == 0
    assert (fast["minimum_order_value"], fast["shortfall"], fast["fill_items"]) == (None, 0, [])


def test_what_all_items_together_do_not_fill_is_told(shop: TestClient) -> None:
    dear = Supplier("acme", "Acme Ltd", minimum_order_value=Decimal("1000.00"))
    edit_catalog(shop.tenant, lambda edit: edit.put("suppliers", supplier_record(dear, None)))
    acme = suggestions(shop)["groups"][0]
    assert [one["item_id"] for one in acme["fill_items"]] == ["next", "later", "latest"]
    assert (acme["shortfall"], acme["remaining_shortfall"]) == (728, 728 - 180 - 50 - 5)


@pytest.mark.parametrize("policy", ["forecast_30d", "service_level"])
def test_both_policies_order_what_the_catalog_says(planned: Callable[[Settings], TestClient], policy: str) -> None:
    shop = planned(Settings(replenishment_policy=policy, service_level=0.9))
    found = suggestions(shop)
    assert found["policy"] == policy
    assert found["total"] >= 4
    for group in found["groups"]:
        for line in group["lines"]:
            row = current_catalog(shop.tenant).items.rows_of(line["item_id"]).row(0, named=True)
            assert str(line["quantity"]) == str(row["reorder_quantity"])
            assert str(line["order_up_to"]) == str(row["order_up_to"])
            assert line["need"] + line["moq_uplift"] + line["pack_uplift"] == line["quantity"]


def test_the_policies_differ(planned: Callable[[Settings], TestClient]) -> None:
    by_forecast = line_of(suggestions(planned(THIRTY_DAYS)), "quick")
    by_level = line_of(suggestions(planned(Settings(replenishment_policy="service_level"))), "quick")
    assert by_forecast["order_up_to"] == 37
    # Ten days of lead time and review, at the 95th percentile of a demand that is spread from half to twice its mean.
    assert 10 < by_level["order_up_to"] <= 20
    assert "A service level of 95% until" in by_level["reason"]


def test_the_policy_is_the_clients_own(client: TestClient, full_shop: TestClient) -> None:
    equal = Settings(level_allocation="equal")
    client.put_settings(equal)
    full_shop.call("PUT", "/settings", json={"replenishment_policy": "forecast_30d"})
    one, other = suggestions(full_shop), suggestions(fill(client))
    assert (one["policy"], other["policy"]) == ("forecast_30d", "service_level")
    told = [line_of(found, "A/1") for found in (one, other)]
    # 37 days of 3 a day; the forecast's 95th percentile of 17 days of lead time and review, 1.9 times their mean.
    assert [line["order_up_to"] for line in told] == [111, Decimal("96.9")]
    assert [line_of(found, "A/1")["quantity"] for found in (one, other)] == [96, 84]


def test_what_has_been_ordered_is_not_suggested_again(shop: TestClient) -> None:
    acme = suggestions(shop)["groups"][0]["lines"]
    lines = [OpenOrderLine("1", "PO-1", line["item_id"], None, line["quantity"], TODAY) for line in acme]

    def order(edit: CatalogEdit) -> None:
        edit.load(*(line.item_id for line in lines))
        edit.set_order_lines("1", lines)

    edit_catalog(shop.tenant, order)
    assert items_by_supplier(suggestions(shop)) == {"fast": ["quick"], None: ["orphan"]}


def test_what_arrives_too_late_covers_nothing_and_the_line_says_so(shop: TestClient) -> None:
    far = OpenOrderLine("1", "PO-1", "quick", None, Decimal(200), TODAY + timedelta(293))
    late = OpenOrderLine("2", "PO-2", "quick", None, Decimal(5), TODAY - timedelta(10))

    def order(edit: CatalogEdit) -> None:
        edit.load("quick")
        edit.set_order_lines("1", [far])
        edit.set_order_lines("2", [late])

    edit_catalog(shop.tenant, order)
    line = line_of(suggestions(shop), "quick")
    assert (line["on_order"], line["need"], line["quantity"]) == (205, 30, 30)
    said = "205 are on order, 5 of that overdue since 2024-05-24, 200 of that due too late to count."
    assert said in line["reason"]
    assert line["days_of_cover_after_receipt"] == 34  # 2 + 5 + 30, less three days of lead time


def test_a_line_agrees_with_the_product_list_to_the_last_digit(full_shop: TestClient) -> None:
    rows = {row["item_id"]: row for row in simplejson.loads(full_shop.get("/products").text, use_decimal=True)["items"]}
    found = suggestions(full_shop)
    lines = [line for group in found["groups"] for line in group["lines"]]
    assert {line["item_id"] for line in lines} == {"A/1", "gone", "ordered"}
    for line in lines:
        row = rows[line["item_id"]]
        shared = (set(line) & set(row)) - {"unit_cost"}
        assert len(shared) == 16
        assert {name: str(line[name]) for name in shared} == {name: str(row[name]) for name in shared}


def test_open_orders_are_counted(full_shop: TestClient) -> None:
    line = line_of(suggestions(full_shop), "ordered")
    assert (line["current_stock"], line["on_order"], line["inventory_position"]) == (
        5,
        Decimal("17.5"),
        Decimal("22.5"),
    )
    # Three weeks at the level of a cheap item, less the position, in packs of six.
    need = line["order_up_to"] - Decimal("22.5")
    assert 0 < need == line["need"] <= line["quantity"] == need + line["pack_uplift"]
    assert line["quantity"] % 6 == 0


def test_what_one_location_needs(kept_shop: TestClient) -> None:
    dublin = suggestions(kept_shop, location_id="DUBLIN")
    line = line_of(dublin, "A/1")
    assert items_by_supplier(dublin) == {"acme": ["A/1"]}
    assert (line["location_id"], line["current_stock"], line["quantity"]) == (
        "DUBLIN",
        0,
        56,
    )  # of 96: it lacks 55.5, London 40.5
    london = suggestions(kept_shop, location_id="LONDON")
    assert line_of(london, "A/1")["quantity"] == 40
    assert suggestions(kept_shop, location_id="NOWHERE")["groups"] == []


def test_one_supplier(kept_shop: TestClient) -> None:
    found = suggestions(kept_shop, supplier_id="fast")
    assert items_by_supplier(found) == {"fast": ["quick"]}
    assert (found["total"], found["totals"]["cost"]) == (1, Decimal("17.50"))
    assert suggestions(kept_shop, supplier_id="nobody")["groups"] == []


def test_a_least_risk_narrows_what_is_suggested(kept_shop: TestClient) -> None:
    assert suggestions(kept_shop, min_risk=0) == suggestions(kept_shop)
    highest = suggestions(kept_shop, min_risk=1)
    assert {line["stockout_risk"] for group in highest["groups"] for line in group["lines"]} == {1}
    assert "orphan" in items_by_supplier(highest)[None]


def test_the_limits_of_the_settings_count(planned: Callable[[Settings], TestClient]) -> None:
    # With no buffer 'uplifted' lasts exactly its lead time of 10 days, and no risk is too high.
    settings = THIRTY_DAYS.model_copy(update={"safety_buffer_days": 0, "suggestion_min_risk": 0.999999})
    found = suggestions(planned(settings))
    assert items_by_supplier(found) == {"acme": ["A/1"], "fast": ["quick"], None: ["orphan"]}


def test_an_edit_shows_in_the_next_request(shop: TestClient) -> None:
    Products(shop.tenant).put_many([Product("A/1", "The A/1")])
    suggestions(shop)
    assert shop.call("PATCH", "/products/A%2F1", json={"product_name": "Lamp"}).status_code == 200
    assert line_of(suggestions(shop), "A/1")["product_name"] == "Lamp"
    edit_item(shop.tenant, "A/1", lambda edit: edit.set_stock(StockLevel("A/1", {"LONDON": Decimal(200)})))
    assert items_by_supplier(suggestions(shop))["acme"] == ["uplifted"]


def test_what_is_in_the_cart_is_marked_for_its_owner(shop: TestClient) -> None:
    added = shop.post("/order-planning/cart/add", json={"item_id": "next", "supplier_id": "acme"})
    assert added.status_code == 200
    shop.post("/order-planning/cart/add", json={"item_id": "A/1", "supplier_id": "fast"})
    found = suggestions(shop)
    marked = {line["item_id"] for group in found["groups"] for line in group["lines"] if line["in_cart"]}
    assert marked == {"A/1"}
    assert [one["in_cart"] for one in found["groups"][0]["fill_items"]] == [True, False]
    for role in (Role.VIEWER, Role.CEO, Role.MARKETING):
        seen = shop.get(PATH, role=role).json()
        assert not any(line["in_cart"] for group in seen["groups"] for line in group["lines"])


def test_it_costs_two_reads_and_three_after_an_edit(shop: TestClient, meter: FirestoreMeter) -> None:
    suggestions(shop)
    meter.reset()
    suggestions(shop)
    assert meter.of(shop.client_id) == Billed(reads=2)
    edit_item(shop.tenant, "A/1", lambda edit: edit.set_stock(StockLevel("A/1", {"LONDON": Decimal(1)})))
    meter.reset()
    suggestions(shop)
    assert meter.of(shop.client_id) == Billed(reads=3)
    meter.reset()
    shop.get(PATH, role=Role.VIEWER)
    assert meter.of(shop.client_id) == Billed(reads=1)


@pytest.mark.parametrize(
    ("params", "code", "named"),
    [
        (
            {"colour": "red"},
            "unknown_field",
            "unknown 'colour'; allowed: budget, category, client_id, location_id, min_risk, page, page_size, "
            "supplier_id, top",
        ),
        ({"min_risk": "1.5"}, "invalid_input", "query/min_risk"),
        ({"min_risk": "high"}, "invalid_input", "query/min_risk"),
    ],
)
def test_what_is_no_filter_is_refused(full_shop: TestClient, params: dict[str, str], code: str, named: str) -> None:
    problem = assert_problem(full_shop.get(PATH, params=params), 422, code)
    assert named in problem["detail"]


def test_before_any_metrics_there_is_nothing_to_suggest(client: TestClient) -> None:
    assert_problem(client.get(PATH), 404, "catalog_not_ready")


# Pages


def test_pages_count_lines_and_hold_each_once_by_urgency(kept_shop: TestClient) -> None:
    """Whatever a page shows of a group, its money is that of the whole group."""
    whole = suggestions(kept_shop)
    assert whole["total"] == 4
    every: list[str] = []
    for page in range(1, 5):
        found = suggestions(kept_shop, page=page, page_size=1)
        assert (found["page"], found["page_size"], found["total"], found["totals"]) == (page, 1, 4, whole["totals"])
        (group,) = found["groups"]
        (unpaged,) = (other for other in whole["groups"] if other["supplier_id"] == group["supplier_id"])
        assert {**group, "lines": []} == {**unpaged, "lines": []}
        every += [line["item_id"] for line in group["lines"]]
    assert every[-1] == "orphan"
    assert sorted(every) == sorted(line["item_id"] for group in whole["groups"] for line in group["lines"])
    first = suggestions(kept_shop, page_size=2)
    assert [line["item_id"] for group in first["groups"] for line in group["lines"]] == every[:2]
    assert suggestions(kept_shop, page=5, page_size=1)["groups"] == []


@pytest.mark.parametrize(
    ("query", "items"),
    [
        ("supplier_id=fast,acme", {"A/1", "uplifted", "quick"}),
        ("supplier_id=fast&supplier_id=acme", {"A/1", "uplifted", "quick"}),
        ("category=uncategorized", {"A/1", "uplifted", "quick", "orphan"}),
        ("category=UNCATEGORIZED,lights&supplier_id=fast", {"quick"}),
        ("category=lights", set()),
    ],
)
def test_filters_take_several_values_and_a_category_in_any_case(
    kept_shop: TestClient, query: str, items: set[str]
) -> None:
    found = kept_shop.get(f"{PATH}?{query}").json()
    assert {line["item_id"] for group in found["groups"] for line in group["lines"]} == items


def test_suggestions_of_a_category_are_added(shop: TestClient) -> None:
    body = {"category": "uncategorized"}
    assert shop.post("/order-planning/cart/add-suggestions", json=body).json()["added"] == 3
    skipped = shop.post(
        "/order-planning/cart/add-suggestions", json={"category": "lights", "items": [{"item_id": "quick"}]}
    ).json()["skipped"]
    assert skipped == [{"item_id": "quick", "reason": "its category is 'Uncategorized', not 'lights'"}]
