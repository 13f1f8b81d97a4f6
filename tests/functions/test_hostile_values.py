"""Values that no form sends, in campaigns, forecasts, stock, runs, operations, recommendations and the audit log.

Each is an answer or a refusal that names it, never an error of the server.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.tenants import TestClient

HUGE, LONG, NUL, HALF = "1E+5000000", "x" * 2000, "a\\u0000b", "a\\ud800"
CAMPAIGN = '"name": "x", "start_date": "2024-06-01", "end_date": "2024-06-30"'
STOCK = '"item_id": "A/1", "location_id": "LONDON", "reason": "counted"'

_BODIES = [
    *(("POST", "/forecast", f'{{"item_ids": ["{text}"]}}') for text in (LONG, NUL, HALF, "é" * 1600)),
    *(
        ("POST", "/forecast", f'{{"filters": {{"{name}": ["{text}"]}}}}')
        for name in ("category", "supplier_id", "demand_pattern", "lifecycle", "abc")
        for text in (LONG, NUL, HALF)
    ),
    *(("POST", "/forecast", f'{{"filters": {{"search": "{text}"}}}}') for text in (LONG, NUL, HALF)),
    ("POST", "/forecast", '{"filters": {"min_stockout_risk": 1E-39, "max_inventory_value": 1E+400}}'),
    ("POST", "/forecast", '{"filters": {"min_current_stock": 1E-39}}'),
    ("POST", "/forecast", f'{{"horizon_days": {HUGE}}}'),
    ("POST", "/forecast", '{"horizon_days": 7.5}'),
    ("POST", "/forecast", '{"item_ids": [' + ",".join(['"a"'] * 20_000) + "]}"),
    ("POST", "/forecast", '{"future_covariates": [{"date_local": "9999-12-31"}, {"date_local": "0001-01-01"}]}'),
    ("POST", "/forecast", '{"future_covariates": [{"date_local": "2024-06-03", "price": 1E+400}]}'),
    ("POST", "/forecast", '{"future_covariates": [{"date_local": "2024-06-03", "price": NaN}]}'),
    *(("POST", "/campaigns", f'{{{CAMPAIGN}, "budget": {number}}}') for number in (HUGE, "1E-39", "1E+400", "-0.0")),
    *(
        ("POST", "/campaigns", f'{{{CAMPAIGN}, "{name}": "{text}"}}')
        for name in ("campaign_type", "description", "status")
        for text in (LONG, NUL, HALF)
    ),
    *(("POST", "/campaigns", f'{{{CAMPAIGN}, "products": [{{"item_id": "{text}"}}]}}') for text in (LONG, NUL, HALF)),
    ("POST", "/campaigns", f'{{{CAMPAIGN}, "products": [{{"item_id": "A/1", "discount": {HUGE}}}]}}'),
    ("POST", "/campaigns", f'{{{CAMPAIGN}, "products": {{"item_id": "A/1"}}}}'),
    *(
        ("PUT", "/inventory/stock-levels", f'{{{STOCK}, "current_stock": 1, "{name}": {number}}}')
        for name in ("expected_stock", "committed")
        for number in (HUGE, "1E-39", "1E+400", "-1", "true")
    ),
    ("PUT", "/inventory/stock-levels", f'{{{STOCK}, "current_stock": {HUGE}}}'),
    ("POST", "/recommendations/URGENT:A~2F1/dismiss", '{"until": "9999-12-31"}'),
    ("POST", "/recommendations/URGENT:A~2F1/dismiss", f'{{"reason": "{NUL}"}}'),
    ("POST", f"/recommendations/URGENT:{'x' * 7000}/dismiss", "{}"),
    ("POST", "/recommendations/URGENT:%00/dismiss", "{}"),
    ("POST", f"/operations/{'x' * 1600}/cancel", "{}"),
    ("POST", "/operations/__x__/cancel", "{}"),
]
_VALUES = ("", "x" * 1600, "%00", "%ED%A0%80", "1E-39", "1E%2B400", "1E%2B5000000", "NaN", "-1", "," * 60)
_PARAMETERS = [
    (path, name)
    for path, names in {
        "/campaigns": ("status", "campaign_type", "search", "min_budget", "sort", "fields"),
        "/campaigns/1/products": ("sort", "page"),
        "/operations": ("kind", "status", "page_token"),
        "/etl/runs": ("kind", "status", "page_token"),
        "/etl/runs/x/rejects": ("format", "page"),
        "/audit": ("subject", "subject_id", "user_id", "action", "from_date", "to_date"),
        "/inventory/stock-levels": ("item_id", "search", "min_current_stock", "max_inventory_value", "sort", "page"),
        "/recommendations": ("type", "role", "location_id", "page"),
        "/forecast/latest/items/A%2F1": ("location_id", "history_days"),
        "/analytics/forecast-accuracy": ("group_by", "item_id", "location_id", "lag", "page"),
        "/analytics/inventory-trends": ("location_id", "interval", "from_date"),
        "/analytics/supplier-performance": ("supplier_id", "page"),
    }.items()
    for name in names
]
# Every other value of each parameter, and each value of every other one.
_QUERIES = [
    f"{path}?{name}={value}" for number, (path, name) in enumerate(_PARAMETERS) for value in _VALUES[number % 2 :: 2]
]


@pytest.mark.parametrize(("method", "path", "body"), _BODIES, ids=range(len(_BODIES)))
def test_bodies(open_shop: TestClient, method: str, path: str, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    response = open_shop.call(method, path, data=body.encode(), headers=headers)
    assert response.status_code < 500, (path, body[:200], response.text)


def test_queries(full_shop: TestClient) -> None:
    answers: dict[int, Any] = {}
    for query in _QUERIES:
        response = full_shop.get(query)
        assert response.status_code < 500, (query, response.text)
        answers.setdefault(response.status_code, []).append(query)
    assert len(answers[422]) > 100
