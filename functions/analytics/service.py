"""Analytics: one query each over what the warehouse keeps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.bigquery.accuracy_queries import ACCURACY_BY_CATEGORY, ACCURACY_BY_GROUP, AccuracyGroup, GroupAccuracy
from shared.bigquery.analytics_queries import (
    INVENTORY_TRENDS,
    ORDER_LIFETIME_DAYS,
    SUPPLIER_PERFORMANCE,
    SupplierDeliveries,
)
from shared.bigquery.query import FIRST_ID, LAST_ID
from shared.bigquery.tables import ACCURACY_LAGS, ALL_LOCATIONS, COVERED_QUANTILES, quantile_column
from shared.bigquery.warehouse import Parameter, Warehouse
from shared.catalog.live import current_catalog
from shared.config import Config
from shared.domain.dates import InvalidRange
from shared.domain.errors import InvalidField
from shared.firestore.clients import Clients
from shared.firestore.tenant import Tenant

DEFAULT_DAYS = 91
MAX_DAYS = 731
_DAY = dt.timedelta(1)
_SEPARATOR = "\x1f"  # no item_id holds it: they are printable
_CENT, _THOUSANDTH = Decimal("0.01"), Decimal("0.001")
_COVERED = [quantile_column(level) for level in COVERED_QUANTILES]
_NO_DELIVERIES = SupplierDeliveries("", *[None] * (len(SupplierDeliveries._fields) - 1))


class PeriodTooLong(InvalidField):
    """The period is longer than one request may ask for."""

    code = "period_too_long"


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, seen from `today`."""

    first: dt.date
    last: dt.date
    today: dt.date


@dataclass(frozen=True)
class AccuracyFound:
    """One page of groups, how many there are, and the last day that any of them was compared on."""

    total: int
    rows: list[dict[str, Any]]
    as_of: dt.date | None


def period(tenant: Tenant, now: dt.datetime, first: dt.date | None, last: dt.date | None) -> Period:
    """The period asked for; one read. Raises Invalid for one that ends before it begins, or is too long."""
    today = Clients(tenant.database).get(tenant.client_id).today(now)
    last = last or max(today, first or today)
    if first is None:
        first = last - min((DEFAULT_DAYS - 1) * _DAY, last - dt.date.min)
    if first > last:
        raise InvalidRange("query/from_date", f"from_date {first} lies behind to_date {last}")
    if (last - first).days >= MAX_DAYS:
        raise PeriodTooLong(
            "query/from_date", f"{first} to {last} is longer than {MAX_DAYS} days: ask for less at a time"
        )
    return Period(first, last, today)


def accuracy(
    config: Config,
    tenant: Tenant,
    wanted: Period,
    group: AccuracyGroup,
    *,
    lag: int | None,
    item_id: str | None,
    location_id: str | None,
    offset: int,
    size: int,
) -> AccuracyFound:
    """One page of the accuracy of runs in the period; `lag` None: all of them."""
    parameters: dict[str, Parameter] = {
        "first": wanted.first,
        "last": wanted.last,
        "first_lag": lag or min(ACCURACY_LAGS),
        "last_lag": lag or max(ACCURACY_LAGS),
        "first_item": item_id or FIRST_ID,
        "last_item": item_id or LAST_ID,
        "location_id": location_id or ALL_LOCATIONS,
        "offset": offset,
        "size": size,
    }
    warehouse = Warehouse(config, tenant.client_id)
    if group == "category":
        products = current_catalog(tenant).items.frame
        parameters |= {
            "separator": _SEPARATOR,
            "item_ids": _SEPARATOR.join(products["item_id"]),
            "categories": _SEPARATOR.join(category.replace(_SEPARATOR, " ") for category in products["category"]),
        }
        groups = warehouse.rows(ACCURACY_BY_CATEGORY, **parameters)
    else:
        groups = warehouse.rows(ACCURACY_BY_GROUP, group_by=group, **parameters)
    rows = [_accuracy_row(row) for row in groups if row.forecasts is not None]
    return AccuracyFound(groups[0].total, rows, groups[0].as_of)


def trends(
    config: Config, tenant: Tenant, wanted: Period, location_id: str | None, interval: str
) -> list[dict[str, Any]]:
    """The days, or last days of weeks, that there are metrics of, in their order."""
    rows = Warehouse(config, tenant.client_id).rows(
        INVENTORY_TRENDS,
        first=wanted.first,
        last=wanted.last,
        location_id=location_id or ALL_LOCATIONS,
        weekly=interval == "week",
    )
    return [
        day._asdict()
        | {
            "inventory_value": day.inventory_value.quantize(_CENT),
            "units": day.units.quantize(_THOUSANDTH),
            "on_order": day.on_order.quantize(_THOUSANDTH),
        }
        for day in rows
    ]


def suppliers(config: Config, tenant: Tenant, wanted: Period, supplier_id: str | None) -> list[dict[str, Any]]:
    """Every supplier of the catalog or with events, by spend; with a `supplier_id` that one, or none."""
    rows = Warehouse(config, tenant.client_id).rows(
        SUPPLIER_PERFORMANCE,
        first_supplier=supplier_id or FIRST_ID,
        last_supplier=supplier_id or LAST_ID,
        first=wanted.first,
        last=wanted.last,
        due_until=min(wanted.last, wanted.today - _DAY),
        today=wanted.today,
        orders_from=wanted.first - min(ORDER_LIFETIME_DAYS * _DAY, wanted.first - dt.date.min),
    )
    deliveries = {row.supplier_id: row for row in rows}
    names = dict(current_catalog(tenant).suppliers.select("supplier_id", "name").iter_rows())
    shown = deliveries.keys() | {one for one in names if supplier_id in (None, one)}
    views = [_supplier_row(one, names.get(one), deliveries.get(one)) for one in shown]
    return sorted(views, key=lambda view: (view["spend"] is None, -(view["spend"] or 0), view["supplier_id"]))


def _accuracy_row(row: GroupAccuracy) -> dict[str, Any]:
    """Without a day that counts, nothing is known but how many forecasts there were."""
    counted = row.days > 0
    same = ("forecasts", "days", "wape", "bias", "rmse", "mase", "wql", "naive_wape", "fva")
    return {name: getattr(row, name) for name in same} | {
        "group": row.group_key,
        "units": row.actual if counted else None,
        "forecast_units": row.forecast if counted else None,
        "mape_nonzero_days": row.mape,
        "coverage": {name: getattr(row, f"covered_{name}") for name in _COVERED},
    }


def _supplier_row(supplier_id: str, name: str | None, deliveries: SupplierDeliveries | None) -> dict[str, Any]:
    """Money is rounded to cents and quantities to thousandths, half to even."""
    row = deliveries or _NO_DELIVERIES
    due, units_due = row.lines_due or 0, row.units_due or Decimal(0)
    received = row.units_received or Decimal(0)
    return {
        "supplier_id": supplier_id,
        "supplier_name": name,
        "lines_due": due,
        "lines_in_full": row.lines_in_full or 0,
        "lines_on_time_in_full": row.lines_on_time_in_full or 0,
        "lead_times": row.lead_times or 0,
        "otif": (row.lines_on_time_in_full or 0) / due if due else None,
        "lead_time_days_mean": row.lead_time_days_mean,
        "lead_time_days_deviation": row.lead_time_days_deviation,
        "units_due": units_due.quantize(_THOUSANDTH),
        "units_received": received.quantize(_THOUSANDTH),
        "fill_rate": float(received / units_due) if units_due else None,
        "spend": None if row.spend is None else row.spend.quantize(_CENT),
    }
