"""Who comes in, who does not, and what each finds."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from shared.domain.access.principal import Role
from tests.support.browsing import PHONE, Browsing, assert_accessible, assert_fits, settled
from tests.support.planned_shop import plan
from tests.support.tenants import TestClient
from tests.support.users import sign_up

SCREENS = (
    "Home",
    "Order planning",
    "Cart",
    "Orders",
    "Products",
    "Recommendations",
    "Suppliers",
    "Campaigns",
    "Locations",
    "Data",
    "Forecast quality",
    "Ask",
    "Settings",
)


def test_a_user_signs_in_and_out(client: TestClient, browsing: Browsing) -> None:
    buyer = sign_up(plan(client), role=Role.PROCUREMENT)
    visitor = browsing.stranger(client)
    page = visitor.tab("/products?status=understocked")
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Email").fill(buyer.user.email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    visitor.faults.clear()  # the browser calls the refusal an error
    page.get_by_label("Password").fill(buyer.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Products")).to_be_visible()
    page.reload()  # stays signed in
    expect(page.get_by_role("heading", level=1, name="Products")).to_be_visible()
    other_tab = visitor.tab("/")
    expect(other_tab.get_by_role("heading", level=1, name="Home")).to_be_visible()
    page.get_by_role("button", name=buyer.user.email).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    expect(other_tab.get_by_role("heading", level=1, name="Sign in")).to_be_visible()


def test_every_screen_is_named_and_accessible(client: TestClient, browsing: Browsing) -> None:
    page = browsing.user(plan(client), Role.ADMIN)
    for name in SCREENS:
        page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        expect(page).to_have_title(f"{name} · Stockcast")
        settled(page)
        assert_accessible(page)


def test_on_a_phone_every_screen_fits(client: TestClient, browsing: Browsing) -> None:
    page = browsing.user(plan(client), Role.ADMIN, **PHONE)
    for name in SCREENS:
        page.get_by_role("button", name="Menu").click()
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        settled(page)
        assert_fits(page)


def test_the_keyboard_alone_is_enough(client: TestClient, browsing: Browsing) -> None:
    page = browsing.user(plan(client), path="/products?sort=product_name")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/products/[^?]+$"))
    page.go_back()
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("quick")
    expect(page).to_have_url(re.compile("search=quick"))
    expect(page.get_by_role("row")).to_have_count(2)
