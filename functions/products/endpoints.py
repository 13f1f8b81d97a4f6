"""HTTP surface of products."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response

from functions.products import batch, campaign_status, conditions, item_locations, service
from functions.products.export import EXPORTED
from functions.products.schemas import (
    BatchResult,
    CampaignStatusPage,
    ConditionBody,
    ConditionPage,
    ConditionPath,
    ExportQuery,
    HistoryQuery,
    ItemLocation,
    ItemLocationBody,
    ItemLocationPage,
    ItemPath,
    NewConditionBody,
    ProductBatch,
    ProductBody,
    ProductDetail,
    ProductFields,
    ProductMetrics,
    ProductPage,
    ProductPatch,
    ProductQuery,
    ProductSelection,
    SupplierCondition,
)
from shared.catalog.listing import ProductFilter, UnknownSort, parse_sort
from shared.catalog.schema import CATALOG_ERRORS, CatalogMoving
from shared.config import config
from shared.domain.access.principal import BUYERS, EDITORS_OF_PRODUCTS, EVERY_ROLE
from shared.domain.imports.import_errors import TooManyRows
from shared.domain.location import LocationNotFound
from shared.domain.purchasing.product import AlreadyAssigned, AlreadyLinked, ProductNotFound, SupplierNotLinked
from shared.domain.purchasing.supplier import SupplierNotFound
from shared.domain.versions import StaleVersion
from shared.http.access import actor, allow, errors, request_context, tenant
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.idempotency import ERRORS as IDEMPOTENCY_ERRORS
from shared.http.idempotency import once
from shared.http.paging import NumberedPage, numbered
from shared.http.reply import Answer

app = Api("products", "Products", prefixes=("products",))


@app.get("/products", summary="List products", responses={200: ProductPage})
@allow(EVERY_ROLE)
@errors(*CATALOG_ERRORS, fields=(UnknownSort,))
def list_products(query: ProductQuery) -> dict[str, Any]:
    """Filter the catalog, sort it by any columns, and page it."""
    sort = parse_sort(query.sort, query.order)
    total, rows = service.list_products(tenant(), _wanted(query), sort, query.offset, query.page_size)
    return vars(numbered(query, total, rows))


@app.get("/products/export", summary="Export products", responses={200: EXPORTED})
@allow(EVERY_ROLE)
@errors(TooManyRows, *CATALOG_ERRORS, fields=(UnknownSort,))
def export_products(query: ExportQuery) -> Response:
    """Return all products under the list's filters, in its order and with its values, as CSV, Excel or Parquet.

    In CSV, a text that a spreadsheet would run as a formula starts with an apostrophe. This path hides the detail of a
    product whose item_id is "export"; lists, /products/export/metrics and edits still reach it.
    """
    sort = parse_sort(query.sort, query.order)
    return service.export_products(tenant(), _wanted(query), sort, query.format)


@app.get("/products/campaign-status", summary="List products with their campaigns", responses={200: CampaignStatusPage})
@allow(EVERY_ROLE)
@errors(*CATALOG_ERRORS, fields=(UnknownSort,))
def list_campaign_status(query: ProductQuery) -> dict[str, Any]:
    """Return the products of the list, with its filters and in its order, each with its running or next planned
    campaign.

    This path hides the detail of a product whose item_id is "campaign-status", as "export" does.
    """
    sort = parse_sort(query.sort, query.order)
    total, rows, counts = campaign_status.list_campaign_status(
        tenant(), _wanted(query), sort, query.offset, query.page_size
    )
    return vars(numbered(query, total, rows)) | {"counts": counts}


@app.get("/products/<item_id:item_id>", summary="Get a product", responses={200: ProductDetail})
@allow(EVERY_ROLE)
@errors(ProductNotFound, *CATALOG_ERRORS)
def get_product(path: ItemPath, query: HistoryQuery) -> Any:
    """Return all fields, metrics, stock per location, suppliers, demand history, forecast, campaigns and open
    orders."""
    detail, version = service.product_detail(config(), tenant(), path.item_id, query.days)
    return detail, 200, etag(version)


@app.get("/products/<item_id:item_id>/metrics", summary="Get a product's metrics", responses={200: ProductMetrics})
@allow(EVERY_ROLE)
@errors(ProductNotFound, *CATALOG_ERRORS)
def get_metrics(path: ItemPath) -> dict[str, Any]:
    """Return DIR, stockout risk, expected demand, value and status, and what each was computed from."""
    return service.product_metrics(tenant(), path.item_id)


@app.patch("/products/<item_id:item_id>", summary="Change some fields of a product", responses={200: ProductFields})
@allow(EDITORS_OF_PRODUCTS)
@errors(ProductNotFound, StaleVersion, CatalogMoving)
def patch_product(path: ItemPath, body: ProductPatch) -> Any:
    """Omitted fields stay as they are. All lists show the change from the next request on."""
    return _edited(path.item_id, body.model_dump(exclude_unset=True))


@app.put("/products/<item_id:item_id>", summary="Replace the fields of a product", responses={200: ProductFields})
@allow(EDITORS_OF_PRODUCTS)
@errors(ProductNotFound, StaleVersion, CatalogMoving)
def put_product(path: ItemPath, body: ProductBody) -> Any:
    """Omitted fields take their defaults. Honours If-Match with the ETag of the product."""
    return _edited(path.item_id, body.model_dump())


@app.post("/products/batch", summary="Change many products", responses={200: BatchResult})
@allow(EDITORS_OF_PRODUCTS)
@errors(CatalogMoving, *IDEMPOTENCY_ERRORS)
def update_batch(body: ProductBatch) -> Response:
    """Return a result for each update. Valid updates are made together; an invalid one does not stop the others.
    Omitted fields stay as they are. Honours Idempotency-Key.
    """
    owner = tenant()

    def act() -> Answer:
        return {"items": batch.update_products(owner, body.updates)}, 200, {}

    return once(request_context(), body.model_dump_json(), act)


@app.get("/products/<item_id:item_id>/suppliers", summary="List a product's suppliers", responses={200: ConditionPage})
@allow(EVERY_ROLE)
@errors(ProductNotFound)
def list_conditions(path: ItemPath, query: NumberedPage) -> dict[str, Any]:
    """Return who sells the product and on which purchase terms, the primary supplier first."""
    found = conditions.of_product(tenant(), path.item_id)
    return vars(numbered(query, len(found), found[query.offset : query.offset + query.page_size]))


@app.post("/products/<item_id:item_id>/suppliers", summary="Link a supplier", responses={201: SupplierCondition})
@allow(BUYERS)
@errors(ProductNotFound, AlreadyLinked, CatalogMoving, *IDEMPOTENCY_ERRORS, fields=(SupplierNotFound,))
def link_supplier(path: ItemPath, body: NewConditionBody) -> Response:
    """A new primary supplier replaces the current one. Honours Idempotency-Key."""
    owner, who = tenant(), actor()
    may_exist = request_context().request_id is not None
    where = "/".join(quote(part, safe="") for part in (path.item_id, "suppliers", body.supplier_id))

    def act() -> Answer:
        linked, version = conditions.link(owner, who, path.item_id, body, may_exist=may_exist)
        return linked, 201, {"Location": f"/api/v1/products/{where}", **etag(version)}

    return once(request_context(), body.model_dump_json(), act)


@app.get(
    "/products/<item_id:item_id>/suppliers/<item_id:supplier_id>",
    summary="Get a supplier's purchase terms",
    responses={200: SupplierCondition},
)
@allow(EVERY_ROLE)
@errors(SupplierNotLinked)
def get_condition(path: ConditionPath) -> Any:
    """Return the terms with an ETag to send in If-Match when changing or removing them."""
    found, version = conditions.condition(tenant(), path.item_id, path.supplier_id)
    return found, 200, etag(version)


@app.put(
    "/products/<item_id:item_id>/suppliers/<item_id:supplier_id>",
    summary="Change a supplier's purchase terms",
    responses={200: SupplierCondition},
)
@allow(BUYERS)
@errors(ProductNotFound, SupplierNotLinked, StaleVersion, CatalogMoving)
def put_condition(path: ConditionPath, body: ConditionBody) -> Any:
    """Omitted fields stay as they are. A new primary supplier replaces the current one. Honours If-Match."""
    changed, version = conditions.change(tenant(), actor(), path.item_id, path.supplier_id, body)
    return changed, 200, etag(version)


@app.delete(
    "/products/<item_id:item_id>/suppliers/<item_id:supplier_id>",
    summary="Unlink a supplier",
    responses={204: None},
)
@allow(BUYERS)
@errors(ProductNotFound, SupplierNotLinked, StaleVersion, CatalogMoving)
def unlink_supplier(path: ConditionPath) -> None:
    """Existing orders stay as they are. Honours If-Match."""
    conditions.unlink(tenant(), actor(), path.item_id, path.supplier_id)


@app.get(
    "/products/<item_id:item_id>/locations",
    summary="List a product's stock per location",
    responses={200: ItemLocationPage},
)
@allow(EVERY_ROLE)
@errors(ProductNotFound, *CATALOG_ERRORS)
def list_item_locations(path: ItemPath, query: NumberedPage) -> dict[str, Any]:
    """Return the product's row at each location that keeps it."""
    rows = item_locations.stock_per_location(tenant(), path.item_id)
    return vars(numbered(query, len(rows), rows[query.offset : query.offset + query.page_size]))


@app.post(
    "/products/<item_id:item_id>/locations", summary="Keep a product at a location", responses={201: ItemLocation}
)
@allow(EDITORS_OF_PRODUCTS)
@errors(ProductNotFound, AlreadyAssigned, CatalogMoving, *IDEMPOTENCY_ERRORS, fields=(LocationNotFound,))
def assign_location(path: ItemPath, body: ItemLocationBody) -> Response:
    """The stock there starts at 0, or at the given quantity. Honours Idempotency-Key."""
    owner, who = tenant(), actor()
    may_exist = request_context().request_id is not None

    def act() -> Answer:
        made = item_locations.assign(
            owner, who, path.item_id, body.location_id, body.current_stock, may_exist=may_exist
        )
        return made, 201, {"Location": f"/api/v1/products/{quote(path.item_id, safe='')}/locations"}

    return once(request_context(), body.model_dump_json(), act)


def _wanted(query: ProductSelection) -> ProductFilter:
    alike = set(ProductFilter.__dataclass_fields__) - {"category", "supplier_id", "status"}
    return ProductFilter(
        **query.model_dump(include=alike),
        category=(query.category,) if query.category is not None else (),
        supplier_id=(query.supplier_id,) if query.supplier_id is not None else (),
        status=tuple(query.status or ()),
    )


def _edited(item_id: str, fields: dict[str, Any]) -> Any:
    product, version = service.edit_product(tenant(), item_id, fields)
    return product, 200, etag(version)
