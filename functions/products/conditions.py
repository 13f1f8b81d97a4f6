"""Conditions: which suppliers sell a product, and how. One of them at most is its primary supplier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from functions.products.edit_schemas import ConditionBody, NewConditionBody
from shared.catalog.edit import CatalogEdit, edit_item
from shared.domain.access.audit import AuditAction, changed_fields
from shared.domain.money import round_quantity, round_unit_money
from shared.domain.purchasing.product import AlreadyLinked, Condition, SupplierNotLinked, with_condition
from shared.domain.purchasing.supplier import Supplier, SupplierNotFound
from shared.firestore.audit import AuditLog
from shared.firestore.conditions import Conditions
from shared.firestore.products import Products
from shared.firestore.settings import SettingsStore
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext


def of_product(context: RequestContext, item_id: str) -> list[Versioned[Condition]]:
    """The product's conditions, the primary supplier's first; raises NotFound for an unknown product."""
    conditions = Conditions(context.tenant).of_item_with_versions(item_id)
    if not conditions:
        Products(context.tenant).get(item_id)
    return conditions


def condition(context: RequestContext, item_id: str, supplier_id: str) -> Versioned[Condition]:
    """One condition; raises NotFound when the supplier is not linked."""
    return Conditions(context.tenant).get(item_id, supplier_id)


def link(context: RequestContext, item_id: str, body: NewConditionBody) -> Versioned[Condition]:
    """Link a supplier to the product; as its primary one unless told otherwise, when it is the first.

    Raises NotFound for an unknown product, Invalid for an unknown supplier, Conflict when it is linked already, unless
    an earlier attempt of the request may have linked it.
    """
    tenant = context.tenant

    def work(edit: CatalogEdit) -> Versioned[Condition]:
        Products(tenant).get(item_id)
        supplier = _supplier(tenant, body.supplier_id, edit.transaction)
        before = Conditions(tenant).of_item_with_versions(item_id)
        others = [other for other in before if other.value.supplier_id != body.supplier_id]
        new = Condition(
            item_id=item_id,
            supplier_id=body.supplier_id,
            supplier_name=supplier.name,
            lead_time_days=_lead_time_days(tenant, body, supplier),
            moq=body.moq,
            packaging_qty=body.packaging_qty,
            supplier_cost=body.supplier_cost,
            is_primary=not others if body.is_primary is None else body.is_primary,
            supplier_sku=body.supplier_sku,
            packaging_unit=body.packaging_unit,
            notes=body.notes,
        )
        if len(others) < len(before) and not (context.repeatable and any(linked.value == new for linked in before)):
            raise AlreadyLinked(
                f"supplier {body.supplier_id!r} is linked to product {item_id!r} already: change that with PUT"
            )
        after = with_condition([linked.value for linked in before], new)
        return _save(context, edit, item_id, before, after)[body.supplier_id]

    return edit_item(tenant, item_id, work)


def change(context: RequestContext, item_id: str, supplier_id: str, body: ConditionBody) -> Versioned[Condition]:
    """Change the fields that are given; honours If-Match. Raises NotFound when the supplier is not linked."""

    def work(edit: CatalogEdit) -> Versioned[Condition]:
        before, current = _before(context, item_id, supplier_id)
        # The name is copied from the supplier's document; a change of that one brings the copies in line.
        suppliers = Suppliers(context.tenant).get_many([supplier_id], edit.transaction)
        name = suppliers[supplier_id].name if supplier_id in suppliers else current.supplier_name
        changed = replace(body.applied_to(current), supplier_name=name)
        after = with_condition([linked.value for linked in before], changed)
        return _save(context, edit, item_id, before, after)[supplier_id]

    return edit_item(context.tenant, item_id, work)


def unlink(context: RequestContext, item_id: str, supplier_id: str) -> None:
    """Unlink the supplier from the product; honours If-Match. Raises NotFound when it is not linked."""

    def work(edit: CatalogEdit) -> None:
        before, current = _before(context, item_id, supplier_id)
        _save(context, edit, item_id, before, [linked.value for linked in before if linked.value != current])

    edit_item(context.tenant, item_id, work)


def _before(context: RequestContext, item_id: str, supplier_id: str) -> tuple[list[Versioned[Condition]], Condition]:
    """All conditions of the product, and this supplier's; its version is checked against If-Match."""
    conditions = Conditions(context.tenant).of_item_with_versions(item_id)
    current = next((linked for linked in conditions if linked.value.supplier_id == supplier_id), None)
    if current is None:
        raise SupplierNotLinked(supplier_id, item_id)
    context.expected_version.check(current.version)
    return conditions, current.value


def _save(
    context: RequestContext,
    edit: CatalogEdit,
    item_id: str,
    before: Sequence[Versioned[Condition]],
    after: Sequence[Condition],
) -> dict[str, Versioned[Condition]]:
    """Write what differs, each with its audit entry, and show the product's rows under the conditions after.

    Gives these by their suppliers.
    """
    conditions, log, actor = Conditions(context.tenant), AuditLog(context.tenant, context.config), context.actor
    former = {linked.value.supplier_id: linked for linked in before}
    saved: dict[str, Versioned[Condition]] = {}
    for new in after:
        old = former.pop(new.supplier_id, None)
        if old is not None and old.value == new:
            saved[new.supplier_id] = old
            continue
        if old is None:
            saved[new.supplier_id] = conditions.create(edit.transaction, new)
            log.add(edit.transaction, actor, AuditAction.CONDITION_CREATED, item_id, after=_audited(new))
            continue
        saved[new.supplier_id] = conditions.put(edit.transaction, new, old)
        was, now_is = changed_fields(_audited(old.value), _audited(new))
        which = {"supplier_id": new.supplier_id}
        log.add(
            edit.transaction, actor, AuditAction.CONDITION_CHANGED, item_id, before=which | was, after=which | now_is
        )
    for supplier_id, gone in former.items():
        conditions.delete(edit.transaction, item_id, supplier_id)
        log.add(edit.transaction, actor, AuditAction.CONDITION_DELETED, item_id, before=_audited(gone.value))
    edit.set_conditions(item_id, after)
    return saved


def _audited(condition: Condition) -> dict[str, object]:
    """Its fields but the item, which the entry is about; decimals as answers have them."""
    rounded = {
        "moq": round_quantity(condition.moq),
        "packaging_qty": round_quantity(condition.packaging_qty),
        "supplier_cost": round_unit_money(condition.supplier_cost),
    }
    return {name: value for name, value in (vars(condition) | rounded).items() if name != "item_id"}


def _supplier(tenant: Tenant, supplier_id: str, transaction: Transaction) -> Supplier:
    supplier = Suppliers(tenant).get_many([supplier_id], transaction).get(supplier_id)
    if supplier is None:
        raise SupplierNotFound(supplier_id).at("/supplier_id", "add it at /suppliers first")
    return supplier


def _lead_time_days(tenant: Tenant, body: NewConditionBody, supplier: Supplier) -> int:
    """What is given, else the supplier's, else the client's default."""
    if body.lead_time_days is not None:
        return body.lead_time_days
    if supplier.lead_time_days is not None:
        return supplier.lead_time_days
    return SettingsStore(tenant).get().value.default_lead_time_days
