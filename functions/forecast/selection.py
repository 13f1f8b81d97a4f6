"""Which items a run is for, and what is known of the days ahead: checked before anything is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import polars as pl

from functions.forecast.schemas import ForecastBody, ForecastFilters
from shared.catalog.listing import product_rows
from shared.catalog.live import Catalog, current_catalog
from shared.domain.errors import InvalidField, InvalidLines, NotFound
from shared.domain.forecast_request import FutureDay
from shared.domain.purchasing.product import ProductNotFound
from shared.firestore.tenant import Tenant

_NAMED_ITEMS = 10


class ItemsAndFilters(InvalidField):
    """A forecast takes item_ids or filters, not both."""

    code = "items_and_filters"


class InvalidCovariates(InvalidLines):
    """Future covariates cannot be used; errors names each of them."""

    code = "invalid_covariates"


class NothingToForecast(InvalidField):
    """The selection of a forecast holds no item."""

    code = "no_items"


class OutsideHorizon(InvalidField):
    """A day of future covariates lies outside the forecast's horizon."""

    code = "outside_horizon"


class NotInRun(InvalidField):
    """Future covariates name an item that the run does not forecast."""

    code = "not_in_run"


class DuplicateDay(InvalidField):
    """Future covariates name a day of an item twice."""

    code = "duplicate_day"


def catalog_if_any(tenant: Tenant) -> Catalog | None:
    """The client's catalog; None: there is none yet."""
    try:
        return current_catalog(tenant)
    except NotFound:
        return None


def selected_items(tenant: Tenant, catalog: Catalog | None, body: ForecastBody) -> tuple[str, ...] | None:
    """The items of a run, each once; None: all there are. Raises Invalid for unknown ones, and for none at all."""
    if body.item_ids is not None and body.filters is not None:
        raise ItemsAndFilters("/filters", "give item_ids or filters, not both")
    filters = body.filters if body.filters is not None and body.filters.model_dump(exclude_none=True) else None
    if body.item_ids is None and filters is None:
        # Without a catalog it is not known that there is no product: sales may have come first.
        if catalog is not None and catalog.items.frame.is_empty():
            raise NothingToForecast("", "there is no product to forecast: import products first")
        return None
    catalog = catalog or current_catalog(tenant)
    if filters is not None:
        chosen = _filtered(catalog, filters)
        if not chosen:
            raise NothingToForecast("/filters", "no product is left by these filters: there is nothing to forecast")
        return chosen
    chosen = tuple(dict.fromkeys(body.item_ids or ()))
    if not chosen:
        detail = "item_ids is empty: name 1 to 10,000 items, or leave it out for all of them"
        raise NothingToForecast("/item_ids", detail)
    _check_items_exist(catalog, body.item_ids or (), "/item_ids/{}")
    return chosen


def future_days(body: ForecastBody, item_ids: Collection[str] | None, run_date: dt.date) -> tuple[FutureDay, ...]:
    """What is known of the days ahead. Raises Invalid for a day outside the horizon, another item, or a day twice."""
    last = run_date + dt.timedelta(days=body.horizon_days - 1)
    chosen = None if item_ids is None else set(item_ids)
    seen: set[tuple[str | None, dt.date]] = set()
    errors: list[InvalidField] = []
    for number, row in enumerate(body.future_covariates):
        pointer = f"/future_covariates/{number}"
        if not run_date <= row.date_local <= last:
            detail = f"{row.date_local} is outside of {run_date} to {last}"
            errors.append(OutsideHorizon(f"{pointer}/date_local", detail))
        if row.item_id is not None and chosen is not None and row.item_id not in chosen:
            errors.append(NotInRun(f"{pointer}/item_id", f"{row.item_id!r} is not among the run's items"))
        if (row.item_id, row.date_local) in seen:
            of = "all items" if row.item_id is None else repr(row.item_id)
            errors.append(DuplicateDay(pointer, f"{row.date_local} of {of} is there twice"))
        seen.add((row.item_id, row.date_local))
    if errors:
        raise InvalidCovariates(errors[:_NAMED_ITEMS])
    return tuple(FutureDay(**row.model_dump()) for row in body.future_covariates)


def _filtered(catalog: Catalog, filters: ForecastFilters) -> tuple[str, ...]:
    listed = product_rows(catalog, filters.selection(), ())["item_id"]
    frame = catalog.items.frame.filter(pl.col("item_id").is_in(listed.implode()))
    if filters.demand_pattern:
        frame = frame.filter(pl.col("demand_pattern").is_in(filters.demand_pattern))
    return tuple(frame["item_id"])


def _check_items_exist(catalog: Catalog, item_ids: Sequence[str], pointer: str) -> None:
    catalog_ids = set(catalog.items.frame["item_id"])
    errors = [
        ProductNotFound(item_id).at(pointer.format(number))
        for number, item_id in enumerate(item_ids)
        if item_id not in catalog_ids
    ]
    if errors:
        raise InvalidLines(errors, _NAMED_ITEMS)
