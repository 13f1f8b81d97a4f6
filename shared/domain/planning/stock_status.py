"""The four states of an item's stock (rules.md, "Metrics"); apart from the metrics, which need numpy."""

from __future__ import annotations

from enum import StrEnum


class StockStatus(StrEnum):
    DEAD_STOCK = "dead_stock"
    UNDERSTOCKED = "understocked"
    OVERSTOCKED = "overstocked"
    NORMAL = "normal"
