"""What an import is asked to do, wherever its records come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ImportKind(StrEnum):
    """What a run imports; the values are those of the API."""

    SALES_HISTORY = "sales-history"
    PRODUCTS = "products"
    STOCK_LEVELS = "stock-levels"


class Aggregate(StrEnum):
    """How sales come: one record per item, location and day, or invoice lines that are added up to it."""

    NONE = "none"
    INVOICE_LINES = "invoice_lines"


class WriteMode(StrEnum):
    """`upsert` adds and changes; `replace` also deletes what the source's window holds and the source does not."""

    UPSERT = "upsert"
    REPLACE = "replace"


@dataclass(frozen=True)
class ImportOptions:
    """What a run imports and how. `mapping` is the caller's JSON (column_mapping.py)."""

    kind: ImportKind
    mapping: str | None
    aggregate: Aggregate
    mode: WriteMode
    dry_run: bool


class ImportMode(StrEnum):
    """What a direct import does with the valid rows of a source that has others too."""

    ALL_OR_NOTHING = "all_or_nothing"
    ACCEPT_VALID = "accept_valid"
