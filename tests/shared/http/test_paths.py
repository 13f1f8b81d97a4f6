"""One path for every way a function is reached, whatever an item is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from functions.products.endpoints import app
from shared.http.paths import CanonicalPaths, ItemIdConverter
from tests.support.hard_ids import HARD_IDS
from tests.support.problems import assert_problem
from tests.support.raw_http import send
from tests.support.tenants import TestClient


@pytest.mark.parametrize("item_id", HARD_IDS, ids=lambda item: item if len(item) < 30 else item[:3])
def test_an_item_is_found_whatever_it_is_called(shop: TestClient, item_id: str) -> None:
    encoded = quote(item_id, safe="").replace(".", "%2E")
    found = send(shop, "GET", f"/products/{encoded}/metrics")
    assert found.status == 200, found.body
    assert found.json()["item_id"] == item_id


@pytest.mark.parametrize(
    "item_id", ["a/b", "a%2Fb", "..", "漢" * 500, "metrics", "products"], ids=lambda item: item[:8]
)
def test_an_item_is_edited_whatever_it_is_called(shop: TestClient, item_id: str) -> None:
    path = f"/products/{quote(item_id, safe='').replace('.', '%2E')}"
    edited = send(shop, "PATCH", path, body=b'{"category": "Edited"}', headers={"Content-Type": "application/json"})
    assert edited.status == 200, edited.body
    assert edited.json()["item_id"] == item_id


def test_ids_that_look_alike_are_different_items(shop: TestClient) -> None:
    names = {send(shop, "GET", f"/products/{path}/metrics").json()["item_id"] for path in ("a%2Fb", "a%252Fb", "%252F")}
    assert names == {"a/b", "a%2Fb", "%2F"}


@pytest.mark.parametrize(
    "path", ["a/b", "a%2Fb%2Fmetrics%2Fx", "nothing", "%00", "%FF%FE", "%E2%80%8B", "x" * 501, "a%0Ab"]
)
def test_what_is_no_item_is_not_found(shop: TestClient, path: str) -> None:
    response = send(shop, "GET", f"/products/{path}")
    assert response.status in (404, 422), response.body
    assert_problem(response, response.status, response.json()["code"])


@pytest.mark.parametrize(
    "path",
    [
        "/plain/metrics",  # function URL: the platform has stripped the function's name
        "/products/plain/metrics",  # run.app URL
        "/api/v1/products/plain/metrics",  # load balancer
        "http://example.org/api/v1/products/plain/metrics",  # absolute form
        "//plain//metrics/",
    ],
)
def test_a_function_answers_under_every_form_of_its_address(shop: TestClient, path: str) -> None:
    environ = EnvironBuilder(path="/ignored", headers=[("Authorization", f"Bearer {shop.token()}")]).get_environ()
    environ["RAW_URI"] = environ["REQUEST_URI"] = path
    assert _respond(app, environ).startswith("200")


@pytest.mark.parametrize("path", ["/health", "/api/v1/health", "/openapi.json"])
def test_health_and_document_belong_to_the_function(running: object, path: str) -> None:
    assert app.test_client().get(path).status_code == 200


def _respond(application: Callable[..., Any], environ: dict[str, Any]) -> str:
    statuses: list[str] = []
    list(application(environ, lambda status, *_: statuses.append(status)))
    return statuses[0]


def canonical(raw: str | None, path_info: str = "/", prefixes: tuple[str, ...] = ("products",)) -> str:
    seen: list[str] = []

    def record(environ: dict[str, Any], _: Any) -> list[bytes]:
        seen.append(environ["PATH_INFO"])
        return []

    environ: dict[str, Any] = {"PATH_INFO": path_info} | ({"RAW_URI": raw} if raw is not None else {})
    CanonicalPaths(record, prefixes)(environ, lambda *_: lambda _: None)
    return seen[0]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("/", "/products"),
        ("", "/products"),
        ("/api/v1/products", "/products"),
        ("/api/v1/products?x=/health", "/products"),
        ("/a%2Fb", "/products/a%2Fb"),
        ("/api/v1/products/a%252Fb", "/products/a%252Fb"),
        ("/suppliers/x", "/suppliers/x"),
        ("/health/metrics", "/products/health/metrics"),
    ],
)
def test_canonical_paths(raw: str, expected: str) -> None:
    assert canonical(raw, prefixes=("products", "suppliers")) == expected


def test_a_server_that_keeps_no_raw_path_is_served_as_far_as_that_goes() -> None:
    assert canonical(None, "/products/50%") == "/products/50%25"


@given(st.text(min_size=1, max_size=30).filter(lambda text: text.isprintable()))
def test_any_item_id_survives_its_way_through_the_path(item_id: str) -> None:
    path = canonical(f"/products/{quote(item_id, safe='')}")
    segment = path.removeprefix("/products/")
    assert "/" not in segment
    assert ItemIdConverter.to_python(None, segment.encode("latin-1").decode()) == item_id  # type: ignore[arg-type]
