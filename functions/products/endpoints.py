"""HTTP surface of products."""

from __future__ import annotations

from typing import Any

from functions.products import service
from functions.products.schemas import (
    HistoryQuery,
    ItemPath,
    ProductBody,
    ProductDetail,
    ProductFields,
    ProductMetrics,
    ProductPage,
    ProductPatch,
    ProductQuery,
)
from shared.catalog.listing import ProductFilter, parse_sort
from shared.config import config
from shared.domain.principal import EDITORS_OF_PRODUCTS, EVERY_ROLE
from shared.http.app import Api, allow, now, principal, tenant
from shared.http.etag import etag
from shared.http.paging import numbered

app = Api("products", "Products", prefixes=("products",))


@app.get("/products", summary="List products", responses={200: ProductPage})
@allow(EVERY_ROLE)
def list_products(query: ProductQuery) -> dict[str, Any]:
    """Filter, sort by any column (several at once), and page the catalog."""
    wanted = ProductFilter(
        **query.model_dump(
            exclude={"client_id", "page", "page_size", "sort", "order", "category", "supplier_id", "status"}
        ),
        category=(query.category,) if query.category is not None else (),
        supplier_id=(query.supplier_id,) if query.supplier_id is not None else (),
        status=tuple(query.status or ()),
    )
    sort = parse_sort(query.sort, query.order)
    total, rows = service.list_products(tenant(), wanted, sort, query.offset, query.page_size)
    return numbered(query, total, rows)


@app.get("/products/<item_id:item_id>", summary="A product", responses={200: ProductDetail})
@allow(EVERY_ROLE)
def get_product(path: ItemPath, query: HistoryQuery) -> Any:
    """All fields, metrics, stock per location, suppliers, demand history, forecast, campaigns and open orders."""
    detail, version = service.product_detail(config(), tenant(), path.item_id, query.days)
    return detail, 200, etag(version)


@app.get("/products/<item_id:item_id>/metrics", summary="A product's metrics", responses={200: ProductMetrics})
@allow(EVERY_ROLE)
def get_metrics(path: ItemPath) -> dict[str, Any]:
    """DIR, stockout risk, expected demand, value and status, and what each was computed from."""
    return service.product_metrics(tenant(), path.item_id)


@app.patch("/products/<item_id:item_id>", summary="Change some fields", responses={200: ProductFields})
@allow(EDITORS_OF_PRODUCTS)
def patch_product(path: ItemPath, body: ProductPatch) -> Any:
    """Fields left out stay as they are; the product's rows in all lists change with it."""
    return _edited(path.item_id, body.model_dump(exclude_unset=True))


@app.put("/products/<item_id:item_id>", summary="Replace the fields", responses={200: ProductFields})
@allow(EDITORS_OF_PRODUCTS)
def put_product(path: ItemPath, body: ProductBody) -> Any:
    """Honours If-Match with the ETag of the product."""
    return _edited(path.item_id, body.model_dump())


def _edited(item_id: str, fields: dict[str, Any]) -> Any:
    product, version = service.edit_product(config(), tenant(), item_id, fields, principal().user_id, now())
    return product, 200, etag(version)
