"""HTTP surface of suppliers, and of the imports of suppliers and of their links to products."""

from __future__ import annotations

import uuid
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Response

from functions.suppliers import service
from functions.suppliers.schemas import (
    ConditionImport,
    CsvImportForm,
    NewSupplier,
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
from shared.config import config
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
from shared.http.access import actor, allow, errors, now, request_context, tenant
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.idempotency import ERRORS as IDEMPOTENCY_ERRORS
from shared.http.idempotency import once
from shared.http.paging import TokenPage, by_token

if TYPE_CHECKING:
    from shared.imports.direct_import import DirectKind

_IMPORT_LIMIT_BYTES = 32 * 1024**2

app = Api("suppliers", "Suppliers", prefixes=("suppliers", "product-suppliers"), body_limit_bytes=_IMPORT_LIMIT_BYTES)


@app.get("/suppliers", summary="List suppliers by name", responses={200: SupplierPage})
@allow(EVERY_ROLE)
def list_suppliers(query: SupplierQuery) -> dict[str, Any]:
    """Return all suppliers, or those that match a search."""
    found, following = service.page(tenant(), query.page_size, query.position(), (query.search or "").strip() or None)
    return vars(by_token(query, [vars(supplier) for supplier in found], following))


@app.post("/suppliers", summary="Add a supplier", responses={201: SupplierView})
@allow(BUYERS)
@errors(SupplierExists, CatalogMoving, *IDEMPOTENCY_ERRORS)
def create_supplier(body: NewSupplier) -> Response:
    """The supplier is maintained here: no sync changes it."""
    owner = tenant()
    made_id = request_context().request_id
    fields = body.model_dump() | {"supplier_id": body.supplier_id or made_id or uuid.uuid4().hex}
    wanted = Supplier(**fields, created_at=now())

    def act() -> Any:
        supplier, version = service.create(owner, wanted, may_exist=made_id is not None)
        where = {"Location": f"/api/v1/suppliers/{quote(supplier.supplier_id, safe='')}"}
        return vars(supplier), 201, where | etag(version)

    return once(request_context(), body.model_dump_json(), act)


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
def post_suppliers(form: CsvImportForm) -> dict[str, Any]:
    """Columns: supplier_id, name, email, phone, contact_name, payment_terms, address, lead_time_days,
    minimum_order_value, note. Only the first two are required.

    New suppliers are added, and existing ones take the file's values; a blank cell leaves its field as it is. Synced
    suppliers are rejected. Importing the same file again changes nothing.
    """
    from shared.imports.kinds.suppliers import SUPPLIERS  # a cold start is for reading, mostly

    return _imported(SUPPLIERS, form)


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
def post_conditions(form: CsvImportForm) -> dict[str, Any]:
    """Columns: item_id, supplier_id, supplier_cost, lead_time_days, moq, packaging_qty, is_primary. Only the first
    three are required.

    A blank cell leaves its field as it is; new terms take the supplier's lead time, MOQ 0 and packs of 1. A row that
    makes its supplier the primary one replaces the current primary supplier. Importing the same file again changes
    nothing. Up to 50 changed products show in all lists from the next request on; more show when the operation in the
    answer is finished.
    """
    from shared.imports.kinds.conditions import CONDITIONS

    return _imported(CONDITIONS, form)


@app.get("/suppliers/<item_id:supplier_id>", summary="Get a supplier", responses={200: SupplierDetail})
@allow(EVERY_ROLE)
@errors(SupplierNotFound)
def get_supplier(path: SupplierPath) -> Any:
    """Return its details, its first products with their purchase terms, and its latest orders."""
    detail, version = service.supplier_detail(tenant(), path.supplier_id)
    return detail, 200, etag(version)


@app.put("/suppliers/<item_id:supplier_id>", summary="Replace a supplier's fields", responses={200: SupplierView})
@allow(BUYERS)
@errors(SupplierNotFound, SupplierIsSynced, StaleVersion, CatalogMoving)
def put_supplier(path: SupplierPath, body: SupplierBody) -> Any:
    """Synced suppliers cannot be changed here. All lists show a new name from the next request on. Honours If-Match."""
    supplier, version = service.replace(tenant(), path.supplier_id, body.model_dump())
    return vars(supplier), 200, etag(version)


@app.delete("/suppliers/<item_id:supplier_id>", summary="Delete a supplier", responses={204: None})
@allow(BUYERS)
@errors(SupplierNotFound, SupplierIsSynced, SupplierLinked, SupplierOrderedFrom, StaleVersion, CatalogMoving)
def delete_supplier(path: SupplierPath) -> Any:
    """Refused while it sells a product, and permanently once it has been ordered from. Honours If-Match."""
    service.delete(tenant(), path.supplier_id)


@app.get(
    "/suppliers/<item_id:supplier_id>/products",
    summary="List a supplier's products",
    responses={200: SuppliedProductPage},
)
@allow(EVERY_ROLE)
@errors(SupplierNotFound)
def list_products(path: SupplierPath, query: TokenPage) -> dict[str, Any]:
    """Return what it sells and on which purchase terms, ordered by item_id."""
    found, following = service.products(tenant(), path.supplier_id, query.page_size, query.position())
    return vars(by_token(query, found, following))


def _imported(kind: DirectKind[Any], form: CsvImportForm) -> dict[str, Any]:
    from functions.suppliers.csv_import import import_csv
    from shared.imports.direct_import import DirectImport

    owner = tenant()
    with closing(form.file):
        content = form.file.stream.read()
    import_id = request_context().request_id or uuid.uuid4().hex
    job = DirectImport(import_id, config(), owner, actor(), form.mode, form.dry_run)
    return import_csv(kind, content, job)
