"""Filters and sort orders of product lists, as expressions over the catalog frame."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce
from typing import Literal

import polars as pl

from shared.catalog.alert_conditions import AlertCode, alert_condition
from shared.catalog.indexed import IndexedFrame, SortKey
from shared.catalog.live import Catalog
from shared.catalog.schema import PUBLIC_COLUMNS, SORTABLE
from shared.catalog.valuation import blocked
from shared.domain.errors import Invalid, InvalidField
from shared.domain.folding import folded, sorting_key
from shared.domain.planning.predicates import is_dead_stock, lasts_less_than, lasts_longer_than

_COMPARED_VALUES = 8  # one by one; is_in takes six times as long as a comparison, however few values it is given


class UnknownSort(InvalidField):
    """The list cannot be sorted by this."""

    code = "unknown_sort"


Bound = Decimal | float | int | dt.date
# A bound beyond these says nothing of any row; decimals of any size or scale would stop polars for good.
LARGEST_BOUND = 10**15


@dataclass(frozen=True)
class ProductFilter:
    """What a list is narrowed to, by the columns of PUBLIC_COLUMNS; what is empty or None does not narrow it.

    `any_of` a column's texts: each is a value, or several with commas between them; a category is found whatever its
    case. Ranges, `least` and `most`, include their ends and are of numbers and dates; a null is in no range.
    """

    search: str | None = None
    dead_stock: bool | None = None
    do_not_order: bool | None = None
    alert: AlertCode | None = None
    marketing_threshold: Literal["below", "above"] | None = None
    any_of: Mapping[str, Sequence[str]] = field(default_factory=dict)
    flags: Mapping[str, bool] = field(default_factory=dict)
    least: Mapping[str, Bound] = field(default_factory=dict)
    most: Mapping[str, Bound] = field(default_factory=dict)


def product_page(
    catalog: Catalog, wanted: ProductFilter, sort: Sequence[SortKey], offset: int, size: int
) -> tuple[int, pl.DataFrame]:
    """How many products the filter leaves and one page of them, public columns only.

    With a location the rows are those of the items at that location, else those of the items as a whole.
    """
    frame, mask = _narrowed(catalog, wanted)
    return frame.page(mask, sort, offset, size, tuple(PUBLIC_COLUMNS))


def location_rows(catalog: Catalog, wanted: ProductFilter) -> tuple[IndexedFrame, pl.Series | None]:
    """The rows of items at locations, wherever these are, and which of them the filter leaves; None: all."""
    return catalog.locations, _mask(catalog.locations, wanted, catalog)


def product_rows(
    catalog: Catalog, wanted: ProductFilter, sort: Sequence[SortKey], columns: Sequence[str] = tuple(PUBLIC_COLUMNS)
) -> pl.DataFrame:
    """The rows of all pages, in the order of the pages."""
    frame, mask = _narrowed(catalog, wanted)
    _, rows = frame.page(mask, sort, 0, frame.frame.height, tuple(columns))
    return rows


def category_counts(catalog: Catalog, wanted: ProductFilter) -> list[tuple[str, int]]:
    """The categories of the products under the filter, as people sort names, each with how many there are.

    A category that is written in several ways is one, named as most of these products have it.
    """
    frame, mask = _narrowed(catalog, wanted)
    categories = frame.frame["category"] if mask is None else frame.frame["category"].filter(mask)
    by_form: dict[str, list[tuple[int, str]]] = {}
    for category, count in categories.value_counts().iter_rows():
        by_form.setdefault(folded(category), []).append((-count, category))
    counts = [(min(spellings)[1], -sum(count for count, _ in spellings)) for spellings in by_form.values()]
    return sorted(counts, key=lambda counted: sorting_key(counted[0]))


def parse_sort(sort: str | None, order: str | None, sortable: Sequence[str] = SORTABLE) -> tuple[SortKey, ...]:
    """`-stockout_risk,product_name`, or `sort=` with one `order=` (asc, desc) for all; raises Invalid by name."""
    if order not in (None, "asc", "desc"):
        raise _invalid_sort("query/order", f"order {order!r} is unknown; allowed: asc, desc")
    keys = []
    for part in (sort or "").split(","):
        name = part.strip()
        if not name:
            continue
        column = name.removeprefix("-")
        if column not in sortable:
            raise _invalid_sort("query/sort", f"cannot sort by {column!r}; allowed: {', '.join(sortable)}")
        keys.append(SortKey(column, descending=name.startswith("-") or order == "desc"))
    return tuple(keys)


def _invalid_sort(pointer: str, detail: str) -> Invalid:
    return UnknownSort(pointer, detail)


def _narrowed(catalog: Catalog, wanted: ProductFilter) -> tuple[IndexedFrame, pl.Series | None]:
    """The frame that the filter is about, and which of its rows it leaves; None: all."""
    frame = catalog.locations if wanted.any_of.get("location_id") else catalog.items
    return frame, _mask(frame, wanted, catalog)


def _mask(frame: IndexedFrame, wanted: ProductFilter, catalog: Catalog) -> pl.Series | None:
    masks = list(_masks(frame, wanted, catalog))
    if not masks:
        return None
    mask = reduce(operator.and_, masks)
    return mask.fill_null(value=False) if mask.null_count() else mask


def _masks(frame: IndexedFrame, wanted: ProductFilter, catalog: Catalog) -> Iterator[pl.Series]:
    """For each part of the filter which rows meet it.

    Column by column: polars takes longer to plan a few comparisons as one query than to make them.
    """
    rows = frame.frame
    if wanted.search:
        yield frame.search_text.str.contains(folded(wanted.search), literal=True)
    for column, texts in wanted.any_of.items():
        if texts:
            yield _is_any_of(frame, column, texts)
    for column, value in wanted.flags.items():
        yield rows[column] if value else ~rows[column]
    if wanted.dead_stock is not None:
        yield _met(rows, is_dead_stock() if wanted.dead_stock else ~is_dead_stock())
    if wanted.alert is not None:
        yield _met(rows, alert_condition(wanted.alert, catalog))
    if wanted.do_not_order is not None:
        is_blocked = blocked(pl.col("as_of"))
        yield _met(rows, is_blocked if wanted.do_not_order else ~is_blocked)
    if wanted.marketing_threshold == "below":
        yield _met(rows, lasts_less_than(catalog.settings.marketing_threshold_days))
    if wanted.marketing_threshold == "above":
        yield _met(rows, lasts_longer_than(catalog.settings.marketing_threshold_days))
    for column, end in wanted.least.items():
        yield rows[column] >= _bound(column, end, ROUND_CEILING)
    for column, end in wanted.most.items():
        yield rows[column] <= _bound(column, end, ROUND_FLOOR)


def _met(rows: pl.DataFrame, condition: pl.Expr) -> pl.Series:
    """Which rows meet a condition that others ask as well."""
    return rows.select_seq(condition).to_series()


def _is_any_of(frame: IndexedFrame, column: str, texts: Sequence[str]) -> pl.Series:
    values: set[str] = set()
    for text in texts:
        # A value may have a comma of its own.
        parts = [text] if "," not in text or _has(frame, column, text) else [part.strip() for part in text.split(",")]
        for part in parts:
            values.update(frame.categories.get(folded(part), ()) if column == "category" else (part,))
    rows = frame.frame[column]
    if 0 < len(values) <= _COMPARED_VALUES:
        return reduce(operator.or_, [rows == value for value in sorted(values)])
    return rows.is_in(sorted(values))


def _has(frame: IndexedFrame, column: str, text: str) -> bool:
    if column == "category":
        return folded(text) in frame.categories
    return bool((frame.frame[column] == text).any())


def _bound(column: str, end: Bound, rounding: str) -> Bound:
    """The end of a range, at the scale of its column: of a lower end the next value that a row can have."""
    kind = PUBLIC_COLUMNS[column]
    if not isinstance(kind, pl.Decimal) or isinstance(end, dt.date):
        return end
    return Decimal(end).quantize(Decimal(1).scaleb(-kind.scale), rounding)
