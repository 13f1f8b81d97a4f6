"""HTTP surface of suppliers, and of the imports of suppliers and of their links to products."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

from functions.suppliers import service
from functions.suppliers.schemas import (
    ConditionImport,
    CsvImportForm,
    ImportAnswer,
    NewSupplier,
    SuppliedProduct,
    SuppliedProductPage,
    SupplierBody,
    SupplierDetail,
    SupplierImport,
    SupplierPage,
    SupplierPath,
    SupplierQuery,
    SupplierView,
)
from shared.catalog.schema import CatalogMoving
from shared.domain.access.principal import BUYERS, EVERY_ROLE
from shared.domain.imports.import_errors import (
    EmptyFile,
    ImportRejected,
    NulByte,
    TooManyRows,
    UnreadableFile,
    WrongEncoding,
    WrongHeader,
)
from shared.domain.purchasing.supplier import (
    Supplier,
    SupplierDeleted,
    SupplierExists,
    SupplierIsSynced,
    SupplierLinked,
    SupplierNotFound,
    SupplierOrderedFrom,
)
from shared.domain.versions import StaleVersion
from shared.http.access import allow, errors, idempotent, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.paging import ItemsByToken, TokenPage, views_by_token
from shared.http.reply import Reply
from shared.request_context import RequestContext

if TYPE_CHECKING:
    from shared.imports.direct_import import DirectImport

_IMPORT_LIMIT_BYTES = 32 * 1024**2

app = Api("suppliers", "Suppliers", prefixes=("suppliers", "product-suppliers"), body_limit_bytes=_IMPORT_LIMIT_BYTES)


@app.get("/suppliers", summary="List suppliers by name", responses={200: SupplierPage})
@allow(EVERY_ROLE)
def list_suppliers(context: RequestContext, query: SupplierQuery) -> ItemsByToken[SupplierView]:
    """Return all suppliers, or those that match a search."""
    search = (query.search or "").strip() or None
    return views_by_token(query, service.suppliers(context, query.request(), search), SupplierView.model_validate)


@app.post("/suppliers", summary="Add a supplier", responses={201: SupplierView})
@allow(BUYERS)
@idempotent
@errors(SupplierExists, CatalogMoving)
@versioned
def create_supplier(context: RequestContext, body: NewSupplier) -> Reply:
    """The supplier is maintained here: no sync changes it."""
    fields = body.model_dump() | {"supplier_id": body.supplier_id or context.new_id()}
    supplier = service.create(context, Supplier(**fields, created_at=context.now))
    location = f"/api/v1/suppliers/{quote(supplier.value.supplier_id, safe='')}"
    return Reply(SupplierView.model_validate(supplier.value), 201, {"Location": location} | etag(supplier.version))


@app.post("/suppliers/import", summary="Import suppliers", responses={200: SupplierImport})
@allow(BUYERS)
@errors(
    WrongHeader,
    ImportRejected,
    SupplierIsSynced,
    CatalogMoving,
    fields=(
        UnreadableFile,
        TooManyRows,
        EmptyFile,
        WrongEncoding,
        NulByte,
    ),
)
def import_suppliers(context: RequestContext, form: CsvImportForm) -> ImportAnswer:
    """Columns: supplier_id, name, email, phone, contact_name, payment_terms, address, lead_time_days,
    minimum_order_value, note. Only the first two are required.

    New suppliers are added, and existing ones take the file's values; a blank cell leaves its field as it is. Synced
    suppliers are rejected. Importing the same file again changes nothing.
    """
    from functions.suppliers.csv_import import import_csv  # a cold start is for reading, mostly
    from shared.imports.kinds.suppliers import SUPPLIERS

    return import_csv(SUPPLIERS, _content(form), _import_of(context, form))


@app.post("/product-suppliers/import", summary="Import purchase terms", responses={200: ConditionImport})
@allow(BUYERS)
@errors(
    WrongHeader,
    ImportRejected,
    SupplierDeleted,
    CatalogMoving,
    fields=(
        UnreadableFile,
        TooManyRows,
        EmptyFile,
        WrongEncoding,
        NulByte,
    ),
)
def import_product_suppliers(context: RequestContext, form: CsvImportForm) -> ImportAnswer:
    """Columns: item_id, supplier_id, supplier_cost, lead_time_days, moq, packaging_qty, is_primary. Only the first
    three are required.

    A blank cell leaves its field as it is; new terms take the supplier's lead time, MOQ 0 and packs of 1. A row that
    makes its supplier the primary one replaces the current primary supplier. Importing the same file again changes
    nothing. Up to 50 changed products show in all lists from the next request on; more show when the operation in the
    answer is finished.
    """
    from functions.suppliers.csv_import import import_csv
    from shared.imports.kinds.conditions import CONDITIONS

    return import_csv(CONDITIONS, _content(form), _import_of(context, form))


@app.get("/suppliers/<item_id:supplier_id>", summary="Get a supplier", responses={200: SupplierDetail})
@allow(EVERY_ROLE)
@errors(SupplierNotFound)
@versioned
def get_supplier(context: RequestContext, path: SupplierPath) -> Reply:
    """Return its details, its first products with their purchase terms, and its latest orders."""
    detail = service.supplier_detail(context, path.supplier_id)
    return Reply(detail.value, headers=etag(detail.version))


@app.put("/suppliers/<item_id:supplier_id>", summary="Replace a supplier's fields", responses={200: SupplierView})
@allow(BUYERS)
@errors(SupplierNotFound, SupplierIsSynced, StaleVersion, CatalogMoving)
@versioned
def put_supplier(context: RequestContext, path: SupplierPath, body: SupplierBody) -> Reply:
    """Synced suppliers cannot be changed here. All lists show a new name from the next request on. Honours If-Match."""
    supplier = service.replace(context, path.supplier_id, body)
    return Reply(SupplierView.model_validate(supplier.value), headers=etag(supplier.version))


@app.delete("/suppliers/<item_id:supplier_id>", summary="Delete a supplier", responses={204: None})
@allow(BUYERS)
@errors(SupplierNotFound, SupplierIsSynced, SupplierLinked, SupplierOrderedFrom, StaleVersion, CatalogMoving)
def delete_supplier(context: RequestContext, path: SupplierPath) -> None:
    """Refused while it sells a product, and permanently once it has been ordered from. Honours If-Match."""
    service.delete(context, path.supplier_id)


@app.get(
    "/suppliers/<item_id:supplier_id>/products",
    summary="List a supplier's products",
    responses={200: SuppliedProductPage},
)
@allow(EVERY_ROLE)
@errors(SupplierNotFound)
def list_supplier_products(
    context: RequestContext, path: SupplierPath, query: TokenPage
) -> ItemsByToken[SuppliedProduct]:
    """Return what it sells and on which purchase terms, ordered by item_id."""
    products = service.products(context, path.supplier_id, query.request())
    return views_by_token(query, products, lambda product: product)


def _content(form: CsvImportForm) -> bytes:
    with closing(form.file):
        return form.file.stream.read()


def _import_of(context: RequestContext, form: CsvImportForm) -> DirectImport:
    from shared.imports.direct_import import DirectImport

    return DirectImport(context.new_id(), context.config, context.tenant, context.actor, form.mode, form.dry_run)
