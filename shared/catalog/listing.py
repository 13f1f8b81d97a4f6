"""Filters and sort orders of product lists, as expressions over the catalog frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import polars as pl

from shared.catalog.indexed import IndexedFrame, SortKey
from shared.catalog.live import Catalog
from shared.catalog.schema import PUBLIC_COLUMNS, SORTABLE
from shared.domain.errors import Invalid, InvalidField
from shared.domain.planning.stock_status import StockStatus
from shared.domain.settings import Settings


class UnknownSort(InvalidField):
    """The list cannot be sorted by this."""

    code = "unknown_sort"


@dataclass(frozen=True)
class ProductFilter:
    """What a list is narrowed to; None: not narrowed. Ranges include their ends; a null is in no range."""

    search: str | None = None
    category: tuple[str, ...] = ()
    supplier_id: tuple[str, ...] = ()
    location_id: str | None = None
    status: tuple[StockStatus, ...] = ()
    dead_stock: bool | None = None
    marketing_threshold: Literal["below", "above"] | None = None
    needs_review: bool | None = None
    min_dir: float | None = None
    max_dir: float | None = None
    min_risk: float | None = None
    max_risk: float | None = None
    min_stock: Decimal | None = None
    max_stock: Decimal | None = None
    min_value: Decimal | None = None
    max_value: Decimal | None = None


_RANGES = {"dir": "dir", "risk": "stockout_risk", "stock": "current_stock", "value": "inventory_value"}


def product_page(
    catalog: Catalog, wanted: ProductFilter, sort: Sequence[SortKey], offset: int, size: int
) -> tuple[int, pl.DataFrame]:
    """How many products the filter leaves and one page of them, public columns only.

    With a location the rows are those of the items at that location, else those of the items as a whole.
    """
    frame, condition = _narrowed(catalog, wanted)
    total, rows = frame.page(condition, sort, offset, size)
    return total, rows[list(PUBLIC_COLUMNS)]


def product_rows(catalog: Catalog, wanted: ProductFilter, sort: Sequence[SortKey]) -> pl.DataFrame:
    """The rows of all pages, in the order of the pages."""
    frame, condition = _narrowed(catalog, wanted)
    _, rows = frame.page(condition, sort, 0, frame.frame.height)
    return rows[list(PUBLIC_COLUMNS)]


def parse_sort(sort: str | None, order: str | None) -> tuple[SortKey, ...]:
    """`-stockout_risk,product_name`, or `sort=` with one `order=` (asc, desc) for all; raises Invalid by name."""
    if order not in (None, "asc", "desc"):
        raise _invalid_sort("query/order", f"order {order!r} is unknown; allowed: asc, desc")
    keys = []
    for part in (sort or "").split(","):
        name = part.strip()
        if not name:
            continue
        column = name.removeprefix("-")
        if column not in SORTABLE:
            raise _invalid_sort("query/sort", f"cannot sort by {column!r}; allowed: {', '.join(SORTABLE)}")
        keys.append(SortKey(column, descending=name.startswith("-") or order == "desc"))
    return tuple(keys)


def _invalid_sort(pointer: str, detail: str) -> Invalid:
    return UnknownSort(pointer, detail)


def _narrowed(catalog: Catalog, wanted: ProductFilter) -> tuple[IndexedFrame, pl.Expr | None]:
    """The frame that the filter is about, and what it asks of its rows."""
    frame = catalog.items if wanted.location_id is None else catalog.locations
    return frame, _condition(frame, wanted, catalog.pointer.settings)


def _condition(frame: IndexedFrame, wanted: ProductFilter, settings: Settings) -> pl.Expr | None:
    terms: list[pl.Expr] = []
    if wanted.search:
        terms.append(pl.lit(frame.search_text.str.contains(wanted.search.lower(), literal=True)))
    for column, values in (
        ("category", wanted.category),
        ("supplier_id", wanted.supplier_id),
        ("status", [status.value for status in wanted.status]),
    ):
        if values:
            terms.append(pl.col(column).is_in(list(values)))
    if wanted.location_id is not None:
        terms.append(pl.col("location_id") == wanted.location_id)
    if wanted.dead_stock is not None:
        is_dead = pl.col("status") == StockStatus.DEAD_STOCK.value
        terms.append(is_dead if wanted.dead_stock else ~is_dead)
    if wanted.marketing_threshold == "below":
        terms.append(pl.col("dir") < settings.marketing_threshold_days)
    if wanted.marketing_threshold == "above":
        terms.append(pl.col("dir") > settings.marketing_threshold_days)
    if wanted.needs_review is not None:
        terms.append(pl.col("needs_review") == wanted.needs_review)
    for name, column in _RANGES.items():
        if (least := getattr(wanted, f"min_{name}")) is not None:
            terms.append(pl.col(column) >= least)
        if (most := getattr(wanted, f"max_{name}")) is not None:
            terms.append(pl.col(column) <= most)
    return pl.all_horizontal(terms) if terms else None
