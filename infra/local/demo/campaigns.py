"""The demo's campaigns: over weeks of the real year, of products that really sold in them at a lower price than before.

Nobody knows what the shop advertised. But prices did fall for weeks, mostly for those who bought more: such products of
a category make a campaign, with the fall as the discount.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from infra.local.demo.assortment import TODAY
from infra.local.demo.past import Past
from shared.arrays import Floats, Ints
from shared.domain.access.principal import Role
from shared.domain.campaigns.campaign import Campaign, CampaignProduct

_CREATED_BY = f"demo-{Role.MARKETING.value.lower()}"
_PRODUCTS = 25
_DAYS_BEFORE = 56
_LEAST_DAYS_WITH_A_SALE = 5
_LEAST_FALL = 0.03


class _Plan(NamedTuple):
    name: str
    kind: str
    category: str
    first: dt.date
    last: dt.date
    budget: int
    audience: str
    promised: int | None = None  # percent, of one that has not begun


_PLANS = (
    _Plan("Advent window", "season", "Christmas", dt.date(2010, 11, 1), dt.date(2010, 11, 28), 1800, "gift shops"),
    _Plan("Kitchen weeks", "promotion", "Kitchen & table", dt.date(2011, 2, 7), dt.date(2011, 3, 6), 900, "cafes"),
    _Plan("Mother's Day", "season", "Decoration", dt.date(2011, 3, 14), dt.date(2011, 4, 3), 700, "florists"),
    _Plan("Summer bags", "clearance", "Bags", dt.date(2011, 6, 6), dt.date(2011, 7, 3), 500, "gift shops"),
    _Plan(
        "Autumn evenings", "season", "Lights & candles", dt.date(2011, 9, 26), dt.date(2011, 10, 23), 1200, "gift shops"
    ),
    _Plan(
        "Christmas early birds",
        "pre-order",
        "Christmas",
        dt.date(2011, 11, 1),
        dt.date(2011, 11, 27),
        2000,
        "regular customers",
        promised=5,
    ),
)


def campaigns(past: Past) -> list[Campaign]:
    """One that runs today, one that is planned, four that are over."""
    return [_campaign(past, plan) for plan in _PLANS]


def _campaign(past: Past, plan: _Plan) -> Campaign:
    planned = plan.first >= TODAY
    first = plan.first - dt.timedelta(364 if planned else 0)  # last year's season says what a planned one is about
    last = min(plan.last - dt.timedelta(364 if planned else 0), TODAY - dt.timedelta(1))
    start, end = (first - past.first_day).days, (last - past.first_day).days + 1
    units, pence = past.sales.sum(axis=2), past.revenue.sum(axis=2)
    days = (units[start:end] > 0).sum(axis=0)
    before = _price(units[start - _DAYS_BEFORE : start], pence[start - _DAYS_BEFORE : start])
    now = _price(units[start:end], pence[start:end])
    fall = np.nan_to_num(1 - np.divide(now, before, out=np.full_like(now, np.nan), where=before > 0))
    in_category = (past.assortment.products["category"] == plan.category).fill_null(value=False).to_numpy()
    fits = in_category & (days >= _LEAST_DAYS_WITH_A_SALE) & (planned | (fall >= _LEAST_FALL))
    chosen = np.flatnonzero(fits)[np.argsort(-days[fits], kind="stable")][:_PRODUCTS]
    products = tuple(
        CampaignProduct(past.item_ids[item], Decimal(plan.promised or round(100 * float(fall[item]))), plan.audience)
        for item in np.sort(chosen).tolist()
    )
    return Campaign(
        f"demo-{plan.name.split()[0].lower().replace(chr(39), '')}",
        plan.name,
        plan.first,
        plan.last,
        products,
        campaign_type=plan.kind,
        budget=Decimal(plan.budget),
        created_by=_CREATED_BY,
    )


def _price(units: Ints, pence: Ints) -> Floats:
    sold = units.sum(axis=0)
    return np.divide(pence.sum(axis=0), sold, out=np.full(len(sold), np.nan), where=sold > 0)
