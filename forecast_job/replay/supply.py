"""How the items of a replay are supplied: by their own terms where these are known, else by terms drawn by seed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from forecast_job.replay.simulated_store import SupplyTerms
from shared.arrays import Ints
from shared.domain.planning.costs import Worth
from shared.domain.planning.quantities import UNITS

_UNKNOWN_COST = 1.0


@dataclass(frozen=True)
class ItemSupply:
    """How an item is supplied, and what it is sold for: money a unit, days, units. None where it is not known."""

    unit_cost: float | None = None
    price: float | None = None
    lead_time_days: int | None = None
    moq: float | None = None
    packaging_qty: float | None = None


def worth_of(supply: Sequence[ItemSupply]) -> Worth:
    """What a unit of each item costs, the median of all known costs where it is not known, 1 where none is; and what it
    is sold for, its cost where that is not known."""
    costs = [item.unit_cost for item in supply if item.unit_cost is not None]
    usual = float(np.median(costs)) if costs else _UNKNOWN_COST
    unit_cost = [usual if item.unit_cost is None else item.unit_cost for item in supply]
    prices = [cost if item.price is None else item.price for item, cost in zip(supply, unit_cost, strict=True)]
    return Worth(np.array(unit_cost), np.array(prices))


def supplied(drawn: SupplyTerms, supply: Sequence[ItemSupply]) -> SupplyTerms:
    """The drawn terms, replaced by an item's own where they are known."""

    def own(defaults: Ints, term: Callable[[ItemSupply], int | None]) -> Ints:
        terms = zip(defaults.tolist(), map(term, supply), strict=True)
        return np.array([default if value is None else value for default, value in terms])

    return dataclasses.replace(
        drawn,
        lead_time_days=own(drawn.lead_time_days, lambda item: item.lead_time_days),
        moq=own(drawn.moq, lambda item: _thousandths(item.moq)),
        packaging_qty=own(drawn.packaging_qty, lambda item: _thousandths(item.packaging_qty)),
    )


def in_words(supply: Sequence[ItemSupply]) -> str:
    """Which terms are the items' own and which were drawn, in a line."""
    parts = []
    for label, name in (
        ("lead times", "lead_time_days"),
        ("MOQs", "moq"),
        ("packs", "packaging_qty"),
        ("costs", "unit_cost"),
        ("prices", "price"),
    ):
        known = sum(getattr(item, name) is not None for item in supply)
        otherwise = {"unit_cost": "the usual one", "price": "the cost"}.get(name, "drawn by seed")
        if known == len(supply):
            parts.append(f"{label}: the items' own")
        elif known:
            parts.append(f"{label}: the items' own for {known} of {len(supply)}, else {otherwise}")
        else:
            parts.append(f"{label}: {'unknown' if name in ('unit_cost', 'price') else otherwise}")
    return "; ".join(parts)


def _thousandths(units: float | None) -> int | None:
    return None if units is None else round(units * UNITS)
