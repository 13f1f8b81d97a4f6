"""One attempt at a validation: sales are looked at in BigQuery, products and stock in the catalog."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import polars as pl

from shared.bigquery.validation_queries import VALIDATION_FINDINGS, VALIDATION_WEEKS, SalesWeek
from shared.bigquery.warehouse import Warehouse
from shared.catalog.live import Catalog, catalog_or_none
from shared.config import Config
from shared.domain.errors import Invalid
from shared.domain.imports.validation import (
    EARLIER_WEEKS,
    Found,
    Report,
    SalesHistory,
    Severity,
    Week,
    findings_of,
    history_findings,
)
from shared.domain.operation import Operation, OperationStatus
from shared.domain.purchasing.product import UNCATEGORIZED
from shared.firestore.clients import Clients
from shared.firestore.locations import Locations
from shared.firestore.tenant import Tenant
from shared.firestore.validations import Validations
from shared.tasks.operations import Operations
from shared.tasks.worker import Clock, OperationOutcome, Reporter, run

_HISTORY_DAYS = 730
_SELLING_DAYS = 90
_EXAMPLES = 5
_DAY = dt.timedelta(days=1)
_WEEK = 7 * _DAY


class ValidationRefused(Invalid):
    """BigQuery does not take a query of the validation as it is: another attempt would be refused as well."""

    code = "validation_refused"

    @property
    def pages(self) -> bool:
        return True  # it is ours to mend, whatever its status


def work_on_validation(config: Config, tenant: Tenant, operation_id: str, clock: Clock) -> OperationStatus:
    """Look, compare with the report before, keep the report under the operation's id: done twice, it is the same."""

    def work(operation: Operation, reporter: Reporter) -> OperationOutcome:
        reports = Validations(tenant)
        today = Clients(tenant.database).get(tenant.client_id).today(operation.created_at)
        reporter.step("reading sales")
        catalog = catalog_or_none(tenant)
        sales = _sales(Warehouse(config, tenant.client_id), tenant, catalog, today - _DAY)
        reporter.step("comparing")
        found = {**sales.found, **_of_catalog(catalog, today)}
        findings = findings_of(found, reports.latest(but=operation.id), sales.usual_items)
        report = Report(operation.id, today, operation.created_at, findings)
        reports.put_now(report)
        return OperationOutcome(
            {**{severity.value: report.count(severity) for severity in Severity}, "suspicious": report.suspicious}
        )

    return run(Operations(tenant), operation_id, work, clock)


@dataclass(frozen=True)
class _Sales:
    """What sales say; `usual_items`: how many items sell in a usual week."""

    found: dict[str, Found]
    usual_items: float


def _sales(warehouse: Warehouse, tenant: Tenant, catalog: Catalog | None, yesterday: dt.date) -> _Sales:
    from google.api_core.exceptions import BadRequest

    recent = yesterday - _WEEK + _DAY
    first = yesterday - dt.timedelta(days=_HISTORY_DAYS)
    try:
        weeks = warehouse.rows(VALIDATION_WEEKS, first=first, last=yesterday)
        rows = warehouse.rows(
            VALIDATION_FINDINGS,
            first=first,
            earlier=recent - EARLIER_WEEKS * _WEEK,
            recent=recent,
            last=yesterday,
            horizon=yesterday + 366 * _DAY,
            items=[] if catalog is None else catalog.items.frame["item_id"].to_list(),
            locations=sorted(Locations(tenant).names()),
        )
    except BadRequest as error:
        raise ValidationRefused(f"BigQuery refused a query: {error.message}") from error
    found = {row.code: Found(row.findings, [each.example for each in rows if each.code == row.code]) for row in rows}
    history = _history(weeks)
    usual = [float(week.items) for week in history.weeks[1:] if week.items]
    return _Sales({**found, **history_findings(history, yesterday)}, median(usual) if usual else 0.0)


def _history(weeks: Sequence[SalesWeek]) -> SalesHistory:
    by_number = {week.week: week for week in weeks}
    compared = [by_number.get(number) for number in range(EARLIER_WEEKS + 1)]
    return SalesHistory(
        weeks=[Week() if week is None else Week(week.units, week.sales, week.items) for week in compared],
        last_sale=max((week.last_sale for week in weeks if week.last_sale is not None), default=None),
        has_stock=any(week.days_with_stock for week in weeks),
    )


def _of_catalog(catalog: Catalog | None, today: dt.date) -> dict[str, Found]:
    """What products and their stock say."""
    if catalog is None or catalog.items.frame.is_empty():
        return {"no_products": Found(1)}
    items = catalog.items.frame
    sells = pl.col("last_sale") >= today - dt.timedelta(days=_SELLING_DAYS)
    looked_for = {
        "no_cost": pl.col("unit_cost") == 0,
        "no_category": pl.col("category") == UNCATEGORIZED,
        "no_supplier": pl.col("supplier_id").is_null() & sells,
        "negative_position": pl.col("inventory_position") < 0,
    }
    found = {}
    for code, expression in looked_for.items():
        item_ids = items.filter(expression)["item_id"]
        found[code] = Found(len(item_ids), item_ids.head(_EXAMPLES).to_list())
    if items["current_stock"].sum() == 0:
        found["no_stock"] = Found(items.height)
    return found
