"""The walk that a new revision must pass before it takes traffic: sign in, list, dashboard, suggestions.

It looks at figures and not only at status codes: an empty catalog, or money that does not add up, is a failure too. It
writes nothing but its own session, which it ends.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests

_TIMEOUT_S = 60  # a new revision starts its first instance
_PAGE = 200
_ROUNDING = 0.011  # of one amount of two decimals that was computed from others


@dataclass(frozen=True)
class SmokeUser:
    """Who signs in: a VIEWER of a client that is there for this alone, and what its data must at least give."""

    email: str
    password: str
    products: int = 1
    suggestions: int = 0

    @staticmethod
    def from_json(text: str) -> SmokeUser:
        """Of {"email", "password", "products", "suggestions"}. Raises ValueError."""
        try:
            return SmokeUser(**json.loads(text))
        except TypeError as error:
            raise ValueError(f"a smoke user is email, password, products and suggestions: {error}") from None


class SmokeFailed(Exception):
    """The API does not answer as it should; the message says where and how."""


class Api:
    """The functions at the addresses of the revisions to try: function -> address up to /api/v1."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = addresses
        self._session = requests.Session()

    def request(self, function: str, method: str, path: str, status: int = 200, **given: Any) -> Any:
        """The decoded body. Raises SmokeFailed for another status, or for no answer."""
        url = f"{self._addresses[function]}{path}"
        try:
            response = self._session.request(method, url, timeout=_TIMEOUT_S, **given)
            if response.status_code != status:
                raise SmokeFailed(f"{function}: {method} {path} answers {response.status_code}: {response.text[:300]}")
            return response.json() if response.content else None
        except (OSError, ValueError) as error:
            raise SmokeFailed(f"{function}: {method} {path}: {error}") from error

    def sign_in(self, user: SmokeUser) -> str:
        """From here on requests are that user's; returns what signs out again."""
        body = {"email": user.email, "password": user.password}
        tokens = self.request("auth", "POST", "/auth/token", json=body)
        self._session.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return str(tokens["refresh_token"])


def check_health(addresses: Mapping[str, str]) -> None:
    """Every function starts and answers. Raises SmokeFailed."""
    api = Api(addresses)
    for function in addresses:
        answer = api.request(function, "GET", "/health")
        _require(answer.get("status") == "ok", f"{function}: GET /health says {answer!r:.200}")


def walk(addresses: Mapping[str, str], user: SmokeUser) -> None:
    """The walk of a buyer's morning. Raises SmokeFailed."""
    api = Api(addresses)
    refresh_token = api.sign_in(user)
    try:
        products = api.request("products", "GET", f"/products?page_size={_PAGE}&sort=item_id")
        dashboard = api.request("dashboard", "GET", "/dashboard")
        suggestions = api.request("order-planning", "GET", f"/order-planning/suggestions?page_size={_PAGE}")
    finally:
        api.request("auth", "POST", "/auth/logout", status=204, json={"refresh_token": refresh_token})
    for check in (_products(products, user), _dashboard(dashboard, products), _suggestions(suggestions, user)):
        for is_so, problem in check:
            _require(is_so, problem)


Check = Iterator[tuple[bool, str]]


def _products(page: Mapping[str, Any], user: SmokeUser) -> Check:
    total, rows = page["total"], page["items"]
    yield total >= user.products, f"the list has {total} products, at least {user.products} are expected"
    yield len(rows) == min(total, _PAGE), f"the list's page has {len(rows)} of {total} products"
    for row in rows:
        name = f"product {row['item_id']!r}"
        yield 0 <= row["stockout_risk"] <= 1, f"{name}: stockout_risk is {row['stockout_risk']}"
        for figure in ("expected_daily_demand", "forecasted_demand_30d", "sales_at_risk", "excess_value"):
            yield row[figure] >= 0, f"{name}: {figure} is {row[figure]}"
        if row["unit_cost"] is not None:
            value = row["current_stock"] * row["unit_cost"]
            is_value = math.isclose(row["inventory_value"], value, abs_tol=_ROUNDING, rel_tol=1e-6)
            yield is_value, f"{name}: inventory_value is {row['inventory_value']}, stock at unit_cost {value:.2f}"


def _dashboard(dashboard: Mapping[str, Any], page: Mapping[str, Any]) -> Check:
    metrics, total = dashboard["metrics"], page["total"]
    skus = metrics["total_skus"]
    yield skus == total, f"the dashboard has {skus} products, the list {total}"
    counts = [metrics[f"{status}_count"] for status in ("understocked", "overstocked", "dead_stock")]
    yield min(counts) >= 0 and sum(counts) <= skus, f"of {skus} products the dashboard counts {counts} by status"
    if len(page["items"]) == total:
        value, listed = metrics["total_inventory_value"], sum(row["inventory_value"] for row in page["items"])
        is_sum = math.isclose(value, listed, abs_tol=_ROUNDING * max(total, 1))
        yield is_sum, f"the dashboard's stock is worth {value}, that of the list {listed:.2f}"


def _suggestions(suggestions: Mapping[str, Any], user: SmokeUser) -> Check:
    total = suggestions["total"]
    yield total >= user.suggestions, f"there are {total} suggestions, at least {user.suggestions} are expected"
    for group in suggestions["groups"]:
        for line in group["lines"]:
            name, quantity, pack = f"suggestion {line['item_id']!r}", line["quantity"], line["packaging_qty"]
            yield quantity > 0, f"{name}: quantity is {quantity}"
            yield quantity >= (line["moq"] or 0), f"{name}: quantity {quantity} is below the MOQ {line['moq']}"
            if pack:
                packs = quantity / pack
                yield math.isclose(packs, round(packs), abs_tol=1e-6), f"{name}: {quantity} are no packs of {pack}"
            if line["unit_cost"] is not None and line["total_price"] is not None:
                price = quantity * line["unit_cost"]
                is_price = math.isclose(line["total_price"], price, abs_tol=_ROUNDING, rel_tol=1e-6)
                yield is_price, f"{name}: total_price is {line['total_price']}, quantity at unit_cost {price:.2f}"


def _require(is_so: bool, problem: str) -> None:
    if not is_so:
        raise SmokeFailed(problem)


Probe = Callable[[Mapping[str, str]], None]  # tries the functions at these addresses; raises SmokeFailed


def probe_of(user: SmokeUser | None) -> Probe:
    """Health of every function, and the walk where there is somebody to walk it."""

    def probe(addresses: Mapping[str, str]) -> None:
        check_health(addresses)
        if user is not None:
            walk(addresses, user)

    return probe
