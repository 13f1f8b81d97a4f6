"""Suppliers: maintained here, unless the client's own system maintains them.

A change goes into the catalog's table of suppliers in the same transaction, so every list shows the new name at once.
The copies of the name in the conditions, which later rows are made of, are brought in line after the commit: an item
may have thousands. Whoever changes the supplier next finishes what a killed request left of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace as with_fields
from decimal import Decimal
from typing import Any

from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.catalog.live import Catalog, catalog_or_none
from shared.catalog.store import CatalogStore
from shared.domain.errors import NotFound
from shared.domain.purchasing.order_filter import OrderFilter
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.purchase_order import OrderSummary
from shared.domain.purchasing.supplier import (
    Supplier,
    SupplierExists,
    SupplierIsSynced,
    SupplierLinked,
    SupplierOrderedFrom,
)
from shared.firestore.conditions import Conditions
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.http.etag import check_if_match

_SHOWN_PRODUCTS, _SHOWN_ORDERS = 50, 20
_NAMED = 3
_UNITS, _CENTS = Decimal("0.001"), Decimal("0.01")  # as api.md has quantities and money


def page(tenant: Tenant, size: int, position: str | None, search: str | None) -> tuple[list[Supplier], str | None]:
    """Suppliers of one page, by name, and where the next one starts."""
    return Suppliers(tenant).page(size, position, search)


def supplier_detail(tenant: Tenant, supplier_id: str) -> tuple[dict[str, Any], str]:
    """The supplier with its first products and its latest orders, and its version."""
    supplier, version = Suppliers(tenant).get(supplier_id)
    with ThreadPoolExecutor(max_workers=2) as side_by_side:
        conditions = side_by_side.submit(Conditions(tenant).of_supplier, supplier_id, _SHOWN_PRODUCTS + 1)
        orders = side_by_side.submit(
            PurchaseOrders(tenant).page, _SHOWN_ORDERS, None, OrderFilter(supplier_id=supplier_id)
        )
        found = conditions.result()
        return vars(supplier) | {
            "products": _with_names(tenant, found[:_SHOWN_PRODUCTS]),
            "more_products": len(found) > _SHOWN_PRODUCTS,
            "orders": [_placed(order) for order in orders.result()[0]],
        }, version


def products(
    tenant: Tenant, supplier_id: str, size: int, position: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of what the supplier sells, with its purchase terms, by item_id, and where the next one starts."""
    Suppliers(tenant).get(supplier_id)
    found = Conditions(tenant).of_supplier(supplier_id, size, position)
    return _with_names(tenant, found), found[-1].item_id if len(found) == size else None


def create(tenant: Tenant, new: Supplier, *, may_exist: bool) -> tuple[Supplier, str]:
    """Add the supplier; raises Conflict when there is one of this id.

    `may_exist`: this may be a request again that was killed after it had added the supplier.
    """
    suppliers = Suppliers(tenant)

    def work(edit: CatalogEdit) -> Versioned[Supplier]:
        try:
            known, version = suppliers.get(new.supplier_id, edit.transaction)
        except NotFound:
            edit.put("suppliers", vars(new))
            return suppliers.put(edit.transaction, new)
        if not may_exist or with_fields(known, created_at=new.created_at) != new:
            raise SupplierExists(f"there is a supplier {new.supplier_id!r}: change it with PUT")
        return Versioned(known, version)

    supplier = edit_catalog(tenant, work)
    return supplier.value, supplier.version


def replace(tenant: Tenant, supplier_id: str, fields: dict[str, Any]) -> tuple[Supplier, str]:
    """Give the supplier these fields; honours If-Match."""
    suppliers = Suppliers(tenant)

    def work(edit: CatalogEdit) -> Versioned[Supplier]:
        changed = with_fields(_changeable(suppliers, supplier_id, edit.transaction), **fields)
        edit.put("suppliers", vars(changed))
        return suppliers.put(edit.transaction, changed)

    supplier = edit_catalog(tenant, work)
    Conditions(tenant).rename_supplier(supplier_id, supplier.value.name)
    return supplier.value, supplier.version


def delete(tenant: Tenant, supplier_id: str) -> None:
    """Delete the supplier unless it is linked to a product or was ever ordered from; honours If-Match.

    Every edit of conditions and every order touches the catalog's pointer. It is read first and as part of the
    transaction, so one that commits after the checks fails the commit, and all is checked again.
    """
    suppliers = Suppliers(tenant)

    def work(edit: CatalogEdit) -> None:
        CatalogStore(tenant).pointer(edit.transaction)
        _changeable(suppliers, supplier_id, edit.transaction)
        linked = [one.item_id for one in Conditions(tenant).of_supplier(supplier_id, _NAMED + 1)]
        if linked:
            raise SupplierLinked(
                f"supplier {supplier_id!r} sells {_examples(linked)}: remove it from these products first"
            )
        orders, _ = PurchaseOrders(tenant).page(_NAMED + 1, None, OrderFilter(supplier_id=supplier_id))
        if orders:
            names = _examples([order.po_number for order in orders])
            raise SupplierOrderedFrom(f"supplier {supplier_id!r} has orders ({names}): their history needs it")
        suppliers.delete(edit.transaction, supplier_id)
        edit.remove("suppliers", supplier_id)

    edit_catalog(tenant, work)


def _changeable(suppliers: Suppliers, supplier_id: str, transaction: Transaction) -> Supplier:
    found, version = suppliers.get(supplier_id, transaction)
    check_if_match(version)
    if found.is_synced:
        raise SupplierIsSynced(
            f"supplier {supplier_id!r} is kept by your own system: change it there, it comes with the next sync"
        )
    return found


def _with_names(tenant: Tenant, conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    catalog = catalog_or_none(tenant) if conditions else None
    return [_supplied(one, catalog) for one in conditions]


def _supplied(condition: Condition, catalog: Catalog | None) -> dict[str, Any]:
    rows = catalog.items.rows_of(condition.item_id) if catalog is not None else None
    row = rows.row(0, named=True) if rows is not None and rows.height else {}
    return {
        "item_id": condition.item_id,
        "sku": row.get("sku"),
        "product_name": row.get("product_name"),
        "category": row.get("category"),
        "lead_time_days": condition.lead_time_days,
        "moq": condition.moq.quantize(_UNITS),
        "packaging_qty": condition.packaging_qty.quantize(_UNITS),
        "supplier_cost": condition.supplier_cost.quantize(_CENTS),
        "is_primary": condition.is_primary,
    }


def _placed(order: OrderSummary) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "po_number": order.po_number,
        "status": order.status,
        "order_date": order.order_date,
        "expected_delivery_date": order.expected_delivery_date,
        "location_id": order.location_id,
        "line_count": order.line_count,
        "currency": order.currency,
        "total": order.total,
    }


def _examples(names: Sequence[str]) -> str:
    more = " and more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
