"""A small store to be simulated: Poisson demand with a bulk order now and then, and its drawn terms."""

from __future__ import annotations

import numpy as np

from forecast_job.replay.simulated_store import Ledger, Policy, SupplyTerms, TermsDraw, draw_terms, simulate
from shared.arrays import Ints
from shared.domain.planning.costs import OrderCosts, Worth
from shared.domain.settings import Settings
from tests.support.panels import FIRST

START = 190
COSTS = OrderCosts.of(Settings())
DAYS = 218
ITEMS = 12


def store(seed: int = 0, items: int = ITEMS, lead_time_days: tuple[int, int] = (2, 9)) -> tuple[Ints, SupplyTerms]:
    """Poisson demand with a bulk order now and then, and its terms."""
    random = np.random.default_rng(seed)
    units = random.poisson(np.linspace(0.2, 6, items)[:, None], (items, DAYS))
    units[random.random(units.shape) < 0.005] += 60
    sold = units.astype(np.int64) * 1000
    unit_cost = random.uniform(0.5, 20, items)
    worth = Worth(unit_cost, unit_cost * np.random.default_rng(seed + 1).uniform(1.1, 4, items))
    return sold, draw_terms(sold, worth, START, TermsDraw(lead_time_days, 7, seed))


def simulated(policy: Policy, seed: int = 0) -> tuple[Ledger, SupplyTerms]:
    sold, terms = store(seed)
    return simulate(FIRST, sold, terms, policy, START), terms
