"""A client whose frozen forecasts were scored."""

from __future__ import annotations

from shared.bigquery.accuracy_queries import HISTORY_DAYS, SCORE_FORECASTS
from shared.bigquery.total_accuracy_queries import COST_DAYS, SCORE_TOTALS, TOTALS_HISTORY_DAYS
from shared.bigquery.warehouse import Parameter, Warehouse
from shared.config import config
from tests.support.catalogs import catalog_rows, publish
from tests.support.frozen_forecasts import DAY, RUNS, FrozenForecasts
from tests.support.tenants import TODAY, TestClient

CATEGORIES = {"a": "Lights", "b/1": "Lights", "new": "Parts\x1fsmall"}


def score_all(client: TestClient) -> int:
    """Score every run on every day up to yesterday, in one batch; returns how many rows that changed."""
    first_run = TODAY - 50 * DAY
    warehouse = Warehouse(config(), client.client_id)
    parameters: dict[str, Parameter] = {
        "first": first_run,
        "last": TODAY - DAY,
        "first_run": first_run,
        "run_ids": list(RUNS),
    }
    return warehouse.change(SCORE_FORECASTS, history=first_run - HISTORY_DAYS * DAY, **parameters) + warehouse.change(
        SCORE_TOTALS,
        history=first_run - TOTALS_HISTORY_DAYS * DAY,
        costs_from=TODAY - DAY - COST_DAYS * DAY,
        costs_until=TODAY,
        **parameters,
    )


def scored_client(client: TestClient, frozen: FrozenForecasts) -> TestClient:
    """Give the client these forecasts, scored, and a catalog with CATEGORIES."""
    frozen.put(client)
    rows = catalog_rows(*({"item_id": item, "category": category} for item, category in CATEGORIES.items()))
    publish(client.tenant, rows)
    score_all(client)
    return client
