"""HTTP surface of inventory."""

from __future__ import annotations

from functions.inventory import service, stock_levels, transfers
from functions.inventory.schemas import (
    CompactionResult,
    ItemStock,
    MetricsRefreshBody,
    StockCorrection,
    StockPage,
    StockQuery,
    StockRow,
    TransferBody,
    TransferPage,
    TransferPath,
    TransferQuery,
    TransferView,
)
from shared.catalog.listing import UnknownSort, parse_sort
from shared.catalog.schema import CATALOG_ERRORS
from shared.config import config
from shared.domain.access.principal import EDITORS_OF_PRODUCTS, EVERY_ROLE, STARTERS_OF_REFRESH
from shared.domain.dates import InvalidRange
from shared.domain.location import LocationNotFound
from shared.domain.purchasing.product import NotEnoughStock, ProductNotFound, StockDiffers
from shared.domain.purchasing.stock_transfer import TransferNotFound, TransferToItself
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.access import allow, clock, errors, idempotent, internal, now, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.from_catalog import from_catalog
from shared.http.operations import OperationView, TaskBody, TaskResult, accepted
from shared.http.paging import ItemsByToken, NumberedItems, numbered, views_by_token
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


@app.get("/inventory/transfers", summary="List stock transfers, newest first", responses={200: TransferPage})
@allow(EVERY_ROLE)
@errors(fields=(InvalidRange,))
def list_transfers(context: RequestContext, query: TransferQuery) -> ItemsByToken[TransferView]:
    """Return what was moved between which locations, when, by whom and why."""
    page = transfers.transfers(context, query)
    return views_by_token(query, page, lambda stored: TransferView.of(stored.value))


@app.post("/inventory/transfers", summary="Move stock between locations", responses={201: TransferView})
@allow(EDITORS_OF_PRODUCTS)
@idempotent
@errors(
    ProductNotFound,
    NotEnoughStock,
    StockDiffers,
    *CATALOG_ERRORS,
    fields=(LocationNotFound, TransferToItself),
)
@versioned
def create_transfer(context: RequestContext, body: TransferBody) -> Reply:
    """Take units off the stock of one location and add them to another's, both or neither. All lists show it from the
    next request on. With `expected_stock`, only where that is still in stock where it comes from.
    """
    created = transfers.move(context, body)
    headers = {"Location": f"/api/v1/inventory/transfers/{created.value.id}"} | etag(created.version)
    return Reply(TransferView.of(created.value), 201, headers)


@app.get("/inventory/transfers/<item_id:transfer_id>", summary="Get a stock transfer", responses={200: TransferView})
@allow(EVERY_ROLE)
@errors(TransferNotFound)
@versioned
def get_transfer(context: RequestContext, path: TransferPath) -> Reply:
    """Return the transfer with its ETag."""
    stored = transfers.transfer(context, path.transfer_id)
    return Reply(TransferView.of(stored.value), headers=etag(stored.version))


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
