"""The states of an item's stock and of its life (rules.md); apart from the metrics, which need numpy."""

from __future__ import annotations

from enum import StrEnum

MOST_DIR = 999.0  # days of inventory: that or more


class StockStatus(StrEnum):
    DEAD_STOCK = "dead_stock"
    UNDERSTOCKED = "understocked"
    OVERSTOCKED = "overstocked"
    NORMAL = "normal"


class Lifecycle(StrEnum):
    NEW = "new"
    ACTIVE = "active"
    SLOW = "slow"
    SLEEPING = "sleeping"
    DEAD = "dead"
