"""Which suppliers sell a product: linked, changed and taken away; every list shows it at the next request."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
import requests

from shared.domain.access.principal import Role
from shared.firestore.conditions import Conditions
from tests.support.at_once import at_once
from tests.support.editable_shop import row
from tests.support.firestore_meter import FirestoreMeter
from tests.support.planned_shop import THIRTY_DAYS
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

LANTERN = "/products/A%2F1/suppliers"
TERMS = {"supplier_id": "acme", "lead_time_days": 4, "moq": 12, "packaging_qty": 6, "supplier_cost": 1.75}
UNSAID = {"supplier_sku": None, "packaging_unit": None, "notes": None}
LINKED = TERMS | UNSAID | {"supplier_name": "Acme Ltd", "is_primary": True, "is_synced": False}


def terms_of(condition: dict[str, Any]) -> dict[str, Any]:
    """A condition as it is answered with, but for the times of its document."""
    return {name: value for name, value in condition.items() if name not in ("created_at", "updated_at")}


def link(client: TestClient, headers: dict[str, str] | None = None, **fields: Any) -> requests.Response:
    return client.post(LANTERN, json=TERMS | fields, headers=headers)


def change(client: TestClient, supplier_id: str = "acme", headers: Any = None, **fields: Any) -> requests.Response:
    return client.call("PUT", f"{LANTERN}/{quote(supplier_id, safe='')}", json=fields, headers=headers)


def unlink(client: TestClient, supplier_id: str = "acme", headers: Any = None) -> requests.Response:
    return client.call("DELETE", f"{LANTERN}/{quote(supplier_id, safe='')}", headers=headers)


def primaries(client: TestClient) -> list[str]:
    return [one["supplier_id"] for one in client.get(LANTERN).json()["items"] if one["is_primary"]]


def audited(client: TestClient) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = client.get("/audit?subject=product_supplier&subject_id=A/1").json()["items"]
    return entries


def test_a_supplier_is_linked_and_rules_planning_at_once(open_shop: TestClient) -> None:
    assert open_shop.get(LANTERN).json()["items"] == []
    response = link(open_shop)
    assert response.status_code == 201, response.text
    linked = response.json()
    assert terms_of(linked) == LINKED
    assert linked["created_at"] == linked["updated_at"]
    assert all(figure in response.text for figure in ('"moq":12.000', '"packaging_qty":6.000', '"supplier_cost":1.75'))
    assert response.headers["Location"] == "/api/v1/products/A%2F1/suppliers/acme"
    page = open_shop.get(LANTERN).json()
    assert page == {"items": [linked], "page": 1, "page_size": 50, "total": 1}
    (shown,) = open_shop.get("/products?search=A/1").json()["items"]
    assert (shown["supplier_id"], shown["supplier_name"], shown["lead_time_days"]) == ("acme", "Acme Ltd", 4)
    (kept,) = open_shop.get("/products?location_id=DUBLIN&search=A/1").json()["items"]
    assert (kept["supplier_name"], kept["lead_time_days"]) == ("Acme Ltd", 4)


def test_what_is_to_be_ordered_follows_the_conditions(open_shop: TestClient) -> None:
    """Sold are 90 in 30 days and 21 in the buffer, in stock are 15: needed are 96."""
    # Not through the API: its refresh would compute the shop, which has sold nothing, under the catalog made by hand.
    open_shop.put_settings(THIRTY_DAYS)
    for fields, quantity in (
        ({"moq": 12, "packaging_qty": 6}, 96),
        ({"moq": 100, "packaging_qty": 8}, 104),
        ({"moq": 0, "packaging_qty": 0.7}, Decimal("96.6")),
    ):
        (link if not row(open_shop)["supplier_id"] else change)(open_shop, **fields)
        assert row(open_shop)["reorder_quantity"] == quantity


def test_a_longer_lead_time_makes_a_stockout_likelier(open_shop: TestClient) -> None:
    link(open_shop, lead_time_days=0)
    before = row(open_shop)["stockout_risk"]
    change(open_shop, lead_time_days=60)
    after = row(open_shop)
    assert after["lead_time_days"] == 60
    assert float(str(after["stockout_risk"])) > float(str(before))


def test_what_is_left_out_of_a_link_has_a_default(open_shop: TestClient) -> None:
    first = open_shop.post(LANTERN, json={"supplier_id": "acme", "supplier_cost": 0}).json()
    assert (first["lead_time_days"], first["moq"], first["packaging_qty"], first["is_primary"]) == (10, 0, 1, True)
    open_shop.call("PUT", "/settings", json={"default_lead_time_days": 21})
    second = open_shop.post(LANTERN, json={"supplier_id": "fast", "supplier_cost": 0.5}).json()
    assert (second["lead_time_days"], second["is_primary"]) == (21, False)


def test_the_first_supplier_need_not_be_the_primary(open_shop: TestClient) -> None:
    assert link(open_shop, is_primary=False).json()["is_primary"] is False
    assert row(open_shop)["supplier_id"] == "acme"


def test_ids_may_hold_anything(open_shop: TestClient) -> None:
    response = link(open_shop, supplier_id="Smith & Sons/Ltd")
    assert response.headers["Location"] == "/api/v1/products/A%2F1/suppliers/Smith%20%26%20Sons%2FLtd"
    assert change(open_shop, "Smith & Sons/Ltd", moq=1).json()["moq"] == 1
    assert row(open_shop)["supplier_name"] == "Smith & Sons"
    assert unlink(open_shop, "Smith & Sons/Ltd").status_code == 204


def test_a_new_primary_takes_the_place_of_the_former(open_shop: TestClient) -> None:
    link(open_shop)
    link(open_shop, supplier_id="fast", is_primary=True)
    assert primaries(open_shop) == ["fast"]
    assert row(open_shop)["supplier_id"] == "fast"
    change(open_shop, is_primary=True)
    assert primaries(open_shop) == ["acme"]
    demoted = [entry for entry in audited(open_shop) if entry["after"] == {"supplier_id": "fast", "is_primary": False}]
    assert [entry["action"] for entry in demoted] == ["product_supplier.changed"]


def test_without_a_primary_the_fastest_supplier_rules(open_shop: TestClient) -> None:
    link(open_shop, lead_time_days=9)
    link(open_shop, supplier_id="fast", lead_time_days=2)
    change(open_shop, is_primary=False)
    assert primaries(open_shop) == []
    assert row(open_shop)["supplier_id"] == "fast"
    assert [one["supplier_id"] for one in open_shop.get(LANTERN).json()["items"]] == ["fast", "acme"]


def test_two_suppliers_made_primary_at_once_end_as_one(open_shop: TestClient) -> None:
    for supplier_id in ("acme", "fast"):
        link(open_shop, supplier_id=supplier_id, is_primary=False)
    answers = at_once(
        lambda: change(open_shop, "acme", is_primary=True), lambda: change(open_shop, "fast", is_primary=True)
    )
    assert [one.status_code for one in answers] == [200, 200]
    assert len(primaries(open_shop)) == 1
    assert row(open_shop)["supplier_id"] == primaries(open_shop)[0]


def test_two_first_suppliers_linked_at_once_make_one_primary(open_shop: TestClient) -> None:
    answers = at_once(lambda: link(open_shop), lambda: link(open_shop, supplier_id="fast"))
    assert [one.status_code for one in answers] == [201, 201]
    assert len(primaries(open_shop)) == 1


def test_a_change_leaves_what_it_does_not_name(open_shop: TestClient) -> None:
    made = link(open_shop).json()
    changed = change(open_shop, moq=24)
    assert terms_of(changed.json()) == LINKED | {"moq": 24}
    assert made["created_at"] == changed.json()["created_at"] < changed.json()["updated_at"]
    assert row(open_shop)["moq"] == 24
    assert change(open_shop).json() == changed.json()


def test_what_a_supplier_calls_and_packs_it_is_kept(open_shop: TestClient) -> None:
    said: dict[str, Any] = {"supplier_sku": "=77-B", "packaging_unit": "box", "notes": "fragile\nkeep dry"}
    assert terms_of(link(open_shop, **said).json()) == LINKED | said
    assert terms_of(change(open_shop, moq=24).json()) == LINKED | said | {"moq": 24}
    changed = change(open_shop, notes=None, supplier_sku="78").json()
    assert terms_of(changed) == LINKED | said | {"moq": 24, "notes": None, "supplier_sku": "78"}
    assert open_shop.get(f"{LANTERN}/acme").json() == changed
    (sold,) = open_shop.get("/suppliers/acme/products").json()["items"]
    assert {name: sold[name] for name in changed if name in sold} == {
        name: value for name, value in changed.items() if name in sold
    }
    assert sold["supplier_sku"] == "78"
    (shown,) = open_shop.get("/products/A%2F1").json()["suppliers"]
    assert shown == changed


def test_the_answer_to_a_change_is_of_its_own_commit(open_shop: TestClient) -> None:
    """Six editors at once: each answer has the body and the ETag of one version, and no two the same."""
    link(open_shop)
    answers = at_once(*(partial(change, open_shop, moq=6 * number) for number in range(3, 9)))
    versions = {answer.headers["ETag"]: answer.json() for answer in answers}
    assert [answer.status_code for answer in answers] == [200] * 6
    assert len(versions) == 6
    assert {body["moq"] for body in versions.values()} == {6 * number for number in range(3, 9)}
    last = open_shop.get(f"{LANTERN}/acme")
    assert versions[last.headers["ETag"]] == last.json()


def test_a_supplier_taken_away_rules_no_more(open_shop: TestClient) -> None:
    link(open_shop)
    response = unlink(open_shop)
    assert (response.status_code, response.content) == (204, b"")
    assert open_shop.get(LANTERN).json()["total"] == 0
    shown = row(open_shop)
    assert (shown["supplier_id"], shown["supplier_name"], shown["lead_time_days"]) == (None, None, 14)
    assert_problem(unlink(open_shop), 404, "supplier_not_linked")


def test_every_change_is_audited(open_shop: TestClient) -> None:
    link(open_shop)
    change(open_shop, moq=24, supplier_cost=2)
    change(open_shop, moq=24)
    unlink(open_shop)
    deleted, changed, created = audited(open_shop)
    terms = {
        "supplier_id": "acme",
        "supplier_name": "Acme Ltd",
        "lead_time_days": 4,
        "moq": "12.000",
        "packaging_qty": "6.000",
        "supplier_cost": "1.7500",
        "is_primary": True,
        "is_synced": False,
    } | UNSAID
    assert (created["action"], created["before"], created["after"]) == ("product_supplier.created", None, terms)
    assert changed["before"] == {"supplier_id": "acme", "moq": "12.000", "supplier_cost": "1.7500"}
    assert changed["after"] == {"supplier_id": "acme", "moq": "24.000", "supplier_cost": "2.0000"}
    assert deleted["before"] == terms | {"moq": "24.000", "supplier_cost": "2.0000"}
    assert (deleted["action"], deleted["after"]) == ("product_supplier.deleted", None)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"lead_time_days": -1}, "/lead_time_days"),
        ({"lead_time_days": 3651}, "/lead_time_days"),
        ({"moq": -0.001}, "/moq"),
        ({"moq": 1.0001}, "/moq"),
        ({"moq": 1_000_000_001}, "/moq"),
        ({"moq": None}, "/moq"),
        ({"packaging_qty": 0}, "/packaging_qty"),
        ({"packaging_qty": 0.0004}, "/packaging_qty"),
        ({"supplier_cost": -0.01}, "/supplier_cost"),
        ({"supplier_cost": 0.00005}, "/supplier_cost"),
        ({"is_primary": "perhaps"}, "/is_primary"),
        ({"supplier_sku": "a\u200db"}, "/supplier_sku"),
        ({"packaging_unit": "x" * 201}, "/packaging_unit"),
        ({"notes": ""}, "/notes"),
    ],
)
def test_terms_that_no_supplier_has_are_refused(open_shop: TestClient, fields: dict[str, Any], pointer: str) -> None:
    link(open_shop)
    for refused in (link(open_shop, supplier_id="fast", **fields), change(open_shop, **fields)):
        problem = assert_problem(refused, 422, "invalid_input")
        assert problem["detail"].startswith(pointer)
        assert problem["errors"][0]["pointer"] == pointer
    assert [terms_of(condition) for condition in open_shop.get(LANTERN).json()["items"]] == [LINKED]


def test_an_unknown_field_is_named(open_shop: TestClient) -> None:
    problem = assert_problem(link(open_shop, price=1), 422, "unknown_field")
    assert problem["detail"].startswith("unknown 'price'; allowed: is_primary, lead_time_days")


def test_who_is_unknown_is_told(open_shop: TestClient) -> None:
    problem = assert_problem(link(open_shop, supplier_id="nobody"), 422, "supplier_not_found")
    assert problem["detail"] == "no supplier 'nobody': add it at /suppliers first"
    assert problem["errors"][0]["pointer"] == "/supplier_id"
    for method, path in (("POST", ""), ("GET", "")):
        missing = open_shop.call(method, f"/products/none/suppliers{path}", json=TERMS)
        assert repr("none") in assert_problem(missing, 404, "product_not_found")["detail"]
    for method in ("GET", "PUT", "DELETE"):
        problem = assert_problem(open_shop.call(method, f"{LANTERN}/fast", json={}), 404, "supplier_not_linked")
        assert problem["detail"] == "supplier 'fast' is not linked to product 'A/1'"


def test_a_supplier_is_linked_once(open_shop: TestClient) -> None:
    link(open_shop)
    problem = assert_problem(link(open_shop, moq=1), 409, "already_linked")
    assert problem["detail"].startswith("supplier 'acme' is linked to product 'A/1' already")
    assert open_shop.get(f"{LANTERN}/acme").json()["moq"] == 12


def test_linking_can_be_repeated(open_shop: TestClient) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first, second = (link(open_shop, key) for _ in range(2))
    assert (second.status_code, second.text) == (201, first.text)
    assert_problem(link(open_shop, key, moq=1), 422, "idempotency_key_reused")
    # The same after a request that died before it could answer.
    next(iter(open_shop.tenant.collection("idempotency").stream())).reference.delete()
    assert link(open_shop, key).json() == first.json()
    assert len(audited(open_shop)) == 1


def test_a_version_is_honoured(open_shop: TestClient) -> None:
    version = {"If-Match": link(open_shop).headers["ETag"]}
    second = change(open_shop, headers=version, moq=24)
    assert second.status_code == 200
    for stale in (change(open_shop, headers=version, moq=36), unlink(open_shop, headers=version)):
        problem = assert_problem(stale, 412, "stale_version")
        assert second.headers["ETag"].strip('"') in problem["detail"]
    found = open_shop.get(f"{LANTERN}/acme")
    assert (found.json()["moq"], found.headers["ETag"]) == (24, second.headers["ETag"])
    assert unlink(open_shop, headers={"If-Match": found.headers["ETag"]}).status_code == 204


@pytest.mark.parametrize("role", [Role.CEO, Role.MARKETING, Role.VIEWER, Role.SERVICE])
def test_only_buyers_keep_conditions(open_shop: TestClient, role: Role) -> None:
    for method, path in (("POST", LANTERN), ("PUT", f"{LANTERN}/acme"), ("DELETE", f"{LANTERN}/acme")):
        problem = assert_problem(open_shop.call(method, path, role=role, json=TERMS), 403, "role_not_allowed")
        assert "allowed: ADMIN, PROCUREMENT" in problem["detail"]
    assert open_shop.get(LANTERN, role=role).status_code == 200
    assert open_shop.post(LANTERN, role=Role.PROCUREMENT, json=TERMS).status_code == 201


def test_other_clients_see_nothing_of_it(open_shop: TestClient, new_client: Callable[[], TestClient]) -> None:
    link(open_shop)
    other = new_client()
    assert_problem(other.get(LANTERN), 404, "product_not_found")
    assert_problem(change(other, moq=1), 404, "supplier_not_linked")
    assert_problem(unlink(other), 404, "supplier_not_linked")
    assert Conditions(open_shop.tenant).get("A/1", "acme").value.moq == 12


def test_a_supplier_can_be_linked_before_the_first_metrics(client: TestClient, open_shop: TestClient) -> None:
    open_shop.tenant.collection("catalog").document("pointer").delete()
    assert link(open_shop).status_code == 201
    assert open_shop.get(LANTERN).json()["total"] == 1


def test_what_conditions_cost(open_shop: TestClient, meter: FirestoreMeter) -> None:
    open_shop.get("/products?location_id=LONDON")
    link(open_shop, supplier_id="fast")  # reads the chunk of the item's demand profile
    open_shop.get("/products")
    meter.reset()
    link(open_shop)
    # Read: the pointer, the item's last edit, product, supplier, the other condition, the pointer again.
    # Written: the condition, its entry, the rows, the item's edit, the pointer; that the supplier is the same.
    assert (meter.of(open_shop.client_id).reads, meter.of(open_shop.client_id).writes) == (6, 6)
    open_shop.get("/products")
    meter.reset()
    change(open_shop, moq=24)
    assert (meter.of(open_shop.client_id).reads, meter.of(open_shop.client_id).writes) == (6, 6)
    meter.reset()
    open_shop.get("/products")
    assert (meter.of(open_shop.client_id).reads, meter.of(open_shop.client_id).writes) == (2, 0)
    meter.reset()
    open_shop.get(LANTERN)
    assert (meter.of(open_shop.client_id).reads, meter.of(open_shop.client_id).writes) == (2, 0)
