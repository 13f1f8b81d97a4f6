"""Many products changed at once: valid changes are made together, and each invalid one is answered with its error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from functions.products.edit_schemas import (
    InvalidUpdate,
    ProductUpdate,
    UpdateError,
    UpdateResult,
)
from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.domain.errors import InvalidField, StockcastError
from shared.domain.purchasing.line_errors import DuplicateItem
from shared.domain.purchasing.product import Product, ProductNotFound
from shared.firestore.products import Products
from shared.request_context import RequestContext


@dataclass(frozen=True)
class _Changes:
    """The items of a batch that are products, those of them that are different now, and those that cannot be."""

    products: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    refused: Mapping[str, InvalidField] = field(default_factory=dict)


def update_products(context: RequestContext, updates: Sequence[ProductUpdate | InvalidUpdate]) -> list[UpdateResult]:
    """A result for each update, in their order: updated, unchanged, or failed with its error.

    All that can be made are made in one transaction. Of several updates of one product the first is made.
    """
    first: dict[str, ProductUpdate] = {}
    for update in updates:
        if isinstance(update, ProductUpdate):
            first.setdefault(update.item_id, update)
    changes = _change(context, first)
    results = []
    for number, update in enumerate(updates):
        if isinstance(update, InvalidUpdate):
            results.append(_failed(update.item_id, update.error))
        elif first[update.item_id] is not update:
            detail = f"product {update.item_id!r} is in an earlier update of this request already"
            results.append(_failed(update.item_id, DuplicateItem(f"/updates/{number}/item_id", detail)))
        else:
            results.append(_result(update.item_id, changes, f"/updates/{number}"))
    return results


def _change(context: RequestContext, updates: Mapping[str, ProductUpdate]) -> _Changes:
    """Make the updates, by their items."""
    if not updates:
        return _Changes()
    products = Products(context.tenant)

    def work(edit: CatalogEdit) -> _Changes:
        # Read before the items are loaded, and therefore as part of the transaction: only those that change are loaded.
        current = products.get_many(updates, edit.transaction)
        changed: dict[str, Product] = {}
        refused: dict[str, InvalidField] = {}
        for item_id, product in current.items():
            try:
                new = updates[item_id].applied_to(product, context.today)
            except InvalidField as error:
                refused[item_id] = error
                continue
            if new != product:
                changed[item_id] = new
        edit.load(*changed)
        for product in changed.values():
            products.put(edit.transaction, product)
            edit.set_product(product)
        return _Changes(frozenset(current), frozenset(changed), refused)

    return edit_catalog(context.tenant, work)


def _result(item_id: str, changes: _Changes, pointer: str) -> UpdateResult:
    if item_id not in changes.products:
        return _failed(item_id, ProductNotFound(item_id))
    if (error := changes.refused.get(item_id)) is not None:
        return _failed(item_id, error.at(f"{pointer}{error.pointer}"))
    return UpdateResult(item_id=item_id, status="updated" if item_id in changes.changed else "unchanged", error=None)


def _failed(item_id: str | None, error: StockcastError) -> UpdateResult:
    fields = [{"pointer": field.pointer, "code": field.code, "detail": field.detail} for field in error.errors]
    return UpdateResult(
        item_id=item_id, status="failed", error=UpdateError(code=error.code, detail=error.detail, errors=fields)
    )
