"""What is not to be suggested for now: the items whose URGENT or REORDER was dismissed (rules.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from shared.catalog.live import Catalog
from shared.catalog.per_catalog import PerCatalog
from shared.domain.planning.recommendation import ORDERING, RecommendationKey


@dataclass(frozen=True)
class Snooze:
    """The dismissal of `recommendation_id` keeps its item from being suggested, up to and including `until`; None: for
    good."""

    recommendation_id: str
    until: dt.date | None

    def __str__(self) -> str:
        until = "for good" if self.until is None else f"until {self.until}"
        return f"snoozed {until}; undo it: DELETE /recommendations/{self.recommendation_id}/dismiss"


Snoozes = Mapping[tuple[str, str | None], Snooze]
"""The snoozes in force on a catalog's day, by item and location; None: the item as a whole."""


def snoozes(catalog: Catalog) -> Snoozes:
    """The dismissals of what is to be ordered that hold on the catalog's day."""
    return _SNOOZES.of(catalog, None)


def _in_force(catalog: Catalog, _: None) -> Snoozes:
    found: dict[tuple[str, str | None], Snooze] = {}
    as_of = catalog.pointer.as_of
    for recommendation_id, until in catalog.dismissals.select("recommendation_id", "until").iter_rows():
        key = RecommendationKey.parse(recommendation_id)
        if key.type in ORDERING and (until is None or until >= as_of):
            place = key.item_id, key.location_id
            found[place] = _longer(found.get(place), Snooze(recommendation_id, until))
    return found


def _longer(held: Snooze | None, other: Snooze) -> Snooze:
    """Of the dismissals of an item's URGENT and REORDER the one that ends last: after it the item is suggested."""
    if held is None or other.until is None:
        return other
    return held if held.until is None or held.until >= other.until else other


_SNOOZES = PerCatalog[None, Snoozes](_in_force)
