"""The list of suppliers: searched, filtered, sorted and counted over the catalog's table of them, which is in memory.

A page costs one read, that of the catalog's pointer, whatever is searched for and whichever page it is. Before the
first metrics of a client there is no catalog, and all of its suppliers are read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from shared.catalog.indexed import SortKey
from shared.catalog.listing import UnknownSort
from shared.catalog.live import Catalog, catalog_or_none
from shared.catalog.per_catalog import PerCatalog
from shared.catalog.schema import SIDE_TABLES
from shared.catalog.supplier_records import suppliers_from_documents
from shared.domain.folded_columns import folded_texts, sorting_keys
from shared.domain.folding import folded
from shared.domain.name_search import words, words_of
from shared.domain.plain_text import is_storable
from shared.firestore.page import Page, PageRequest, unknown_position
from shared.firestore.tenant import Tenant

SORTABLE = tuple(SIDE_TABLES["suppliers"])
_RANGES = ("lead_time_days", "minimum_order_value")
_SORTED_AS = {"name": "sorting_name", "supplier_type": "folded_type"}  # sorted and compared as people do
_ID = "supplier_id"
_TEXT_OF = {"created_at": pl.Int64(), "updated_at": pl.Int64()}  # what polars reads no text as
_FLAGS: dict[str | None, bool] = {"true": True, "false": False}


@dataclass(frozen=True)
class SupplierFilter:
    """What the list is narrowed to; empty or None: not narrowed. Ranges include their ends; null is in no range."""

    search: str | None = None
    supplier_id: tuple[str, ...] = ()
    external_id: tuple[str, ...] = ()
    supplier_type: tuple[str, ...] = ()
    is_synced: bool | None = None
    min_lead_time_days: int | None = None
    max_lead_time_days: int | None = None
    min_minimum_order_value: Decimal | None = None
    max_minimum_order_value: Decimal | None = None


def parse_sort(sort: str | None) -> tuple[SortKey, ...]:
    """`-lead_time_days,name`; by name where nothing is given, and the id decides between equals."""
    keys: dict[str, SortKey] = {}
    for part in (sort or "name").split(","):
        name = part.strip()
        column = name.removeprefix("-")
        if column not in SORTABLE:
            raise UnknownSort("query/sort", f"cannot sort by {column!r}; allowed: {', '.join(SORTABLE)}")
        column = _SORTED_AS.get(column, column)
        keys.setdefault(column, SortKey(column, descending=name.startswith("-")))  # a second mention decides nothing
    keys.setdefault(_ID, SortKey(_ID))
    return tuple(keys.values())


def listed(
    tenant: Tenant, selection: SupplierFilter, sort: Sequence[SortKey], request: PageRequest
) -> Page[dict[str, Any]]:
    """A page of the suppliers that are selected, each with its fields and its times."""
    found = (
        _table(tenant)
        .filter(_condition(selection))
        .sort([key.column for key in sort], descending=[key.descending for key in sort], nulls_last=True)
    )
    behind = found[request.offset :] if request.position is None else found.filter(_behind(sort, request.position))
    page = behind[: request.size]
    following = _position(page, sort) if behind.height > request.size else None
    return Page(page.select(SORTABLE).to_dicts(), following, found.height)


def _table(tenant: Tenant) -> pl.DataFrame:
    catalog = catalog_or_none(tenant)
    if catalog is not None:
        return _TABLES.of(catalog, None)
    return _searchable(suppliers_from_documents(tenant))


def _searchable(suppliers: pl.DataFrame) -> pl.DataFrame:
    """The table with names as they are sorted, types as they are compared, and the words that a search looks at."""
    texts = suppliers.select(pl.concat_str("name", "supplier_id", "external_id", separator=" ", ignore_nulls=True))
    return suppliers.with_columns(
        sorting_keys(suppliers["name"]).alias("sorting_name"),
        folded_texts(suppliers["supplier_type"]).alias("folded_type"),
        words_of(texts.to_series()).alias("words"),
    )


def _of_catalog(catalog: Catalog, _: None) -> pl.DataFrame:
    return _searchable(catalog.suppliers)


_TABLES = PerCatalog(_of_catalog)


def _condition(selection: SupplierFilter) -> list[pl.Expr]:
    terms = [pl.lit(value=True)]
    if selection.search is not None:
        sought = words(selection.search)
        terms += [pl.col("words").str.contains(f" {word}", literal=True) for word in sought] or [pl.lit(value=False)]
    if selection.supplier_id:
        terms.append(pl.col("supplier_id").is_in(list(selection.supplier_id)))
    if selection.external_id:
        terms.append(pl.col("external_id").is_in(list(selection.external_id)))
    if selection.supplier_type:
        terms.append(pl.col("folded_type").is_in([folded(text) for text in selection.supplier_type]))
    if selection.is_synced is not None:
        terms.append(pl.col("is_synced") == selection.is_synced)
    for column in _RANGES:
        if (least := getattr(selection, f"min_{column}")) is not None:
            terms.append(pl.col(column) >= least)
        if (most := getattr(selection, f"max_{column}")) is not None:
            terms.append(pl.col(column) <= most)
    return terms


def _position(page: pl.DataFrame, sort: Sequence[SortKey]) -> str:
    """What the last row is sorted by, as text; a time in microseconds."""
    last = page[-1].select(
        pl.col(key.column).cast(_TEXT_OF.get(key.column, pl.String())).cast(pl.String) for key in sort
    )
    return json.dumps(last.row(0), ensure_ascii=False)


def _behind(sort: Sequence[SortKey], position: str) -> pl.Expr:
    """Whether a row comes after the position in this order; raises Invalid for what no page gave."""
    try:
        texts = json.loads(position)
    except (ValueError, RecursionError):
        raise unknown_position() from None
    if not isinstance(texts, list) or len(texts) != len(sort):
        raise unknown_position()
    behind, equal = pl.lit(value=False), pl.lit(value=True)
    for key, text in zip(sort, texts, strict=True):
        if text is not None and not (isinstance(text, str) and is_storable(text)):
            raise unknown_position()
        column = pl.col(key.column)
        value = _value(key.column, text)
        if text is not None:
            later = column < value if key.descending else column > value
            behind = behind | (equal & (later.fill_null(value=False) | column.is_null()))
        equal = equal & column.eq_missing(value)
    return behind


def _value(column: str, text: str | None) -> pl.Expr:
    """A sorted column's value from its text."""
    kind = SIDE_TABLES["suppliers"].get(column, pl.String())
    if isinstance(kind, pl.Boolean):
        return pl.lit(_FLAGS.get(text), dtype=kind)
    try:
        value = None if text is None else pl.Series([text]).cast(_TEXT_OF.get(column, kind)).cast(kind)[0]
    except pl.exceptions.InvalidOperationError:
        raise unknown_position() from None
    return pl.lit(value, dtype=kind)
