"""HTTP surface of suppliers, and of the imports of suppliers and of their links to products."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from functions.suppliers import service
from functions.suppliers.listing import SupplierFilter, listed, parse_sort
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
from shared.catalog.listing import UnknownSort
from shared.catalog.schema import CatalogMoving
from shared.domain.access.principal import BUYERS, EVERY_ROLE
from shared.domain.imports.import_errors import (
    AmbiguousEncoding,
    AmbiguousNumbers,
    EmptyFile,
    ImportRejected,
    MissingColumns,
    NulByte,
    TooManyColumns,
    TooManyRows,
    UnreadableFile,
)
from shared.domain.purchasing.supplier import (
    ExternalIdTaken,
    Supplier,
    SupplierDeleted,
    SupplierExists,
    SupplierIsSynced,
    SupplierLinked,
    SupplierNameTaken,
    SupplierNotFound,
    SupplierOrderedFrom,
)
from shared.domain.versions import StaleVersion
from shared.http.access import allow, errors, idempotent, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.from_catalog import from_catalog_or_documents
from shared.http.paging import ItemsByToken, TokenPage, views_by_token
from shared.http.reply import Reply
from shared.request_context import RequestContext

if TYPE_CHECKING:
    from shared.imports.direct_import import DirectImport

_IMPORT_LIMIT_BYTES = 32 * 1024**2

app = Api("suppliers", "Suppliers", prefixes=("suppliers", "product-suppliers"), body_limit_bytes=_IMPORT_LIMIT_BYTES)


@app.get("/suppliers", summary="List suppliers", responses={200: SupplierPage})
@allow(EVERY_ROLE)
@from_catalog_or_documents
@errors(CatalogMoving, fields=(UnknownSort,))
def list_suppliers(context: RequestContext, query: SupplierQuery) -> ItemsByToken[SupplierView]:
    """Return all suppliers, or those that the filters leave."""
    page = listed(context.tenant, _selection(query), parse_sort(query.sort), query.request())
    return views_by_token(query, page, SupplierView.model_validate)


@app.post("/suppliers", summary="Add a supplier", responses={201: SupplierView})
@allow(BUYERS)
@idempotent
@errors(SupplierExists, SupplierNameTaken, ExternalIdTaken, CatalogMoving)
@versioned
def create_supplier(context: RequestContext, body: NewSupplier) -> Reply:
    """The supplier is maintained here: no sync changes it."""
    fields = body.model_dump() | {"supplier_id": body.supplier_id or context.new_id()}
    supplier = service.create(context, Supplier(**fields))
    location = f"/api/v1/suppliers/{quote(supplier.value.supplier_id, safe='')}"
    return Reply(SupplierView.of(supplier), 201, {"Location": location} | etag(supplier.version))


@app.post("/suppliers/import", summary="Import suppliers", responses={200: SupplierImport})
@allow(BUYERS)
@errors(
    ImportRejected,
    SupplierIsSynced,
    SupplierNameTaken,
    ExternalIdTaken,
    CatalogMoving,
    fields=(
        UnreadableFile,
        TooManyRows,
        EmptyFile,
        NulByte,
        MissingColumns,
        TooManyColumns,
        AmbiguousEncoding,
        AmbiguousNumbers,
    ),
)
def import_suppliers(context: RequestContext, form: CsvImportForm) -> ImportAnswer:
    """Columns: supplier_id, external_id, name, contact_name, contact_email, contact_phone, supplier_type,
    payment_terms, address, lead_time_days, minimum_order_value, notes. Only the name is required.

    A row finds its supplier by supplier_id, else by external_id, else by name, and one that finds none adds a
    supplier. Columns are found by their usual names in six languages; the answer says which were read. Existing
    suppliers take the file's values; a blank cell leaves its field as it is. Rejected are synced
    suppliers, and names and external_ids of other suppliers. Importing the same file again changes nothing.
    """
    from functions.suppliers.csv_import import import_csv  # a cold start is for reading, mostly
    from shared.imports.kinds.suppliers import SUPPLIERS

    return import_csv(SUPPLIERS, form, _import_of(context, form))


@app.post("/product-suppliers/import", summary="Import purchase terms", responses={200: ConditionImport})
@allow(BUYERS)
@errors(
    ImportRejected,
    SupplierDeleted,
    CatalogMoving,
    fields=(
        UnreadableFile,
        TooManyRows,
        EmptyFile,
        NulByte,
        MissingColumns,
        TooManyColumns,
        AmbiguousEncoding,
        AmbiguousNumbers,
    ),
)
def import_product_suppliers(context: RequestContext, form: CsvImportForm) -> ImportAnswer:
    """Columns: item_id, supplier_id, external_id, supplier_cost, lead_time_days, moq, packaging_qty, is_primary,
    supplier_sku, packaging_unit, notes. Required are item_id, supplier_cost, and supplier_id or external_id: the
    supplier's number in your own system. Where a row has both they must mean the same supplier.

    A blank cell leaves its field as it is; new terms take the supplier's lead time, MOQ 0 and packs of 1. A row that
    makes its supplier the primary one replaces the current primary supplier. Importing the same file again changes
    nothing. Up to 50 changed products show in all lists from the next request on; more show when the operation in the
    answer is finished.
    """
    from functions.suppliers.csv_import import import_csv
    from shared.imports.kinds.conditions import CONDITIONS

    return import_csv(CONDITIONS, form, _import_of(context, form))


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
@errors(SupplierNotFound, SupplierIsSynced, SupplierNameTaken, ExternalIdTaken, StaleVersion, CatalogMoving)
@versioned
def put_supplier(context: RequestContext, path: SupplierPath, body: SupplierBody) -> Reply:
    """Of a synced supplier only contact_name, contact_email, contact_phone and notes can be changed here, and what is
    left out of its other fields stays. All lists show a new name from the next request on. Honours If-Match."""
    supplier = service.replace(context, path.supplier_id, body)
    return Reply(SupplierView.of(supplier), headers=etag(supplier.version))


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


def _selection(query: SupplierQuery) -> SupplierFilter:
    given = query.model_dump(include=set(SupplierFilter.__dataclass_fields__), exclude_none=True)
    lists = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    return SupplierFilter(**given | lists | {"search": (query.search or "").strip() or None})


def _import_of(context: RequestContext, form: CsvImportForm) -> DirectImport:
    from shared.imports.direct_import import DirectImport

    return DirectImport(context.new_id(), context.config, context.tenant, context.actor, form.mode, form.dry_run)
