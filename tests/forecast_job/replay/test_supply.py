"""Terms of supply: an item's own where they are known, else drawn; and which of both, in words."""

from __future__ import annotations

import numpy as np

from forecast_job.replay.simulated_store import SupplyTerms
from forecast_job.replay.supply import ItemSupply, in_words, supplied, worth_of

_SUPPLY = [ItemSupply(), ItemSupply(2.0, 7.0, 0, moq=0.0, packaging_qty=2.5), ItemSupply(6.0, lead_time_days=40)]


def _terms() -> SupplyTerms:
    drawn = np.array([5, 6, 7])
    return SupplyTerms(drawn, 7, drawn, drawn, drawn, np.ones(3), np.ones(3), drawn)


def test_what_is_known_replaces_what_was_drawn() -> None:
    terms = supplied(_terms(), _SUPPLY)
    assert terms.lead_time_days.tolist() == [5, 0, 40]
    assert terms.moq.tolist() == [5, 0, 7]
    assert terms.packaging_qty.tolist() == [5, 2500, 7]
    assert terms.first_review.tolist() == terms.opening_stock.tolist() == [5, 6, 7]


def test_an_item_without_a_cost_has_the_usual_one() -> None:
    assert worth_of(_SUPPLY).unit_cost.tolist() == [4.0, 2.0, 6.0]
    assert worth_of([ItemSupply()]).unit_cost.tolist() == [1.0]


def test_an_item_without_a_price_is_worth_its_cost() -> None:
    assert worth_of(_SUPPLY).price.tolist() == [4.0, 7.0, 6.0]


def test_it_is_said_what_was_drawn() -> None:
    assert in_words(_SUPPLY) == (
        "lead times: the items' own for 2 of 3, else drawn by seed; "
        "MOQs: the items' own for 1 of 3, else drawn by seed; "
        "packs: the items' own for 1 of 3, else drawn by seed; "
        "costs: the items' own for 2 of 3, else the usual one; "
        "prices: the items' own for 1 of 3, else the cost"
    )
    assert in_words([ItemSupply()]).endswith("packs: drawn by seed; costs: unknown; prices: unknown")
    assert in_words(_SUPPLY[1:2]).startswith("lead times: the items' own; MOQs: the items' own; ")
