"""Many products changed at once: valid changes are made together, and each invalid one is answered with its error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from functions.products.schemas import ProductUpdate
from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.domain.errors import StockcastError
from shared.domain.purchasing.line_errors import DuplicateItem
from shared.domain.purchasing.product import Product, ProductNotFound
from shared.firestore.products import Products
from shared.firestore.tenant import Tenant
from shared.http.problems import invalid_input


def update_products(tenant: Tenant, updates: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A result for each update, in their order: updated, unchanged, or failed with its error.

    All that can be made are made in one transaction. Of several updates of one product the first is made.
    """
    results: list[dict[str, Any]] = []
    wanted: dict[str, dict[str, Any]] = {}
    for number, update in enumerate(updates):
        item_id = update.get("item_id")
        shown = item_id if isinstance(item_id, str) else None
        try:
            valid = ProductUpdate.model_validate(update)
        except ValidationError as error:
            results.append(_failed(shown, invalid_input(error, f"/updates/{number}")))
            continue
        if valid.item_id in wanted:
            detail = f"product {valid.item_id!r} is in an earlier update of this request already"
            results.append(_failed(shown, DuplicateItem(f"/updates/{number}/item_id", detail)))
            continue
        wanted[valid.item_id] = valid.model_dump(exclude_unset=True, exclude={"item_id"})
        results.append({"item_id": valid.item_id, "status": "updated", "error": None})
    known, changed = _change(tenant, wanted)
    return [_outcome(result, known, changed) for result in results]


def _change(tenant: Tenant, wanted: Mapping[str, Mapping[str, Any]]) -> tuple[set[str], set[str]]:
    """Make the changes; gives which of the products there are, and which of them are different now."""
    if not wanted:
        return set(), set()
    products = Products(tenant)

    def work(edit: CatalogEdit) -> tuple[set[str], set[str]]:
        # Read before the items are loaded, and therefore as part of the transaction: only those that change are loaded.
        current = products.get_many(wanted, edit.transaction)
        changed: dict[str, Product] = {}
        for item_id, product in current.items():
            new = replace(product, **wanted[item_id])
            if new != product:
                changed[item_id] = new
        edit.load(*changed)
        for product in changed.values():
            products.put(edit.transaction, product)
            edit.set_product(product)
        return set(current), set(changed)

    return edit_catalog(tenant, work)


def _outcome(result: dict[str, Any], known: set[str], changed: set[str]) -> dict[str, Any]:
    item_id = result["item_id"]
    if result["status"] == "failed" or item_id in changed:
        return result
    if item_id in known:
        return result | {"status": "unchanged"}
    return _failed(item_id, ProductNotFound(item_id))


def _failed(item_id: str | None, error: StockcastError) -> dict[str, Any]:
    told = {"code": error.code, "detail": error.detail, "errors": [vars(one) for one in error.errors]}
    return {"item_id": item_id, "status": "failed", "error": told}
