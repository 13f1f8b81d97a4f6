"""A year of the shop, played day by day over its real sales: what was ordered when, what arrived, what stood where.

Sales stay as they were, so there has to be stock for them. What a week's real sales exceed it by was bought for the
customers who had ordered it, as a wholesaler does: an order placed the lead time earlier, received on the morning of
the first of the days. A new line begins with four weeks of what it then sold. The rest is what a plain buyer ordered
(`buyer`), at the end by the suggestions of the product, and what suppliers made of it (`deliveries`).

Orders arrive in London; Dublin and Rotterdam are filled from it on Wednesdays, and what a branch sells beyond its stock
is sent from London. Whole units throughout, so that opening + received - sold = stock holds exactly.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from infra.local.demo.buyer import WEEK, Habit, Terms, expected_week, ordered, ordered_by_advice
from infra.local.demo.deliveries import Habits, PlayedOrder, order_for_customers, regular_order
from shared.arrays import Bools, Floats, Ints

WEEKS = 52
_WARM_UP_WEEKS = 13  # before the year, so that orders are on their way when it begins
_RECENT_WEEKS = 13
_WEDNESDAY = 2
_BRANCH_COVER_DAYS = 42
_BRANCH_RECENT_DAYS, _BRANCH_AWAKE_DAYS, _BRANCH_YEAR_DAYS = 56, 182, 364
_SKIPPED_FILLS = 0.1  # of the weeks, an item is not looked at in a branch
_BY_EYE = Habit(buffer_days=5, spread=0.7, cover_days=14)
_BY_ADVICE = Habit(buffer_days=0, spread=0.0, cover_days=7)
_REMAINS = 0.08  # of what no longer sold when the play begins, this share has not sold out
_LAUNCH_DAYS = 28
_OVERLOOKED = 0.25  # of the items that a supplier's review ought to have ordered


@dataclass(frozen=True)
class Shop:
    """What is played over. `sales`: days x items x places, units from `first_day` on; place 0 is the warehouse, which
    sells too. `stocked`: items x places, where an item is kept. `habits` are those of each supplier. `advice`: from a
    day on, units up to which the product suggests to order each item; before the first such day there is none."""

    first_day: dt.date
    sales: Ints
    stocked: Bools
    terms: Terms
    habits: Sequence[Habits]
    advice: Mapping[dt.date, Ints]


@dataclass(frozen=True)
class PlayedYear:
    """`first_day` to the day before `today`, which is 52 weeks later. `stock`: weeks + 1 x items x places, on the
    morning of each week's first day, the last one today's. `orders` are those of which something was still to come when
    the year began, or that were placed in it, in the order of their dates."""

    first_day: dt.date
    today: dt.date
    stock: Ints
    orders: Sequence[PlayedOrder]

    def morning(self, week: int) -> dt.date:
        return self.first_day + dt.timedelta(week * WEEK)

    def on_order(self, day: dt.date) -> Ints:
        """Units of each item that are on order on the morning of the day."""
        units = np.zeros(self.stock.shape[1], dtype=np.int64)
        for order in self.orders:
            np.add.at(units, order.items, order.outstanding(day))
        return units


def played_year(shop: Shop, today: dt.date) -> PlayedYear:
    """The year before `today`, the same for the same shop."""
    play = _Play(shop, today - dt.timedelta((WEEKS + _WARM_UP_WEEKS) * WEEK), today)
    mornings = []
    for _ in range(_WARM_UP_WEEKS + WEEKS):
        mornings.append(play.stock.copy())
        play.week()
    first = today - dt.timedelta(WEEKS * WEEK)
    orders = [order for order in play.orders if order.outstanding(first).any() or order.placed >= first]
    orders.sort(key=lambda order: (order.placed, order.supplier, order.for_customers))
    return PlayedYear(first, today, np.stack([*mornings[_WARM_UP_WEEKS:], play.stock]), orders)


class _Play:
    """The shop on the morning of `day`."""

    def __init__(self, shop: Shop, day: dt.date, today: dt.date) -> None:
        self.day = day
        self.orders: list[PlayedOrder] = []
        self._shop, self._today = shop, today
        self._sold = np.concatenate([np.zeros((1, *shop.sales.shape[1:]), dtype=np.int64), shop.sales.cumsum(axis=0)])
        self._sale_days = np.concatenate([self._sold[:1], (shop.sales > 0).cumsum(axis=0)])
        units = shop.sales.sum(axis=2)
        ever = units.cumsum(axis=0) > 0
        self._first_sale = np.where(ever[-1], ever.argmax(axis=0), len(units))
        self._random = np.random.default_rng(1)
        self._arriving: dict[dt.date, list[tuple[Ints, Ints]]] = defaultdict(list)
        self._ending: dict[dt.date, list[tuple[Ints, Ints]]] = defaultdict(list)
        self._expected = np.zeros(units.shape[1], dtype=np.int64)  # of the regular orders; the others are sold already
        self.stock = np.zeros(shop.sales.shape[1:], dtype=np.int64)
        self.stock[:, 0] = self._opening()

    def week(self) -> None:
        """Play seven days."""
        self._buy_for_customers()
        for _ in range(WEEK):
            self._take_in()
            self._review()
            if self.day.weekday() == _WEDNESDAY:
                self._fill_branches()
            self._sell(self._shop.sales[self._number])
            self.day += dt.timedelta(1)

    @property
    def _number(self) -> int:
        return (self.day - self._shop.first_day).days

    def _opening(self) -> Ints:
        """Some weeks of what sold, and remains of some of what no longer did."""
        recent = self._recent_weeks().sum(axis=1) / _RECENT_WEEKS
        luck = self._random.random(len(recent))
        remains = np.where(luck < _REMAINS, np.ceil(luck * 60), 0)
        known = self._first_sale <= self._number
        return np.where(recent > 0, np.round(recent * (3 + 9 * luck)), np.where(known, remains, 0)).astype(np.int64)

    def _recent_weeks(self) -> Floats:
        """Items x 13: units of the weeks before the day."""
        ends = self._number - WEEK * np.arange(_RECENT_WEEKS + 1)
        sold = self._sold[ends].sum(axis=2)
        return np.asarray((sold[:-1] - sold[1:]).T, dtype=np.float64)

    def _buy_for_customers(self) -> None:
        """What the coming week sells beyond what is there or will have come."""
        number, items = self._number, self._sold.shape[1]
        left = self.stock.sum(axis=1)
        missing = np.zeros(items, dtype=np.int64)
        for ahead in range(WEEK):
            for order_items, units in self._arriving[self.day + dt.timedelta(ahead)]:
                np.add.at(left, order_items, units)
            left = left - self._shop.sales[number + ahead].sum(axis=1)
            missing = np.maximum(missing, -left)
        terms = self._shop.terms
        bought = terms.lots(np.maximum(missing, self._launched()))
        for supplier, habits in enumerate(self._shop.habits):
            chosen = np.flatnonzero((terms.supplier == supplier) & (bought > 0))
            if len(chosen):
                lead_time = int(terms.lead_time_days[chosen].max())
                order = order_for_customers(supplier, habits, self.day, chosen, bought[chosen], lead_time)
                self.orders.append(order)
                self._arriving[self.day].append((chosen, bought[chosen]))

    def _launched(self) -> Ints:
        """The first order of items that come into the range this week: four weeks of what they then sold."""
        number = self._number
        ahead = self._shop.sales[number : number + _LAUNCH_DAYS].sum(axis=2)
        first_order = np.ceil(ahead.sum(axis=0) * _LAUNCH_DAYS / len(ahead)).astype(np.int64)
        starts = (self._first_sale >= number) & (self._first_sale < number + WEEK)
        return np.where(starts, first_order, 0)

    def _take_in(self) -> None:
        for items, units in self._arriving.pop(self.day, ()):
            np.add.at(self.stock[:, 0], items, units)
        for items, units in self._ending.pop(self.day, ()):
            np.subtract.at(self._expected, items, units)

    def _review(self) -> None:
        """Order from the suppliers whose day it is."""
        terms = self._shop.terms
        suppliers = [number for number, habits in enumerate(self._shop.habits) if habits.weekday == self.day.weekday()]
        if not suppliers:
            return
        expected, deviation = expected_week(self._recent_weeks(), self._number - self._first_sale, self.day)
        position = self.stock.sum(axis=1) + self._expected
        advised = [day for day in self._shop.advice if day <= self.day]
        if advised:
            units = ordered_by_advice(self._shop.advice[max(advised)], expected, position, terms, _BY_ADVICE)
            units[self._random.random(len(units)) < _OVERLOOKED] = 0
        else:
            units = ordered(expected, deviation, position, terms, _BY_EYE)
        for supplier in suppliers:
            chosen = np.flatnonzero((terms.supplier == supplier) & (units > 0))
            if len(chosen):
                lead_time = int(terms.lead_time_days[chosen].max())
                habits = self._shop.habits[supplier]
                self._await(regular_order(supplier, habits, self.day, chosen, units[chosen], lead_time))

    def _await(self, order: PlayedOrder) -> None:
        self.orders.append(order)
        np.add.at(self._expected, order.items, order.units)
        rest = order.units.copy()
        for delivery in order.deliveries:
            self._arriving[delivery.day].append((order.items, delivery.units))
            self._ending[delivery.day].append((order.items, delivery.units))
            rest -= delivery.units
        end = order.cancelled or order.given_up
        if end is not None:
            self._ending[end + dt.timedelta(1)].append((order.items, rest))

    def _fill_branches(self) -> None:
        """Up to six weeks of what a branch sells, of late or in a year, and at least what it sells on a day with a
        sale, as long as the warehouse keeps as much, or will have it."""
        rate = np.maximum(*(self._sold_in(days) / days for days in (_BRANCH_RECENT_DAYS, _BRANCH_YEAR_DAYS)))
        sale = self._sold_in(_BRANCH_YEAR_DAYS) / np.maximum(self._sale_days_in(_BRANCH_YEAR_DAYS), 1)
        sells = self._sale_days_in(_BRANCH_AWAKE_DAYS) > 0
        wanted = np.ceil(np.maximum(rate * _BRANCH_COVER_DAYS, np.where(sells, sale, 0))).astype(np.int64)
        spare = np.clip(self.stock[:, 0] + self._expected - wanted[:, 0], 0, self.stock[:, 0])
        for place in range(1, len(self.stock[0])):
            seen = (self._random.random(len(spare)) >= _SKIPPED_FILLS) & self._shop.stocked[:, place]
            moved = np.where(seen, np.clip(wanted[:, place] - self.stock[:, place], 0, spare), 0)
            self.stock[:, place] += moved
            self.stock[:, 0] -= moved
            spare = spare - moved

    def _sold_in(self, days: int) -> Ints:
        """Units of each item and place in so many days before the day."""
        return np.asarray(self._sold[self._number] - self._sold[max(self._number - days, 0)])

    def _sale_days_in(self, days: int) -> Ints:
        """How many of these days had a sale."""
        return np.asarray(self._sale_days[self._number] - self._sale_days[max(self._number - days, 0)])

    def _sell(self, sales: Ints) -> None:
        """A branch sells its own stock, and the rest from the warehouse; that takes back what it lacks."""
        own = np.minimum(sales, self.stock)
        own[:, 0] = 0
        self.stock -= own
        self.stock[:, 0] -= (sales - own).sum(axis=1)
        for place in range(1, len(self.stock[0])):
            back = np.clip(-self.stock[:, 0], 0, self.stock[:, place])
            self.stock[:, place] -= back
            self.stock[:, 0] += back
