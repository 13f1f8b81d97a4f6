"""Import of products: new ones are added, known ones changed; only documents that differ are written."""

from __future__ import annotations

from shared.domain.imports.product_upsert import upserted
from shared.domain.imports.record_checks import field_checks
from shared.domain.purchasing.product import Product
from shared.firestore.products import Products
from shared.imports.import_run import ImportRun, keep_rejects
from shared.imports.intake import Intake
from shared.imports.record_stream import RecordStream
from shared.tasks.worker import OperationOutcome


def import_products(run: ImportRun) -> OperationOutcome:
    """Compare every record with the product it names, then write those that change."""
    fields = run.request.fields
    stream = RecordStream(run.source, run.bound, fields, field_checks(fields), run.client.timezone)
    intake = Intake(stream, run.folder)
    intake.read_all(run.progress.step)
    run.progress.step("comparing")
    products = Products(run.tenant)
    known = {product.item_id: product for product in products.every()}
    changed: list[Product] = []
    names = [name for name in run.bound if name != "item_id"]
    for records in intake.partitions():
        for given in intake.distinct(records, ["item_id"]).select("item_id", *names).iter_rows(named=True):
            product = upserted(known.get(given["item_id"]), given)
            if product != known.get(product.item_id):
                changed.append(product)
    keep_rejects(run, intake)
    inserted = sum(product.item_id not in known for product in changed)
    result = {
        **run.about(intake),
        "inserted": inserted,
        "updated": len(changed) - inserted,
        "unchanged": intake.counts.accepted - len(changed),
        "needs_review": sum(product.needs_review for product in changed),
    }
    if not run.request.dry_run:
        result = dict(run.progress.checkpoint(result))
        run.progress.step("writing", 0, len(changed))
        products.put_many(changed)
    return OperationOutcome(result, intake.counts)
