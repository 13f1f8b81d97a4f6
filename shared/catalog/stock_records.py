"""An item's stock as columns of its rows: of the item as a whole, and of each location that has some or had."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shared.domain.purchasing.product import StockLevel

STOCK_COLUMNS = ("current_stock", "committed", "stock_updated_at")


def stock_records(stock: StockLevel) -> list[dict[str, Any]]:
    """location_id and STOCK_COLUMNS of each of the item's rows, the whole item's (location_id None) first."""
    nothing = Decimal(0)
    whole = {
        "location_id": None,
        "current_stock": stock.total,
        "committed": sum(stock.committed.values(), nothing),
        "stock_updated_at": max(stock.updated_at.values(), default=None),
    }
    places = [
        {
            "location_id": place,
            "current_stock": units,
            "committed": stock.committed.get(place, nothing),
            "stock_updated_at": stock.updated_at.get(place),
        }
        for place, units in stock.levels.items()
    ]
    return [whole, *places]
