"""Products: new ones are added, stored ones changed; only documents that differ are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial

import polars as pl

from shared.domain.imports.product_upsert import planning_problem, product_checks, upserted
from shared.domain.imports.record_checks import Check
from shared.domain.imports.record_fields import PLANNING_FIELDS, PRODUCT_FIELDS
from shared.domain.imports.spelling import Spellings, spelt
from shared.domain.purchasing.item_planning import PLANNING_ERRORS
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
    plans = any(field.name in run.stream.bound for field in PLANNING_FIELDS)
    for partition in intake.partitions():
        records = intake.distinct(partition, ["item_id"])
        if plans:
            records = _plannable(intake, records, stored, run.today)
        for record in records.select(names).iter_rows(named=True):
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


def _plannable(intake: Intake, records: pl.DataFrame, stored: Mapping[str, Product], today: dt.date) -> pl.DataFrame:
    """The records whose planning, together with what is planned already, a request could set."""
    names = ["item_id", *(field.name for field in PLANNING_FIELDS)]
    problems = [
        planning_problem(stored.get(record["item_id"]), record, today)
        for record in records.select(names).iter_rows(named=True)
    ]
    parts = [
        (error.code, error.errors[0].pointer.rpartition("/")[2], error.detail) if error else (None, None, None)
        for error in problems
    ]
    columns = dict.fromkeys(("problem", "problem_field", "problem_text"), pl.String)
    marked = pl.concat([records, pl.DataFrame(parts, schema=columns, orient="row")], how="horizontal")
    checks = [
        Check(error.code, pl.col("problem_field"), pl.col("problem") == error.code, pl.col("problem_text"))
        for error in PLANNING_ERRORS
    ]
    return intake.reject(marked, checks)


# A source only ever changes the products that it names: a product that is missing may still be in stock.
PRODUCTS = RunKind({Aggregate.NONE: PRODUCT_FIELDS}, (WriteMode.UPSERT,), import_products, rebuilds_catalog=True)
