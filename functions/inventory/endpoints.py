"""HTTP surface of inventory."""

from __future__ import annotations

from typing import Any

from flask import Response

from functions.inventory import service, stock_levels
from functions.inventory.schemas import (
    CompactionResult,
    ItemStock,
    RefreshBody,
    StockCorrection,
    StockPage,
    StockQuery,
    TaskBody,
    TaskResult,
)
from shared.catalog.schema import CATALOG_ERRORS
from shared.config import config
from shared.domain.access.principal import EDITORS_OF_PRODUCTS, EVERY_ROLE, STARTERS_OF_REFRESH
from shared.domain.location import LocationNotFound
from shared.domain.purchasing.product import ProductNotFound
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.access import actor, allow, errors, internal, now, principal, request_context, tenant
from shared.http.app import Api
from shared.http.idempotency import ERRORS as IDEMPOTENCY_ERRORS
from shared.http.idempotency import once
from shared.http.operations import OperationView, accepted
from shared.http.paging import numbered

app = Api("inventory", "Inventory", prefixes=("inventory",))


@app.post("/inventory/metrics/refresh", summary="Recompute all metrics", responses={202: OperationView})
@allow(STARTERS_OF_REFRESH)
@errors(*IDEMPOTENCY_ERRORS)
def start_refresh(body: RefreshBody) -> Response:
    """Answers with an operation. A refresh that is still waiting to start is shared by everyone who requests one
    meanwhile.
    """
    owner, user_id, moment = tenant(), principal().user_id, now()
    return once(
        request_context(),
        body.model_dump_json(),
        lambda: accepted(
            service.start_refresh(config(), owner, user_id, moment, body.rebuild, request_context().request_id)
        ),
    )


@app.get("/inventory/stock-levels", summary="List stock per item and location", responses={200: StockPage})
@allow(EVERY_ROLE)
@errors(*CATALOG_ERRORS)
def list_stock_levels(query: StockQuery) -> dict[str, Any]:
    """Ordered by item_id and location_id."""
    total, rows = stock_levels.stock_levels(tenant(), query)
    return vars(numbered(query, total, rows))


@app.put("/inventory/stock-levels", summary="Correct a stock level", responses={200: ItemStock})
@allow(EDITORS_OF_PRODUCTS)
@errors(ProductNotFound, *CATALOG_ERRORS, fields=(LocationNotFound,))
def correct_stock_level(body: StockCorrection) -> dict[str, Any]:
    """Set an item's stock at a location and give the reason, which the audit log keeps. All lists show it from the next
    request on.
    """
    return stock_levels.correct(tenant(), actor(), body)


@app.post("/inventory/internal/refresh", responses={200: TaskResult})
@internal("inventory")
def run_refresh(body: TaskBody) -> dict[str, str]:
    """Run a refresh. Safe to run twice and to be killed halfway."""
    return {"status": service.run_refresh(config(), Tenant(database(config()), body.client_id), body.operation_id)}


@app.post("/inventory/internal/compact-catalogs", responses={200: CompactionResult})
@internal("inventory")
def compact_catalogs() -> dict[str, int]:
    """Merge piled-up edits into new snapshots. Cloud Scheduler calls this every five minutes."""
    return {"started": service.compact_catalogs(config(), now())}
