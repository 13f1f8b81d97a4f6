"""HTTP surface of inventory."""

from __future__ import annotations

from functions.inventory import service, stock_levels
from functions.inventory.schemas import (
    CompactionResult,
    ItemStock,
    MetricsRefreshBody,
    StockCorrection,
    StockPage,
    StockQuery,
    StockRow,
)
from shared.catalog.listing import UnknownSort, parse_sort
from shared.catalog.schema import CATALOG_ERRORS
from shared.config import config
from shared.domain.access.principal import EDITORS_OF_PRODUCTS, EVERY_ROLE, STARTERS_OF_REFRESH
from shared.domain.location import LocationNotFound
from shared.domain.purchasing.product import ProductNotFound, StockDiffers
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.access import allow, clock, errors, idempotent, internal, now
from shared.http.app import Api
from shared.http.from_catalog import from_catalog
from shared.http.operations import OperationView, TaskBody, TaskResult, accepted
from shared.http.paging import NumberedItems, numbered
from shared.http.reply import Reply
from shared.request_context import RequestContext

app = Api("inventory", "Inventory", prefixes=("inventory",))


@app.post("/inventory/metrics/refresh", summary="Recompute all metrics", responses={202: OperationView})
@allow(STARTERS_OF_REFRESH)
@idempotent
def refresh_metrics(context: RequestContext, body: MetricsRefreshBody) -> Reply:
    """Answers with an operation. A refresh that is still waiting to start is shared by everyone who requests one
    meanwhile.
    """
    return accepted(service.start_refresh(context, body.rebuild))


@app.get("/inventory/stock-levels", summary="List stock per item and location", responses={200: StockPage})
@allow(EVERY_ROLE)
@from_catalog
@errors(*CATALOG_ERRORS, fields=(UnknownSort,))
def list_stock_levels(context: RequestContext, query: StockQuery) -> NumberedItems[StockRow]:
    """Ordered by item_id and location_id where no `sort` is given."""
    sort = parse_sort(query.sort, query.order, stock_levels.SORTABLE)
    total, rows = stock_levels.stock_levels(context.tenant, query.selection(), sort, query.offset, query.page_size)
    return numbered(query, total, rows)


@app.put("/inventory/stock-levels", summary="Correct a stock level", responses={200: ItemStock})
@allow(EDITORS_OF_PRODUCTS)
@errors(ProductNotFound, StockDiffers, *CATALOG_ERRORS, fields=(LocationNotFound,))
def correct_stock_level(context: RequestContext, body: StockCorrection) -> ItemStock:
    """Set an item's stock at a location and give the reason, which the audit log keeps. All lists show it from the next
    request on. With `expected_stock`, only where that is still what is there.
    """
    return stock_levels.correct(context, body)


@app.post("/inventory/internal/refresh", responses={200: TaskResult})
@internal("inventory")
def run_refresh(body: TaskBody) -> TaskResult:
    """Run a refresh. Safe to run twice and to be killed halfway."""
    tenant = Tenant(database(config()), body.client_id)
    return TaskResult(status=service.run_refresh(config(), tenant, body.operation_id, clock))


@app.post("/inventory/internal/compact-catalogs", responses={200: CompactionResult})
@internal("inventory")
def compact_catalogs() -> CompactionResult:
    """Merge piled-up edits into new snapshots. Cloud Scheduler calls this every five minutes."""
    return CompactionResult(started=service.compact_catalogs(config(), now()))
