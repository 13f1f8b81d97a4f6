"""Recency groups: items by how long ago they last sold.

A forecast has to be right for each group on its own: good figures of what sells hide bad ones of what sleeps.
"""

from __future__ import annotations

# By name, with the last of the days since the last sale that are in the group. One day: sold on the day before.
RECENCY_GROUPS = {"0-30 days": 30, "31-90 days": 90, "91-180 days": 180, "over 180 days": None}
