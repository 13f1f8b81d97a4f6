"""Every tool over HTTP, in a shop in which everything occurs, and what all declare."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from shared.config import config
from shared.domain.access.principal import Role
from shared.tools.call import get
from shared.tools.platform import CallFailed, Platform, address_of
from shared.tools.registry import READING_TOOLS, WRITING_TOOLS
from shared.tools.showing import ClientFacts, Shown
from shared.tools.tool import ArgumentsInvalid, NothingToDo, Plan
from tests.support.tenants import TODAY, TestClient

ALL = [*READING_TOOLS.values(), *WRITING_TOOLS.values()]
CLIENT = ClientFacts("GBP", TODAY)
NEEDED = {
    "product_details": {"item_id": "A/1"},
    "product_metrics": {"item_id": "A/1"},
    "product_suppliers": {"item_id": "A/1"},
    "order_details": {"order_id": "1"},
    "supplier_details": {"supplier_id": "acme"},
    "campaign_details": {"campaign_id": "1"},
    "campaign_performance": {"campaign_id": "1"},
    "import_rejects": {"run_id": "none"},
}
# What there is none of in the shop is a sentence that says so.
NOT_THERE = {
    "supplier_details": "No supplier 'acme'.",
    "import_rejects": "No operation",
    "data_validation": "Nothing has been validated yet",
}

_CONSOLE = re.compile(
    r"/(planning|cart|orders|products|recommendations|suppliers|campaigns|locations|data|forecast-quality|settings)?(/[^/]+)?"
)


def platform_of(client: TestClient, role: Role = Role.ADMIN, **fields: Any) -> Platform:
    return Platform(address_of(config()), client.token(role), **fields)


@pytest.fixture
def platform(full_shop: TestClient) -> Iterator[Platform]:
    with platform_of(full_shop) as made:
        yield made


@pytest.mark.parametrize("name", READING_TOOLS)
def test_every_reading_tool_answers_with_a_sentence_and_links_into_the_console(
    name: str, full_shop: TestClient, platform: Platform
) -> None:
    tool = READING_TOOLS[name]
    if name in NOT_THERE:
        with pytest.raises(CallFailed, match=NOT_THERE[name]) as failed:
            tool.read(NEEDED.get(name, {}), platform, CLIENT)
        assert failed.value.status == 404
        return
    reading = tool.read(NEEDED.get(name, {}), platform, CLIENT)
    shown = reading.shown
    assert shown.sentence.endswith((".", "?"))
    assert len(platform.made) == 1
    assert platform.made[0].status == 200
    check_shown(shown)
    made = platform.made[0].call
    answer = full_shop.get(made.path, params=made.query)  # checked against the document
    assert json.loads(answer.content, parse_float=Decimal) == reading.content


def check_shown(shown: Shown | Plan) -> None:
    if shown.table is not None:
        assert len(shown.table.rows) == len(shown.table.hrefs)
        assert all(len(row) == len(shown.table.columns) for row in shown.table.rows)
    for href in [link.href for link in shown.links] + [
        href for href in (shown.table.hrefs if shown.table else ()) if href
    ]:
        assert _CONSOLE.fullmatch(urlsplit(href).path), href


@pytest.mark.parametrize("tool", ALL, ids=lambda tool: tool.name)
def test_every_tool_declares_itself_for_a_model(tool: Any) -> None:
    assert re.fullmatch(r"[a-z_]{3,40}", tool.name)
    assert 20 <= len(tool.description) <= 500
    properties = tool.schema.get("properties", {})
    assert tool.schema["additionalProperties"] is False
    for name, schema in properties.items():
        assert schema.get("description") or "$ref" in schema or name == "limit", f"{tool.name}.{name}"
    assert json.loads(json.dumps(tool.schema)) == tool.schema


@pytest.mark.parametrize("tool", ALL, ids=lambda tool: tool.name)
def test_arguments_that_a_tool_does_not_take_are_refused_before_any_call(tool: Any) -> None:
    with pytest.raises(ArgumentsInvalid, match="order_everything"):
        tool.given({**NEEDED.get(tool.name, {}), "order_everything": True})


def test_every_filter_of_the_product_list_is_one_of_the_endpoint(full_shop: TestClient) -> None:
    """What a tool sends is what the document offers, for each condition alone."""
    document = requests.get(f"{full_shop.base_url}/openapi.json", timeout=60).json()
    names = {parameter["name"] for parameter in document["paths"]["/products"]["get"]["parameters"]}
    asked = set(READING_TOOLS["list_products"].arguments.model_fields) - {"limit", "descending"}
    assert asked <= names


def test_products_are_described_by_their_conditions(platform: Platform) -> None:
    shown = READING_TOOLS["list_products"].read({"status": ["understocked"]}, platform, CLIENT).shown
    assert shown.sentence == "3 products: understocked."
    assert {row[1] for row in shown.table.rows} == {"A/1", "gone", "ordered"}  # type: ignore[union-attr]
    assert shown.links[0].href == "/products?status=understocked"


def test_a_role_that_may_not_look_is_told_so(full_shop: TestClient) -> None:
    with platform_of(full_shop, Role.VIEWER) as platform, pytest.raises(CallFailed) as failed:
        READING_TOOLS["cart"].read({}, platform, CLIENT)
    assert failed.value.status == 403
    assert "your role VIEWER may not do this" in failed.value.sentence.lower().replace("viewer", "VIEWER")


def planned(name: str, platform: Platform, **arguments: Any) -> Plan:
    plan = WRITING_TOOLS[name].planned(arguments, platform, CLIENT)
    check_shown(plan)
    return plan


def test_a_plan_says_what_it_would_do_and_does_nothing(changing_shop: TestClient) -> None:
    def lines() -> int:
        return int(changing_shop.get("/order-planning/cart").json()["totals"]["lines"])

    with platform_of(changing_shop) as platform:
        plan = planned("add_suggestions_to_cart", platform, budget=300)
        assert [made.call.method for made in platform.made] == ["GET"]
        assert lines() == 0
        for call in plan.calls:
            platform.send(call, "key")
            platform.send(call, "key")
    assert lines() == plan.figures[0].value > 0
    assert plan.summary.startswith(f"Put {plan.figures[0].value} suggested line")


def test_what_writes_is_planned_carried_out_and_then_there_is_nothing_left_to_do(changing_shop: TestClient) -> None:
    def carry_out(name: str, **arguments: Any) -> Plan:
        with platform_of(changing_shop) as platform:
            plan = planned(name, platform, **arguments)
            for call in plan.calls:
                platform.send(call)
        return plan

    def refused(name: str, **arguments: Any) -> str:
        with platform_of(changing_shop) as platform, pytest.raises(NothingToDo) as nothing:
            planned(name, platform, **arguments)
        return nothing.value.sentence

    item = "A-100"
    assert refused("place_cart_orders") == "There is nothing in your cart to order."
    assert refused("clear_cart") == "Your cart is empty."
    assert refused("remove_from_cart", item_id=item) == "That is not in your cart."
    carry_out("add_to_cart", item_id=item)
    carry_out("remove_from_cart", item_id=item)
    assert refused("clear_cart") == "Your cart is empty."
    carry_out("add_to_cart", item_id=item)
    carry_out("clear_cart")
    carry_out("add_to_cart", item_id=item)
    plan = carry_out("place_cart_orders")
    orders = changing_shop.get("/purchase-orders").json()["items"]
    assert orders[0]["total_amount"] == float(plan.figures[2].value)
    carry_out("set_do_not_order", item_id=item, until=TODAY.replace(day=30))
    assert changing_shop.get(f"/products/{item}").json()["planning"]["do_not_order_until"] == "2024-06-30"
    carry_out("set_do_not_order", item_id=item, blocked=False)
    assert "may be ordered already" in refused("set_do_not_order", item_id=item, blocked=False)
    carry_out("dismiss_recommendation", item_id=item, until=TODAY)
    assert "has passed" in refused("dismiss_recommendation", item_id=item, until=TODAY.replace(year=2023))


def test_plans_differ_where_what_they_do_differs(changing_shop: TestClient) -> None:
    with platform_of(changing_shop) as platform:
        item = "A-100"
        once, again = (planned("add_to_cart", platform, item_id=item) for _ in range(2))
        other = planned("add_to_cart", platform, item_id=item, quantity=once.table.rows[0][2] * 2)  # type: ignore[union-attr]
    assert once.digest == again.digest != other.digest


def test_a_quantity_that_is_not_sold_is_refused_with_one_that_is(changing_shop: TestClient) -> None:
    with platform_of(changing_shop) as platform, pytest.raises(NothingToDo, match=r"cannot be ordered, .* can"):
        planned("add_to_cart", platform, item_id="A-100", quantity=Decimal("0.5"))


Given = Callable[[], TestClient]


def test_only_an_administrator_of_the_platform_reaches_another_client(new_client: Given, full_shop: TestClient) -> None:
    other = new_client()
    with platform_of(other, client_id=full_shop.client_id) as platform, pytest.raises(CallFailed) as failed:
        platform.send(get("/products"))
    assert failed.value.code == "other_client"
    token = other.token(platform=True)
    with Platform(address_of(config()), token, client_id=full_shop.client_id) as platform:
        assert platform.send(get("/products"))["total"] == 9
