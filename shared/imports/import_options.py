"""What an import is asked to do, wherever its records come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ImportKind(StrEnum):
    """What a run imports; the values are those of the API."""

    SALES_HISTORY = "sales-history"
    PRODUCTS = "products"
    STOCK_LEVELS = "stock-levels"
    COMMITTED = "committed"
    LOCATIONS = "locations"
    SUPPLIERS = "suppliers"
    PRODUCT_SUPPLIERS = "product-suppliers"


# Those whose records are of a location.
KINDS_BY_LOCATION = (ImportKind.SALES_HISTORY, ImportKind.STOCK_LEVELS, ImportKind.COMMITTED)


class Aggregate(StrEnum):
    """How sales come: one record per item, location and day, or invoice lines that are added up to it."""

    NONE = "none"
    INVOICE_LINES = "invoice_lines"


class WriteMode(StrEnum):
    """`upsert` adds and changes; `replace` also deletes what the source's window holds and the source does not."""

    UPSERT = "upsert"
    REPLACE = "replace"


class MappingSource(StrEnum):
    """Who says which columns the fields are read from: the caller (or the source of a sync), the mapping that the
    client has saved for the kind, or nobody, so that they are found by their names."""

    GIVEN = "given"
    SAVED = "saved"
    FOUND = "found"


@dataclass(frozen=True)
class ImportOptions:
    """What a run imports and how. `mapping` is the JSON of the `mapping_source` (column_mapping.py); an `aggregate` of
    None is found from the source's columns.

    Records that name no location belong to `default_location_id`, where there is one. `accept_shrinkage`: that the
    source has lost most of what it replaces is meant.
    """

    kind: ImportKind
    mapping: str | None
    aggregate: Aggregate | None
    mode: WriteMode
    dry_run: bool
    default_location_id: str | None = None
    accept_shrinkage: bool = False
    mapping_source: MappingSource = MappingSource.GIVEN

    @property
    def blanks(self) -> dict[str, str]:
        """What stands for fields that are blank, or of which the source has no column."""
        return {} if self.default_location_id is None else {"location_id": self.default_location_id}


class ImportMode(StrEnum):
    """What a direct import does with the valid rows of a source that has others too."""

    ALL_OR_NOTHING = "all_or_nothing"
    ACCEPT_VALID = "accept_valid"
