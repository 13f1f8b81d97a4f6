"""The kinds of runs by name. Each is imported when a request names it: a cold start needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.imports.import_options import ImportKind

if TYPE_CHECKING:
    from shared.imports.import_run import RunKind


def run_kind(kind: ImportKind) -> RunKind:
    """What the kind declares."""
    match kind:
        case ImportKind.SALES_HISTORY:
            from shared.imports.kinds.sales import SALES_HISTORY

            return SALES_HISTORY
        case ImportKind.PRODUCTS:
            from shared.imports.kinds.products import PRODUCTS

            return PRODUCTS
        case ImportKind.STOCK_LEVELS:
            from shared.imports.kinds.stock_lists import STOCK_LEVELS

            return STOCK_LEVELS
        case ImportKind.COMMITTED:
            from shared.imports.kinds.stock_lists import COMMITTED

            return COMMITTED
        case ImportKind.LOCATIONS:
            from shared.imports.kinds.locations import LOCATIONS

            return LOCATIONS
        case ImportKind.SUPPLIERS:
            from shared.imports.kinds.synced_suppliers import SYNCED_SUPPLIERS

            return SYNCED_SUPPLIERS
        case ImportKind.PRODUCT_SUPPLIERS:
            from shared.imports.kinds.product_suppliers import PRODUCT_SUPPLIERS

            return PRODUCT_SUPPLIERS
