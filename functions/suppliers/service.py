"""Suppliers: maintained here, unless the client's own system maintains them.

A change goes into the catalog's table of suppliers in the same transaction, so every list shows the new name at once.
The copies of the name in the conditions, which later rows are made of, are brought in line after the commit: an item
may have thousands. Whoever changes the supplier next finishes what a killed request left of that.
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.suppliers.schemas import PlacedOrder, SuppliedProduct, SupplierBody, SupplierDetail, SupplierView
from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.catalog.live import Catalog, catalog_or_none
from shared.catalog.store import CatalogStore
from shared.catalog.supplier_records import supplier_record
from shared.domain.errors import NotFound
from shared.domain.money import round_quantity, round_unit_money
from shared.domain.purchasing.order_filter import OrderFilter
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.purchase_order import OrderSummary
from shared.domain.purchasing.supplier import (
    Supplier,
    SupplierExists,
    SupplierIsSynced,
    SupplierLinked,
    SupplierOrderedFrom,
    edited,
)
from shared.firestore.conditions import Conditions
from shared.firestore.order_lists import OrderLists
from shared.firestore.page import Page, PageRequest
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext
from shared.telemetry.threads import Threads

_SHOWN_PRODUCTS, _SHOWN_ORDERS = 50, 20
_NAMED = 3


def supplier_detail(context: RequestContext, supplier_id: str) -> Versioned[SupplierDetail]:
    """The supplier with its first products and its latest orders."""
    tenant = context.tenant
    supplier = Suppliers(tenant).get(supplier_id)
    with Threads(max_workers=2) as reads:
        linked = reads.submit(Conditions(tenant).of_supplier, supplier_id, _SHOWN_PRODUCTS + 1)
        placed = reads.submit(
            OrderLists(tenant).page, PageRequest(_SHOWN_ORDERS), OrderFilter(supplier_ids=[supplier_id])
        )
        conditions = linked.result()
        detail = SupplierDetail(
            **dict(SupplierView.of(supplier)),
            products=_with_names(tenant, conditions[:_SHOWN_PRODUCTS]),
            more_products=len(conditions) > _SHOWN_PRODUCTS,
            orders=[_placed(order.value) for order in placed.result().items],
        )
    return Versioned(detail, supplier.times)


def products(context: RequestContext, supplier_id: str, page: PageRequest) -> Page[SuppliedProduct]:
    """A page of what the supplier sells, with its purchase terms, by item_id."""
    Suppliers(context.tenant).get(supplier_id)
    conditions = Conditions(context.tenant).page_of_supplier(page, supplier_id)
    return Page(_with_names(context.tenant, conditions.items), conditions.following, conditions.total)


def create(context: RequestContext, new: Supplier) -> Versioned[Supplier]:
    """Add the supplier; raises Conflict when there is one of this id, name or number that no earlier attempt of the
    request added."""
    suppliers = Suppliers(context.tenant)

    def work(edit: CatalogEdit) -> Versioned[Supplier]:
        try:
            stored = suppliers.get(new.supplier_id, edit.transaction)
        except NotFound:
            edit.put("suppliers", supplier_record(new, None))
            return suppliers.put_all(edit.transaction, [new], {})[new.supplier_id]
        if not context.repeatable or stored.value != new:
            raise SupplierExists(f"there is a supplier {new.supplier_id!r}: change it with PUT")
        return stored

    return edit_catalog(context.tenant, work)


def replace(context: RequestContext, supplier_id: str, body: SupplierBody) -> Versioned[Supplier]:
    """Give the supplier these fields, if it has the version that the caller expects."""
    suppliers = Suppliers(context.tenant)

    def work(edit: CatalogEdit) -> Versioned[Supplier]:
        stored = _expected(context, suppliers, supplier_id, edit.transaction)
        changed = edited(stored.value, body.model_dump(), body.model_fields_set)
        if changed == stored.value:  # writing it would move the list's times and not the document's
            return stored
        edit.put("suppliers", supplier_record(changed, stored))
        return suppliers.put_all(edit.transaction, [changed], {supplier_id: stored.value})[supplier_id]

    supplier = edit_catalog(context.tenant, work)
    Conditions(context.tenant).rename_supplier(supplier_id, supplier.value.name)
    return supplier


def delete(context: RequestContext, supplier_id: str) -> None:
    """Delete the supplier, if it has the expected version, is linked to no product and was never ordered from.

    Every edit of conditions and every order touches the catalog's pointer. It is read first and as part of the
    transaction, so one that commits after the checks fails the commit, and all is checked again.
    """
    tenant, suppliers = context.tenant, Suppliers(context.tenant)

    def work(edit: CatalogEdit) -> None:
        CatalogStore(tenant).pointer(edit.transaction)
        stored = _expected(context, suppliers, supplier_id, edit.transaction).value
        if stored.is_synced:
            raise SupplierIsSynced(f"supplier {supplier_id!r} is kept by your own system: delete it there")
        linked = [condition.value.item_id for condition in Conditions(tenant).of_supplier(supplier_id, _NAMED + 1)]
        if linked:
            raise SupplierLinked(
                f"supplier {supplier_id!r} sells {_examples(linked)}: remove it from these products first"
            )
        orders = OrderLists(tenant).page(PageRequest(_NAMED + 1), OrderFilter(supplier_ids=[supplier_id]))
        if orders.items:
            names = _examples([order.value.po_number for order in orders.items])
            raise SupplierOrderedFrom(f"supplier {supplier_id!r} has orders ({names}): their history needs it")
        suppliers.remove(edit.transaction, stored)
        edit.remove("suppliers", supplier_id)

    edit_catalog(tenant, work)


def _expected(
    context: RequestContext, suppliers: Suppliers, supplier_id: str, transaction: Transaction
) -> Versioned[Supplier]:
    supplier = suppliers.get(supplier_id, transaction)
    context.expected_version.check(supplier.version)
    return supplier


def _with_names(tenant: Tenant, conditions: Sequence[Versioned[Condition]]) -> list[SuppliedProduct]:
    catalog = catalog_or_none(tenant) if conditions else None
    return [_supplied(condition, catalog) for condition in conditions]


def _supplied(version: Versioned[Condition], catalog: Catalog | None) -> SuppliedProduct:
    condition = version.value
    rows = catalog.items.rows_of(condition.item_id) if catalog is not None else None
    row = rows.row(0, named=True) if rows is not None and rows.height else {}
    return SuppliedProduct.model_validate(
        vars(condition)
        | {name: row.get(name) for name in ("sku", "product_name", "category")}
        | {
            "moq": round_quantity(condition.moq),
            "packaging_qty": round_quantity(condition.packaging_qty),
            "supplier_cost": round_unit_money(condition.supplier_cost),
        }
        | version.moments()
    )


def _placed(order: OrderSummary) -> PlacedOrder:
    return PlacedOrder(
        id=order.id,
        po_number=order.po_number,
        status=order.status,
        order_date=order.order_date,
        expected_delivery_date=order.expected_delivery_date,
        location_id=order.location_id,
        line_count=order.line_count,
        currency=order.currency,
        total_amount=order.total_amount,
    )


def _examples(names: Sequence[str]) -> str:
    more = " and more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
