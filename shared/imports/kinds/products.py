"""Products: new ones are added, stored ones changed; only documents that differ are written."""

from __future__ import annotations

from functools import partial

from shared.domain.imports.product_upsert import product_checks, upserted
from shared.domain.imports.record_fields import PRODUCT_FIELDS
from shared.domain.imports.spelling import Spellings, spelt
from shared.domain.purchasing.product import Product
from shared.firestore.products import Products
from shared.imports.import_options import Aggregate, WriteMode
from shared.imports.import_run import ImportRun, RunKind
from shared.imports.intake import Intake
from shared.tasks.worker import OperationOutcome


def import_products(run: ImportRun) -> OperationOutcome:
    """Compare every record with the product it names, then write those that change."""
    intake = Intake(run.stream, run.folder)
    products = Products(run.tenant)
    stored = {product.item_id: product for product in products.every()}
    items = Spellings(stored, learns=True)
    intake.read_all(product_checks(), run.progress.step, partial(spelt, item_id=items))
    run.progress.step("comparing")
    changed: list[Product] = []
    names = ["item_id", *(name for name in run.stream.bound if name != "item_id")]
    for records in intake.partitions():
        for record in intake.distinct(records, ["item_id"]).select(names).iter_rows(named=True):
            product = upserted(stored.get(record["item_id"]), record)
            if product != stored.get(product.item_id):
                changed.append(product)
    run.keep_rejects(intake)
    inserted = sum(product.item_id not in stored for product in changed)
    result = {
        **run.about(intake),
        "inserted": inserted,
        "updated": len(changed) - inserted,
        "unchanged": intake.counts.accepted - len(changed),
        "needs_review": sum(product.needs_review for product in changed),
    }
    return OperationOutcome(run.write(result, changed, products.put_many), intake.counts)


# A source only ever changes the products that it names: a product that is missing may still be in stock.
PRODUCTS = RunKind({Aggregate.NONE: PRODUCT_FIELDS}, (WriteMode.UPSERT,), import_products, rebuilds_catalog=True)
