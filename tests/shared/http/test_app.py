"""The request pipeline: what is refused, how, and what never leaves."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from shared.config import config
from shared.domain.access.principal import CANCELLERS, EVERY_ROLE, Role
from shared.http.access import allow
from shared.http.app import Api, QueryModel
from tests.support.problems import assert_problem
from tests.support.raw_http import send
from tests.support.tenants import TestClient

JSON = {"Content-Type": "application/json"}
PRODUCTS_QUERY = "allowed: abc, alert, category, client_id, dead_stock, do_not_order, fields, item_id, lifecycle"


@pytest.mark.parametrize(
    ("path", "code", "named"),
    [
        ("/products?colour=red", "unknown_field", ["'colour'", PRODUCTS_QUERY]),
        ("/products?sort=-colour", "unknown_sort", ["'colour'", "stockout_risk"]),
        ("/products?sort=dir,-dir2", "unknown_sort", ["'dir2'"]),
        ("/products?sort=--dir", "unknown_sort", ["'-dir'"]),
        ("/products?sort=dir&order=up", "unknown_sort", ["'up'", "asc, desc"]),
        ("/products?status=lost", "invalid_input", ["query/status/0", "'lost'", "understocked"]),
        ("/products?marketing_threshold=sideways", "invalid_input", ["query/marketing_threshold", "sideways"]),
        ("/products?page_size=0", "invalid_input", ["query/page_size", "'0'", "greater than or equal to 1"]),
        ("/products?page_size=10000", "invalid_input", ["query/page_size", "'10000'", "less than or equal to 200"]),
        ("/products?page_size=ten", "invalid_input", ["query/page_size", "'ten'"]),
        ("/products?page=0", "invalid_input", ["query/page"]),
        ("/products?page=-1", "invalid_input", ["query/page"]),
        ("/products?min_stockout_risk=2", "invalid_input", ["query/min_stockout_risk", "'2'"]),
        ("/products?min_dir=NaN", "invalid_input", ["query/min_dir"]),
        ("/products?min_current_stock=NaN", "invalid_input", ["query/min_current_stock"]),
        ("/products?max_inventory_value=Infinity", "invalid_input", ["query/max_inventory_value"]),
        ("/products?dead_stock=maybe", "invalid_input", ["query/dead_stock", "maybe"]),
        ("/products?search=" + "x" * 201, "invalid_input", ["query/search"]),
        ("/products/plain?days=731", "invalid_input", ["query/days", "730"]),
        ("/products/plain/metrics?days=3", "unknown_field", ["'days'"]),
        ("/dashboard?limit=3", "unknown_field", ["'limit'", "location_id"]),
        ("/operations?status=stuck", "invalid_input", ["query/status"]),
        ("/operations?page_token=%ff", "invalid_page_token", ["page_token"]),
        ("/operations?page_token=%00", "invalid_input", ["page_token", "NUL"]),
        ("/products?search=" + "x" * 8000 + "%00", "invalid_input", ["query/search"]),
        ("/products/plain%00", "invalid_input", ["path/item_id", "NUL"]),
        ("/products?needs_review=1", "invalid_input", ["query/needs_review", "true or false"]),
        ("/products?page=1_0", "invalid_input", ["query/page"]),
        ("/products?min_dir=1e400", "invalid_input", ["query/min_dir"]),
        ("/purchase-orders?from_date=0", "invalid_input", ["query/from_date", "YYYY-MM-DD"]),
        ("/operations?page_token=Zm9v", "invalid_page_token", ["page_token"]),
    ],
)
def test_an_invalid_query_is_refused_by_name(shop: TestClient, path: str, code: str, named: list[str]) -> None:
    problem = assert_problem(shop.get(path), 422, code)
    for name in named:
        assert name in str(problem["detail"]) + str(problem["errors"])
    assert all(set(error) == {"pointer", "code", "detail"} for error in problem["errors"])


@pytest.mark.parametrize("size", ["1e30", "9" * 400, "0x10", "1.5"])
def test_absurd_numbers_are_refused(shop: TestClient, size: str) -> None:
    assert_problem(shop.get(f"/products?page={size}"), 422, "invalid_input")


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b'{"category": ', JSON, 400, "malformed_json"),
        (b"", JSON, 400, "malformed_json"),
        (b"null", JSON, 400, "malformed_json"),
        (b"\xff\xfe", JSON, 400, "malformed_json"),
        (b"[" * 100_000, JSON, 400, "malformed_json"),
        (b'{"unit_cost": NaN}', JSON, 400, "malformed_json"),
        (b'{"unit_cost": 1e400}', JSON, 422, "invalid_input"),
        (b'{"category": "x"}', {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (b"category=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        (b'{"category": "x"}', {}, 415, "unsupported_media_type"),
        (b"[]", JSON, 422, "invalid_input"),
        (b'"text"', JSON, 422, "invalid_input"),
        (b'{"color": "red"}', JSON, 422, "unknown_field"),
        (b'{"unit_cost": -1}', JSON, 422, "invalid_input"),
        (b'{"unit_cost": 1.23456}', JSON, 422, "invalid_input"),
        (b'{"category": ""}', JSON, 422, "invalid_input"),
        (b'{"category": 5}', JSON, 422, "invalid_input"),
        (b'{"needs_review": "perhaps"}', JSON, 422, "invalid_input"),
        (b'{"category": "\\ud800"}', JSON, 422, "invalid_input"),
        (b'{"category": "\\u0000"}', JSON, 422, "invalid_input"),
        (b'{"\\ud800": 1}', JSON, 422, "invalid_input"),
        (b'{"unit_cost": 1E+5000000}', JSON, 422, "invalid_input"),
        (b'{"unit_cost": 0.' + b"9" * 900_000 + b"}", JSON, 422, "invalid_input"),
        (b'{"unit_cost": "12.50"}', JSON, 422, "invalid_input"),
        (b'{"needs_review": 1}', JSON, 422, "invalid_input"),
    ],
)
def test_a_body_that_is_no_patch_is_refused(
    shop: TestClient, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    problem = assert_problem(send(shop, "PATCH", "/products/plain", body=body, headers=headers), status, code)
    if code == "unknown_field":
        assert "'color'" in problem["detail"]
        assert "unit_cost" in problem["detail"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_a_mebibyte_is_refused(shop: TestClient, chunked: bool) -> None:
    body = b'{"category": "' + b"x" * 1024 * 1024 + b'"}'
    response = send(shop, "PATCH", "/products/plain", body=body, headers=JSON, chunked=chunked)
    problem = assert_problem(response, 413, "body_too_large")
    assert "1,048,576" in problem["detail"]


@pytest.mark.parametrize(
    "path", ["/nothing", "/products/a/b/c", "/settings/secret", "/auth/nothing", "/../etc/passwd", "/"]
)
def test_an_unknown_route_is_a_problem(shop: TestClient, path: str) -> None:
    assert_problem(send(shop, "GET", path), 404, "route_not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/products", "GET, HEAD, OPTIONS"),
        ("PATCH", "/dashboard", "GET, HEAD, OPTIONS"),
        ("GET", "/auth/token", "OPTIONS, POST"),
        ("DELETE", "/products/batch", "OPTIONS, POST"),
        ("GET", "/order-planning/cart/clear", "OPTIONS, POST"),
    ],
)
def test_a_wrong_method_names_those_of_the_path(shop: TestClient, method: str, path: str, allowed: str) -> None:
    response = send(shop, method, path)
    assert_problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == allowed
    assert send(shop, "OPTIONS", path).headers["allow"] == allowed


def test_a_foreign_client_is_refused_everywhere(shop: TestClient) -> None:
    for path in ("/products", "/products/plain", "/dashboard", "/settings", "/operations"):
        problem = assert_problem(shop.get(f"{path}?client_id=other"), 403, "other_client")
        assert shop.client_id in problem["detail"]
        assert shop.get(f"{path}?client_id={shop.client_id}").status_code == 200
    assert_problem(shop.call("PUT", "/settings?client_id=other", json={}), 403, "other_client")
    assert_problem(shop.post("/inventory/metrics/refresh?client_id=other", json={}), 403, "other_client")


def test_the_platform_may_name_any_client(shop: TestClient, new_client: Callable[[], TestClient]) -> None:
    operator = new_client()
    signed = {"Authorization": f"Bearer {operator.token(platform=True)}"}
    page = operator.get(f"/products?client_id={shop.client_id}&search=plain", headers=signed).json()
    assert [row["item_id"] for row in page["items"]] == ["plain"]
    for name in ("no client", "a/b", "..", "x" * 65, ""):
        response = operator.get("/products", params={"client_id": name}, headers=signed)
        assert response.status_code == 404, (name, response.text)


def test_another_tenants_product_is_not_there(shop: TestClient, new_client: Callable[[], TestClient]) -> None:
    other = new_client()
    assert other.get("/products/plain").status_code == 404
    response = other.call("PATCH", "/products/plain", json={"category": "Mine"})
    assert_problem(response, 404, "product_not_found")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("GET", "/products", None, EVERY_ROLE),
        ("GET", "/dashboard", None, EVERY_ROLE),
        ("GET", "/settings", None, EVERY_ROLE),
        ("GET", "/settings/recommendation-rules", None, EVERY_ROLE),
        ("GET", "/operations", None, EVERY_ROLE),
        ("GET", "/clients", None, EVERY_ROLE),
        ("PATCH", "/products/plain", {}, {Role.PROCUREMENT, Role.ADMIN}),
        ("PUT", "/products/plain", {"product_name": "Plain"}, {Role.PROCUREMENT, Role.ADMIN}),
        ("PUT", "/settings", {}, {Role.CEO, Role.ADMIN}),
        ("PUT", "/settings/recommendation-rules", {}, {Role.CEO, Role.ADMIN}),
        ("POST", "/inventory/metrics/refresh", {"rebuild": "no"}, {Role.ADMIN, Role.PROCUREMENT, Role.SERVICE}),
        ("POST", "/operations/unknown/cancel", None, CANCELLERS),
    ],
)
def test_roles(
    shop: TestClient, role: Role, method: str, path: str, body: dict[str, Any] | None, allowed: set[Role]
) -> None:
    """Whoever is not allowed gets 403 before anything else is looked at."""
    response = shop.call(method, path, role=role, json=body)
    if role in allowed:
        assert response.status_code in (200, 202, 404, 422)
    else:
        problem = assert_problem(response, 403, "role_not_allowed")
        assert role.value in problem["detail"]


class Row(BaseModel):
    amount: Decimal


class Boom(Exception):
    """An error that nobody expects."""


@pytest.fixture
def api(client: TestClient) -> Api:
    """A function of its own, with an endpoint that fails."""
    made = Api("probe", "Probe", prefixes=("probe",))

    @made.get("/probe/boom", responses={200: Row})
    @allow(EVERY_ROLE)
    def boom(query: QueryModel) -> Row:
        raise Boom("the password is hunter2")

    @made.get("/probe/row", responses={200: Row})
    @allow(EVERY_ROLE)
    def row() -> Row:
        return Row(amount=Decimal("12.50"))

    return made


class PanicException(BaseException):
    """As polars raises it."""


def test_a_panic_of_a_native_library_is_an_error_and_ends_no_process(
    api: Api, client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    @api.get("/probe/panic", responses={200: Row})
    @allow(EVERY_ROLE)
    def panic() -> Row:
        raise PanicException("called `Option::unwrap()` on a `None` value")

    response = api.test_client().get("/probe/panic", headers={"Authorization": f"Bearer {client.token()}"})
    assert_problem(response, 500, "internal_error")
    assert "unwrap" not in response.text
    assert "NativePanic" in capsys.readouterr().out


TRACE = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "header",
    [
        {"X-Cloud-Trace-Context": f"{TRACE}/1;o=1"},
        {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
        {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "X-Cloud-Trace-Context": f"{'f' * 32}/1"},
        {"traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01", "X-Cloud-Trace-Context": f"{TRACE}/1"},
    ],
)
def test_an_unexpected_error_shows_nothing_and_is_logged_with_its_trace(
    api: Api, client: TestClient, capsys: pytest.CaptureFixture[str], header: dict[str, str]
) -> None:
    headers = {"Authorization": f"Bearer {client.token()}"} | header
    response = api.test_client().get("/probe/boom", headers=headers)
    problem = assert_problem(response, 500, "internal_error")
    assert problem["trace_id"] == TRACE
    assert "hunter2" not in response.text
    logged = capsys.readouterr().out
    assert '"severity": "ERROR"' in logged
    assert f'"logging.googleapis.com/trace": "projects/{config().project_id}/traces/{TRACE}"' in logged
    assert "Boom" in logged
    assert client.token() not in logged


@pytest.mark.parametrize("given", ["", "short", "../../etc", "0123456789ABCDEF0123456789ABCDEF", "x" * 5000])
def test_a_trace_id_that_is_none_is_replaced(api: Api, client: TestClient, given: str) -> None:
    response = api.test_client().get("/probe/nothing", headers={"X-Cloud-Trace-Context": given})
    assert assert_problem(response, 404, "route_not_found")["trace_id"] not in ("", given)


def test_an_endpoint_that_does_not_say_who_may_call_it_cannot_be_made(api: Api) -> None:
    with pytest.raises(TypeError, match="does not declare who may call it"):

        @api.get("/probe/open", responses={})
        def open_to_all() -> dict[str, str]:
            return {}


def test_answers_are_not_cached_and_decimals_keep_their_scale(api: Api, client: TestClient) -> None:
    response = api.test_client().get("/probe/row", headers={"Authorization": f"Bearer {client.token()}"})
    assert response.get_data() == b'{"amount":12.50}'
    assert response.headers["Cache-Control"] == "no-store"


def test_health_needs_no_token(shop: TestClient) -> None:
    for path in ("/health", "/openapi.json"):
        assert send(shop, "GET", path, headers={"Authorization": ""}).status == 200
