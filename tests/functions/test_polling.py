"""A page that asks again and again: 304 at one read while nothing changed, the new answer as soon as something did."""

from __future__ import annotations

import re

import pytest
import requests

from infra.local.stack.gateway import gateway
from shared.domain.access.principal import Role
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

POLLED = (
    "/products",
    "/products?sort=-stockout_risk&page_size=2",
    "/products?fields=item_id,dir",
    "/products/categories",
    "/products/campaign-status",
    "/products/A%2F1/locations",
    "/dashboard",
    "/dashboard?location_id=LONDON",
    "/inventory/stock-levels",
    "/order-planning/transfers",
    "/recommendations",
    "/suppliers?sort=-name",
)


def poll(client: TestClient, path: str, tag: str, role: Role | None = None) -> requests.Response:
    return client.get(path, role=role, headers={"If-None-Match": tag})


def test_every_list_that_is_computed_from_the_catalog_is_tried() -> None:
    marked = {
        re.sub("{[^}]+}", "A%2F1", path)
        for path, operations in gateway().document["paths"].items()
        for operation in operations.values()
        if "304" in operation["responses"]
    }
    assert {path.partition("?")[0] for path in POLLED} == marked


@pytest.mark.parametrize("path", POLLED)
def test_a_poll_costs_one_read_and_no_bytes_until_the_catalog_changes(
    open_shop: TestClient, meter: FirestoreMeter, path: str
) -> None:
    first = open_shop.get(path)
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "private, no-cache"
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')

    meter.reset()
    again = poll(open_shop, path, tag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == "private, no-cache"
    assert "Content-Type" not in again.headers
    assert meter.of(open_shop.client_id).reads == 1
    meter.reset()
    assert poll(open_shop, path, '"other"').json() == first.json()
    assert meter.of(open_shop.client_id).reads == 1

    stock = {"item_id": "A/1", "location_id": "LONDON", "current_stock": 1, "reason": "counted"}
    assert open_shop.call("PUT", "/inventory/stock-levels", json=stock).status_code == 200
    changed = poll(open_shop, path, tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_another_question_or_caller_has_another_tag(open_shop: TestClient) -> None:
    tags = [
        open_shop.get(path, role=role).headers["ETag"]
        for path in ("/products", "/products?page=2", "/dashboard")
        for role in (Role.ADMIN, Role.VIEWER)
    ]
    assert len(set(tags)) == 6


def test_a_header_without_a_tag_is_refused(open_shop: TestClient) -> None:
    assert_problem(poll(open_shop, "/products", "nonsense"), 400, "malformed_entity_tag")


def test_an_error_has_no_tag(open_shop: TestClient) -> None:
    response = open_shop.get("/products?sort=colour")
    assert response.status_code == 422
    assert "ETag" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"


def test_gzip_keeps_the_tag(open_shop: TestClient) -> None:
    plain = open_shop.get("/products", headers={"Accept-Encoding": "identity"})
    packed = open_shop.get("/products", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert int(packed.headers["Content-Length"]) < len(plain.content)


def test_the_document_is_kept_too(client: TestClient) -> None:
    address = f"{client.base_url}/openapi.json"
    first = requests.get(address, timeout=30)
    again = requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=30)
    assert (again.status_code, again.content) == (304, b"")
