"""HTTP surface of products."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from flask import Response

from functions.products import batch, campaign_status, conditions, item_locations, service
from functions.products.campaign_status import ProductWithCampaign
from functions.products.edit_schemas import (
    BatchResult,
    ConditionBody,
    ItemLocationBody,
    NewConditionBody,
    ProductBatch,
    ProductBody,
    ProductFields,
    ProductPatch,
)
from functions.products.export import MEDIA_TYPES
from functions.products.schemas import (
    CampaignCounts,
    CampaignStatusPage,
    CategoriesQuery,
    CategoryCount,
    CategoryPage,
    ConditionPage,
    ConditionPath,
    ExportQuery,
    HistoryQuery,
    ItemLocation,
    ItemLocationPage,
    ItemLocationPath,
    ItemPath,
    MetricsQuery,
    ProductDetail,
    ProductMetrics,
    ProductPage,
    ProductQuery,
    SupplierCondition,
)
from shared.catalog.listing import UnknownSort, parse_sort
from shared.catalog.schema import CATALOG_ERRORS, CatalogMoving, CatalogRow
from shared.domain.access.principal import BUYERS, EDITORS_OF_PRODUCTS, EVERY_ROLE
from shared.domain.imports.import_errors import TooManyRows
from shared.domain.location import LocationNotFound
from shared.domain.purchasing.item_planning import PLANNING_ERRORS
from shared.domain.purchasing.product import (
    AlreadyAssigned,
    AlreadyLinked,
    NotAssigned,
    ProductNotFound,
    StockRemains,
    SupplierNotLinked,
)
from shared.domain.purchasing.supplier import SupplierNotFound
from shared.domain.versions import StaleVersion
from shared.firestore.page import PageRequest
from shared.http.access import allow, errors, idempotent, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.frame_rows import FrameRows
from shared.http.from_catalog import from_catalog, reads_catalog
from shared.http.paging import NumberedItems, NumberedPage, numbered, sliced
from shared.http.reply import Reply
from shared.http.routes import File
from shared.request_context import RequestContext

app = Api("products", "Products", prefixes=("products",))

_EXPORTED = File("The file, as an attachment.", MEDIA_TYPES)


@dataclass(frozen=True)
class ProductsWithCampaigns(NumberedItems[ProductWithCampaign]):
    """A page of products with their campaigns; `counts` are those of all pages."""

    counts: CampaignCounts


@app.get("/products", summary="List products", responses={200: ProductPage})
@allow(EVERY_ROLE)
@from_catalog
@errors(*CATALOG_ERRORS, fields=(UnknownSort,))
def list_products(context: RequestContext, query: ProductQuery) -> NumberedItems[CatalogRow]:
    """Filter the catalog, sort it by any columns, and page it."""
    sort = parse_sort(query.sort, query.order)
    total, page = service.list_products(context, query.selection(), sort, query.offset, query.page_size)
    return numbered(query, total, FrameRows(page))


@app.get("/products/categories", summary="List categories with their counts", responses={200: CategoryPage})
@allow(EVERY_ROLE)
@from_catalog
@errors(*CATALOG_ERRORS)
def list_categories(context: RequestContext, query: CategoriesQuery) -> NumberedItems[CategoryCount]:
    """Return the categories of the products under the list's filters, by name, and how many products each has.

    This path hides the detail of a product whose item_id is "categories", as "export" does.
    """
    return sliced(query, service.categories(context, query.selection()))


@app.get("/products/export", summary="Export products", responses={200: _EXPORTED})
@allow(EVERY_ROLE)
@reads_catalog
@errors(TooManyRows, *CATALOG_ERRORS, fields=(UnknownSort,))
def export_products(context: RequestContext, query: ExportQuery) -> Response:
    """Return all products under the list's filters, in its order and with its values, as CSV, Excel or Parquet.

    In CSV, a text that a spreadsheet would run as a formula starts with an apostrophe. This path hides the detail of a
    product whose item_id is "export"; lists, /products/export/metrics and edits still reach it.
    """
    sort = parse_sort(query.sort, query.order)
    file = service.export_products(context, query.selection(), sort, query.format, query.columns())
    attached = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.slices, headers=attached, content_type=file.media_type)


@app.get("/products/campaign-status", summary="List products with their campaigns", responses={200: CampaignStatusPage})
@allow(EVERY_ROLE)
@from_catalog
@errors(*CATALOG_ERRORS, fields=(UnknownSort,))
def list_campaign_status(context: RequestContext, query: ProductQuery) -> ProductsWithCampaigns:
    """Return the products of the list, with its filters and in its order, each with its running or next planned
    campaign.

    This path hides the detail of a product whose item_id is "campaign-status", as "export" does.
    """
    sort = parse_sort(query.sort, query.order)
    page = campaign_status.list_campaign_status(context, query.selection(), sort, query.offset, query.page_size)
    return ProductsWithCampaigns(page.rows, query.page, query.page_size, page.total, page.counts)


@app.get("/products/<item_id:item_id>", summary="Get a product", responses={200: ProductDetail})
@allow(EVERY_ROLE)
@reads_catalog
@errors(ProductNotFound, *CATALOG_ERRORS)
@versioned
def get_product(context: RequestContext, path: ItemPath, query: HistoryQuery) -> Reply:
    """Return all fields, metrics, stock per location, suppliers, demand history, forecast, campaigns and open
    orders."""
    orders = PageRequest(query.orders_page_size, query.orders_page)
    detail = service.product_detail(context, path.item_id, query.days, orders)
    return Reply(detail.value, 200, etag(detail.version))


@app.get("/products/<item_id:item_id>/metrics", summary="Get a product's metrics", responses={200: ProductMetrics})
@allow(EVERY_ROLE)
@reads_catalog
@errors(ProductNotFound, NotAssigned, *CATALOG_ERRORS)
def get_product_metrics(context: RequestContext, path: ItemPath, query: MetricsQuery) -> ProductMetrics:
    """Return DIR, stockout risk, expected demand, value and status, and what each was computed from; of all locations
    together, or of one."""
    return service.product_metrics(context, path.item_id, query.location_id)


@app.patch("/products/<item_id:item_id>", summary="Change some fields of a product", responses={200: ProductFields})
@allow(EDITORS_OF_PRODUCTS)
@errors(ProductNotFound, StaleVersion, CatalogMoving, fields=PLANNING_ERRORS)
@versioned
def patch_product(context: RequestContext, path: ItemPath, body: ProductPatch) -> Reply:
    """Omitted fields stay as they are, those of `planning` too. All lists, and what is suggested, show the change from
    the next request on."""
    product = service.edit_product(context, path.item_id, partial(body.applied_to, today=context.today))
    return Reply(ProductFields.of(product), 200, etag(product.version))


@app.put("/products/<item_id:item_id>", summary="Replace the fields of a product", responses={200: ProductFields})
@allow(EDITORS_OF_PRODUCTS)
@errors(ProductNotFound, StaleVersion, CatalogMoving, fields=PLANNING_ERRORS)
@versioned
def put_product(context: RequestContext, path: ItemPath, body: ProductBody) -> Reply:
    """Omitted fields take their defaults. Honours If-Match with the ETag of the product."""
    product = service.edit_product(context, path.item_id, partial(body.applied_to, today=context.today))
    return Reply(ProductFields.of(product), 200, etag(product.version))


@app.post("/products/batch", summary="Change many products", responses={200: BatchResult})
@allow(EDITORS_OF_PRODUCTS)
@idempotent
@errors(CatalogMoving)
def update_products(context: RequestContext, body: ProductBatch) -> BatchResult:
    """Return a result for each update. Valid updates are made together; an invalid one does not stop the others.
    Omitted fields stay as they are. Honours Idempotency-Key.
    """
    return BatchResult(items=batch.update_products(context, body.checked()))


@app.get("/products/<item_id:item_id>/suppliers", summary="List a product's suppliers", responses={200: ConditionPage})
@allow(EVERY_ROLE)
@errors(ProductNotFound)
def list_product_suppliers(
    context: RequestContext, path: ItemPath, query: NumberedPage
) -> NumberedItems[SupplierCondition]:
    """Return who sells the product and on which purchase terms, the primary supplier first."""
    of_product = conditions.of_product(context, path.item_id)
    return sliced(query, [SupplierCondition.of(condition) for condition in of_product])


@app.post("/products/<item_id:item_id>/suppliers", summary="Link a supplier", responses={201: SupplierCondition})
@allow(BUYERS)
@idempotent
@errors(ProductNotFound, AlreadyLinked, CatalogMoving, fields=(SupplierNotFound,))
@versioned
def link_supplier(context: RequestContext, path: ItemPath, body: NewConditionBody) -> Reply:
    """A new primary supplier replaces the current one. Honours Idempotency-Key."""
    linked = conditions.link(context, path.item_id, body)
    where = "/".join(quote(part, safe="") for part in (path.item_id, "suppliers", body.supplier_id))
    return Reply(SupplierCondition.of(linked), 201, {"Location": f"/api/v1/products/{where}"} | etag(linked.version))


@app.get(
    "/products/<item_id:item_id>/suppliers/<item_id:supplier_id>",
    summary="Get a supplier's purchase terms",
    responses={200: SupplierCondition},
)
@allow(EVERY_ROLE)
@errors(SupplierNotLinked)
@versioned
def get_product_supplier(context: RequestContext, path: ConditionPath) -> Reply:
    """Return the terms with an ETag to send in If-Match when changing or removing them."""
    condition = conditions.condition(context, path.item_id, path.supplier_id)
    return Reply(SupplierCondition.of(condition), 200, etag(condition.version))


@app.put(
    "/products/<item_id:item_id>/suppliers/<item_id:supplier_id>",
    summary="Change a supplier's purchase terms",
    responses={200: SupplierCondition},
)
@allow(BUYERS)
@errors(ProductNotFound, SupplierNotLinked, StaleVersion, CatalogMoving)
@versioned
def put_product_supplier(context: RequestContext, path: ConditionPath, body: ConditionBody) -> Reply:
    """Omitted fields stay as they are. A new primary supplier replaces the current one. Honours If-Match."""
    condition = conditions.change(context, path.item_id, path.supplier_id, body)
    return Reply(SupplierCondition.of(condition), 200, etag(condition.version))


@app.delete(
    "/products/<item_id:item_id>/suppliers/<item_id:supplier_id>",
    summary="Unlink a supplier",
    responses={204: None},
)
@allow(BUYERS)
@errors(ProductNotFound, SupplierNotLinked, StaleVersion, CatalogMoving)
def unlink_supplier(context: RequestContext, path: ConditionPath) -> None:
    """Existing orders stay as they are. Honours If-Match."""
    conditions.unlink(context, path.item_id, path.supplier_id)


@app.get(
    "/products/<item_id:item_id>/locations",
    summary="List a product's stock per location",
    responses={200: ItemLocationPage},
)
@allow(EVERY_ROLE)
@from_catalog
@errors(ProductNotFound, *CATALOG_ERRORS)
def list_product_locations(context: RequestContext, path: ItemPath, query: NumberedPage) -> NumberedItems[CatalogRow]:
    """Return the product's row at each location that keeps it."""
    return sliced(query, item_locations.stock_per_location(context, path.item_id))


@app.post(
    "/products/<item_id:item_id>/locations", summary="Keep a product at a location", responses={201: ItemLocation}
)
@allow(EDITORS_OF_PRODUCTS)
@idempotent
@errors(ProductNotFound, AlreadyAssigned, CatalogMoving, fields=(LocationNotFound,))
def assign_location(context: RequestContext, path: ItemPath, body: ItemLocationBody) -> Reply:
    """The stock there starts at 0, or at the given quantity. Honours Idempotency-Key."""
    stock = item_locations.assign(context, path.item_id, body.location_id, body.current_stock)
    assigned = ItemLocation(
        item_id=stock.item_id, location_id=body.location_id, current_stock=stock.levels[body.location_id]
    )
    return Reply(assigned, 201, {"Location": f"/api/v1/products/{quote(path.item_id, safe='')}/locations"})


@app.delete(
    "/products/<item_id:item_id>/locations/<item_id:location_id>",
    summary="Keep a product at a location no longer",
    responses={204: None},
)
@allow(EDITORS_OF_PRODUCTS)
@errors(ProductNotFound, NotAssigned, StockRemains, CatalogMoving)
def unassign_location(context: RequestContext, path: ItemLocationPath) -> None:
    """Refused unless its stock there is 0. Its row at the location leaves all lists."""
    item_locations.unassign(context, path.item_id, path.location_id)
