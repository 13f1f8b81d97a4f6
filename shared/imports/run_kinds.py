"""The kinds of runs by name. Each is imported when a request names it: a cold start needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.imports.import_options import ImportKind

if TYPE_CHECKING:
    from shared.imports.import_run import RunKind


def run_kind(kind: ImportKind) -> RunKind:
    """What the kind declares."""
    if kind is ImportKind.PRODUCTS:
        from shared.imports.kinds.products import PRODUCTS

        return PRODUCTS
    if kind is ImportKind.STOCK_LEVELS:
        from shared.imports.kinds.stock_levels import STOCK_LEVELS

        return STOCK_LEVELS
    from shared.imports.kinds.sales import SALES_HISTORY

    return SALES_HISTORY
