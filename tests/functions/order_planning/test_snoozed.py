"""A dismissed URGENT or REORDER leaves the suggestions until it ends, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.catalog.edit import edit_catalog
from tests.support.tenants import TODAY, TestClient

PATH = "/order-planning/suggestions"


def suggestions(client: TestClient, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.get(PATH, params=params).json()
    return found


def items(found: dict[str, Any]) -> set[str]:
    return {line["item_id"] for group in found["groups"] for line in group["lines"]}


def dismiss(client: TestClient, recommendation_id: str, **body: Any) -> None:
    response = client.call("POST", f"/recommendations/{recommendation_id}/dismiss", json=body)
    assert response.status_code == 200, response.text


def test_nothing_is_snoozed_at_first(kept_shop: TestClient) -> None:
    found = suggestions(kept_shop)
    assert (found["snoozed"], found["snoozed_hint"]) == (0, None)


@pytest.mark.parametrize("kind", ["URGENT", "REORDER"])
def test_a_dismissed_one_is_left_out_counted_and_brought_back(shop: TestClient, kind: str) -> None:
    whole = suggestions(shop)
    dismiss(shop, f"{kind}:uplifted")
    found = suggestions(shop)
    assert items(found) == items(whole) - {"uplifted"}
    assert (found["total"], found["snoozed"]) == (whole["total"] - 1, 1)
    assert found["totals"]["cost"] == whole["totals"]["cost"] - 104
    assert "DELETE /recommendations/{recommendation_id}/dismiss" in found["snoozed_hint"]
    assert "uplifted" not in [item["item_id"] for group in found["groups"] for item in group["fill_items"]]
    assert shop.call("DELETE", f"/recommendations/{kind}:uplifted/dismiss").status_code == 204
    assert suggestions(shop) == whole


def test_other_dismissals_leave_the_suggestions_alone(shop: TestClient) -> None:
    whole = suggestions(shop)
    for kind in ("DEAD_STOCK", "PROMOTE", "REDUCE_ORDER"):
        dismiss(shop, f"{kind}:uplifted")
    assert suggestions(shop) == whole


def test_it_ends_by_itself(shop: TestClient) -> None:
    dismiss(shop, "URGENT:uplifted", until=TODAY.isoformat())
    assert suggestions(shop)["snoozed"] == 1
    record = {
        "recommendation_id": "URGENT:uplifted",
        "until": TODAY - timedelta(1),
        "dismissed_by": "somebody",
        "dismissed_at": None,
    }
    edit_catalog(shop.tenant, lambda edit: edit.put("dismissals", record))
    found = suggestions(shop)
    assert found["snoozed"] == 0
    assert "uplifted" in items(found)


def test_one_of_a_location_holds_there_and_one_of_the_item_everywhere(shop: TestClient) -> None:
    dismiss(shop, "URGENT:A~2F1@DUBLIN")
    assert "A/1" in items(suggestions(shop))
    assert items(suggestions(shop, location_id="DUBLIN")) == set()
    assert suggestions(shop, location_id="DUBLIN")["snoozed"] == 1
    assert items(suggestions(shop, location_id="LONDON")) == {"A/1"}
    dismiss(shop, "REORDER:A~2F1")
    assert items(suggestions(shop, location_id="LONDON")) == set()


def test_the_snoozed_are_counted_under_the_filters(shop: TestClient) -> None:
    dismiss(shop, "URGENT:uplifted")
    assert suggestions(shop, supplier_id="fast")["snoozed"] == 0
    assert suggestions(shop, supplier_id="acme")["snoozed"] == 1


def test_the_snoozed_stay_out_of_the_cart_and_say_why(shop: TestClient) -> None:
    dismiss(shop, "REORDER:uplifted", until="2099-12-31")
    added = shop.post("/order-planning/cart/add-suggestions", json={}).json()
    assert added["added"] == 2
    chosen: dict[str, Any]
    for chosen in ({"items": [{"item_id": "uplifted"}]}, {"recommendations": ["URGENT:uplifted"]}):
        skipped = shop.post("/order-planning/cart/add-suggestions", json=chosen).json()["skipped"]
        assert skipped == [
            {
                "item_id": "uplifted",
                "reason": "it is snoozed until 2099-12-31; undo it: DELETE /recommendations/REORDER:uplifted/dismiss",
            }
        ]


def test_of_two_dismissals_the_one_that_ends_last_is_named(shop: TestClient) -> None:
    dismiss(shop, "URGENT:uplifted", until="2099-12-31")
    dismiss(shop, "REORDER:uplifted")
    skipped = shop.post("/order-planning/cart/add-suggestions", json={"items": [{"item_id": "uplifted"}]}).json()[
        "skipped"
    ]
    assert "snoozed for good; undo it: DELETE /recommendations/REORDER:uplifted/dismiss" in skipped[0]["reason"]
