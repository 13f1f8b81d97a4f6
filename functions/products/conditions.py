"""Conditions: which suppliers sell a product, and how. One of them at most is its primary supplier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from functions.products.schemas import ConditionBody, NewConditionBody
from shared.catalog.edit import CatalogEdit, edit_item
from shared.domain.access.audit import Actor, AuditAction, changed_fields
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
from shared.http.etag import check_if_match

_UNITS, _CENTS = Decimal("0.001"), Decimal("0.01")  # as api.md has quantities and money


def terms(condition: Condition) -> dict[str, Any]:
    """The condition as it is shown with its product."""
    return {name: value for name, value in vars(condition).items() if name != "item_id"} | {
        "moq": condition.moq.quantize(_UNITS),
        "packaging_qty": condition.packaging_qty.quantize(_UNITS),
        "supplier_cost": condition.supplier_cost.quantize(_CENTS),
    }


def of_product(tenant: Tenant, item_id: str) -> list[dict[str, Any]]:
    """The product's conditions, the primary supplier's first; raises NotFound for an unknown product."""
    found = Conditions(tenant).of_item(item_id)
    if not found:
        Products(tenant).get(item_id)
    return [terms(one) for one in found]


def condition(tenant: Tenant, item_id: str, supplier_id: str) -> tuple[dict[str, Any], str]:
    """One condition and its version."""
    found, version = Conditions(tenant).get(item_id, supplier_id)
    return terms(found), version


def link(
    tenant: Tenant, actor: Actor, item_id: str, body: NewConditionBody, *, may_exist: bool
) -> tuple[dict[str, Any], str]:
    """Link a supplier to the product; as its primary one unless told otherwise, when it is the first.

    Raises NotFound for an unknown product, Invalid for an unknown supplier, Conflict when it is linked already.
    `may_exist`: this may be a request again that was killed after it had linked the supplier.
    """

    def work(edit: CatalogEdit) -> Versioned[Condition]:
        Products(tenant).get(item_id)
        supplier = _supplier(tenant, body.supplier_id, edit.transaction)
        held = Conditions(tenant).of_item_with_versions(item_id)
        others = [one for one in held if one.value.supplier_id != body.supplier_id]
        new = Condition(
            item_id=item_id,
            supplier_id=body.supplier_id,
            supplier_name=supplier.name,
            lead_time_days=_lead_time_days(tenant, body, supplier),
            moq=body.moq,
            packaging_qty=body.packaging_qty,
            supplier_cost=body.supplier_cost,
            is_primary=not others if body.is_primary is None else body.is_primary,
        )
        if len(others) < len(held) and not (may_exist and any(one.value == new for one in held)):
            raise AlreadyLinked(
                f"supplier {body.supplier_id!r} is linked to product {item_id!r} already: change that with PUT"
            )
        after = with_condition([one.value for one in held], new)
        return _save(tenant, actor, edit, item_id, held, after)[body.supplier_id]

    linked = edit_item(tenant, item_id, work)
    return terms(linked.value), linked.version


def change(
    tenant: Tenant, actor: Actor, item_id: str, supplier_id: str, body: ConditionBody
) -> tuple[dict[str, Any], str]:
    """Change the fields that are given; honours If-Match. Raises NotFound when the supplier is not linked."""
    given = {name: getattr(body, name) for name in body.model_fields_set}

    def work(edit: CatalogEdit) -> Versioned[Condition]:
        held, current = _held(tenant, item_id, supplier_id)
        # The name is copied from the supplier's document; a change of that one brings the copies in line.
        known = Suppliers(tenant).get_many([supplier_id], edit.transaction)
        name = known[supplier_id].name if supplier_id in known else current.supplier_name
        changed = replace(current, **given, supplier_name=name)
        after = with_condition([one.value for one in held], changed)
        return _save(tenant, actor, edit, item_id, held, after)[supplier_id]

    saved = edit_item(tenant, item_id, work)
    return terms(saved.value), saved.version


def unlink(tenant: Tenant, actor: Actor, item_id: str, supplier_id: str) -> None:
    """Unlink the supplier from the product; honours If-Match. Raises NotFound when it is not linked."""

    def work(edit: CatalogEdit) -> None:
        held, current = _held(tenant, item_id, supplier_id)
        _save(tenant, actor, edit, item_id, held, [one.value for one in held if one.value != current])

    edit_item(tenant, item_id, work)


def _held(tenant: Tenant, item_id: str, supplier_id: str) -> tuple[list[Versioned[Condition]], Condition]:
    """All conditions of the product, and this supplier's; its version is checked against If-Match."""
    held = Conditions(tenant).of_item_with_versions(item_id)
    current = next((one for one in held if one.value.supplier_id == supplier_id), None)
    if current is None:
        raise SupplierNotLinked(supplier_id, item_id)
    check_if_match(current.version)
    return held, current.value


def _save(
    tenant: Tenant,
    actor: Actor,
    edit: CatalogEdit,
    item_id: str,
    before: Sequence[Versioned[Condition]],
    after: Sequence[Condition],
) -> dict[str, Versioned[Condition]]:
    """Write what differs, each with its audit entry, and show the product's rows under the conditions after.

    Gives these by their suppliers.
    """
    conditions, log = Conditions(tenant), AuditLog(tenant)
    former = {one.value.supplier_id: one for one in before}
    saved: dict[str, Versioned[Condition]] = {}
    for one in after:
        known = former.pop(one.supplier_id, None)
        if known is not None and known.value == one:
            saved[one.supplier_id] = known
            continue
        saved[one.supplier_id] = conditions.put(edit.transaction, one)
        if known is None:
            log.add(edit.transaction, actor, AuditAction.CONDITION_CREATED, item_id, after=terms(one))
            continue
        was, now_is = changed_fields(terms(known.value), terms(one))
        which = {"supplier_id": one.supplier_id}
        log.add(
            edit.transaction, actor, AuditAction.CONDITION_CHANGED, item_id, before=which | was, after=which | now_is
        )
    for supplier_id, gone in former.items():
        conditions.delete(edit.transaction, item_id, supplier_id)
        log.add(edit.transaction, actor, AuditAction.CONDITION_DELETED, item_id, before=terms(gone.value))
    edit.set_conditions(item_id, after)
    return saved


def _supplier(tenant: Tenant, supplier_id: str, transaction: Transaction) -> Supplier:
    found = Suppliers(tenant).get_many([supplier_id], transaction).get(supplier_id)
    if found is None:
        raise SupplierNotFound(supplier_id).at("/supplier_id", "add it at /suppliers first")
    return found


def _lead_time_days(tenant: Tenant, body: NewConditionBody, supplier: Supplier) -> int:
    """What is given, else the supplier's, else the client's default."""
    if body.lead_time_days is not None:
        return body.lead_time_days
    if supplier.lead_time_days is not None:
        return supplier.lead_time_days
    return SettingsStore(tenant).get()[0].default_lead_time_days
