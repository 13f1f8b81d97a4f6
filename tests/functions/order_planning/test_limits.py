"""The suggestions that matter most, and those that a budget buys, over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import simplejson

from shared.catalog.edit import edit_catalog
from shared.catalog.supplier_records import supplier_record
from shared.domain.purchasing.supplier import Supplier
from tests.support.catalogs import catalog_rows, profile, profile_frame, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

PATH = "/order-planning/suggestions"
# Everything costs 289.50: 168 of A/1, 104 of uplifted, 17.50 of quick; the orphan has no price


def suggestions(client: TestClient, **params: Any) -> dict[str, Any]:
    response = client.get(PATH, params=params)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = simplejson.loads(response.text, use_decimal=True)
    return found


def lines(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for group in found["groups"] for line in group["lines"]]


def items(found: dict[str, Any]) -> set[str]:
    return {line["item_id"] for line in lines(found)}


def at_risk(found: dict[str, Any]) -> Decimal:
    return sum((line["sales_at_risk"] for line in lines(found)), Decimal(0))


def test_without_limits_there_is_no_budget_and_all_sales_at_risk_are_counted(kept_shop: TestClient) -> None:
    found = suggestions(kept_shop)
    assert found["budget"] is None
    assert found["totals"]["sales_at_risk"] == at_risk(found) > 0


def test_the_lines_that_matter_most_before_pages_are_made(kept_shop: TestClient) -> None:
    ranked = sorted(lines(suggestions(kept_shop)), key=lambda line: line["sales_at_risk"], reverse=True)
    linked = [line["item_id"] for line in ranked if line["unit_cost"] is not None]
    for top in (1, 2, 3):
        found = suggestions(kept_shop, top=top)
        assert items(found) == set(linked[:top])
        assert (found["total"], found["totals"]["lines"]) == (top, top)
        assert found["totals"]["sales_at_risk"] == at_risk(found)
        assert found["totals"]["cost"] == sum(group["total_cost"] for group in found["groups"])
    second = suggestions(kept_shop, top=2, page=2, page_size=1)
    assert (items(second), second["total"]) == ({linked[1]}, 2)
    assert suggestions(kept_shop, top=100) == suggestions(kept_shop)


@pytest.mark.parametrize(
    ("amount", "bought", "spent"),
    [
        ("0", set(), "0.00"),
        ("17.49", set(), "0.00"),
        ("17.5", {"quick"}, "17.50"),
        ("130", {"quick", "uplifted"}, "121.50"),
        ("289.50", {"A/1", "uplifted", "quick"}, "289.50"),
        ("1e9", {"A/1", "uplifted", "quick"}, "289.50"),
    ],
)
def test_what_a_budget_buys_and_what_it_leaves_out(
    kept_shop: TestClient, amount: str, bought: set[str], spent: str
) -> None:
    whole, found = suggestions(kept_shop), suggestions(kept_shop, budget=amount)
    assert items(found) == bought
    left_out = [line for line in lines(whole) if line["item_id"] not in bought]
    assert {name: str(value) for name, value in found["budget"].items()} == {
        "amount": str(Decimal(amount).quantize(Decimal("0.01"))),
        "spent": spent,
        "left_out_lines": str(len(left_out)),
        "left_out_sales_at_risk": str(sum((line["sales_at_risk"] for line in left_out), Decimal("0.00"))),
        "left_out_unpriced_lines": "1",
    }
    assert str(found["totals"]["cost"]) == spent
    assert found["totals"]["sales_at_risk"] == at_risk(found)
    assert found["total"] == len(bought)


def test_a_budget_is_spent_on_what_saves_the_most_sales_for_the_money(kept_shop: TestClient) -> None:
    worth = {
        line["item_id"]: line["sales_at_risk"] / line["total_price"]
        for line in lines(suggestions(kept_shop))
        if line["total_price"] is not None
    }
    first = max(worth, key=lambda item: worth[item])
    price = next(line for line in lines(suggestions(kept_shop)) if line["item_id"] == first)["total_price"]
    assert items(suggestions(kept_shop, budget=price)) == {first}


def test_both_limits_and_filters_narrow_together(kept_shop: TestClient) -> None:
    top = items(suggestions(kept_shop, top=2))
    found = suggestions(kept_shop, top=2, budget="289.50")
    assert items(found) == top
    assert found["budget"]["left_out_lines"] == 0
    assert suggestions(kept_shop, top=2, budget=0)["budget"]["left_out_lines"] == 2
    fast = suggestions(kept_shop, supplier_id="fast", budget=10)
    assert (items(fast), fast["budget"]["left_out_lines"]) == (set(), 1)


def test_what_a_budget_leaves_out_fills_an_order_up_to_the_minimum(kept_shop: TestClient) -> None:
    found = suggestions(kept_shop, supplier_id="acme", budget=110)
    (group,) = found["groups"]
    assert [line["item_id"] for line in group["lines"]] == ["uplifted"]
    assert (group["total_cost"], group["shortfall"]) == (104, 396)
    assert group["fill_items"][0]["item_id"] == "A/1"


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"top": "0"}, "query/top"),
        ({"top": "-1"}, "query/top"),
        ({"top": "2.5"}, "query/top"),
        ({"budget": "-0.01"}, "query/budget"),
        ({"budget": "0.001"}, "query/budget"),
        ({"budget": "NaN"}, "query/budget"),
        ({"budget": "Infinity"}, "query/budget"),
        ({"budget": "1e400"}, "query/budget"),
        ({"budget": "plenty"}, "query/budget"),
    ],
)
def test_no_limits_are_refused(kept_shop: TestClient, params: dict[str, str], named: str) -> None:
    assert named in assert_problem(kept_shop.get(PATH, params=params), 422, "invalid_input")["detail"]


def test_a_shop_of_thousands_has_small_pages_that_cost_few_reads(client: TestClient, meter: FirestoreMeter) -> None:
    """Every line has a long name and a supplier of its own: no page is larger."""
    rows: list[dict[str, Any]] = [
        {
            "item_id": f"item-{number:05}",
            "product_name": "A long name of a product, as people write it on a shelf",
            "supplier_id": f"supplier-{number % 100}",
            "supplier_name": f"Supplier {number % 100} of lamps and lanterns",
            "moq": Decimal(number % 90),
            "packaging_qty": Decimal(number % 7 + 1),
            "supplier_cost": Decimal("2.50"),
        }
        for number in range(10_000)
    ]
    profiles = [profile(row["item_id"], daily=[1.5] * 90) for row in rows]
    publish(client.tenant, catalog_rows(*rows), profile_frame(*profiles))
    suggestions(client)
    meter.reset()
    response = client.get(PATH)
    assert meter.of(client.client_id).reads <= 3
    assert response.json()["total"] == 10_000
    assert len(response.content) < 100_000
    seen: set[str] = set()
    for page in (1, 2, 50):
        meter.reset()
        found = suggestions(client, page=page, page_size=200, budget=1_000_000_000)
        assert meter.of(client.client_id).reads <= 3
        assert len(lines(found)) == 200
        assert not seen & items(found)
        seen |= items(found)


def test_an_order_is_filled_by_ten_items_at_most(client: TestClient) -> None:
    terms = {"supplier_id": "acme", "supplier_name": "Acme Ltd", "moq": Decimal(0), "packaging_qty": Decimal(1)}
    rows = [{"item_id": "due", "supplier_cost": Decimal(1), **terms}]
    rows += [
        {"item_id": f"next-{number:02}", "current_stock": Decimal(90), "supplier_cost": Decimal(number % 2), **terms}
        for number in range(40)
    ]
    profiles = [profile(str(row["item_id"]), daily=[1.0] * 90) for row in rows]
    publish(client.tenant, catalog_rows(*rows), profile_frame(*profiles))
    acme = Supplier("acme", "Acme Ltd", minimum_order_value=Decimal("500.00"))
    edit_catalog(client.tenant, lambda edit: edit.put("suppliers", supplier_record(acme, None)))
    (group,) = suggestions(client)["groups"]
    assert [item["item_id"] for item in group["fill_items"]] == [f"next-{number:02}" for number in range(1, 20, 2)]
    assert group["remaining_shortfall"] == group["shortfall"] - 10
