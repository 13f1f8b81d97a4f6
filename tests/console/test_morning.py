"""A buyer's morning in a browser: from what runs out to goods on the shelf; what others may not, and what breaks."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, Route, expect

from shared.domain.access.principal import Role
from tests.support.browsing import Browsing, assert_accessible, settled
from tests.support.planned_shop import plan, plan_to_order
from tests.support.tenants import TestClient


def go(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def stock_of(client: TestClient, item_id: str) -> Decimal:
    (found,) = client.get("/products", params={"item_id": item_id}).json()["items"]
    return Decimal(str(found["current_stock"]))


def test_from_what_runs_out_to_goods_on_the_shelf(client: TestClient, browsing: Browsing) -> None:
    plan_to_order(client)
    suggested = client.get("/order-planning/suggestions").json()
    (group, *_) = suggested["groups"]
    line = group["lines"][0]
    page = browsing.user(client)

    # A figure of the first screen opens the list that it counts.
    board = client.get("/dashboard").json()["metrics"]
    page.get_by_role("link", name=re.compile("Understocked")).first.click()
    expect(page.get_by_role("heading", level=1, name="Products")).to_be_visible()
    expect(page.get_by_text(re.compile(rf"of {board['understocked_count']} products"))).to_be_visible()

    go(page, "Order planning")
    page.get_by_role("checkbox", name=f"Select {line['product_name']}", exact=True).check()
    page.get_by_role("button", name="Add to cart", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="cart")).to_be_visible()

    go(page, "Cart")
    expect(page.get_by_role("link", name=line["product_name"])).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Place orders").click()
    page.get_by_role("dialog").get_by_label("Deliver to").select_option(label="London")
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Order for")).click()
    page.get_by_role("link", name=re.compile("^PO-")).click()
    (order,) = client.get("/purchase-orders").json()["items"]
    expect(page.get_by_role("heading", level=1, name=f"Order {order['po_number']}")).to_be_visible()

    page.get_by_role("button", name="Confirm", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Mark as shipped").click()
    page.get_by_role("dialog").get_by_role("button", name="Mark as shipped").click()
    before = stock_of(client, line["item_id"])
    page.get_by_role("button", name="Receive", exact=True).click()
    arrived = page.get_by_role("dialog").get_by_label(line["product_name"])
    ordered = Decimal(arrived.input_value())
    assert_accessible(page)
    arrived.fill("1")
    page.get_by_role("button", name="Book the delivery").click()
    expect(page.get_by_text("Partly received").first).to_be_visible()
    assert stock_of(client, line["item_id"]) == before + 1
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(arrived).to_have_value(str(ordered - 1))
    page.get_by_role("button", name="Book the delivery").click()
    expect(page.get_by_text("Received", exact=True).first).to_be_visible()
    assert stock_of(client, line["item_id"]) == before + ordered


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MARKETING, Role.CEO])
def test_who_may_not_order_is_not_offered_to(client: TestClient, browsing: Browsing, role: Role) -> None:
    page = browsing.user(plan(client), role, "/planning")
    expect(page.get_by_role("heading", level=1, name="Order planning")).to_be_visible()
    expect(page.get_by_role("link", name="Cart", exact=True)).to_have_count(0)
    settled(page)
    expect(page.get_by_role("button", name=re.compile("^Add"))).to_have_count(0)
    go(page, "Recommendations")
    settled(page)
    expect(page.get_by_role("button", name=re.compile("Add to cart"))).to_have_count(0)


def test_a_broken_backend_is_said_and_over_by_itself(client: TestClient, browsing: Browsing) -> None:
    page = browsing.user(plan(client))
    expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
    problem = {"type": "about:blank", "title": "", "status": 503, "code": "unavailable", "detail": "", "errors": []}

    def break_down(route: Route) -> None:
        route.fulfill(status=503, json=problem, headers={"Retry-After": "1"}, content_type="application/problem+json")

    page.route("**/api/v1/products?*", break_down)
    go(page, "Products")
    expect(page.get_by_role("alert")).to_contain_text("cannot be read right now")
    page.unroute("**/api/v1/products?*")
    expect(page.get_by_role("table", name="Products")).to_be_visible()
    browsing.visitors[-1].faults.clear()  # the browser calls each refusal an error


def test_two_tabs_follow_each_other(client: TestClient, browsing: Browsing) -> None:
    plan(client)
    page = browsing.user(client, path="/cart")
    visitor = browsing.visitors[-1]
    expect(page.get_by_role("heading", level=1, name="Cart")).to_be_visible()
    line = client.get("/order-planning/suggestions").json()["groups"][0]["lines"][0]
    other = visitor.tab("/planning")
    other.get_by_role("checkbox", name=f"Select {line['product_name']}", exact=True).check()
    other.get_by_role("button", name="Add to cart", exact=True).click()
    expect(page.get_by_role("link", name=line["product_name"])).to_be_visible()


def test_a_question_is_answered_with_figures_and_what_would_change_is_confirmed(
    client: TestClient, browsing: Browsing
) -> None:
    plan(client)
    page = browsing.user(client, path="/chat")
    page.get_by_label("Your question").fill("What is understocked?")
    page.get_by_role("button", name="Ask", exact=True).click()
    count = client.get("/dashboard").json()["metrics"]["understocked_count"]
    answers = page.get_by_role("list", name="Questions and answers")
    expect(answers).to_contain_text(str(count))
    page.get_by_label("Your question").fill("Put everything urgent in my cart")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("Nothing is changed until then.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_role("button", name="Do it")).to_have_count(0)
    go(page, "Cart")
    expect(page.get_by_role("button", name="Place orders")).to_be_visible()
